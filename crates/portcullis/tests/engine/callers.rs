//! What a handler is told of who asks.

use std::net::Ipv4Addr;
use std::time::Duration;

use portcullis::{Accepted, Engine, Policy, Reason, Timestamp, Value};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::request;

const POLICY: &str = r#"
transport { hosts ["shop.example"] }
enum plan { free pro as "PRO" }
credential access jwt {
    issuer "i" audience "a" algorithms [HS256] lifetime 15m
    caller {
        id:      uuid       from "sub"
        role:    role       from "role"
        scopes:  scopes?    from "scope"
        plan:    plan       from "plan"
        level:   int        from "level"
        since:   time       from "since"
        held:    duration?  from "held"
        at:      ip?        from "at"
        teams:   [string]   from "teams"
        staff:   bool?      from "staff"
    }
}
role user { read:things }
route GET /things { accept [access] needs read:things }
route GET /either { public optional accept [access] }
"#;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Who {
    id: String,
    plan: String,
    level: u8,
    since: String,
    held: Option<u32>,
    at: Option<Ipv4Addr>,
    teams: Vec<String>,
    staff: Option<bool>,
}

fn engine() -> Engine {
    let policy = Policy::parse([("callers.gate", POLICY)]).unwrap();
    Engine::builder(policy).without_keys().build().unwrap()
}

fn asked<'e>(engine: &'e Engine, target: &'e str, known: bool) -> Accepted<'e> {
    let teams = vec!["a".to_owned(), "b".to_owned()];
    let attributes = [
        ("id", Value::Uuid(7)),
        ("role", Value::Text("user")),
        ("plan", Value::Text("pro")),
        ("level", Value::Int(3)),
        ("since", Value::Time(Timestamp::from_seconds(1_767_225_600))),
        ("held", Value::Duration(Duration::from_secs(90))),
        ("at", Value::Ip(Ipv4Addr::LOCALHOST.into())),
        ("teams", Value::List(&teams)),
    ];
    let caller = known.then(|| engine.caller("access", attributes).unwrap());
    engine
        .admit_as(request("GET", target), caller.as_ref())
        .unwrap()
        .input(None)
        .unwrap()
        .into_owned()
}

#[test]
fn a_handler_is_told_who_asks_and_not_what_they_may_do() {
    let engine = engine();
    let accepted = asked(&engine, "/things", true);
    let who: Who = accepted.caller().unwrap().unwrap();
    let expected = Who {
        id: "00000000-0000-0000-0000-000000000007".to_owned(),
        plan: "PRO".to_owned(),
        level: 3,
        since: "2026-01-01T00:00:00Z".to_owned(),
        held: Some(90),
        at: Some(Ipv4Addr::LOCALHOST),
        teams: vec!["a".to_owned(), "b".to_owned()],
        staff: None,
    };
    assert_eq!(who, expected);
    let whole: Json = accepted.caller().unwrap().unwrap();
    assert_eq!((&whole["role"], &whole["scopes"]), (&json!(null), &json!(null)));
}

#[test]
fn nobody_is_no_caller_and_a_type_that_does_not_fit_is_the_services_fault() {
    let engine = engine();
    assert_eq!(asked(&engine, "/either", false).caller::<Who>().unwrap(), None);
    #[derive(Debug, Deserialize)]
    struct Other {
        #[expect(dead_code, reason = "it is never read")]
        id: u64,
    }
    let accepted = asked(&engine, "/either", true);
    let refusal = accepted.caller::<Other>().unwrap_err();
    assert_eq!(refusal.reason(), Reason::ServiceFault);
}
