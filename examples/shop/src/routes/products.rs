//! The catalogue.

use std::sync::Arc;

use axum::extract::State;
use portcullis_tower::{Gate, Refused, Reply};

use crate::store::{Listing, Store};

pub(super) async fn list(gate: Gate, State(store): State<Arc<Store>>) -> Result<Reply, Refused> {
    let listing: Listing = gate.query()?;
    gate.reply_list(&gate.list(store.products(&listing))?)
}
