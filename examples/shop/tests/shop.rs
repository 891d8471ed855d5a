//! The shop with its own policy, over its real routes; and with a careless colleague's.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say what they expect"
)]

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request};
use portcullis::Policy;
use portcullis::store::MemoryStore;
use portcullis_tower::{GuardLayer, Peer};
use serde_json::{Value as Json, json};
use shop::store::{ALICES_ORDER, BOBS_ORDER, Order, PASSWORD, SHIPPED_ORDER, Store};
use shop::{guard, routes, token};
use tower::ServiceExt;

fn layer() -> GuardLayer {
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/shop");
    GuardLayer::new(guard::engine(Policy::load(policy).unwrap(), MemoryStore::default()).unwrap())
}

fn shop() -> Router {
    routes::app(Arc::new(Store::seeded().unwrap()), layer())
}

/// A request to the shop, with what most have left out.
struct Asked<'a> {
    method: &'a str,
    path: &'a str,
    /// Nobody, where this is empty; else the role is that of the same name, or a user's.
    user: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: Json,
    peer: [u8; 4],
}

const ASKED: Asked<'static> = Asked {
    method: "GET",
    path: "/",
    user: "",
    headers: &[],
    body: Json::Null,
    peer: [203, 0, 113, 9],
};

/// Whatever is answered, nothing of these leaves.
const SECRETS: [&str; 4] = ["tok_never_leaves", "never_leaves", "$argon2", "purchase_price"];

async fn answer(app: &Router, asked: Asked<'_>) -> (u16, HeaderMap, String) {
    let request = Request::builder().method(asked.method).uri(asked.path);
    let mut request = request.header("Host", "localhost");
    if !asked.user.is_empty() {
        let staff = ["admin", "manager", "guest"];
        let role = if staff.contains(&asked.user) { asked.user } else { "user" };
        let token = token::mint(asked.user, role).unwrap();
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    for (name, value) in asked.headers {
        request = request.header(*name, *value);
    }
    let mut body = String::new();
    if !asked.body.is_null() {
        request = request.header("Content-Type", "application/json");
        body = asked.body.to_string();
    }
    let mut request = request.body(Body::from(body)).unwrap();
    request.extensions_mut().insert(Peer(IpAddr::from(asked.peer)));
    let response = app.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    for secret in SECRETS {
        assert!(!body.contains(secret), "{body}");
    }
    (parts.status.as_u16(), parts.headers, body)
}

async fn send(app: &Router, method: &str, path: &str, user: &str, body: Json) -> (u16, Json) {
    let (status, _, body) = answer(app, Asked { method, path, user, body, ..ASKED }).await;
    (status, serde_json::from_str(&body).unwrap_or(Json::Null))
}

async fn get(app: &Router, path: &str, user: &str) -> (u16, Json) {
    send(app, "GET", path, user, Json::Null).await
}

/// What a header says; nothing, where there is none.
fn line<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn the_invitation_holds() {
    let shop = shop();
    let alices = format!("/api/orders/{ALICES_ORDER}");
    let shipped = format!("/api/orders/{SHIPPED_ORDER}");
    let cancel = || json!({ "status": "cancelled" });
    let (status, products) = get(&shop, "/api/products", "").await;
    assert_eq!((status, products.as_array().unwrap().len()), (200, 3));
    let (status, order) = get(&shop, &alices, "alice").await;
    assert_eq!(status, 200);
    let members: Vec<_> = order.as_object().unwrap().keys().collect();
    assert_eq!(members, ["createdAt", "id", "status", "total"]);
    assert_eq!(get(&shop, &alices, "").await.0, 401);
    assert_eq!(get(&shop, &alices, "bob").await.0, 403);
    let missing = "/api/orders/00000000-0000-4000-8000-000000000000";
    assert_eq!(get(&shop, missing, "alice").await.0, 404);
    assert_eq!(send(&shop, "PUT", &shipped, "alice", cancel()).await.0, 409);
    let bobs = format!("/api/orders/{BOBS_ORDER}");
    let (status, changed) = send(&shop, "PUT", &bobs, "bob", cancel()).await;
    assert_eq!((status, &changed["status"]), (200, &json!("cancelled")));
    assert_eq!(send(&shop, "PUT", &bobs, "bob", json!({})).await.0, 400);
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let address = json!({ "email": "alice@shop.example" });
        statuses.push(send(&shop, "POST", "/api/auth/forgot-password", "", address).await.0);
    }
    assert_eq!(statuses, [204, 204, 204, 204, 204, 429]);
}

