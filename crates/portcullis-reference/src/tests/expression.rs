//! Conditions: what they are worth, and at which stage they are asked.

use super::*;

/// Whether a condition on an order and its caller admits the object, and why not.
#[track_caller]
fn asked<const N: usize>(condition: &str, object: [(&str, Fact); N]) -> String {
    let policy = format!(
        r#"
        role user  {{ read:x }}
        role admin inherits user {{ write:x }}
        enum status {{ placed paid shipped }}
        resource order {{
            key id: string
            owner_id: string
            status: status
            total: int
            weight: number?
            coupon: string?
            paid: bool
            watchers: [string]
            states: [status]
            ip: ip
            net: network
            made: time
            ttl: duration
            ref: uuid
            predicate owner {{ order.owner_id == caller.id }}
            predicate open {{ order.status < shipped }}
            view v {{ id }}
        }}
        group /g {{
            accept [access]
            route GET /o/{{id}} {{
                params {{ id: string max 9 }}
                loads order by params.id
                allow when {condition}
            }}
        }}"#
    );
    let base = facts([
        ("id", text("o")),
        ("owner_id", text("u")),
        ("status", text("paid")),
        ("total", Fact::Int(5)),
        ("paid", Fact::Bool(true)),
        ("watchers", Fact::List(vec![text("u"), text("w")])),
        ("states", Fact::List(vec![text("placed")])),
        ("ip", Fact::Ip("::ffff:10.0.0.1".parse().unwrap())),
        ("net", Fact::Network("10.9.9.9".parse().unwrap(), 8)),
        ("made", Fact::Time((START - 60) * SECOND)),
        ("ttl", Fact::Duration(60 * SECOND)),
        ("ref", Fact::Uuid(1)),
    ]);
    let mut object = facts(object);
    object.extend(base.0);
    let exchange = get("/g/o/o")
        .by([("id", text("u")), ("role", text("admin")), ("plan", text("pro"))])
        .of("order", Some(object));
    told(&naive(&policy).send(&exchange).answer)
}

#[track_caller]
fn hold<const N: usize>(table: [(&str, bool); N]) {
    for (condition, expected) in table {
        let expected = if expected { "admit" } else { "forbidden" };
        assert_eq!(asked(condition, []), expected, "{condition}");
    }
}

#[test]
fn comparisons() {
    hold([
        ("order.total == 5", true),
        ("order.total != 5", false),
        ("order.total < 5", false),
        ("order.total <= 5", true),
        ("order.total > 4", true),
        ("order.total >= 6", false),
        ("order.owner_id == caller.id", true),
        ("order.owner_id == \"U\"", false),
        ("order.ref == \"00000000-0000-0000-0000-000000000001\"", true),
        ("order.ip == 10.0.0.1", true),
        ("order.paid", true),
        ("order.paid == false", false),
        ("order.ttl < 61s", true),
        ("order.made < now", true),
        ("order.made == 2025-12-31T23:59:00Z", true),
    ]);
}

#[test]
fn enums_by_bare_names_and_in_order() {
    hold([
        ("order.status == paid", true),
        ("paid == order.status", true),
        ("order.status < shipped", true),
        ("order.status < paid", false),
        ("order.status > placed", true),
        ("order.status in [placed, shipped]", false),
        ("order.status in [paid]", true),
        ("placed in order.states", true),
        ("order.status in order.states", false),
        ("(caller.plan else free) >= pro", true),
        ("exists caller.plan and caller.plan == enterprise", false),
    ]);
}

#[test]
fn membership() {
    hold([
        ("caller.id in order.watchers", true),
        ("\"x\" in order.watchers", false),
        ("order.total in 1..5", true),
        ("order.total in 6..", false),
        ("order.total in [1, 5]", true),
        ("order.ip in 10.0.0.0/8", true),
        ("order.ip in [192.0.2.0/24, 10.0.0.1/32]", true),
        ("order.ip in order.net", true),
        ("request.ip in order.net", false),
    ]);
}

#[test]
fn times() {
    hold([
        ("order.made within 1m", true),
        ("order.made within 59s", false),
        ("order.made older than 59s", true),
        ("order.made older than 1m", false),
        ("order.made within order.ttl", true),
    ]);
    let later = [("made", Fact::Time((START + 1) * SECOND))];
    assert_eq!(asked("order.made within 1m", later.clone()), "forbidden");
    assert_eq!(asked("order.made older than 1s", later), "forbidden");
}

