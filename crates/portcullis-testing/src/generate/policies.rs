//! The text of a made-up policy: every clause of the language, in every place that it may have.

use std::fmt::Write as _;

use super::Dice;

const PERMISSIONS: &[&str] = &["read:a", "write:a", "read:b"];
/// `{id}` names an item, `{x}` a shelf.
const PATHS: &[&str] = &[
    "/a",
    "/a/{id}",
    "/a/b",
    "/{x}/b",
    "/a/{id}/c",
    "/a/b/{y}",
    "/{r...}",
    "/a/{r...}",
    "/a/",
    "/s/{x}/{id}",
    "/s/{x}",
];

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
    roles(dice, &mut text);
    let key = dice.one(&["uuid", "string", "int"]);
    // The action speaks of items, and has no request.
    let own = Scope { caller: Caller::Any, action: true, item: true, ..Scope::default() };
    let (first, second) = (condition(dice, 1, own), condition(dice, 1, own));
    // Also routes that take nobody ask it.
    let visible = match dice.below(4) {
        0 => format!(
            "visible {}",
            when(dice, Scope { caller: Caller::Unknown, predicates: true, ..own })
        ),
        1 => "visible when mine or other".to_owned(),
        _ => String::new(),
    };
    let shelf = Scope { caller: Caller::Any, shelf: true, ..Scope::default() };
    let near = condition(dice, 1, shelf);
    let seen = if dice.chance(4) {
        format!(
            "visible {}",
            when(dice, Scope { caller: Caller::Unknown, predicates: true, ..shelf })
        )
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
        let _ = writeln!(text, " require {} as step_up", when(dice, scope));
    }
    if dice.chance(3) {
        let _ = writeln!(text, " deny {} {}", when(dice, alone), reason(dice));
    }
    text.push_str("}\naction sweep { needs write:a ");
    if dice.chance(2) {
        text.push_str("budget [five] ");
    }
    let _ = writeln!(text, "require {} }}", when(dice, alone));
}

fn reason(dice: &mut Dice) -> &'static str {
    dice.one(&["", "as conflict", "as not_found", "as step_up"])
}