#[tokio::test]
async fn a_customer_registers_and_is_no_more_than_a_customer() {
    let shop = shop();
    let carol = || {
        json!({
            "email": " Carol@Shop.example ", "password": "Lamps4all!", "name": "Carol",
            "role": "admin", "id": "ada", "password_hash": "x",
        })
    };
    let (status, shown) = send(&shop, "POST", "/api/auth/register", "", carol()).await;
    assert_eq!(status, 200);
    let members: Vec<_> = shown.as_object().unwrap().keys().collect();
    assert_eq!(members, ["id", "memberSince", "name"]);
    let id = shown["id"].as_str().unwrap();
    assert_ne!(id, "ada");
    let (_, known) = get(&shop, &format!("/api/users/{id}"), "admin").await;
    assert_eq!((&known["role"], &known["email"]), (&json!("user"), &json!("carol@shop.example")));
    let (status, taken) = send(&shop, "POST", "/api/auth/register", "", carol()).await;
    assert_eq!((status, &taken["error"]), (409, &json!("this address is taken")));
    // An admin names a role, but never one of the staff.
    let with = |role: &str| json!({ "email": "d@shop.example", "password": "Lamps4all!", "name": "Dan", "role": role });
    assert_eq!(send(&shop, "POST", "/api/users", "admin", with("admin")).await.0, 400);
    assert_eq!(send(&shop, "POST", "/api/users", "admin", with("editor")).await.0, 200);
    assert_eq!(send(&shop, "POST", "/api/users", "manager", with("user")).await.0, 403);
}

