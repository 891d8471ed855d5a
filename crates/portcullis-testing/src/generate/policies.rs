//! The text of a made-up policy: every clause of the language, in every place that it may have.

use std::fmt::Write as _;

use super::Dice;

const PERMISSIONS: &[&str] = &["read:a", "write:a", "read:b"];
const PATHS: &[&str] =
    &["/a", "/a/{id}", "/a/b", "/{x}/b", "/a/{id}/c", "/a/b/{y}", "/{r...}", "/a/{r...}", "/a/"];

/// The text of a policy.
pub fn policy(dice: &mut Dice) -> String {
    let mut text = String::from(
        r#"
enum tier { low mid high }
enum state { open as "o" paid shipped }
credential access jwt {
    issuer "i" audience "a" algorithms [HS256] lifetime 15m
    caller { id: string from "sub" role: role from "role" tier: tier? from "tier"
             tenant: string? from "t" age: int? from "age" since: time? from "since" vip: bool? from "vip" }
}
"#,
    );
    transport(dice, &mut text);
    roles(dice, &mut text);
    let key = dice.one(&["uuid", "string", "int"]);
    let first = condition(
        dice,
        1,
        Scope { caller: true, params: false, body: false, object: true, predicates: false },
    );
    let second = condition(
        dice,
        1,
        Scope { caller: true, params: false, body: false, object: true, predicates: false },
    );
    let _ = write!(
        text,
        r#"
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
    hidden: string secret
    predicate mine {{ {first} }}
    predicate other {{ {second} }}
    view small {{ id total }}
    view large {{ id owner as "by" state total note }}
}}
input change {{
    name: string trim {range} {default}
    count: int{optional} -3..9
    ref: uuid?
    kind: string one of ["x", "y"] {kind}
}}
"#,
        range = dice.one(&["1..4", "max 3", "0..2"]),
        default = dice.one(&["", "default \"n\""]),
        optional = dice.one(&["", "?"]),
        kind = dice.one(&["", "default \"y\""]),
    );
    for name in ["one", "two", "three"] {
        let key = match name {
            "one" => dice.one(&["", "key request.ip"]),
            "two" => dice.one(&["key caller.id", "key [caller.id, request.ip]"]),
            _ => dice.one(&["key body.name", "key [body.name, caller.id]"]),
        };
        let _ = writeln!(
            text,
            "budget {name} {{ limit {} per {} {key} {} }}",
            dice.one(&["3", "1", "2", "17", "40"]),
            dice.one(&["10s", "1s", "7s"]),
            dice.one(&["", "algorithm sliding_window"]),
        );
    }
    routes(dice, key, &mut text);
    text
}

fn transport(dice: &mut Dice, text: &mut String) {
    let https = dice.one(&["", "https off", "https required", "https off in dev"]);
    let hosts = dice.one(&[
        "hosts [\"h.example\", \"g.example\"]",
        "hosts any \"r\"",
        "hosts [\"h.example\"] in dev",
    ]);
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
    PERMISSIONS.iter().filter(|_| !dice.chance(4)).copied().collect::<Vec<_>>().join(" ")
}