fn transport(dice: &mut Dice, profiles: &str, text: &mut String) {
    let https = dice.one(&["", "https off", "https required", "https off in dev"]);
    // A setting has a value in each profile that anything names.
    let https = if profiles == "always" { https } else { "https off in [dev, prod]" };
    let hosts = dice.one(&["hosts [\"h.example\", \"g.example\"]", "hosts any \"r\""]);
    let limit = dice.one(&["", "body_limit 1KiB"]);
    let _ = writeln!(text, "transport {{ {https} {hosts} {limit} }}");
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

/// Who may be the caller where a condition stands.
#[derive(Clone, Copy, PartialEq, Default)]
enum Caller {
    /// Nobody, or anybody: nothing is known.
    #[default]
    Unknown,
    /// A caller with `access`.
    Access,
    /// A caller with any credential.
    Any,
}

/// What a condition may speak of.
#[derive(Clone, Copy, Default)]
struct Scope {
    caller: Caller,
    action: bool,
    params: bool,
    body: bool,
    item: bool,
    shelf: bool,
    predicates: bool,
}

fn condition(dice: &mut Dice, depth: usize, scope: Scope) -> String {
    if depth > 0 && dice.chance(2) {
        let left = condition(dice, depth - 1, scope);
        return match dice.below(3) {
            0 => format!("({left} and {})", condition(dice, depth - 1, scope)),
            1 => format!("({left} or {})", condition(dice, depth - 1, scope)),
            _ => format!("(not {left})"),
        };
    }
    let mut atoms: Vec<&str> = vec![
        "true",
        "false",
        "caller is low_r",
        "caller is [mid_r, top_r]",
        "caller is anonymous",
        "caller can read:b",
        "exists caller",
        "now > 2026-01-01T00:00:05Z",
        "cap > 2",
        "who == \"host-who\"",
        "(exists caller.id and caller.id == \"u1\")",
        "(caller.id else \"u2\") == \"u2\"",
        "(exists caller.tier and caller.tier >= mid)",
    ];
    if scope.caller == Caller::Access || scope.caller == Caller::Any {
        // Who is always there has always an id.
        atoms.retain(|atom| !atom.contains("caller.id else") && !atom.contains("exists caller.id"));
        atoms.extend([
            "caller.id == \"u1\"",
            "caller.id in [\"u1\", \"u2\"]",
            "caller.id != \"u2\"",
            "(not exists caller.tier or caller.tier == high)",
        ]);
    }
    if scope.caller == Caller::Access {
        atoms.extend([
            "(caller.tenant else \"t1\") == \"t1\"",
            "not exists caller.age",
            "(exists caller.age and caller.age in 3..8)",
            "(exists caller.since and caller.since within 30s)",
            "(exists caller.since and caller.since older than 5s)",
            "(caller.vip else false)",
        ]);
    }
    if !scope.action {
        atoms.extend([
            "request.method == \"GET\"",
            "request.ip in 10.0.0.0/8",
            "request.ip in [192.0.2.0/24, 2001:db8::/32]",
            "request.ip in ::ffff:192.0.2.0/120",
            "request.ip in office",
            "request.host == \"h.example\"",
            "request.path in [\"/a\", \"/a/b\"]",
        ]);
    }
    if scope.params {
        atoms.extend(["params.id == params.id"]);
    }
    if scope.body {
        atoms.extend([
            "body.kind == \"x\"",
            "body.name != \"n\"",
            "(exists body.ref)",
            "not exists body.ref",
        ]);
    }
    if scope.item {
        atoms.extend([
            "item.total > cap",
            "item.total in 1..5",
            "item.state == paid",
            "item.state < shipped",
            "item.state in [open, shipped]",
            "item.flag",
            "\"t\" in item.tags",
            "exists item.note",
            "(item.note else \"\") == \"n\"",
            "item.made within 20s",
            "item.made older than 5s",
            "item.addr in 10.0.0.0/8",
            "item.owner == \"u1\"",
            "item.total <= 3",
            "item.state != open",
            "item.holder.vip",
            "item.holder.name == \"n\"",
            "item.holder.known",
            "item.holder.me",
            "exists item.backup",
            "(exists item.backup and item.backup.vip)",
            "(exists item.backup and item.backup.known)",
            "(exists item.backup.boss and item.backup.boss.vip)",
        ]);
        if scope.caller != Caller::Unknown {
            atoms.extend(["item.owner == caller.id", "caller.id in item.tags"]);
        } else {
            atoms.extend([
                "(exists caller and item.owner == caller.id)",
                "(exists caller.id and caller.id in item.tags)",
            ]);
        }
        if scope.predicates {
            atoms.extend(["mine", "other", "item.mine", "both"]);
        }
    }
    if scope.shelf {
        atoms.extend(["shelf.open", "shelf.level >= 2", "shelf.level == cap"]);
        if scope.caller != Caller::Unknown {
            atoms.extend(["shelf.code == caller.id"]);
        } else {
            atoms.extend(["(exists caller and shelf.code == caller.id)"]);
        }
        if scope.predicates {
            atoms.extend(["near", "shelf.near"]);
        }
    }
    dice.one(&atoms).to_owned()
}

fn when(dice: &mut Dice, scope: Scope) -> String {
    let when = condition(dice, 2, scope);
    if dice.chance(3) {
        format!("when {when} unless {}", condition(dice, 1, scope))
    } else {
        format!("when {when}")
    }
}

fn routes(dice: &mut Dice, key: &str, text: &mut String) {
    let grouped = dice.chance(2);
    let mut taken: Vec<(&str, String)> = Vec::new();
    let mut group = Group::default();
    if grouped {
        group.accept = dice.one(&["[access]", "[access, pat]"]);
        let _ = writeln!(text, "group /a {{\n accept {}", group.accept);
        if dice.chance(2) {
            group.budget = true;
            text.push_str(" budget [one]\n");
        }
        let scope = Scope::default();
        if dice.chance(3) {
            let _ = writeln!(text, " deny {} {}", when(dice, scope), reason(dice));
        }
        if dice.chance(4) {
            let _ = writeln!(text, " require {} {}", when(dice, scope), reason(dice));
        }
        if dice.chance(3) {
            group.needs = true;
            let _ = writeln!(text, " needs {}", dice.one(PERMISSIONS));
        }
    }
    for _ in 0..=dice.below(4) {
        let methods = ["GET", "PUT", "POST", "DELETE"];
        let method = dice.one(&methods);
        let path = dice.one(PATHS);
        let shape = path.replace("{id}", "{}").replace("{x}", "{}").replace("{y}", "{}");
        if taken.contains(&(method, shape.clone())) {
            continue;
        }
        taken.push((method, shape));
        route(dice, method, path, key, group, text);
    }
    if grouped {
        text.push_str("}\n");
    }
}

/// What stands around a route.
#[derive(Clone, Copy, Default)]
struct Group {
    accept: &'static str,
    budget: bool,
    needs: bool,
}

/// What a route does with objects.
#[derive(Clone, Copy, Default)]
struct Objects {
    loads_item: bool,
    loads_shelf: bool,
    lists: bool,
    creates: bool,
}

fn route(dice: &mut Dice, method: &str, path: &str, key: &str, group: Group, text: &mut String) {
    let _ = writeln!(text, "route {method} {path} {{");
    if dice.chance(16) {
        text.push_str(" retired\n");
    }
    let public = dice.chance(5);
    let optional = !public && dice.chance(5);
    if public {
        text.push_str(" public\n");
    }
    if optional {
        text.push_str(" public optional\n");
    }
    let accept = if group.accept.is_empty() || dice.chance(2) {
        let wide = group.accept.is_empty() || group.accept.contains("pat");
        if wide { dice.one(&["[access]", "[access, pat]", "[pat, access]"]) } else { "[access]" }
    } else {
        group.accept
    };
    if !public {
        let _ = writeln!(text, " accept {accept}");
    }
    let caller = match (public || optional, accept) {
        (true, _) => Caller::Unknown,
        (false, "[access]") => Caller::Access,
        (false, _) => Caller::Any,
    };
    let body = method != "GET" && dice.chance(2);
    let (has_id, has_shelf) = (path.contains("{id}"), path.contains("{x}"));
    params(path, key, text);
    if body {
        text.push_str(" body change\n");
    }
    let objects = objects(dice, has_id, has_shelf, text);
    let item = objects.loads_item || objects.lists || objects.creates;
    let scope = Scope {
        caller,
        action: false,
        params: has_id,
        body,
        item,
        shelf: objects.loads_shelf,
        predicates: true,
    };
    let signed_in = !public && !optional && dice.chance(5);
    if signed_in {
        text.push_str(" signed_in\n");
    }
    let does = item && !public && !optional && dice.chance(4);
    if does {
        text.push_str(" does touch\n");
    }
    let allows = dice.below(3);
    let stated = public || optional || signed_in || does || group.needs;
    if dice.chance(2) || (!stated && allows == 0) {
        let _ = writeln!(
            text,
            " needs {}",
            dice.one(&["read:a", "[read:a, read:b]", "write:a", "any [read:b, write:a]"])
        );
    }
    for _ in 0..allows {
        let _ = writeln!(text, " allow {}", when(dice, scope));
    }
    for _ in 0..dice.below(3) {
        let _ = writeln!(text, " deny {} {}", when(dice, scope), reason(dice));
    }
    if dice.chance(3) {
        let _ = writeln!(text, " require {} {}", when(dice, scope), reason(dice));
    }
    charges(dice, group, !public && !optional, body, text);
    returns(dice, objects, scope, text);
    text.push_str("}\n");
}

fn params(path: &str, key: &str, text: &mut String) {
    let mut fields = Vec::new();
    for (name, kind) in
        [("id", key), ("x", "string 1..3"), ("y", "int 0..20"), ("r", "string max 9")]
    {
        if path.contains(&format!("{{{name}}}")) || path.contains(&format!("{{{name}...}}")) {
            let kind = if kind == "string" { "string trim max 40" } else { kind };
            fields.push(format!("{name}: {kind}"));
        }
    }
    if !fields.is_empty() {
        let _ = writeln!(text, " params {{ {} }}", fields.join(" "));
    }
}

fn objects(dice: &mut Dice, has_id: bool, has_shelf: bool, text: &mut String) -> Objects {
    let mut objects = Objects::default();
    if has_shelf && dice.chance(2) {
        objects.loads_shelf = true;
        text.push_str(" loads shelf by params.x\n");
    }
    match dice.below(4) {
        0 if has_id => {
            objects.loads_item = true;
            text.push_str(" loads item by params.id\n");
        }
        1 => {
            objects.lists = true;
            let _ = writeln!(text, " lists item max {}", dice.one(&["5", "2", "cap"]));
        }
        2 => {
            objects.creates = true;
            text.push_str(" creates item\n");
        }
        _ => {}
    }
    objects
}

fn charges(dice: &mut Dice, group: Group, signed: bool, body: bool, text: &mut String) {
    let mut budgets = Vec::new();
    if dice.chance(2) && !group.budget {
        budgets.push("one");
    }
    if dice.chance(3) && signed {
        budgets.push("two");
    }
    if dice.chance(3) && body && signed {
        budgets.push("three");
    }
    if dice.chance(3) {
        budgets.push("four cost 2");
    }
    if !budgets.is_empty() {
        let _ = writeln!(text, " budget [{}]", budgets.join(" "));
    }
}

fn returns(dice: &mut Dice, objects: Objects, scope: Scope, text: &mut String) {
    let early = Scope { item: false, shelf: objects.loads_shelf, predicates: false, ..scope };
    if objects.lists {
        match dice.below(4) {
            0 => {}
            1 => {
                let _ = writeln!(text, " returns [item.large] {}", when(dice, scope));
                text.push_str(" returns [item.small]\n");
            }
            2 => {
                let _ = writeln!(text, " returns nothing {}", when(dice, early));
                text.push_str(" returns { items: [item.small] next: int? as \"after\" }\n");
            }
            _ => text.push_str(" returns [item.small]\n"),
        }
        return;
    }
    let mut kinds: Vec<&str> = vec!["", "nothing", "opaque \"a test\""];
    if objects.loads_item || objects.creates {
        kinds.extend(["item.small", "item.large", "{ it: item.large more: [string] }"]);
    }
    if objects.loads_shelf {
        kinds.extend(["shelf.plain", "{ shelf: shelf.plain? as \"theShelf\" }"]);
    }
    let last = dice.one(&kinds);
    if last.is_empty() {
        return;
    }
    if dice.chance(2) {
        // An opaque answer stands beside none but its own kind.
        let is_opaque = |kind: &&str| kind.starts_with("opaque");
        kinds.retain(|kind| !kind.is_empty() && is_opaque(kind) == is_opaque(&last));
        let first = dice.one(&kinds);
        let _ = writeln!(text, " returns {first} {}", when(dice, scope));
    }
    let _ = writeln!(text, " returns {last}");
}
