//! How the shop is doing.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use portcullis_tower::Gate;
use serde::Serialize;

use crate::store::Store;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dashboard {
    order_count: usize,
    /// In cents.
    order_total: i64,
}

/// The policy returns this as it is: `opaque`, for figures that are nobody's.
pub(super) async fn dashboard(_: Gate, State(store): State<Arc<Store>>) -> Json<Dashboard> {
    let (order_total, order_count) = store.sales();
    Json(Dashboard { order_count, order_total })
}
