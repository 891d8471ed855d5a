//! How customers come in.

use std::sync::Arc;

use argon2::{Argon2, PasswordHasher};
use axum::extract::State;
use axum::http::StatusCode;
use portcullis_tower::{Gate, Refused, Reply};
use serde::Deserialize;

use crate::store::{NewUser, Store};

#[derive(Deserialize)]
struct Address {
    email: String,
}

pub(super) async fn register(
    gate: Gate,
    State(store): State<Arc<Store>>,
) -> Result<Reply, Refused> {
    add(&gate, &store).await
}

/// Answers the same whether the address is known or not: who asks learns nothing of who is a customer.
pub(super) async fn forgot_password(
    gate: Gate,
    State(store): State<Arc<Store>>,
) -> Result<StatusCode, Refused> {
    let Address { email } = gate.body()?;
    if store.knows_address(&email) {
        // This is where a queue would be told to send mail: to do it here would take longer than not to.
        tracing::info!(request_id = gate.request_id(), "a password is to be set anew");
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Takes somebody new in: by themselves or by an admin, as the policy let the body through.
pub(super) async fn add(gate: &Gate, store: &Store) -> Result<Reply, Refused> {
    let mut new: NewUser = gate.body()?;
    let password = std::mem::take(&mut new.password);
    // A hash is slow on purpose, and would hold up every other request of its thread.
    let hashed = tokio::task::spawn_blocking(move || hash(&password)).await.ok();
    let hashed = hashed
        .and_then(Result::ok)
        .ok_or_else(|| Refused::problem(StatusCode::INTERNAL_SERVER_ERROR, "no hash was made"))?;
    let user = gate.create(new.with_hash(hashed))?;
    if !store.add(&user) {
        return Err(Refused::problem(StatusCode::CONFLICT, "this address is taken"));
    }
    gate.reply(&user)
}

/// Argon2id with the parameters of its crate, which are those that OWASP recommends, and a new salt.
fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}
