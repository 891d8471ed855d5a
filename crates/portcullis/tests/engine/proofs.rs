//! What a handler can do wrong with what it holds.

use portcullis::{AttributeType, Reason, Resource, Value};
use serde::Deserialize;

use crate::{Order, PATH, engine, request, user};

#[test]
fn the_view_shows_what_is_meant_for_the_caller() {
    let engine = engine();
    for (caller, json) in [
        (user(&engine, "u1", "user"), r#"{"id":83816861398115378981807303747635468816,"total":5}"#),
        (
            user(&engine, "a1", "admin"),
            r#"{"id":83816861398115378981807303747635468816,"userId":"u1","total":5}"#,
        ),
    ] {
        let accepted =
            engine.admit_as(request("GET", PATH), Some(&caller)).unwrap().input(None).unwrap();
        let order = accepted.object(Some(Order::of("u1"))).unwrap();
        assert_eq!(String::from_utf8(order.to_json().unwrap()).unwrap(), json);
    }
}

#[test]
fn an_object_of_another_key_or_type_is_a_fault_of_the_service() {
    struct Stranger;
    impl Resource for Stranger {
        const ATTRIBUTES: &'static [(&'static str, AttributeType)] = &[("id", AttributeType::Uuid)];
        fn attribute(&self, _: usize) -> Value<'_> {
            Value::Uuid(crate::ID)
        }
    }
    struct Liar;
    impl Resource for Liar {
        const ATTRIBUTES: &'static [(&'static str, AttributeType)] = Order::ATTRIBUTES;
        fn attribute(&self, slot: usize) -> Value<'_> {
            if slot == 0 { Value::Uuid(crate::ID) } else { Value::Int(1) }
        }
    }
    let engine = engine();
    let caller = user(&engine, "u1", "user");
    let accepted =
        engine.admit_as(request("GET", PATH), Some(&caller)).unwrap().input(None).unwrap();
    let other = Order { id: 1, ..Order::of("u1") };
    assert_eq!(accepted.object(Some(other)).unwrap_err().reason(), Reason::ServiceFault);
    assert_eq!(accepted.object(Some(Stranger)).unwrap_err().reason(), Reason::ServiceFault);
    assert_eq!(accepted.object(Some(Liar)).unwrap_err().reason(), Reason::ServiceFault);
    assert_eq!(accepted.object(None::<Order>).unwrap_err().reason(), Reason::NotFound);
    assert_eq!(accepted.list([Order::of("u1")]).unwrap_err().reason(), Reason::ServiceFault);
}

#[test]
fn a_changed_object_keeps_its_key_or_loses_its_proof() {
    #[derive(Deserialize)]
    struct Change {
        status: String,
        note: Option<String>,
    }
    let engine = engine();
    let caller = user(&engine, "u1", "user");
    let put = request("PUT", PATH).header("Content-Type", b"application/json");
    let body = br#"{"status": "shipped", "note": "  hi  ", "total": 0}"#;
    let accepted = engine.admit_as(put, Some(&caller)).unwrap().input(Some(body)).unwrap();
    let change: Change = accepted.body().unwrap();
    assert_eq!((change.status.as_str(), change.note.as_deref()), ("shipped", Some("hi")));
    let order = accepted.object(Some(Order::of("u1"))).unwrap();
    let changed = order.replace(Order { status: "shipped", ..Order::of("u1") }).unwrap();
    let swapped = changed.replace(Order { id: 2, ..Order::of("u1") });
    assert_eq!(swapped.unwrap_err().reason(), Reason::ServiceFault);
}

#[test]
fn a_caller_of_another_policy_is_not_read_by_this_one() {
    let (one, other) = (engine(), engine());
    let caller = user(&other, "u1", "user");
    let refused = one.admit_as(request("GET", PATH), Some(&caller)).unwrap_err();
    assert_eq!(refused.reason(), Reason::ServiceFault);
}

#[test]
fn what_is_said_of_a_refusal_holds_no_value_of_the_request() {
    let engine = engine();
    let caller = user(&engine, "secret-id", "user");
    let target = "/orders/secret-param?secret-query";
    let mut asked = request("GET", target);
    let answers = engine.answers(&mut asked);
    let refused = engine.admit_as(asked, Some(&caller)).unwrap().input(None).unwrap_err();
    let answer = answers.refusal(&refused);
    let said = format!(
        "{refused} {refused:?} {} {:?}",
        String::from_utf8_lossy(&answer.body),
        answer.headers
    );
    assert!(!said.contains("secret"), "{said}");
    let token = request("GET", PATH).header("Authorization", b"Bearer secret.token.here");
    let shown = format!("{token:?} {:?}", engine.admit(token.clone()).unwrap_err());
    assert!(!shown.contains("secret"), "{shown}");
}
