//! Path parameters and bodies.

use super::*;

const POLICY: &str = r#"
    transport { body_limit 1KiB }
    input note {
        title:  string trim 2..5
        kind:   string one of ["a", "b"] default "a"
        size:   int?   min -2 max 3
        ref:    uuid?
        level:  int    one of [1, 2] default 2
    }
    route POST /notes       { public body note }
    route POST /notes/{id}  { public params { id: uuid } body note }
    route POST /plain       { public }
    route GET  /n/{n}       { public params { n: int -5..50 } }
    route GET  /s/{s}       { public params { s: string trim 1..3 } }
    route POST /level       { public body note allow when body.level == 2 }
    route POST /kind        { public body note deny when body.kind == "b" as conflict }
    route POST /size        { public body note allow when (body.size else 9) == 9 }
    route POST /title       { public body note allow when body.title == "a b" }
    route POST /max         { public body { i: int min 0 max 9223372036854775807 } }
"#;

#[track_caller]
fn bodies<const N: usize>(target: &str, table: [(&str, &str); N]) {
    check(naive(POLICY), table.map(|(body, expected)| (post(target, body), expected)));
}

#[test]
fn fields_by_their_constraints() {
    bodies(
        "/notes",
        [
            (r#"{"title":"ab"}"#, "admit"),
            (r#"{"title":"  ab  \u2003","x":[1]}"#, "admit"),
            (r#"{"title":" a "}"#, "invalid_input {title}"),
            (r#"{"title":"éééééé"}"#, "invalid_input {title}"),
            (r#"{"title":"ééééé"}"#, "admit"),
            (r#"{"title":"ab","kind":"b","size":-2,"level":1}"#, "admit"),
            (r#"{"title":"ab","kind":"c","size":4,"level":3}"#, "invalid_input {kind level size}"),
            (r#"{"kind":{"$ne":""},"size":"1","ref":7}"#, "invalid_input {kind ref size title}"),
            (r#"{}"#, "invalid_input {title}"),
        ],
    );
}

#[test]
fn absent_is_not_null() {
    bodies(
        "/notes",
        [
            (r#"{"title":null}"#, "invalid_input {title}"),
            (r#"{"title":"ab","kind":null}"#, "invalid_input {kind}"),
            (r#"{"title":"ab","size":null}"#, "invalid_input {size}"),
        ],
    );
    bodies("/size", [(r#"{"title":"ab"}"#, "admit"), (r#"{"title":"ab","size":1}"#, "forbidden")]);
    bodies(
        "/level",
        [(r#"{"title":"ab"}"#, "admit"), (r#"{"title":"ab","level":1}"#, "forbidden")],
    );
}

#[test]
fn ints_and_uuids() {
    let size = |size: &str| post("/notes", &format!(r#"{{"title":"ab","size":{size}}}"#));
    let id = |id: &str| post("/notes", &format!(r#"{{"title":"ab","ref":"{id}"}}"#));
    check(
        naive(POLICY),
        [
            (size("3"), "admit"),
            (size("-0"), "invalid_input {size}"),
            (size("1.0"), "invalid_input {size}"),
            (size("1e0"), "invalid_input {size}"),
            (size("9223372036854775808"), "invalid_input {size}"),
            (size("true"), "invalid_input {size}"),
            (post("/max", r#"{"i":9223372036854775807}"#), "admit"),
            (post("/max", r#"{"i":9223372036854775808}"#), "invalid_input {i}"),
            (id("3F0E8A52-7c1d-4c7e-9a43-2f6f9d1b5a10"), "admit"),
            (id("3f0e8a527c1d4c7e9a432f6f9d1b5a10"), "invalid_input {ref}"),
            (id("{3f0e8a52-7c1d-4c7e-9a43-2f6f9d1b5a1}"), "invalid_input {ref}"),
            (id(" 3f0e8a52-7c1d-4c7e-9a43-2f6f9d1b5a1"), "invalid_input {ref}"),
        ],
    );
}

#[test]
fn a_body_that_is_no_strict_json_has_one_fault() {
    for body in
        ["[]", "1", "{", "{}x", r#"{"title":"ab","title":"ab"}"#, r#"{"title":"ab","x":1e999}"#]
    {
        bodies("/notes", [(body, "invalid_input {}")]);
    }
    let broken =
        Exchange { body: Some(b"{\"title\":\"\xff\xff\"}".to_vec()), ..post("/notes", "") };
    check(
        naive(POLICY),
        [
            (broken, "invalid_input {}"),
            (send("POST", "/notes"), "invalid_input {}"),
            (post("/notes", ""), "invalid_input {}"),
            (post("/notes/7", "{"), "invalid_input { id}"),
            (post("/notes/7", "{}"), "invalid_input {id title}"),
        ],
    );
}

#[test]
fn media_types() {
    let typed = |kind: &str| {
        post("/notes", r#"{"title":"ab"}"#).without("content-type").header("Content-Type", kind)
    };
    for good in [
        "application/json",
        "Application/JSON",
        "application/json;charset=utf-8",
        "application/json ; Charset=\"UTF-8\"",
    ] {
        check(naive(POLICY), [(typed(good), "admit")]);
    }
    for bad in [
        "",
        "text/plain",
        "application/json5",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1",
        "application/json; x=y",
        "application/json; charset=utf-8; charset=utf-8",
        "application/json, text/plain",
    ] {
        check(naive(POLICY), [(typed(bad), "unsupported_media_type")]);
    }
    let plain = || post("/notes", r#"{"title":"ab"}"#);
    check(
        naive(POLICY),
        [
            (plain().without("content-type"), "unsupported_media_type"),
            (plain().header("Content-Encoding", "gzip"), "unsupported_media_type"),
            (plain().header("Content-Encoding", "Identity"), "admit"),
        ],
    );
}

#[test]
fn bodies_that_no_route_asked_for_or_that_are_too_large() {
    let large = format!("{{\"title\":\"ab\"{}}}", " ".repeat(1024 - 14));
    assert_eq!(large.len(), 1024);
    check(
        naive(POLICY),
        [
            (post("/plain", "{}"), "unsupported_media_type"),
            (post("/plain", ""), "admit"),
            (send("POST", "/plain"), "admit"),
            (post("/notes", &large), "admit"),
            (post("/notes", &format!("{large} ")), "body_too_large"),
            (post("/plain", &format!("{large} ")), "body_too_large"),
            (
                post("/notes", &format!("{large} ")).header("Content-Encoding", "br"),
                "body_too_large",
            ),
        ],
    );
}

#[test]
fn path_parameters() {
    check(
        naive(POLICY),
        [
            (get("/n/0"), "admit"),
            (get("/n/-0"), "invalid_input {n}"),
            (get("/n/-5"), "admit"),
            (get("/n/51"), "invalid_input {n}"),
            (get("/n/01"), "invalid_input {n}"),
            (get("/n/+1"), "invalid_input {n}"),
            (get("/n/--1"), "invalid_input {n}"),
            (get("/n/-"), "invalid_input {n}"),
            (get("/n/1.0"), "invalid_input {n}"),
            (get("/n/9999999999999999999"), "invalid_input {n}"),
            (get("/s/abc"), "admit"),
            (get("/s/%20abc%20"), "admit"),
            (get("/s/%20"), "invalid_input {s}"),
            (get("/s/%C3%A9%C3%A9%C3%A9"), "admit"),
            (get("/s/abcd"), "invalid_input {s}"),
        ],
    );
}

#[test]
fn conditions_see_what_was_read() {
    bodies(
        "/kind",
        [
            (r#"{"title":"ab"}"#, "admit"),
            (r#"{"title":"ab","kind":"b"}"#, "conflict"),
            (r#"{"kind":"b"}"#, "invalid_input {title}"),
        ],
    );
    bodies("/title", [(r#"{"title":"\ta b "}"#, "admit")]);
}
