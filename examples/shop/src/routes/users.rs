//! Users, and what the caller has said of themselves.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use portcullis_tower::{Gate, Refused, Reply};
use serde::Deserialize;

use super::auth;
use crate::store::{Listing, Store, User};

#[derive(Deserialize)]
struct Params {
    id: String,
}

/// Who asks.
#[derive(Deserialize)]
struct Caller {
    id: String,
}

pub(super) async fn profile(gate: Gate, State(store): State<Arc<Store>>) -> Result<Reply, Refused> {
    gate.reply(&gate.authorize(own(&gate, &store)?)?)
}

pub(super) async fn change_profile(
    gate: Gate,
    State(store): State<Arc<Store>>,
) -> Result<Reply, Refused> {
    let user = gate.authorize(own(&gate, &store)?)?;
    let changed = store.change_profile(user, gate.body()?)?;
    gate.reply(&changed)
}

pub(super) async fn list(gate: Gate, State(store): State<Arc<Store>>) -> Result<Reply, Refused> {
    let listing: Listing = gate.query()?;
    gate.reply_list(&gate.list(store.users(&listing))?)
}

pub(super) async fn one(gate: Gate, State(store): State<Arc<Store>>) -> Result<Reply, Refused> {
    let Params { id } = gate.params()?;
    gate.reply(&gate.authorize(store.user(&id))?)
}

pub(super) async fn create(gate: Gate, State(store): State<Arc<Store>>) -> Result<Reply, Refused> {
    auth::add(&gate, &store).await
}

pub(super) async fn remove(
    gate: Gate,
    State(store): State<Arc<Store>>,
) -> Result<StatusCode, Refused> {
    let Params { id } = gate.params()?;
    store.remove(&gate.authorize(store.user(&id))?);
    Ok(StatusCode::NO_CONTENT)
}

/// The caller's own user.
fn own(gate: &Gate, store: &Store) -> Result<Option<User>, Refused> {
    let caller: Option<Caller> = gate.caller()?;
    Ok(caller.and_then(|caller| store.user(&caller.id)))
}