/// What a condition may speak of.
#[derive(Clone, Copy)]
struct Scope {
    caller: bool,
    params: bool,
    body: bool,
    object: bool,
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
        "request.method == \"GET\"",
        "request.ip in 10.0.0.0/8",
        "request.ip in [192.0.2.0/24, 2001:db8::/32]",
        "request.host == \"h.example\"",
        "request.path in [\"/a\", \"/a/b\"]",
        "caller is low_r",
        "caller is [mid_r, top_r]",
        "caller is anonymous",
        "caller can read:b",
        "exists caller",
        "now > 2026-01-01T00:00:05Z",
    ];
    if scope.caller {
        atoms.extend([
            "caller.id == \"u1\"",
            "caller.id in [\"u1\", \"u2\"]",
            "caller.id != \"u2\"",
            "(exists caller.tier and caller.tier >= mid)",
            "(caller.tenant else \"t1\") == \"t1\"",
            "not exists caller.age",
            "(exists caller.age and caller.age in 3..8)",
            "(not exists caller.tier or caller.tier == high)",
            "(exists caller.since and caller.since within 30s)",
            "(exists caller.since and caller.since older than 5s)",
            "(caller.vip else false)",
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
    if scope.object {
        atoms.extend([
            "item.total > 3",
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
        ]);
        if scope.caller {
            atoms.extend(["item.owner == caller.id", "caller.id in item.tags"]);
        }
        if scope.predicates {
            atoms.extend(["mine", "other", "item.mine"]);
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
    if grouped {
        text.push_str("group /a {\n accept [access]\n");
        if dice.chance(2) {
            text.push_str(" budget [one]\n");
        }
        if dice.chance(3) {
            let scope = Scope {
                caller: false,
                params: false,
                body: false,
                object: false,
                predicates: false,
            };
            let _ = writeln!(text, " deny {}", when(dice, scope));
        }
        if dice.chance(3) {
            let _ = writeln!(text, " needs {}", dice.one(PERMISSIONS));
        }
    }
    let group_budget = text.contains(" budget [one]\n");
    for _ in 0..=dice.below(4) {
        let methods = ["GET", "PUT", "POST", "DELETE"];
        let method = dice.one(&methods);
        let path = dice.one(PATHS);
        let shape = path.replace("{id}", "{}").replace("{x}", "{}").replace("{y}", "{}");
        if taken.contains(&(method, shape.clone())) {
            continue;
        }
        taken.push((method, shape));
        route(dice, method, path, key, group_budget, text);
    }
    if grouped {
        text.push_str("}\n");
    }
}

fn route(
    dice: &mut Dice,
    method: &str,
    path: &str,
    key: &str,
    group_budget: bool,
    text: &mut String,
) {
    let public = dice.chance(4);
    let body = method != "GET" && dice.chance(2);
    let has_id = path.contains("{id}");
    let _ = writeln!(text, "route {method} {path} {{");
    text.push_str(if public { " public\n" } else { " accept [access]\n" });
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
    if body {
        text.push_str(" body change\n");
    }
    let object = match dice.below(3) {
        0 if has_id => {
            text.push_str(" loads item by params.id\n");
            "loads"
        }
        1 => {
            let _ = writeln!(text, " lists item max {}", dice.one(&["5", "2"]));
            "lists"
        }
        _ => "",
    };
    let scope = Scope {
        caller: !public,
        params: has_id,
        body,
        object: !object.is_empty(),
        predicates: true,
    };
    if dice.chance(2) || !public {
        let _ = writeln!(text, " needs {}", dice.one(&["read:a", "[read:a, read:b]", "write:a"]));
    }
    for _ in 0..dice.below(3) {
        let _ = writeln!(text, " allow {}", when(dice, scope));
    }
    for _ in 0..dice.below(3) {
        let conflict = if dice.chance(2) { "as conflict" } else { "" };
        let _ = writeln!(text, " deny {} {conflict}", when(dice, scope));
    }
    let mut budgets = Vec::new();
    if dice.chance(2) && !group_budget {
        budgets.push("one");
    }
    if dice.chance(3) && !public {
        budgets.push("two");
    }
    if dice.chance(3) && body && !public {
        budgets.push("three");
    }
    if !budgets.is_empty() {
        let _ = writeln!(text, " budget [{}]", budgets.join(" "));
    }
    if !object.is_empty() && !dice.chance(4) {
        let (open, close) = if object == "lists" { ("[", "]") } else { ("", "") };
        if dice.chance(2) {
            let _ = writeln!(text, " returns {open}item.large{close} {}", when(dice, scope));
        }
        let _ = writeln!(text, " returns {open}item.small{close}");
    }
    text.push_str("}\n");
}
