//! How customers come in, stay, and leave.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use portcullis::Value;
use portcullis_password::Checked;
use portcullis_tower::{Gate, Refused, Reply};
use serde::Deserialize;
use tokio::task::spawn_blocking;

use crate::store::{NewUser, Store, User};

#[derive(Deserialize)]
struct Address {
    email: String,
}

#[derive(Deserialize)]
struct Credentials {
    email: String,
    password: String,
}

/// Whose session it is.
#[derive(Deserialize)]
struct Subject {
    id: String,
}

/// One answer for an address that nobody has and for a wrong password, after the same work. The layer
/// takes an error for a failure, which counts; and a success for one that does not.
pub(super) async fn login(gate: Gate, State(store): State<Arc<Store>>) -> Result<Reply, Refused> {
    let Credentials { email, password } = gate.body()?;
    let user = store.user_by_address(&email);
    let known = user.as_ref().map(|user| user.password_hash.clone());
    let passwords = store.passwords().clone();
    let checked = slow(move || passwords.check(known.as_deref(), &password)).await?;
    let (Some(user), Checked::Right { upgrade }) = (user, checked) else {
        return Err(Refused::problem(StatusCode::UNAUTHORIZED, "Invalid credentials"));
    };
    if let Some(hash) = upgrade {
        store.upgrade(&user.id, hash);
    }
    gate.issue_session(attributes(&user)).await
}

/// Whoever was deleted stays no longer, and whose role was changed has the new one from now on.
pub(super) async fn refresh(gate: Gate, State(store): State<Arc<Store>>) -> Result<Reply, Refused> {
    let Subject { id } = gate.session()?;
    match store.user(&id) {
        Some(user) => gate.renew_session(attributes(&user)).await,
        None => {
            gate.end_session().await?;
            Err(Refused::problem(StatusCode::UNAUTHORIZED, "Sign-in required"))
        }
    }
}

/// The layer ends the session.
pub(super) async fn logout(_: Gate) -> StatusCode {
    StatusCode::NO_CONTENT
}

/// What the policy's `caller` has of a user.
fn attributes(user: &User) -> [(&'static str, Value<'_>); 3] {
    [
        ("id", Value::Text(&user.id)),
        ("role", Value::Text(&user.role)),
        ("email", Value::Text(&user.email)),
    ]
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
    let passwords = store.passwords().clone();
    let hashed = slow(move || passwords.hash(&password)).await?;
    let hashed = hashed
        .map_err(|_| Refused::problem(StatusCode::INTERNAL_SERVER_ERROR, "no hash was made"))?;
    let user = gate.create(new.with_hash(hashed))?;
    if !store.add(&user) {
        return Err(Refused::problem(StatusCode::CONFLICT, "this address is taken"));
    }
    gate.reply(&user)
}

/// Passwords are slow on purpose, and would hold up every other request of their thread.
async fn slow<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refused> {
    let done = spawn_blocking(work).await;
    done.map_err(|_| Refused::problem(StatusCode::INTERNAL_SERVER_ERROR, "the work was not done"))
}
