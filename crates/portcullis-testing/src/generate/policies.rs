//! The text of a made-up policy: every clause of the language, in every place that it may have.

use std::fmt::Write as _;

use super::Dice;
use super::conditions::{Caller, Scope, condition, required, when};
use super::outbounds::declaration;
use super::routes::routes;

pub(super) const PERMISSIONS: &[&str] = &["read:a", "write:a", "read:b"];

/// The text of a policy.
pub fn policy(dice: &mut Dice) -> String {
    let mut text = String::from(
        r#"
enum tier { low mid high }
enum state { open as "o" paid shipped }
credential access jwt {
    issuer "i" audience "a" algorithms [HS256] lifetime 15m
    caller { id: string from "sub" role: role from "role" tier: tier? from "tier"
             tenant: string? from "t" age: int? from "age" since: time? from "since" vip: bool? from "vip"
             scopes: scopes? from "scope" extra: permissions? from "extra" }
}
credential pat jwt {
    issuer who audience "p" algorithms [EdDSA] lifetime 1h
    caller { id: string from "sub" roles: [role] from "roles" tier: tier? from "tier"
             nets: [network] from "nets" scopes: scopes? from "scope" }
}
scope shop as "shopping" { read:a read:b }
setting who: string from host
"#,
    );
    let profiles = dice.one(&["always", "dev"]);
    match profiles {
        "always" => {
            text.push_str("setting office: [network] { always [10.0.0.0/8, 2001:db8::/32] }\n");
            text.push_str("setting cap: int { always 3 }\n");
        }
        _ => {
            text.push_str("setting office: [network] { dev [10.0.0.0/8] prod [] }\n");
            text.push_str("setting cap: int { dev 2 prod 5 }\n");
        }
    }
    transport(dice, profiles, &mut text);
    cors(dice, profiles, &mut text);
    headers(dice, profiles, &mut text);
    errors(dice, profiles, &mut text);
    roles(dice, &mut text);
    let key = dice.one(&["uuid", "string", "int"]);
    // The action speaks of items, and has no request.
    let predicate =
        Scope { caller: Caller::Any, action: true, in_predicate: true, ..Scope::default() };
    let first = condition(dice, 1, Scope { item: true, ..predicate });
    // The one that may stand anywhere has all its guards.
    let second = condition(dice, 1, Scope { item: true, ..predicate }.choosing());
    let own = Scope { action: true, item: true, predicates: true, ..Scope::default() };
    // Also routes that take nobody ask it.
    let visible = match dice.below(4) {
        0 => format!("visible {}", required(dice, own)),
        1 => "visible when mine or other".to_owned(),
        _ => String::new(),
    };
    let near = condition(dice, 1, Scope { shelf: true, ..predicate });
    let seen = if dice.chance(4) {
        let shelf = Scope { shelf: true, predicates: true, ..Scope::default() };
        format!("visible {}", required(dice, Scope { action: true, ..shelf }))
    } else {
        String::new()
    };
    let _ = write!(
        text,
        r#"
resource person {{
    key id: string
    name: string
    vip: bool
    boss: person?
    predicate known {{ person.vip or person.name == "n" }}
    predicate me {{ person.id == caller.id }}
    view card {{ name vip as "isVip" }}
}}
resource item {{
    key id: {key}
    owner: string
    state: state
    total: int
    tags: [string]
    note: string?
    made: time
    flag: bool
    addr: ip
    holder: person
    backup: person?
    hidden: string secret
    predicate mine {{ {first} }}
    predicate other {{ {second} }}
    predicate both {{ mine and not other }}
    {visible}
    view small {{ id total }}
    view large {{ ...small owner as "by" state note holder.card backup.card as "second" }}
}}
resource shelf {{
    key code: string
    level: int
    open: bool
    predicate near {{ {near} }}
    {seen}
    view plain {{ code open }}
}}
input change {{
    name: string trim {range} {default}
    count: int{optional} -3..9
    ref: uuid?
    kind: string one of ["x", "y"] {kind}
}}
"#,
        range = dice.one(&["1..4", "max cap", "0..2"]),
        default = dice.one(&["", "default \"n\""]),
        optional = dice.one(&["", "?"]),
        kind = dice.one(&["", "default \"y\""]),
    );
    // Nothing of a request is decided by it; the targets that read text have it this way.
    if dice.chance(3) {
        text.push_str("setting door: int { always 443 }\nsetting images: [string] { always [] }\n");
        text.push_str(&declaration(dice, "made"));
    }
    budgets(dice, &mut text);
    actions(dice, &mut text);
    routes(dice, key, &mut text);
    text
}

