//! What every answer says.

use portcullis::{Reason, Refusal, Rendered};
use serde_json::{Value as Json, json};

use crate::{Order, PATH, engine, request, user};

fn header<'a>(answer: &'a Rendered, name: &str) -> Option<&'a str> {
    answer.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

fn body(answer: &Rendered) -> Json {
    serde_json::from_slice(&answer.body).unwrap()
}

#[test]
fn an_id_that_can_do_no_harm_is_kept_and_any_other_made_anew() {
    let engine = engine();
    let id = |values: &[&[u8]]| {
        let mut request = request("GET", PATH);
        for value in values {
            request.add_header("X-Request-ID", value);
        }
        engine.answers(&mut request).request_id().to_owned()
    };
    let long = "x".repeat(64);
    for kept in ["a", "3f0e8a52-7c1d-4c7e-9a43-2f6f9d1b5a10", "A_b.9", &long] {
        assert_eq!(id(&[kept.as_bytes()]), kept);
    }
    let longer = "x".repeat(65);
    let harmful: &[&[&[u8]]] = &[
        &[],
        &[b""],
        &[b"one", b"two"],
        &[b"a b"],
        &[b"a\r\nx: y"],
        &[b"<script>"],
        &[b"\"a\""],
        &[b"${jndi}"],
        &["\u{e9}".as_bytes()],
        &[b"\xff"],
        &[longer.as_bytes()],
    ];
    let mut made = std::collections::BTreeSet::new();
    for values in harmful {
        let id = id(values);
        assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
        assert!(made.insert(id), "no id is made twice");
    }
}

#[test]
fn a_refusal_tells_the_id_and_its_safe_half_and_no_cache_keeps_it() {
    let engine = engine();
    let mut asked = request("GET", PATH).header("X-Request-Id", b"one");
    let answers = engine.answers(&mut asked);
    let answer = answers.refusal(&engine.admit(asked).unwrap_err());
    assert_eq!(answer.status, 401);
    assert_eq!(header(&answer, "x-request-id"), Some("one"));
    assert_eq!(header(&answer, "cache-control"), Some("no-store"));
    assert_eq!(header(&answer, "content-type"), Some("application/problem+json"));
    assert_eq!(header(&answer, "www-authenticate"), Some("Bearer"));
    let problem = json!({
        "type": "about:blank", "title": "Unauthorized", "status": 401, "requestId": "one",
    });
    assert_eq!(body(&answer), problem);
}

#[test]
fn only_an_error_of_the_clients_may_say_more() {
    let engine = engine();
    let answers = engine.answers(&mut request("GET", PATH));
    let conflict = answers.problem(None, 409, Some("the cart is empty"));
    assert_eq!((conflict.status, &body(&conflict)["detail"]), (409, &json!("the cart is empty")));
    for (status, sent) in [(500, 500), (502, 502), (200, 500), (302, 500), (0, 500), (600, 500)] {
        let answer = answers.problem(None, status, Some("connection to 10.0.0.7 refused"));
        assert_eq!(answer.status, sent);
        assert!(!String::from_utf8_lossy(&answer.body).contains("10.0.0.7"), "{answer:?}");
    }
    let fault = answers.refusal(&Refusal::service_fault());
    assert_eq!((fault.status, &body(&fault)["title"]), (500, &json!("Internal Server Error")));
}

#[test]
fn a_success_has_what_the_view_shows_and_the_id() {
    let engine = engine();
    let caller = user(&engine, "u1", "user");
    let mut asked = request("GET", PATH).header("X-Request-Id", b"one");
    let answers = engine.answers(&mut asked);
    let accepted = engine.admit_as(asked, Some(&caller)).unwrap().input(None).unwrap();
    assert_eq!(accepted.request_id(), Some("one"));
    let order = accepted.object(Some(Order::of("u1"))).unwrap();
    let answer = answers.success(&accepted, order.to_json().unwrap());
    assert_eq!((answer.status, header(&answer, "content-type")), (200, Some("application/json")));
    assert_eq!(header(&answer, "x-request-id"), Some("one"));
    assert_eq!(body(&answer)["total"], 5);
    let nothing = answers.success(&accepted, Vec::new());
    assert_eq!((nothing.status, header(&nothing, "content-type")), (204, None));
}

