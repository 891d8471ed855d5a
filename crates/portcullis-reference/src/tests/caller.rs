//! Credentials by their attributes, roles, permissions, and conditions on the caller.

use super::*;

const ROLES: &str = r#"
    role guest { read:products }
    role user  inherits guest { read:orders }
    role admin inherits user as "ADMIN" { write:orders }
    role anonymous inherits guest { }
    group /g {
        accept [access]
        needs  read:orders
        route GET  /orders { needs read:products }
        route POST /orders { needs write:orders }
        route GET  /open   { public }
    }
    group /r {
        accept [access]
        route GET /user    { allow when caller is user }
        route GET /either  { allow when caller is [admin, guest] }
        route GET /can     { allow when caller can write:orders }
        route GET /nobody  { public  allow when caller is anonymous }
        route GET /nobodyg { public  allow when caller is guest }
        route GET /known   { allow when caller is anonymous }
        route GET /any     { needs read:products }
        route GET /pub     { public needs read:products }
    }
"#;

#[test]
fn needs_add_up_and_roles_inherit() {
    check(
        naive(ROLES),
        [
            (get("/g/orders").from("u", "user"), "admit"),
            (get("/g/orders").from("u", "admin"), "admit"),
            (get("/g/orders").from("u", "guest"), "missing_permission"),
            (send("POST", "/g/orders").from("u", "user"), "missing_permission"),
            (send("POST", "/g/orders").from("u", "admin"), "admit"),
        ],
    );
}

#[test]
fn without_a_credential_there_is_only_what_is_public() {
    check(
        naive(ROLES),
        [
            (get("/g/orders"), "missing_credential"),
            // The group asks for a permission that nobody without credential has.
            (get("/g/open"), "missing_permission"),
            (get("/r/pub"), "admit"),
            (get("/r/pub").header("Authorization", "nonsense"), "admit"),
        ],
    );
}

#[test]
fn is_and_can_follow_inheritance() {
    check(
        naive(ROLES),
        [
            (get("/r/user").from("u", "admin"), "admit"),
            (get("/r/user").from("u", "guest"), "forbidden"),
            (get("/r/either").from("u", "user"), "admit"),
            (get("/r/can").from("u", "admin"), "admit"),
            (get("/r/can").from("u", "user"), "forbidden"),
        ],
    );
}

#[test]
fn anonymous_is_who_has_no_credential() {
    check(
        naive(ROLES),
        [
            (get("/r/nobody"), "admit"),
            (get("/r/nobodyg"), "admit"),
            // `public` ignores the credential.
            (get("/r/nobody").from("u", "admin"), "admit"),
            (get("/r/known").from("u", "user"), "forbidden"),
            (get("/r/known").from("u", "anonymous"), "forbidden"),
        ],
    );
}

#[test]
fn an_unknown_role_has_what_everybody_has() {
    check(
        naive(ROLES),
        [
            (get("/r/any").from("u", "root"), "admit"),
            (get("/r/any").by([("id", text("u"))]), "admit"),
            (get("/r/user").from("u", "root"), "forbidden"),
            (get("/r/either").from("u", "root"), "forbidden"),
        ],
    );
}

const CONDITIONS: &str = r#"
    role user { read:x }
    group /c {
        accept [access]
        deny when request.ip in 10.0.0.0/8 unless caller.id == "root"
        route GET /a {
            needs read:x
            allow when caller.id == "a"
            allow when caller.id in ["b", "root"]
            deny  when caller.id == "b" as conflict
        }
    }
"#;

#[test]
fn deny_beats_allow_and_groups_tighten() {
    check(
        naive(CONDITIONS),
        [
            (get("/c/a").from("a", "user"), "admit"),
            (get("/c/a").from("x", "user"), "forbidden"),
            (get("/c/a").from("b", "user"), "conflict"),
            (get("/c/a").from("a", "user").peer("10.1.1.1"), "forbidden"),
            (get("/c/a").from("a", "user").peer("::ffff:10.1.1.1"), "forbidden"),
            (get("/c/a").from("root", "user").peer("10.1.1.1"), "admit"),
            (get("/c/a").from("b", "user").peer("10.1.1.1"), "forbidden"),
            (get("/c/a").from("x", "nobody"), "missing_permission"),
        ],
    );
}

#[test]
fn the_header_is_bearer_one_space_and_a_token() {
    for value in
        ["", "Bearer", "Bearer ", "Basic abc", "Bearer  abc", "Bearer a b", "Bearer é", "Bearer ="]
    {
        let exchange = get("/g/orders").header("Authorization", value);
        check(naive(ROLES), [(exchange, "invalid_credential")]);
    }
}