fn budgets(dice: &mut Dice, text: &mut String) {
    for name in ["one", "two", "three", "four"] {
        let key = match name {
            "one" => dice.one(&["", "key request.ip"]),
            "two" => dice.one(&["key caller.id", "key [caller.id, request.ip]"]),
            "three" => dice.one(&["key body.name", "key [body.name, caller.id else request.ip]"]),
            _ => dice.one(&[
                "key caller.id else request.ip",
                "key [caller.id else request.ip, request.host]",
                "key caller.tenant else request.ip",
            ]),
        };
        let sliding = dice.chance(2);
        let period = dice.one(&["10s", "1s", "7s"]);
        let mut limits = String::new();
        if dice.chance(2) {
            let when = dice.one(&[
                "exists caller.tier and caller.tier == high",
                "caller is top_r",
                "request.method == \"GET\"",
                "request.ip in office",
            ]);
            let other = if sliding { period } else { dice.one(&["10s", "3s"]) };
            let units = dice.one(&["5", "2", "18", "33"]);
            let burst = if sliding || dice.chance(2) { "" } else { "burst 4" };
            let _ = write!(limits, "limit {units} per {other} {burst} when {when} ");
        }
        let burst = if sliding || !dice.chance(3) { "" } else { "burst 3" };
        let units = dice.one(&["3", "cap", "2", "17", "40"]);
        let _ = write!(limits, "limit {units} per {period} {burst}");
        let _ = writeln!(
            text,
            "budget {name} {{ {limits} {key} {} {} {} {} }}",
            if sliding { "algorithm sliding_window" } else { "" },
            dice.one(&["", "refund on success"]),
            if key.contains("request.ip") { dice.one(&["", "ipv6 /56", "ipv6 /128"]) } else { "" },
            dice.one(&["", "", "unavailable admit \"a test\""]),
        );
    }
}

fn actions(dice: &mut Dice, text: &mut String) {
    // An action has no request to count by.
    let unavailable = dice.one(&["", "unavailable admit \"a test\""]);
    let _ = writeln!(
        text,
        "budget five {{ limit 5 per 3s when caller is top_r limit 2 per 7s burst 3 \
         key caller.id {unavailable} }}",
    );
    let alone = Scope { caller: Caller::Any, action: true, ..Scope::default() };
    let scope = Scope { item: true, predicates: true, ..alone };
    text.push_str("action touch {\n loads item\n");
    let needs = dice.chance(2);
    if needs {
        let _ = writeln!(text, " needs {}", dice.one(PERMISSIONS));
    }
    if !needs || dice.chance(2) {
        let _ = writeln!(text, " allow {}", when(dice, scope));
    }
    if dice.chance(2) {
        let _ = writeln!(text, " require {} as step_up", required(dice, scope));
    }
    if dice.chance(3) {
        let _ = writeln!(text, " deny {} {}", when(dice, alone.loosening()), reason(dice));
    }
    text.push_str("}\naction sweep { needs write:a ");
    if dice.chance(2) {
        text.push_str("budget [five] ");
    }
    let _ = writeln!(text, "require {} }}", required(dice, alone));
}

pub(super) fn reason(dice: &mut Dice) -> &'static str {
    dice.one(&["", "as conflict", "as not_found", "as step_up"])
}

fn transport(dice: &mut Dice, profiles: &str, text: &mut String) {
    let https = dice.one(&["", "https off", "https required", "https off in dev"]);
    // A setting has a value in each profile that anything names.
    let https = if profiles == "always" { https } else { "https off in [dev, prod]" };
    let hosts = dice.one(&["hosts [\"h.example\", \"g.example\"]", "hosts any \"r\""]);
    let limit = dice.one(&["", "body_limit 1KiB"]);
    let proxies =
        dice.one(&["", "", "proxies [10.1.0.0/16, 2001:db8::2]", "proxies office", "proxies []"]);
    let hsts = dice.one(&["", "", "hsts 30d", "hsts 365d subdomains preload"]);
    let _ = writeln!(text, "transport {{ {https} {hosts} {limit} {proxies} {hsts} }}");
}

