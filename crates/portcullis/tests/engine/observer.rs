//! Who is told of refusals, and what.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use portcullis::{Decision, Engine, Policy, Reason, Refusal, Value};
use serde_json::{Value as Json, json};

use crate::{NOW, Order, PATH, POLICY, builder, request};

type Records = Arc<Mutex<Vec<Json>>>;

fn observed() -> (Engine, Records) {
    let records = Records::default();
    let kept = Arc::clone(&records);
    let observer = move |decision: &Decision<'_>| kept.lock().unwrap().push(decision.to_json());
    (builder().without_keys().observer(observer).build().unwrap(), records)
}

#[test]
fn every_refusal_is_told_once_with_its_reason_clause_and_span() {
    let (engine, records) = observed();
    let user = |id, role| {
        engine.caller("access", [("id", Value::Text(id)), ("role", Value::Text(role))]).unwrap()
    };
    let (owner, stranger) = (user("u1", "user"), user("u2", "user"));
    let accepted =
        || engine.admit_as(request("GET", PATH), Some(&stranger)).unwrap().input(None).unwrap();
    let put = request("PUT", PATH).header("Content-Type", b"application/json");
    let route = Some("/orders/{id}");
    let refusals: Vec<(Refusal, Option<&str>, &str)> = vec![
        (engine.admit(request("GET", "/nothing")).unwrap_err(), None, ""),
        (engine.admit(request("GET", PATH)).unwrap_err(), route, "accept [access]"),
        (
            engine.admit_as(put, Some(&owner)).unwrap().input(Some(b"{}")).unwrap_err(),
            route,
            "status: string one of [\"placed\", \"shipped\"]",
        ),
        (accepted().object(None::<Order>).unwrap_err(), route, "loads order by params.id"),
        (accepted().object(Some(Order::of("u1"))).unwrap_err(), route, "allow when owner"),
        (accepted().list([Order::of("u1")]).unwrap_err(), route, ""),
        (accepted().create(Order::of("u1")).unwrap_err(), route, ""),
        (engine.act_alone(&owner, "nothing", NOW).unwrap_err(), None, ""),
    ];
    let records = records.lock().unwrap();
    assert_eq!(records.len(), refusals.len(), "{records:#?}");
    for ((refusal, route, clause), record) in refusals.iter().zip(records.iter()) {
        assert_eq!(record["reason"], refusal.reason().as_str());
        assert_eq!(record["status"], refusal.reason().status());
        assert_eq!(record["route"], json!(route), "{record}");
        assert_eq!(refusal.route(), *route, "{record}");
        assert_eq!(record["plan"], engine.plan_hash());
        assert_eq!(record["profile"], "default");
        assert_eq!(record["time"], NOW.as_nanos());
        if clause.is_empty() {
            continue;
        }
        assert_eq!(record["clause"]["text"], *clause);
        let at = |name: &str| usize::try_from(record["clause"][name].as_u64().unwrap()).unwrap();
        assert_eq!(&POLICY[at("start")..at("end")], *clause);
    }
    assert_eq!(refusals[0].0.reason(), Reason::UnknownRoute);
    let actions: Vec<_> = records.iter().map(|record| &record["action"]).collect();
    assert_eq!(actions[7], "nothing");
}

/// What is refused before a condition is asked, and the clause that says so.
const TRANSPORT: &str = r#"
transport { https required hosts ["shop.example"] body_limit 8KiB }
credential access jwt {
    issuer "i" audience "a" algorithms [HS256] lifetime 15m
    caller { id: string from "sub" scopes: scopes? from "scope" }
}
credential robot jwt {
    issuer "r" audience "a" algorithms [HS256] lifetime 15m
    caller { id: string from "sub" }
}
input note { text: string max 10 }
group /a {
    accept [access, robot]
    route POST /notes { accept [access] signed_in body note returns nothing }
    route GET /both { signed_in returns nothing }
    route GET /mine { allow when caller.id == "u1" returns nothing }
    route GET /old { retired }
    route GET /{n} { signed_in params { n: int } returns nothing }
    route PUT /{text} { accept [access] signed_in params { text: int } body note returns nothing }
}
"#;

