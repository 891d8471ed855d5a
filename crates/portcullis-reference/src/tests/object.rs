//! The object that the request names, and lists.

use super::*;

const ORDERS: &str = r#"
    enum status { placed shipped }
    resource order {
        key id: int
        user: string
        status: status
        predicate owner { order.user == caller.id }
        view own   { id status as "state" }
        view staff { id user }
    }
    resource item { key order: int  key number: int  view v { number } }
    role user { read:x }
    role admin inherits user { write:x }
    group /g {
        accept [access]
        route GET /o/{id} {
            params { id: int 0..99 }
            loads order by params.id
            allow when owner
            allow when caller is admin
            deny  when order.status == shipped unless caller is admin  as conflict
            returns order.own
        }
        route GET /i/{a}/{b} {
            params { a: int 0..99  b: int 0..99 }
            needs read:x
            loads item by [params.a, params.b]
        }
        route GET /o {
            lists order max 3
            allow when owner
            allow when caller is admin
            deny  when order.status == shipped  as conflict
            returns [order.staff] when caller is admin and not owner
            returns [order.own]
        }
        route GET /all {
            lists order max 3
            allow when caller is admin
        }
    }
"#;

fn order(id: i64, user: &str, status: &str) -> Facts {
    facts([("id", Fact::Int(id)), ("user", text(user)), ("status", text(status))])
}

fn one(role: &str, order: Option<Facts>) -> Exchange {
    get("/g/o/1").from("u", role).of("order", order)
}

#[test]
fn owners_and_staff() {
    check(
        naive(ORDERS),
        [
            (one("user", Some(order(1, "u", "placed"))), "admit {id state}"),
            (one("user", Some(order(1, "x", "placed"))), "forbidden"),
            (one("admin", Some(order(1, "x", "placed"))), "admit {id state}"),
            (one("user", Some(order(1, "u", "shipped"))), "conflict"),
            (one("user", Some(order(1, "x", "shipped"))), "forbidden"),
            (one("admin", Some(order(1, "x", "shipped"))), "admit {id state}"),
        ],
    );
}

#[test]
fn an_object_that_is_absent_or_another() {
    check(
        naive(ORDERS),
        [
            (one("user", None), "not_found"),
            (one("admin", Some(order(2, "u", "placed"))), "service_fault"),
            (one("user", Some(order(2, "x", "shipped"))), "service_fault"),
            (
                one("admin", Some(facts([("user", text("u")), ("status", text("placed"))]))),
                "service_fault",
            ),
            (get("/g/o/1").from("u", "user"), "not_found"),
        ],
    );
}

#[test]
fn a_key_of_two_parts() {
    let item = |a, b| {
        get("/g/i/1/2")
            .from("u", "user")
            .of("item", Some(facts([("order", Fact::Int(a)), ("number", Fact::Int(b))])))
    };
    check(
        naive(ORDERS),
        [(item(1, 2), "admit"), (item(2, 1), "service_fault"), (item(1, 3), "service_fault")],
    );
}

#[test]
fn rows_are_decided_one_by_one() {
    let list = |role: &str, rows: Vec<Facts>| {
        let mut exchange = get("/g/o").from("u", role);
        exchange.world.rows = rows;
        exchange
    };
    let (mine, other, gone) =
        (order(1, "u", "placed"), order(2, "x", "placed"), order(3, "u", "shipped"));
    check(
        naive(ORDERS),
        [
            (
                list("user", vec![mine.clone(), other.clone(), gone.clone()]),
                "admit {id state} 1 rows",
            ),
            (list("user", vec![other.clone()]), "admit {} 0 rows"),
            (list("user", vec![]), "admit {} 0 rows"),
            (
                list("admin", vec![mine.clone(), other.clone(), gone]),
                "admit {id state user} 2 rows",
            ),
            (list("admin", vec![other.clone()]), "admit {id user} 1 rows"),
            (list("user", vec![other; 4]), "service_fault"),
            (list("user", vec![mine, facts([("id", Fact::Int(4))])]), "service_fault"),
            (one("user", None).header("x", "y"), "not_found"),
        ],
    );
}

#[test]
fn a_list_whose_conditions_speak_of_no_row() {
    let all = |role: &str| get("/g/all").from("u", role).rows([order(1, "x", "shipped")]);
    check(naive(ORDERS), [(all("admin"), "admit 1 rows"), (all("user"), "forbidden")]);
}
