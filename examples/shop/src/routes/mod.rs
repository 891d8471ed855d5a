//! The handlers. Each asks the gate, and answers with what the gate shows.

mod analytics;
mod auth;
mod orders;
mod products;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use portcullis_tower::GuardLayer;

use crate::store::Store;

/// The shop behind its guard.
pub fn app(store: Arc<Store>, guard: GuardLayer) -> Router {
    Router::new()
        .route("/api/products", get(products::list))
        .route("/api/auth/login", post(auth::login))
        .route("/api/auth/refresh", post(auth::refresh))
        .route("/api/auth/logout", post(auth::logout))
        .route("/api/auth/register", post(auth::register))
        .route("/api/auth/forgot-password", post(auth::forgot_password))
        .route("/api/profile", get(users::profile).patch(users::change_profile))
        .route("/api/users", get(users::list).post(users::create))
        .route("/api/users/{id}", get(users::one).delete(users::remove))
        .route("/api/orders", get(orders::list))
        .route("/api/orders/{id}", get(orders::one).put(orders::change))
        .route("/api/analytics/dashboard", get(analytics::dashboard))
        .with_state(store)
        .layer(guard)
}
