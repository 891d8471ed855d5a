//! The engine as a service sees it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say what they expect"
)]

mod allocation;
mod answers;
mod attacks;
mod build;
mod callers;
mod filter;
mod finish;
mod forwarded;
mod inputs;
mod key_source;
mod observer;
mod opaque;
mod proofs;
mod reload;
mod session_load;
mod session_model;
mod sessions;
mod token;
mod views;

use std::net::{IpAddr, Ipv4Addr};

use portcullis::{
    AttributeType, Caller, Engine, EngineBuilder, Policy, Request, Resource, Timestamp, Value,
};
use serde::Serialize;

/// A policy with an order, its owner and a budget.
pub const POLICY: &str = r#"
transport { hosts ["shop.example"] }
credential access jwt {
    issuer "iss" audience "aud" algorithms [HS256, ES256, EdDSA] lifetime 15m leeway 5s
    caller { id: string from "sub" role: role from "role" plan: plan? from "account.plan" }
}
enum plan { free pro as "PRO" }
role user { read:orders write:orders }
role admin inherits user as "ROLE_ADMIN" { }
enum order_status { placed shipped }
resource order {
    key id: uuid
    user_id: string
    status: order_status
    total: int
    card: string secret
    predicate owner { order.user_id == caller.id }
    view own { id total }
    view staff { id total user_id as "userId" }
}
input change { status: string one of ["placed", "shipped"] note: string? trim max 10 }
budget often { limit 1_000_000 per 1m key caller.id }
group /orders {
    accept [access]
    route GET /{id} {
        params { id: uuid }
        needs read:orders
        loads order by params.id
        allow when owner
        allow when caller is admin
        returns order.staff when caller is admin
        returns order.own
    }
    route PUT /{id} {
        params { id: uuid }
        needs write:orders
        body change
        loads order by params.id
        allow when owner
        deny when order.status == shipped as conflict
        returns order.own
    }
    route GET /{id}/counted {
        params { id: uuid }
        needs read:orders
        budget [often]
        loads order by params.id
        allow when owner
    }
}
"#;

/// The key of the order that is asked for.
pub const ID: u128 = 0x3f0e_8a52_7c1d_4c7e_9a43_2f6f_9d1b_5a10;
/// Its path.
pub const PATH: &str = "/orders/3f0e8a52-7c1d-4c7e-9a43-2f6f9d1b5a10";
/// 2026-01-01T00:00:00Z
pub const NOW: Timestamp = Timestamp::from_seconds(1_767_225_600);

/// An order of the application.
#[derive(Debug, Clone, Serialize)]
pub struct Order {
    /// Its key.
    pub id: u128,
    /// Whose.
    pub user_id: String,
    /// How far.
    pub status: &'static str,
    /// How much.
    pub total: i64,
    /// Secret.
    pub card: String,
}

impl Order {
    /// One of `u1`.
    pub fn of(user_id: &str) -> Order {
        Order {
            id: ID,
            user_id: user_id.to_owned(),
            status: "placed",
            total: 5,
            card: "4242".to_owned(),
        }
    }
}

impl Resource for Order {
    const ATTRIBUTES: &'static [(&'static str, AttributeType)] = &[
        ("id", AttributeType::Uuid),
        ("user_id", AttributeType::String),
        ("status", AttributeType::Enum),
    ];

    fn attribute(&self, slot: usize) -> Value<'_> {
        match slot {
            0 => Value::Uuid(self.id),
            1 => Value::Text(&self.user_id),
            2 => Value::Text(self.status),
            _ => Value::Absent,
        }
    }
}

/// A builder for [`POLICY`].
pub fn builder() -> EngineBuilder {
    Engine::builder(Policy::parse([("orders.gate", POLICY)]).unwrap()).resource::<Order>("order")
}

/// An engine for [`POLICY`] without keys.
pub fn engine() -> Engine {
    builder().without_keys().build().unwrap()
}

/// A caller, whose credential has been verified.
pub fn user(engine: &Engine, id: &str, role: &str) -> Caller {
    engine.caller("access", [("id", Value::Text(id)), ("role", Value::Text(role))]).unwrap()
}

/// A request from here and now.
pub fn request<'r>(method: &'r str, target: &'r str) -> Request<'r> {
    Request::new(method, target, IpAddr::V4(Ipv4Addr::LOCALHOST), NOW)
        .header("Host", b"shop.example")
}
