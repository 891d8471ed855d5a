//! Views: which one, and under which names.

use super::*;

const POLICY: &str = r#"
    resource order {
        key id: int
        user: string
        note: string?
        predicate owner { order.user == caller.id }
        view a { id }
        view b { id as "ID" note as "n" }
        view c { user }
    }
    role user { read:x }
    role admin { read:x }
    group /g {
        accept [access]
        route GET /o/{id} {
            params { id: int 0..99 }
            needs read:x
            loads order by params.id
            returns order.a when owner unless caller is admin
            returns order.b when caller is admin
            returns order.c
        }
        route GET /handler { needs read:x }
    }
"#;

#[test]
fn the_first_view_that_fits() {
    let seen = |role: &str, user: &str| {
        get("/g/o/1").from("u", role).object([("id", Fact::Int(1)), ("user", text(user))])
    };
    check(
        naive(POLICY),
        [
            (seen("user", "u"), "admit {id}"),
            (seen("admin", "u"), "admit {ID n}"),
            (seen("user", "x"), "admit {user}"),
            (get("/g/handler").from("u", "user"), "admit"),
        ],
    );
}

#[test]
fn a_condition_that_cannot_be_asked_shows_nothing() {
    let broken = get("/g/o/1").from("u", "user").object([("id", Fact::Int(1))]);
    check(naive(POLICY), [(broken, "service_fault")]);
}