#[tokio::test]
async fn every_fault_is_told_at_once_and_none_of_what_was_sent() {
    let shop = shop();
    let wrong = json!({ "email": "nobody", "password": "short", "name": "R2D2", "age": 7 });
    let (status, told) = send(&shop, "POST", "/api/auth/register", "", wrong).await;
    assert_eq!((status, &told["error"]), (400, &json!("Validation failed")));
    let details = told["details"].as_array().unwrap();
    let fields: Vec<_> = details.iter().map(|fault| fault["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["age", "email", "name", "password"]);
    assert!(!told.to_string().contains("R2D2"), "{told}");
    assert!(details[3]["message"].as_str().unwrap().contains("uppercase"), "{told}");
}

#[tokio::test]
async fn a_profile_is_its_owners() {
    let shop = shop();
    let (status, profile) = get(&shop, "/api/profile", "alice").await;
    assert_eq!((status, &profile["email"]), (200, &json!("alice@shop.example")));
    assert_eq!(profile.get("role"), None);
    let change = json!({ "bio": "Likes lamps.", "role": "admin" });
    let (status, changed) = send(&shop, "PATCH", "/api/profile", "alice", change).await;
    assert_eq!((status, &changed["bio"]), (200, &json!("Likes lamps.")));
    assert_eq!(get(&shop, "/api/users/alice", "admin").await.1["role"], "user");
    let inside = json!({ "avatar": "https://169.254.169.254/latest/meta-data/" });
    assert_eq!(send(&shop, "PATCH", "/api/profile", "alice", inside).await.0, 400);
    let picture = json!({ "avatar": "https://img.example/alice.png" });
    assert_eq!(send(&shop, "PATCH", "/api/profile", "alice", picture).await.0, 200);
    assert_eq!(get(&shop, "/api/profile", "").await.0, 401);
    // Whoever is not in the shop's books has no profile.
    assert_eq!(get(&shop, "/api/profile", "nobody").await.0, 404);
    assert_eq!(get(&shop, "/api/users/bob", "alice").await.0, 403);
}

#[tokio::test]
async fn staff_see_and_delete_users() {
    let shop = shop();
    assert_eq!(get(&shop, "/api/users", "alice").await.0, 403);
    let (status, users) = get(&shop, "/api/users?limit=2&sort=name&order=asc", "manager").await;
    assert_eq!(status, 200);
    let names: Vec<_> =
        users.as_array().unwrap().iter().map(|user| user["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Ada", "Alice"]);
    let (_, found) = get(&shop, "/api/users?search=BO", "manager").await;
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(send(&shop, "DELETE", "/api/users/bob", "manager", Json::Null).await.0, 403);
    assert_eq!(send(&shop, "DELETE", "/api/users/bob", "admin", Json::Null).await.0, 204);
    assert_eq!(get(&shop, "/api/users/bob", "admin").await.0, 404);
}

#[tokio::test]
async fn orders_are_paged_by_what_is_shown() {
    let shop = shop();
    let path = "/api/orders?limit=1&page=2&sort=createdAt&order=asc";
    let (status, second) = get(&shop, path, "alice").await;
    assert_eq!(status, 200);
    let ids: Vec<_> = second.as_array().unwrap().iter().map(|order| &order["id"]).collect();
    assert_eq!(ids, [&json!(SHIPPED_ORDER.to_string())]);
    let (_, all) = get(&shop, "/api/orders", "manager").await;
    assert_eq!(all.as_array().unwrap().len(), 3);
    assert!(all[0].get("userId").is_some());
    assert_eq!(get(&shop, "/api/orders?limit=1000", "alice").await.0, 400);
    assert_eq!(get(&shop, "/api/orders?sort=card_token", "alice").await.0, 400);
    let (_, figures) = get(&shop, "/api/analytics/dashboard", "manager").await;
    assert_eq!(figures, json!({ "orderCount": 3, "orderTotal": 57_700 }));
    // A total is an admin's to set.
    let path = format!("/api/orders/{ALICES_ORDER}");
    let cheaper = || json!({ "status": "placed", "total": 1 });
    assert_eq!(send(&shop, "PUT", &path, "alice", cheaper()).await.0, 400);
    assert_eq!(send(&shop, "PUT", &path, "admin", cheaper()).await.1["total"], 1);
}

#[tokio::test]
async fn pages_of_other_origins_get_what_the_policy_grants() {
    let shop = shop();
    let own = [
        ("Origin", "http://localhost:3000"),
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "content-type, authorization"),
    ];
    let preflight = |headers| Asked { method: "OPTIONS", path: "/api/orders/x", headers, ..ASKED };
    let (status, granted, body) = answer(&shop, preflight(&own)).await;
    assert_eq!((status, body.as_str()), (204, ""));
    assert_eq!(line(&granted, "access-control-allow-origin"), "http://localhost:3000");
    assert_eq!(line(&granted, "access-control-allow-methods"), "GET, PUT");
    let stranger =
        [("Origin", "https://stranger.example"), ("Access-Control-Request-Method", "PUT")];
    let (status, refused, _) = answer(&shop, preflight(&stranger)).await;
    assert_eq!((status, line(&refused, "access-control-allow-origin")), (403, ""));
    let page = |headers| Asked { path: "/api/products", headers, ..ASKED };
    let (status, read, _) = answer(&shop, page(&own[..1])).await;
    assert_eq!(status, 200);
    assert_eq!(line(&read, "access-control-allow-origin"), "http://localhost:3000");
    assert_eq!(line(&read, "access-control-allow-credentials"), "true");
    assert_eq!(answer(&shop, page(&stranger[..1])).await.0, 403);
}

#[tokio::test]
async fn every_answer_is_hardened_and_has_the_id_of_its_request() {
    let shop = shop();
    let headers = [("X-Request-Id", "a-7")];
    for (path, user) in [("/api/products", ""), ("/api/profile", "alice"), ("/nowhere", "")] {
        let (_, sent, _) = answer(&shop, Asked { path, user, headers: &headers, ..ASKED }).await;
        assert_eq!(line(&sent, "x-request-id"), "a-7");
        assert_eq!(line(&sent, "x-content-type-options"), "nosniff");
        assert_eq!(line(&sent, "x-frame-options"), "DENY");
        assert!(line(&sent, "content-security-policy").starts_with("default-src 'self'"));
        assert_eq!(line(&sent, "server"), "");
        if path == "/api/profile" {
            assert_eq!(line(&sent, "cache-control"), "no-store");
            assert!(line(&sent, "ratelimit").starts_with("\"per_caller\";r=99"), "{sent:?}");
        }
    }
    // Not over plain HTTP (RFC 6797, 7.2).
    let (_, plain, _) = answer(&shop, Asked { path: "/api/products", ..ASKED }).await;
    assert_eq!(line(&plain, "strict-transport-security"), "");
}

#[tokio::test]
async fn an_address_that_a_client_makes_up_is_not_believed() {
    let shop = shop();
    let tried = |forged: &'static [(&str, &str)], peer| Asked {
        method: "POST",
        path: "/api/auth/forgot-password",
        headers: forged,
        body: json!({ "email": "a@shop.example" }),
        peer,
        ..ASKED
    };
    let stranger = [203, 0, 113, 9];
    for _ in 0..5 {
        assert_eq!(answer(&shop, tried(&[], stranger)).await.0, 204);
    }
    let forged = &[("X-Forwarded-For", "198.51.100.1"), ("Forwarded", "for=198.51.100.1")];
    assert_eq!(answer(&shop, tried(forged, stranger)).await.0, 429);
    // The shop's own proxy is.
    assert_eq!(answer(&shop, tried(forged, [10, 0, 0, 1])).await.0, 204);
}