#[test]
fn a_record_of_a_decision_has_the_id() {
    use std::sync::{Arc, Mutex};
    let told = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&told);
    let observer = move |decision: &portcullis::Decision<'_>| {
        assert_eq!(decision.to_json()["requestId"], json!(decision.request_id()));
        kept.lock().unwrap().push(decision.request_id().map(str::to_owned));
    };
    let engine = crate::builder().without_keys().observer(observer).build().unwrap();
    let user = user(&engine, "u2", "user");
    let asked = |target: &'static str| {
        let mut asked = request("GET", target).header("X-Request-Id", b"one");
        let _ = engine.answers(&mut asked);
        asked
    };
    assert_eq!(engine.admit(asked("/nothing")).unwrap_err().reason(), Reason::UnknownRoute);
    assert_eq!(engine.admit(asked(PATH)).unwrap_err().reason(), Reason::MissingCredential);
    let accepted = engine.admit_as(asked(PATH), Some(&user)).unwrap().input(None).unwrap();
    let kept = accepted.into_owned();
    assert_eq!(kept.object(Some(Order::of("u1"))).unwrap_err().reason(), Reason::Forbidden);
    engine.admit(request("GET", PATH)).unwrap_err();
    let one = Some("one".to_owned());
    assert_eq!(*told.lock().unwrap(), [one.clone(), one.clone(), one, None]);
}

/// A policy of its own, under these `errors` and `headers`.
fn engine_with(more: &str) -> portcullis::Engine {
    let policy = format!(
        r#"transport {{ https off hosts ["shop.example"] }} {more}
        credential access jwt {{
            issuer "i" audience "a" algorithms [HS256] lifetime 15m
            caller {{ id: string from "sub" role: role from "role" }}
        }}
        role user {{ read:a }}
        route GET /a {{ public deny when request.ip in [127.0.0.0/8] }}
        route GET /b {{ public deny when request.ip in [127.0.0.0/8] as not_found }}
        route GET /c {{ accept [access] needs write:a }}
        route POST /d {{ public body {{ n: int 1..5 }} }}"#
    );
    let policy = portcullis::Policy::parse([("a.gate", policy.as_str())]).unwrap();
    portcullis::Engine::builder(policy).without_keys().build().unwrap()
}

fn refused(engine: &portcullis::Engine, method: &str, target: &str) -> portcullis::Rendered {
    let mut asked =
        portcullis::Request::new(method, target, std::net::Ipv4Addr::LOCALHOST.into(), crate::NOW)
            .header("Host", b"shop.example")
            .header("Content-Type", b"application/json")
            .header("X-Request-Id", b"one");
    let answers = engine.answers(&mut asked);
    let caller = user(engine, "u", "user");
    let decided = engine.admit_as(asked, Some(&caller));
    let decided = decided.and_then(|admitted| admitted.input(Some(br#"{"n": 9}"#)));
    answers.refusal(&decided.err().unwrap())
}

#[test]
fn the_simple_format_says_what_went_wrong_and_no_more() {
    let engine = engine_with("errors { format simple }");
    let invalid = refused(&engine, "POST", "/d");
    assert_eq!(header(&invalid, "content-type"), Some("application/json"));
    let said = body(&invalid);
    assert_eq!((invalid.status, &said["error"]), (400, &json!("Validation failed")));
    assert_eq!(said["requestId"], "one");
    assert_eq!(said["details"][0]["field"], "n");
    assert!(said["details"][0]["message"].is_string(), "{said}");
    let lacking = refused(&engine, "GET", "/c");
    let expected = json!({ "error": "Insufficient permissions", "requestId": "one" });
    assert_eq!((lacking.status, body(&lacking)), (403, expected));
    let answers = engine.answers(&mut request("GET", "/a").header("X-Request-Id", b"one"));
    let own = json!({ "error": "the cart is empty", "requestId": "one" });
    assert_eq!(body(&answers.problem(None, 409, Some("the cart is empty"))), own);
    let fault = json!({ "error": "Something went wrong", "requestId": "one" });
    assert_eq!(body(&answers.problem(None, 502, Some("10.0.0.7 is down"))), fault);
}

#[test]
fn a_reason_with_anothers_status_is_not_to_be_told_from_it() {
    for format in ["simple", "problem"] {
        let errors = format!(
            "errors {{ format {format} status forbidden 404 status missing_permission 404 }}"
        );
        let engine = engine_with(&errors);
        let absent = refused(&engine, "GET", "/b");
        assert_eq!(absent.status, 404);
        for hidden in ["/a", "/c", "/nowhere"] {
            assert_eq!(refused(&engine, "GET", hidden), absent, "{format} {hidden}");
        }
    }
}

#[test]
fn what_tells_the_software_and_what_the_policy_says_does_not_leave() {
    let engine = engine_with("headers { remove [\"X-Engine\"] }");
    let answers = engine.answers(&mut request("GET", "/a"));
    for name in ["server", "x-powered-by", "x-engine"] {
        assert!(answers.removes(name), "{name}");
    }
    // The application's own, where the policy has no `cors`.
    for name in ["x-other", "content-type", "set-cookie", "access-control-allow-origin"] {
        assert!(!answers.removes(name), "{name}");
    }
    let engine = engine_with("cors { origins [\"https://app.example\"] }");
    let answers = engine.answers(&mut request("GET", "/a"));
    assert!(answers.removes("access-control-allow-origin"));
}
