//! Made-up requests: most are for a route of the policy, some are for none, and some are none.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use portcullis_test::{Exchange, Fact, Facts, Given, Outcome, World};

use super::Dice;

const UUID: u128 = 0x9d3d_1f5e_0000_4000_8000_0000_0000_0456;
/// 2026-01-01T00:00:00Z
const START: i64 = 1_767_225_600 * 1_000_000_000;

/// Requests, one after the other on one clock: to routes of a policy, of which the methods and
/// the patterns are given, or to none.
pub fn exchanges(dice: &mut Dice, routes: &[(String, String)]) -> Vec<Exchange> {
    let mut now = START;
    let mut all = Vec::new();
    for _ in 0..=dice.below(8) {
        now += [0, 1, 300_000_000, 2_500_000_000, 9_000_000_000][dice.below(5)];
        let exchange = exchange(dice, now, routes);
        for _ in 0..=[0, 0, 2, 20][dice.below(4)] {
            all.push(exchange.clone());
        }
    }
    all
}

fn exchange(dice: &mut Dice, now: i64, routes: &[(String, String)]) -> Exchange {
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
    let shelf = dice.one(&["ab", "a", "abcd", "u1"]);
    // Most requests are for a route; the others are for none, or are none.
    let (method, target) = match routes.get(dice.below(routes.len() + 1)) {
        Some((method, pattern)) if !dice.chance(8) => {
            let target = pattern
                .replace("{id}", id)
                .replace("{x}", shelf)
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
    let method = pages(dice, method, &mut headers);
    forwarding(dice, &mut headers);
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
    // What no route asks for, nobody looks at.
    let item_there = !dice.chance(8);
    let shelf_there = !dice.chance(8);
    let world = World {
        objects: vec![
            ("item".to_owned(), item_there.then(|| item(dice, now, id))),
            ("shelf".to_owned(), shelf_there.then(|| shelf_of(dice, shelf))),
        ],
        rows: (0..dice.below(4)).map(|_| item(dice, now, id)).collect(),
    };
    let act =
        (caller.is_some() && dice.chance(8)).then(|| dice.one(&["touch", "sweep"]).to_owned());
    Exchange {
        method: method.to_owned(),
        target,
        https: !dice.chance(12),
        peer: peers[dice.below(5)],
        headers,
        caller,
        act,
        body,
        world,
        outcome: [None, Some(Outcome::Success), Some(Outcome::Failure)][dice.below(3)],
        store: !dice.chance(12),
        revoked: Vec::new(),
        opaque: Vec::new(),
        now,
    }
}

/// What a browser says of the page that asks; some of these requests become preflights.
fn pages<'m>(dice: &mut Dice, method: &'m str, headers: &mut Vec<(String, String)>) -> &'m str {
    let mut say = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
    let origins = [
        "https://a.example",
        "https://a.example",
        "https://b.example:8443",
        "https://h.example",
        "http://h.example:80",
        "https://g.example:444",
        "https://A.example",
        "null",
        "",
        "https://a.example:443",
    ];
    for _ in 0..[0, 0, 0, 1, 1, 1, 1, 1, 2][dice.below(9)] {
        say("Origin", dice.one(&origins));
    }
    if !dice.chance(6) {
        return method;
    }
    say(
        "access-control-request-method",
        dice.one(&[method, method, method, "PUT", "TRACE", "a b"]),
    );
    let names = ["x-one", "content-type", "X-One,,content-type", "x-two", "", "a b", " x-one , "];
    for _ in 0..[0, 1, 1, 2][dice.below(4)] {
        say("Access-Control-Request-Headers", dice.one(&names));
    }
    let networks = ["private", "local"];
    if dice.chance(10) {
        say(&format!("Access-Control-Request-{}-Network", dice.one(&networks)), "true");
    }
    if dice.chance(12) { method } else { "OPTIONS" }
}