#[test]
fn and_or_not_exists_else_unless() {
    hold([
        ("order.paid and not order.total == 1", true),
        ("order.total == 1 or order.total == 5", true),
        ("not (order.total == 5 or order.paid)", false),
        ("exists order.coupon", false),
        ("not exists order.coupon", true),
        ("exists order.coupon and order.coupon == \"x\"", false),
        ("(order.coupon else \"x\") == \"x\"", true),
        ("exists order.weight and order.weight > 1", false),
        ("exists caller", true),
        ("owner unless order.paid", false),
        ("owner unless order.total == 1", true),
    ]);
    let weight = [("weight", Fact::Number(1.5))];
    assert_eq!(asked("exists order.weight and order.weight > 1", weight), "admit");
}

#[test]
fn predicates_by_bare_and_by_full_name() {
    hold([("owner and open", true), ("order.owner", true), ("not open", false)]);
    assert_eq!(asked("owner", [("owner_id", text("x"))]), "forbidden");
}

#[test]
fn a_value_that_is_missing_or_ill_typed_is_a_fault_of_the_service() {
    for (name, fact) in [
        ("total", Fact::Absent),
        ("total", text("5")),
        ("total", Fact::Number(5.0)),
        ("status", text("lost")),
        ("weight", Fact::Number(f64::NAN)),
        ("watchers", Fact::List(vec![Fact::Int(1)])),
        ("net", Fact::Network("10.0.0.0".parse().unwrap(), 33)),
    ] {
        let condition = match name {
            "total" => "order.total == 5",
            "status" => "order.status == paid",
            "weight" => "exists order.weight",
            "watchers" => "\"u\" in order.watchers",
            _ => "order.ip in order.net",
        };
        assert_eq!(asked(condition, [(name, fact)]), "service_fault", "{condition}");
    }
}

#[test]
fn a_clause_that_cannot_be_asked_spoils_the_others() {
    let absent = || [("total", Fact::Absent)];
    assert_eq!(asked("owner\n allow when order.total == 5", absent()), "service_fault");
    assert_eq!(asked("owner\n deny when order.total == 5", absent()), "service_fault");
    // Within one, what is not looked at does no harm.
    assert_eq!(asked("owner or order.total == 5", absent()), "admit");
}

#[test]
fn a_predicate_is_written_out_and_a_comparison_with_nobody_is_false() {
    let policy = r#"
        role guest {}
        resource order {
            key id: string
            user: string
            predicate owner { order.user == caller.id }
            predicate stranger { order.user != caller.id }
            predicate open { owner or order.user == "u" }
            predicate unknown { not exists caller or order.user != caller.id }
            predicate plain { not (caller is guest) }
        }
        group /o {
            params { id: string max 9 }
            route GET /a/{id} { public loads order by params.id allow when owner or stranger }
            route GET /b/{id} { public loads order by params.id allow when open }
            route GET /c/{id} { public loads order by params.id deny when unknown }
            route GET /d/{id} { public loads order by params.id deny when plain }
        }"#;
    let order = || [("id", text("o")), ("user", text("u"))];
    check(
        naive(policy),
        [
            (get("/o/a/o").object(order()), "forbidden"),
            (get("/o/b/o").object(order()), "admit"),
            (get("/o/c/o").object(order()), "forbidden"),
            (get("/o/d/o").object(order()), "forbidden"),
        ],
    );
}

#[test]
fn a_condition_is_asked_at_the_latest_stage_that_it_needs() {
    let policy = r#"
        resource order { key id: string  total: int }
        group /g {
            accept [access]
            params { id: string max 9 }
            route GET /caller/{id} { loads order by params.id  allow when caller.id == "a" }
            route GET /input/{id}  { loads order by params.id  allow when caller.id == params.id }
            route GET /object/{id} {
                loads order by params.id
                allow when caller.id == "a"
                allow when order.total == 1
                deny  when caller.id == "b"
            }
        }"#;
    let none = |target, id: &str| get(target).from(id, "x").of("order", None);
    let long = "waytoolongforit";
    check(
        naive(policy),
        [
            (none(&format!("/g/caller/{long}"), "x"), "forbidden"),
            (none(&format!("/g/input/{long}"), "x"), "invalid_input {id}"),
            (none("/g/input/a", "x"), "forbidden"),
            (none("/g/input/a", "a"), "not_found"),
            (none("/g/object/a", "x"), "not_found"),
            (none("/g/object/a", "b"), "forbidden"),
        ],
    );
}

#[test]
fn requests_are_spoken_of_as_they_were_decided() {
    let policy = r#"
        route GET /m    { public allow when request.method == "GET" }
        route GET /%61  { public }
        route GET /h    { public allow when request.host == "shop.example" }
        route GET /p/{x} { public params { x: string max 9 } allow when request.path == "/p/a" }"#;
    let policy = policy.replace("route GET /%61  { public }", "");
    check(
        naive(&policy),
        [
            (send("HEAD", "/m"), "admit"),
            (get("/h").without("host").header("Host", "SHOP.example:1"), "admit"),
            (get("/p/%61?x"), "admit"),
            (get("/p/b"), "forbidden"),
        ],
    );
}
