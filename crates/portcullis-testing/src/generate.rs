//! Made-up policies and requests. They are made of choices, so that proptest can make them smaller:
//! the first of each is the plainest.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use portcullis_test::{Exchange, Fact, Facts, World};

/// Choices, one after the other; the plainest once they are used up.
#[derive(Debug, Clone)]
pub struct Dice {
    choices: Vec<u16>,
    at: usize,
}

impl Dice {
    /// Dice that fall as said.
    #[must_use]
    pub fn new(choices: Vec<u16>) -> Dice {
        Dice { choices, at: 0 }
    }

    fn below(&mut self, count: usize) -> usize {
        let choice = self.choices.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(choice) % count.max(1)
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        let index = self.below(of.len());
        of.get(index).or(of.first()).expect("something to choose from")
    }

    fn chance(&mut self, of: usize) -> bool {
        self.below(of) == of - 1
    }
}

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

const UUID: u128 = 0x9d3d_1f5e_0000_4000_8000_0000_0000_0456;
/// 2026-01-01T00:00:00Z
const START: i64 = 1_767_225_600 * 1_000_000_000;

/// Requests, one after the other on one clock. `lists` says whether the policy's route for a path
/// and a method lists, loads, or neither.
pub fn exchanges(
    dice: &mut Dice,
    routes: &[(String, String)],
    kind: impl Fn(&str, &str) -> Option<Kind>,
) -> Vec<Exchange> {
    let mut now = START;
    let mut all = Vec::new();
    for _ in 0..=dice.below(8) {
        now += [0, 1, 300_000_000, 2_500_000_000, 9_000_000_000][dice.below(5)];
        let exchange = exchange(dice, now, routes, &kind);
        for _ in 0..=[0, 0, 2, 20][dice.below(4)] {
            all.push(exchange.clone());
        }
    }
    all
}

/// What a route does with objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It loads one.
    Loads,
    /// It lists some.
    Lists,
}

fn exchange(
    dice: &mut Dice,
    now: i64,
    routes: &[(String, String)],
    kind: &impl Fn(&str, &str) -> Option<Kind>,
) -> Exchange {
    let ids = [
        "9d3d1f5e-0000-4000-8000-000000000456",
        "7",
        "u1",
        "-0",
        "%75%31",
        "abcdefghij",
        "007",
        "b",
    ];
    let id = dice.one(&ids);
    // Most requests are for a route; the others are for none, or are none.
    let (method, target) = match routes.get(dice.below(routes.len() + 1)) {
        Some((method, pattern)) if !dice.chance(8) => {
            let target = pattern
                .replace("{id}", id)
                .replace("{x}", dice.one(&["ab", "a", "abcd"]))
                .replace("{y}", dice.one(&["3", "21", "x"]))
                .replace("{r...}", dice.one(&["r", "r/s", "r/s/t/u/v/w"]));
            let query = dice.one(&["", "", "", "?q=1"]);
            (method.clone(), format!("{target}{query}"))
        }
        _ => {
            let methods =
                ["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "TRACE", "get", "G T", "X-Y"];
            let targets = [
                "/a", "/a/b", "/a/", "/a/a", "/a/a/b", "/a/b/c/d", "/a/a/", "/a/b/3/", "/b/b", "/",
                "//", "/a//b", "/a/../b", "/a/%2e", "/a;b", "a", "/a/%2f", "/a/b%20", "/q#",
                "/a?%zz",
            ];
            (dice.one(&methods).to_owned(), dice.one(&targets).to_owned())
        }
    };
    let method = method.as_str();
    let mut headers = Vec::new();
    for _ in 0..[1; 18].into_iter().chain([2, 0]).nth(dice.below(20)).unwrap_or(1) {
        let hosts = [
            "h.example",
            "h.example",
            "h.example",
            "h.example",
            "h.example",
            "h.example",
            "h.example",
            "H.example:80",
            "H.example:80",
            "g.example",
            "g.example",
            "other.example",
            "h.example.",
            "[::1]",
            "a b",
        ];
        let host = dice.one(&hosts);
        headers.push(("Host".to_owned(), host.to_owned()));
    }
    let sends = if matches!(method, "GET" | "HEAD") { dice.chance(12) } else { !dice.chance(4) };
    let body = sends.then(|| body(dice));
    if body.is_some() || dice.chance(5) {
        let kind = dice.one(&[
            "application/json",
            "application/json",
            "application/json; charset=utf-8",
            "text/plain",
            "application/json;charset=latin1",
        ]);
        headers.push(("content-type".to_owned(), kind.to_owned()));
    }
    if dice.chance(9) {
        headers.push(("Content-Encoding".to_owned(), dice.one(&["identity", "gzip"]).to_owned()));
    }
    let caller = (!dice.chance(10)).then(|| caller(dice, now));
    if caller.is_none() && dice.chance(2) {
        headers.push((
            "Authorization".to_owned(),
            dice.one(&["Bearer x.y.z", "Basic eA==", "bearer"]).to_owned(),
        ));
    }
    let peers: [IpAddr; 5] = [
        Ipv4Addr::new(192, 0, 2, 1).into(),
        Ipv4Addr::new(10, 1, 2, 3).into(),
        Ipv4Addr::new(10, 1, 2, 3).to_ipv6_mapped().into(),
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 9, 0, 0, 2).into(),
    ];
    let world = match kind(method, &target) {
        Some(Kind::Loads) => World::Object((!dice.chance(6)).then(|| item(dice, now, id))),
        Some(Kind::Lists) => World::Rows((0..dice.below(4)).map(|_| item(dice, now, id)).collect()),
        None => World::Nothing,
    };
    Exchange {
        method: method.to_owned(),
        target,
        https: !dice.chance(12),
        peer: peers[dice.below(5)],
        headers,
        caller,
        body,
        world,
        now,
    }
}