#[tokio::test]
async fn a_careless_handler_shows_nothing() {
    async fn careless(State(store): State<Arc<Store>>) -> axum::Json<Option<Order>> {
        axum::Json(store.order(ALICES_ORDER))
    }
    let route = axum::routing::get(careless).put(careless);
    let app = Router::new()
        .route("/api/orders/{id}", route)
        .with_state(Arc::new(Store::seeded().unwrap()))
        .layer(layer());
    for (method, body) in [("GET", Json::Null), ("PUT", json!({ "status": "cancelled" }))] {
        let path = format!("/api/orders/{BOBS_ORDER}");
        let (status, shown) = send(&app, method, &path, "bob", body).await;
        assert_eq!(status, 500);
        assert!(!shown.to_string().contains("alice"), "{shown}");
    }
}

async fn sign_in(shop: &Router, email: &str, password: &str) -> (u16, HeaderMap, Json) {
    let body = json!({"email": email, "password": password});
    let asked = Asked { method: "POST", path: "/api/auth/login", body, ..ASKED };
    let (status, headers, body) = answer(shop, asked).await;
    (status, headers, serde_json::from_str(&body).unwrap())
}

/// Asks with what a browser would send: the cookie, and a page of the shop's own.
async fn with_cookie(
    shop: &Router,
    path: &str,
    cookie: &str,
    bearer: &str,
) -> (u16, HeaderMap, String) {
    let headers =
        [("Cookie", cookie), ("Authorization", bearer), ("Origin", "http://localhost:3000")];
    let headers = if bearer.is_empty() { &[headers[0], headers[2]][..] } else { &headers };
    answer(shop, Asked { method: "POST", path, headers, ..ASKED }).await
}

/// The pair of a `Set-Cookie`, as a browser keeps it.
fn kept(headers: &HeaderMap) -> String {
    let line = line(headers, "set-cookie");
    let (pair, rest) = line.split_once("; ").unwrap();
    assert!(rest.starts_with("Path=/api/auth; Max-Age="), "{rest}");
    assert!(rest.ends_with("; HttpOnly; Secure; SameSite=Strict"), "{rest}");
    pair.to_owned()
}

fn bearer(body: &Json) -> String {
    format!("Bearer {}", body["accessToken"].as_str().unwrap())
}