#[test]
fn what_is_refused_before_any_condition_names_its_clause() {
    use portcullis::Reason as R;
    let policy = Policy::parse([("a.gate", TRANSPORT)]).unwrap();
    let engine = Engine::builder(policy).without_keys().build().unwrap();
    let caller = engine.caller("access", [("id", Value::Text("u1"))]).unwrap();
    let ok = |method: &'static str, path: &'static str| request(method, path).https(true);
    let bearer = |path| ok("GET", path).header("Authorization", b"Bearer x.y.z");
    let posted = |kind: &'static [u8], body: &[u8]| {
        let request = ok("POST", "/a/notes").header("Content-Type", kind);
        engine.admit_as(request, Some(&caller)).unwrap().input(Some(body)).unwrap_err()
    };
    let put = |path: &'static str, body: &[u8]| {
        let request = ok("PUT", path).header("Content-Type", b"application/json");
        engine.admit_as(request, Some(&caller)).unwrap().input(Some(body)).unwrap_err()
    };
    let json = b"application/json";
    let elsewhere =
        portcullis::Request::new("GET", "/a/1", std::net::Ipv4Addr::LOCALHOST.into(), NOW);
    let elsewhere = elsewhere.header("Host", b"other.example").https(true);
    let refusals = [
        (
            engine.admit(ok("GET", "/a/1").https(false)).unwrap_err(),
            R::InsecureTransport,
            "https required",
        ),
        (engine.admit(elsewhere).unwrap_err(), R::UnknownHost, "hosts [\"shop.example\"]"),
        (engine.admit(ok("GET", "/a/old")).unwrap_err(), R::Retired, "retired"),
        (
            engine.admit(ok("GET", "/a/1")).unwrap_err(),
            R::MissingCredential,
            "accept [access, robot]",
        ),
        (engine.admit(bearer("/a/1")).unwrap_err(), R::InvalidCredential, "accept [access, robot]"),
        (
            engine
                .admit(ok("POST", "/a/notes").header("Authorization", b"Bearer x.y.z"))
                .unwrap_err(),
            R::InvalidCredential,
            "access",
        ),
        (
            engine.admit(ok("POST", "/a/notes").header("Authorization", b"Basic x")).unwrap_err(),
            R::InvalidCredential,
            "accept [access]",
        ),
        (posted(json, &[b' '; 9000]), R::BodyTooLarge, "body_limit 8KiB"),
        (posted(b"text/plain", b"{}"), R::UnsupportedMediaType, "body note"),
        (posted(json, b"{"), R::InvalidInput, "body note"),
        (posted(json, b"{}"), R::InvalidInput, "text: string max 10"),
        (
            engine.admit_as(ok("GET", "/a/x"), Some(&caller)).unwrap().input(None).unwrap_err(),
            R::InvalidInput,
            "n: int",
        ),
        // Two fields of one name: which of them it is.
        (put("/a/x", b"{}"), R::InvalidInput, "text: int"),
        (put("/a/1", b"{}"), R::InvalidInput, "text: string max 10"),
        (
            engine
                .admit_as(ok("GET", "/a/both"), Some(&caller))
                .unwrap()
                .refused(Refusal::body_too_large()),
            R::BodyTooLarge,
            "body_limit 8KiB",
        ),
    ];
    for (refusal, reason, clause) in refusals {
        assert_eq!(refusal.reason(), reason, "{clause}");
        assert_eq!(refusal.clause().map(portcullis::Clause::text), Some(clause), "{reason}");
    }
    // What no clause says: there is no such path, or nothing that could be read.
    for refusal in [
        engine.admit(ok("GET", "/nothing")).unwrap_err(),
        engine.admit(ok("GET", "/a//b")).unwrap_err(),
        engine.admit(ok("DELETE", "/a/old")).unwrap_err(),
    ] {
        assert!(refusal.clause().is_none(), "{refusal}");
    }
}

