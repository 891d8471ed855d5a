//! The handlers. Each asks the gate, and answers with what the gate shows.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use portcullis_tower::{Gate, GuardLayer, Refused, Reply};
use serde::Deserialize;
use uuid::Uuid;

use crate::store::{Change, Store};

#[derive(Deserialize)]
struct OrderParams {
    id: Uuid,
}

/// The shop behind its guard.
pub fn app(store: Arc<Store>, guard: GuardLayer) -> Router {
    Router::new()
        .route("/api/products", get(products))
        .route("/api/orders/{id}", get(order).put(change_order))
        .with_state(store)
        .layer(guard)
}

async fn products(gate: Gate, State(store): State<Arc<Store>>) -> Result<Reply, Refused> {
    gate.reply_list(&gate.list(store.products())?)
}

async fn order(gate: Gate, State(store): State<Arc<Store>>) -> Result<Reply, Refused> {
    let OrderParams { id } = gate.params()?;
    gate.reply(&gate.authorize(store.order(id))?)
}

async fn change_order(gate: Gate, State(store): State<Arc<Store>>) -> Result<Reply, Refused> {
    let OrderParams { id } = gate.params()?;
    let order = gate.authorize(store.order(id))?;
    let change: Change = gate.body()?;
    let changed = store.change(order, change)?;
    gate.reply(&changed)
}
