//! Reporting what became of a request, and what its budgets get back.

use portcullis::{Engine, Outcome, Policy, Reason, Request};

use crate::request;

/// Two budgets of failures, charged at two stages.
const POLICY: &str = r#"
transport { hosts ["shop.example"] }
budget by_address { limit 3 per 15m key request.ip refund on success }
budget by_name { limit 3 per 15m key body.name refund on success }
route POST /in { public body { name: string max 9 } budget [by_address by_name] returns nothing }
"#;

fn engine() -> Engine {
    Engine::builder(Policy::parse([("in.gate", POLICY)]).unwrap()).build().unwrap()
}

fn sign_in() -> Request<'static> {
    request("POST", "/in").header("Content-Type", b"application/json")
}

#[test]
fn a_success_gives_back_its_charge_once_however_often_it_is_reported() {
    let engine = engine();
    let attempt = || engine.admit(sign_in())?.input(Some(br#"{"name":"a"}"#));
    for _ in 0..2 {
        attempt().unwrap().finish(Outcome::Failure).unwrap();
    }
    let success = attempt().unwrap();
    for _ in 0..4 {
        success.finish(Outcome::Success).unwrap();
    }
    // Both failures still count: one more is let in, and no other.
    attempt().unwrap();
    assert_eq!(attempt().unwrap_err().reason(), Reason::OverBudget);
}

#[test]
fn a_failure_may_turn_out_to_be_a_success() {
    let engine = engine();
    let attempt = || engine.admit(sign_in())?.input(Some(br#"{"name":"a"}"#));
    let late = attempt().unwrap();
    late.finish(Outcome::Failure).unwrap();
    late.finish(Outcome::Success).unwrap();
    late.finish(Outcome::Success).unwrap();
    for _ in 0..3 {
        attempt().unwrap();
    }
    assert_eq!(attempt().unwrap_err().reason(), Reason::OverBudget);
}