/// What a proxy says, or whoever wants to be taken for one.
fn forwarding(dice: &mut Dice, headers: &mut Vec<(String, String)>) {
    let mut say = |name: &str, value: String| headers.push((name.to_owned(), value));
    for _ in 0..[0, 0, 0, 1, 2][dice.below(5)] {
        let entries = [
            "203.0.113.9",
            "203.0.113.9:8080",
            "2001:db8:9::7",
            "[2001:db8:9::7]:443",
            "::ffff:10.1.0.9",
            "10.1.0.9",
            "10.2.0.9",
            "unknown",
            "",
            "203.0.113.9:",
        ];
        let hops = (0..=dice.below(3)).map(|_| dice.one(&entries)).collect::<Vec<_>>();
        say("X-Forwarded-For", hops.join([", ", ","][dice.below(2)]));
    }
    for _ in 0..[0, 0, 0, 1, 2][dice.below(5)] {
        let elements = [
            "for=203.0.113.9",
            "for=203.0.113.9;proto=https;host=h.example",
            "For=\"[2001:db8:9::7]:_x\"; proto=http",
            "for=\"[2001:db8:9::7]:47011\";proto=HTTPS",
            "for=\"\\203.0.113.9\";by=_me;host=\"g.example:80\"",
            "for=10.1.0.9;;proto=https",
            "for=10.1.0.9;host=\"h.example\"",
            "for=unknown",
            "for=_hidden",
            "proto=https",
            "for=203.0.113.9;for=203.0.113.9",
            "for=\"203.0.113.9",
            "for=2001:db8::1",
            "",
        ];
        let hops = (0..=dice.below(3)).map(|_| dice.one(&elements)).collect::<Vec<_>>();
        say("Forwarded", hops.join([", ", ","][dice.below(2)]));
    }
    for _ in 0..[0, 0, 0, 1, 2][dice.below(5)] {
        let protos = ["https", "http", "HTTPS", "https, https", "https,http", "", "wss"];
        say("X-Forwarded-Proto", dice.one(&protos).to_owned());
    }
    for _ in 0..[0, 0, 0, 0, 0, 1, 2][dice.below(7)] {
        let hosts = ["h.example", "H.example", "g.example:444", "h.example, h.example", "a b", ""];
        say("X-Forwarded-Host", dice.one(&hosts).to_owned());
    }
}

fn shelf_of(dice: &mut Dice, code: &str) -> Facts {
    let code = if dice.chance(12) { "zz" } else { code };
    let mut facts = Facts::new();
    facts.push(("code".to_owned(), Fact::Text(code.to_owned())));
    facts.push(("level".to_owned(), Fact::Int([1, 2, 3, 5][dice.below(4)])));
    if !dice.chance(20) {
        facts.push(("open".to_owned(), Fact::Bool(dice.chance(2))));
    }
    facts
}

fn person(dice: &mut Dice, depth: usize) -> Fact {
    let mut facts = Facts::new();
    let text = |text: &str| Fact::Text(text.to_owned());
    facts.push(("id".to_owned(), text(dice.one(&["u1", "u2"]))));
    facts.push(("name".to_owned(), text(dice.one(&["n", "m"]))));
    if !dice.chance(20) {
        facts.push(("vip".to_owned(), Fact::Bool(dice.chance(2))));
    }
    if depth > 0 && dice.chance(2) {
        facts.push(("boss".to_owned(), person(dice, depth - 1)));
    }
    Fact::Object(facts)
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

fn caller(dice: &mut Dice, now: i64) -> Given {
    let text = |text: &str| Fact::Text(text.to_owned());
    let mut facts = Facts::new();
    facts.push(("id".to_owned(), text(dice.one(&["u1", "u2", ""]))));
    let pat = dice.chance(4);
    let role = dice.one(&["low_r", "mid_r", "top_r", ""]);
    if pat {
        let mut roles: Vec<Fact> = (!role.is_empty()).then(|| text(role)).into_iter().collect();
        if dice.chance(2) {
            roles.push(text(dice.one(&["low_r", "nobody", "anonymous"])));
        }
        facts.push(("roles".to_owned(), Fact::List(roles)));
        facts.push(("nets".to_owned(), Fact::List(Vec::new())));
    } else {
        facts.push(("role".to_owned(), if role.is_empty() { Fact::Absent } else { text(role) }));
    }
    if dice.chance(2) {
        facts.push(("tier".to_owned(), text(dice.one(&["low", "mid", "high"]))));
    }
    if dice.chance(4) {
        let scopes = ["shop", "read:a", "write:a", "read:b", "none:such"];
        let count = dice.below(3);
        let scopes = (0..count).map(|_| text(dice.one(&scopes))).collect();
        facts.push(("scopes".to_owned(), Fact::List(scopes)));
    }
    if pat {
        return Given { credential: "pat".to_owned(), attributes: facts };
    }
    if dice.chance(4) {
        let extra = vec![text(dice.one(&["write:a", "read:b", "none:such"]))];
        facts.push(("extra".to_owned(), Fact::List(extra)));
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
    Given { credential: "access".to_owned(), attributes: facts }
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
    let mut facts = Facts(vec![
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
        ("holder".to_owned(), person(dice, 0)),
    ]);
    if dice.chance(2) {
        facts.push(("backup".to_owned(), person(dice, 1)));
    }
    if dice.chance(2) {
        facts.push(("note".to_owned(), text(dice.one(&["n", "m"]))));
    }
    if dice.chance(20) {
        let place = dice.below(facts.len());
        facts.remove(place);
    }
    facts
}
