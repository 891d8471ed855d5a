//! The shop's policy, called from a program that has no web framework and no async runtime: one
//! request after the other, decided and shown.
#![allow(clippy::print_stdout, reason = "the example speaks to whoever runs it")]

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::SystemTime;

use portcullis::{
    Answers, AttributeType, Caller, Engine, Policy, Refusal, Rendered, Request, Resource, Value,
};
use serde::Serialize;

/// The program's own type. What the policy does not show never leaves.
#[derive(Serialize)]
struct Order {
    id: &'static str,
    user_id: &'static str,
    status: &'static str,
    total: i64,
    card_token: &'static str,
    created_at: &'static str,
    #[serde(skip)]
    key: u128,
}

impl Resource for Order {
    const ATTRIBUTES: &'static [(&'static str, AttributeType)] = &[
        ("id", AttributeType::Uuid),
        ("user_id", AttributeType::String),
        ("status", AttributeType::Enum),
    ];

    fn attribute(&self, slot: usize) -> Value<'_> {
        match slot {
            0 => Value::Uuid(self.key),
            1 => Value::Text(self.user_id),
            2 => Value::Text(self.status),
            _ => Value::Absent,
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/shop");
    let engine = Engine::builder(Policy::load(policy)?)
        .profile("development")
        .resource::<Order>("order")
        .without_keys() // the program knows its callers
        .build()?;
    let alice =
        engine.caller("access", [("id", Value::Text("alice")), ("role", Value::Text("user"))])?;
    let bob =
        engine.caller("access", [("id", Value::Text("bob")), ("role", Value::Text("user"))])?;

    println!("alice: {}", shown(&answer(&engine, Some(&alice))));
    println!("bob:   {}", shown(&answer(&engine, Some(&bob))));
    println!("other: {}", shown(&answer(&engine, None)));
    Ok(())
}

/// One request and its answer: status, header lines and body, to be sent as they are.
fn answer(engine: &Engine, caller: Option<&Caller>) -> Rendered {
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let target = "/api/orders/3f0e8a52-7c1d-4c7e-9a43-2f6f9d1b5a10";
    let mut request = Request::new("GET", target, peer, SystemTime::now())
        .https(false)
        .header("Host", b"localhost");
    let answers = engine.answers(&mut request);
    let decided = read(engine, request, caller, &answers);
    decided.unwrap_or_else(|refusal| answers.refusal(&refusal))
}

/// Through all its stages.
fn read(
    engine: &Engine,
    request: Request<'_>,
    caller: Option<&Caller>,
    answers: &Answers,
) -> Result<Rendered, Refusal> {
    let accepted = engine.admit_as(request, caller)?.input(None)?;
    let order = accepted.object(Some(Order {
        id: "3f0e8a52-7c1d-4c7e-9a43-2f6f9d1b5a10",
        user_id: "alice",
        status: "paid",
        total: 4_900,
        card_token: "tok_never_leaves",
        created_at: "2026-01-01T00:00:00Z",
        key: 0x3f0e_8a52_7c1d_4c7e_9a43_2f6f_9d1b_5a10,
    }))?;
    Ok(answers.success(&accepted, order.to_json()?))
}

fn shown(answer: &Rendered) -> String {
    format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body))
}
