//! Orders.

use std::sync::Arc;

use axum::extract::State;
use portcullis_tower::{Gate, Refused, Reply};
use serde::Deserialize;
use uuid::Uuid;

use crate::store::{Change, Listing, Store};

#[derive(Deserialize)]
struct Params {
    id: Uuid,
}

pub(super) async fn list(gate: Gate, State(store): State<Arc<Store>>) -> Result<Reply, Refused> {
    let listing: Listing = gate.query()?;
    let shown = gate.list(store.orders(&listing))?;
    gate.reply_list(&shown.page(listing.skip(), listing.limit()))
}

pub(super) async fn one(gate: Gate, State(store): State<Arc<Store>>) -> Result<Reply, Refused> {
    let Params { id } = gate.params()?;
    gate.reply(&gate.authorize(store.order(id))?)
}

pub(super) async fn change(gate: Gate, State(store): State<Arc<Store>>) -> Result<Reply, Refused> {
    let Params { id } = gate.params()?;
    let order = gate.authorize(store.order(id))?;
    let change: Change = gate.body()?;
    let changed = store.change(order, change)?;
    gate.reply(&changed)
}