#[test]
fn scopes_that_may_not_come_are_refused_by_the_route() {
    let policy = Policy::parse([("a.gate", TRANSPORT)]).unwrap();
    let engine = Engine::builder(policy).without_keys().build().unwrap();
    let scopes = vec!["read:a".to_owned()];
    let caller = [("id", Value::Text("u1")), ("scopes", Value::List(&scopes))];
    let caller = engine.caller("access", caller).unwrap();
    let refusal =
        engine.admit_as(request("GET", "/a/mine").https(true), Some(&caller)).unwrap_err();
    assert_eq!(refusal.reason(), Reason::MissingPermission);
    assert_eq!(refusal.clause().map(portcullis::Clause::text), Some("GET /mine"));
}

#[test]
fn a_drained_budget_is_told() {
    let policy = POLICY.replace("limit 1_000_000 per 1m", "limit 1 per 1m");
    let policy = Policy::parse([("orders.gate", policy.as_str())]).unwrap();
    let records = Records::default();
    let kept = Arc::clone(&records);
    let observer = move |decision: &Decision<'_>| kept.lock().unwrap().push(decision.to_json());
    let engine = Engine::builder(policy).resource::<Order>("order").without_keys();
    let engine = engine.observer(observer).build().unwrap();
    let caller = [("id", Value::Text("u1")), ("role", Value::Text("user"))];
    let caller = engine.caller("access", caller).unwrap();
    let counted = format!("{PATH}/counted");
    assert!(engine.admit_as(request("GET", &counted), Some(&caller)).is_ok());
    assert!(engine.admit_as(request("GET", &counted), Some(&caller)).is_err());
    let records = records.lock().unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(
        (&records[0]["reason"], &records[0]["status"]),
        (&json!("over_budget"), &json!(429))
    );
}

/// What a future answers that has nothing to wait for.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(answer) = pin!(future).poll(&mut context) else {
        unreachable!("the store in memory answers at once")
    };
    answer
}

#[test]
fn who_waits_for_the_store_is_told_as_often() {
    let (engine, records) = observed();
    let user = |id| {
        engine.caller("access", [("id", Value::Text(id)), ("role", Value::Text("user"))]).unwrap()
    };
    let stranger = user("u2");
    let put = request("PUT", PATH).header("Content-Type", b"application/json");
    assert!(at_once(engine.admit_async(request("GET", "/nothing"))).is_err());
    assert!(at_once(engine.admit_async(request("GET", PATH))).is_err());
    assert!(at_once(engine.admit_as_async(request("GET", PATH), None)).is_err());
    let admitted = at_once(engine.admit_as_async(put, Some(&stranger))).unwrap();
    assert!(at_once(admitted.input_async(Some(b"{}"))).is_err());
    let admitted = at_once(engine.admit_as_async(request("GET", PATH), Some(&stranger))).unwrap();
    let accepted = at_once(admitted.input_async(None)).unwrap();
    assert!(accepted.object(Some(Order::of("u1"))).is_err());
    let nothing = at_once(engine.act_async(&stranger, "nothing", Some(Order::of("u1")), NOW));
    assert!(nothing.is_err());
    let records = records.lock().unwrap();
    let reasons: Vec<&str> =
        records.iter().map(|record| record["reason"].as_str().unwrap()).collect();
    let expected = [
        "unknown_route",
        "missing_credential",
        "missing_credential",
        "invalid_input",
        "forbidden",
        "service_fault",
    ];
    assert_eq!(reasons, expected);
}

#[test]
fn plans_that_decide_otherwise_have_other_hashes() {
    let hash = |policy: &str, name: &str| {
        let policy = Policy::parse([(name, policy)]).unwrap();
        let engine = Engine::builder(policy).resource::<Order>("order").without_keys();
        engine.build().unwrap().plan_hash()
    };
    let one = hash(POLICY, "orders.gate");
    assert_eq!(one.len(), 64);
    assert_eq!(one, hash(POLICY, "elsewhere/orders.gate"));
    assert_ne!(one, hash(&POLICY.replace("max 10", "max 11"), "orders.gate"));
    assert_ne!(one, hash(&POLICY.replace("per 1m", "per 2m"), "orders.gate"));
}