fn cors(dice: &mut Dice, profiles: &str, text: &mut String) {
    if dice.chance(3) {
        return;
    }
    let origins = dice.one(&[
        "origins [\"https://a.example\", \"https://b.example:8443\"]",
        "origins [\"https://a.example\"]",
        "origins [\"*\"]",
    ]);
    let within = if profiles == "always" { "" } else { dice.one(&["", "in dev"]) };
    let methods = dice.one(&["methods [GET, PUT]", "", "methods [HEAD, POST, DELETE]"]);
    let names = dice.one(&["headers [\"X-One\", \"Content-Type\"]", ""]);
    let max_age = dice.one(&["", "max_age 1h"]);
    let every = origins.contains('*');
    let more = if every { "" } else { dice.one(&["", "credentials"]) };
    let expose = dice.one(&["", "expose [\"X-Two\", \"Retry-After\"]"]);
    let _ =
        writeln!(text, "cors {{ {origins} {within} {methods} {names} {expose} {more} {max_age} }}");
}

fn headers(dice: &mut Dice, profiles: &str, text: &mut String) {
    if dice.chance(2) {
        return;
    }
    let within = if profiles == "always" { "" } else { dice.one(&["", "in dev"]) };
    let options = dice.one(&["", "frame_options same_origin", "frame_options deny"]);
    let options = if options.is_empty() { String::new() } else { format!("{options} {within}") };
    let referrer = dice.one(&["", "referrer_policy strict_origin"]);
    let permissions = dice.one(&["", "permissions_policy \"camera=(self)\""]);
    let cache = dice.one(&["", "cache_control \"private, max-age=60\""]);
    let csp = dice.one(&[
        "",
        "csp { default_src [self, \"https:\"] object_src [none] sandbox [allow_scripts] }",
        "csp { script_src [unsafe_inline] upgrade_insecure_requests }",
    ]);
    let remove = dice.one(&["", "remove [\"X-One\"]"]);
    let rate_limit = dice.one(&["", "rate_limit both", "rate_limit legacy", "rate_limit off"]);
    let _ = writeln!(
        text,
        "headers {{ {options} {referrer} {permissions} {cache} {csp} {remove} {rate_limit} }}"
    );
}

fn errors(dice: &mut Dice, profiles: &str, text: &mut String) {
    if dice.chance(2) {
        return;
    }
    let within = if profiles == "always" { "" } else { dice.one(&["", "in dev"]) };
    let format = dice.one(&["", "format simple", "format problem"]);
    let statuses = dice.one(&[
        "",
        "status forbidden 404 status missing_permission 404",
        "status invalid_input 422 status step_up 403 status method_not_allowed 404",
        "status missing_credential 403 status insecure_transport 400 status forbidden 401",
    ]);
    let format = if format.is_empty() { String::new() } else { format!("{format} {within}") };
    let _ = writeln!(text, "errors {{ {format} {statuses} }}");
}

fn roles(dice: &mut Dice, text: &mut String) {
    for (index, name) in ["low_r", "mid_r", "top_r"].iter().enumerate() {
        let inherits = match index {
            1 if dice.chance(2) => "inherits low_r",
            2 => dice.one(&["inherits mid_r", "", "inherits [low_r, mid_r]"]),
            _ => "",
        };
        let wire = if dice.chance(3) { "as \"WIRE\"" } else { "" };
        let wire = if index == 2 { wire } else { "" };
        let _ = writeln!(text, "role {name} {inherits} {wire} {{ {} }}", grants(dice));
    }
    if dice.chance(2) {
        let _ = writeln!(text, "role anonymous {{ {} }}", grants(dice));
    }
}

fn grants(dice: &mut Dice) -> String {
    if dice.chance(4) {
        return dice.one(&["read:*", "*:a", "*:*"]).to_owned();
    }
    PERMISSIONS.iter().filter(|_| !dice.chance(4)).copied().collect::<Vec<_>>().join(" ")
}
