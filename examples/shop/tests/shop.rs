//! The shop with its own policy, over its real routes; and with a careless colleague's.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say what they expect"
)]

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use portcullis::Policy;
use portcullis_tower::{GuardLayer, Peer};
use shop::store::{ALICES_ORDER, BOBS_ORDER, Order, SHIPPED_ORDER, Store};
use shop::{guard, routes, token};
use tower::ServiceExt;

fn layer() -> GuardLayer {
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/shop");
    GuardLayer::new(guard::engine(Policy::load(policy).unwrap()).unwrap())
}

fn shop() -> Router {
    routes::app(Arc::new(Store::seeded()), layer())
}

async fn send(
    app: &Router,
    method: &str,
    path: &str,
    user: &str,
    body: &str,
) -> (StatusCode, String) {
    let mut request = Request::builder().method(method).uri(path).header("Host", "localhost");
    if !user.is_empty() {
        let role = if user == "admin" { "admin" } else { "user" };
        request =
            request.header("Authorization", format!("Bearer {}", token::mint(user, role).unwrap()));
    }
    if !body.is_empty() {
        request = request.header("Content-Type", "application/json");
    }
    let mut request = request.body(Body::from(body.to_owned())).unwrap();
    request.extensions_mut().insert(Peer(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    let response = app.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_invitation_holds() {
    let shop = shop();
    let alices = format!("/api/orders/{ALICES_ORDER}");
    let shipped = format!("/api/orders/{SHIPPED_ORDER}");
    let cancel = r#"{"status": "cancelled"}"#;
    let (status, products) = send(&shop, "GET", "/api/products", "", "").await;
    assert_eq!(status, StatusCode::OK);
    assert!(products.contains("lamp") && !products.contains("purchase_price"), "{products}");
    let (status, order) = send(&shop, "GET", &alices, "alice", "").await;
    assert_eq!(status, StatusCode::OK);
    assert!(!order.contains("tok_never_leaves") && !order.contains("alice"), "{order}");
    assert_eq!(send(&shop, "GET", &alices, "", "").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(send(&shop, "GET", &alices, "bob", "").await.0, StatusCode::FORBIDDEN);
    let missing = "/api/orders/00000000-0000-4000-8000-000000000000";
    assert_eq!(send(&shop, "GET", missing, "alice", "").await.0, StatusCode::NOT_FOUND);
    assert_eq!(send(&shop, "PUT", &shipped, "alice", cancel).await.0, StatusCode::CONFLICT);
    let bobs = format!("/api/orders/{BOBS_ORDER}");
    let (status, changed) = send(&shop, "PUT", &bobs, "bob", cancel).await;
    assert_eq!(status, StatusCode::OK);
    assert!(changed.contains("cancelled"), "{changed}");
    assert_eq!(send(&shop, "PUT", &bobs, "bob", "{}").await.0, StatusCode::BAD_REQUEST);
    let mut last = StatusCode::OK;
    for _ in 0..6 {
        last = send(&shop, "PUT", &alices, "alice", r#"{"status": "placed"}"#).await.0;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_careless_handler_shows_nothing() {
    async fn careless(State(store): State<Arc<Store>>) -> axum::Json<Option<Order>> {
        axum::Json(store.order(ALICES_ORDER))
    }
    let app = Router::new()
        .route("/api/orders/{id}", get(careless).put(careless))
        .with_state(Arc::new(Store::seeded()))
        .layer(layer());
    for (method, body) in [("GET", ""), ("PUT", r#"{"status": "cancelled"}"#)] {
        let path = format!("/api/orders/{BOBS_ORDER}");
        let (status, shown) = send(&app, method, &path, "bob", body).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!shown.contains("alice") && !shown.contains("4900"), "{shown}");
    }
}