async fn profile(shop: &Router, bearer: &str) -> u16 {
    let headers = [("Authorization", bearer)];
    answer(shop, Asked { path: "/api/profile", headers: &headers, ..ASKED }).await.0
}

#[tokio::test]
async fn a_browser_signs_in_stays_and_signs_out() {
    let shop = shop();
    let (status, headers, body) = sign_in(&shop, " Alice@Shop.example", PASSWORD).await;
    assert_eq!((status, &body["expiresIn"]), (200, &json!(900)));
    assert_eq!(line(&headers, "cache-control"), "no-store");
    let (cookie, first) = (kept(&headers), bearer(&body));
    assert_eq!(profile(&shop, &first).await, 200);

    let (status, headers, body) = with_cookie(&shop, "/api/auth/refresh", &cookie, "").await;
    assert_eq!(status, 200);
    let (next, second) = (kept(&headers), bearer(&serde_json::from_str(&body).unwrap()));
    assert_ne!(next, cookie);
    assert_eq!(profile(&shop, &second).await, 200);

    let (status, headers, body) = with_cookie(&shop, "/api/auth/logout", &next, &second).await;
    assert_eq!((status, body.as_str()), (204, ""));
    assert_eq!(kept(&headers), "refreshToken=");
    assert_eq!(profile(&shop, &first).await, 401);
    assert_eq!(profile(&shop, &second).await, 401);
    assert_eq!(with_cookie(&shop, "/api/auth/refresh", &next, "").await.0, 401);
    assert_eq!(with_cookie(&shop, "/api/auth/logout", &next, &second).await.0, 401);
}

#[tokio::test]
async fn a_page_of_another_origin_cannot_use_the_cookie() {
    let shop = shop();
    let (_, headers, _) = sign_in(&shop, "alice@shop.example", PASSWORD).await;
    let cookie = kept(&headers);
    for origin in ["https://stranger.example", "null", "http://localhost:3000.stranger.example"] {
        let headers = [("Cookie", cookie.as_str()), ("Origin", origin)];
        let asked = Asked { method: "POST", path: "/api/auth/refresh", headers: &headers, ..ASKED };
        assert_eq!(answer(&shop, asked).await.0, 403, "{origin}");
    }
    assert_eq!(with_cookie(&shop, "/api/auth/refresh", &cookie, "").await.0, 200);
}

#[tokio::test]
async fn nobody_learns_who_is_a_customer_and_guessing_ends() {
    let shop = shop();
    let wrong = sign_in(&shop, "alice@shop.example", "wrong").await;
    let unknown = sign_in(&shop, "nobody@shop.example", "wrong").await;
    let said = |(status, _, mut body): (u16, HeaderMap, Json)| {
        body.as_object_mut().unwrap().remove("requestId");
        (status, body)
    };
    assert_eq!(said(wrong), said(unknown.clone()));
    assert!(!unknown.1.contains_key("set-cookie"));
    // A success in between does not count, and does not forgive.
    assert_eq!(sign_in(&shop, "alice@shop.example", PASSWORD).await.0, 200);
    for _ in 0..4 {
        assert_eq!(sign_in(&shop, "alice@shop.example", "wrong").await.0, 401);
    }
    let (status, headers, _) = sign_in(&shop, "alice@shop.example", PASSWORD).await;
    assert_eq!(status, 429);
    assert!(headers.contains_key("retry-after"));
    assert_eq!(sign_in(&shop, "bob@shop.example", PASSWORD).await.0, 200);
}

#[tokio::test]
async fn whoever_was_deleted_stays_no_longer() {
    let shop = shop();
    let (_, headers, body) = sign_in(&shop, "bob@shop.example", PASSWORD).await;
    let cookie = kept(&headers);
    assert_eq!(send(&shop, "DELETE", "/api/users/bob", "admin", Json::Null).await.0, 204);
    assert_eq!(with_cookie(&shop, "/api/auth/refresh", &cookie, "").await.0, 401);
    // The session was ended with it, and its access token.
    assert_eq!(profile(&shop, &bearer(&body)).await, 401);
}