fn body(dice: &mut Dice) -> Vec<u8> {
    if dice.chance(8) {
        let wrong: [&[u8]; 9] = [
            b"",
            b"{}",
            b"[]",
            b"null",
            b"{\"name\":\"a\",\"name\":\"b\"}",
            b"{\"z\":{\"a\":1,\"a\":1}}",
            b"{} x",
            b"{\"name\":\"\\ud800\"}",
            b"{\"z\":1e999}",
        ];
        return wrong[dice.below(9)].to_vec();
    }
    let mut members = Vec::new();
    for (name, values) in [
        (
            "name",
            &[
                "\"n\"",
                "\" ab \"",
                "\"\"",
                "\"abcde\"",
                "1",
                "null",
                "{\"$ne\":\"\"}",
                "\"\\u00e9\\u00e9\"",
            ][..],
        ),
        (
            "count",
            &["1", "9", "10", "-3", "-4", "1.0", "1e0", "\"1\"", "99999999999999999999", "null"],
        ),
        (
            "ref",
            &[
                "\"9d3d1f5e-0000-4000-8000-000000000456\"",
                "\"9D3D1F5E-0000-4000-8000-000000000456\"",
                "\"9d3d1f5e000040008000000000000456\"",
                "7",
                "null",
            ],
        ),
        ("kind", &["\"x\"", "\"y\"", "\"z\"", "1"]),
        ("more", &["[[1]]", "{}"]),
    ] {
        if !dice.chance(5) {
            let values = if dice.chance(3) { values } else { values.get(..1).unwrap_or(values) };
            members.push(format!("\"{name}\": {}", dice.one(values)));
        }
    }
    let padding = if dice.chance(3) { " ".repeat(1100) } else { String::new() };
    format!("{{{}{padding}}}", members.join(", ")).into_bytes()
}

fn caller(dice: &mut Dice, now: i64) -> Facts {
    let text = |text: &str| Fact::Text(text.to_owned());
    let mut facts = vec![("id".to_owned(), text(dice.one(&["u1", "u2", ""])))];
    let role = dice.one(&["low_r", "mid_r", "top_r", ""]);
    facts.push(("role".to_owned(), if role.is_empty() { Fact::Absent } else { text(role) }));
    if dice.chance(2) {
        facts.push(("tier".to_owned(), text(dice.one(&["low", "mid", "high"]))));
    }
    if dice.chance(2) {
        facts.push(("tenant".to_owned(), text(dice.one(&["t1", "t2"]))));
    }
    if dice.chance(2) {
        facts.push(("age".to_owned(), Fact::Int([2, 3, 8, 9][dice.below(4)])));
    }
    if dice.chance(2) {
        facts.push((
            "since".to_owned(),
            Fact::Time(now - [0, 5, 6, 30, 31, -1][dice.below(6)] * 1_000_000_000),
        ));
    }
    if dice.chance(2) {
        facts.push(("vip".to_owned(), Fact::Bool(dice.chance(2))));
    }
    facts
}

fn item(dice: &mut Dice, now: i64, id: &str) -> Facts {
    let text = |text: &str| Fact::Text(text.to_owned());
    let id = match dice.below(12) {
        11 => Fact::Absent,
        10 => Fact::Uuid(1),
        _ if id == "9d3d1f5e-0000-4000-8000-000000000456" => Fact::Uuid(UUID),
        // The keys of three kinds; the wrong kind is a fault of the service.
        0..=4 if id == "7" || id == "-0" => Fact::Int(id.parse().unwrap_or(0)),
        _ => text(if id == "%75%31" { "u1" } else { id }),
    };
    let seconds = |count: i64| count * 1_000_000_000;
    let mut facts = vec![
        ("id".to_owned(), id),
        ("owner".to_owned(), text(dice.one(&["u1", "u2"]))),
        (
            "state".to_owned(),
            text(
                dice.one(&[
                    "open", "paid", "shipped", "paid", "open", "shipped", "paid", "nowhere",
                ]),
            ),
        ),
        ("total".to_owned(), Fact::Int([1, 3, 4, 6][dice.below(4)])),
        (
            "tags".to_owned(),
            Fact::List((0..dice.below(3)).map(|_| text(dice.one(&["t", "u1", "u2"]))).collect()),
        ),
        ("made".to_owned(), Fact::Time(now - seconds([0, 5, 6, 20, 21, -1][dice.below(6)]))),
        ("flag".to_owned(), Fact::Bool(dice.chance(2))),
        ("addr".to_owned(), Fact::Ip(IpAddr::V4(Ipv4Addr::new([10, 11][dice.below(2)], 0, 0, 1)))),
    ];
    if dice.chance(2) {
        facts.push(("note".to_owned(), text(dice.one(&["n", "m"]))));
    }
    if dice.chance(20) {
        facts.remove(dice.below(facts.len()));
    }
    facts
}
