//! Who is told of refusals, and what.

use std::sync::{Arc, Mutex};

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
        (engine.admit(request("GET", PATH)).unwrap_err(), route, ""),
        (engine.admit_as(put, Some(&owner)).unwrap().input(Some(b"{}")).unwrap_err(), route, ""),
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
        assert_eq!(record["status"], refusal.status());
        assert_eq!(record["route"], json!(route), "{record}");
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
