//! Sessions through the layer: what a handler forgets is not forgiven.

use std::sync::atomic::{AtomicBool, Ordering};

use portcullis::{Key, SignatureAlgorithm, SigningKey};

use super::*;

const SIGNED_IN: &str = r#"
credential access jwt {
    issuer "iss" audience "aud" algorithms [HS256] lifetime 15m revocable
    caller { id: string from "sub" }
}
session { access access refresh 7d rotating grace 10s cookie "r" path / }
route POST /in { public issues session returns nothing }
route POST /out { accept [access] signed_in ends session returns nothing }
route POST /me { accept [access] signed_in returns nothing }
"#;

const SECRET: &[u8] = b"a test key for HS256, known to all";

fn layer() -> GuardLayer {
    let policy = format!("transport {{ https off hosts [\"shop.example\"] }} {SIGNED_IN}");
    let engine = Engine::builder(Policy::parse([("net.gate", policy.as_str())]).unwrap())
        .key("access", Key::secret(SignatureAlgorithm::Hs256, SECRET).unwrap())
        .signing_key("access", SigningKey::secret(SignatureAlgorithm::Hs256, SECRET).unwrap())
        .build()
        .unwrap();
    GuardLayer::new(engine)
}

async fn ask(app: &Router, path: &str, bearer: &str) -> (u16, http::HeaderMap, String) {
    let mut request = to("POST", path);
    if !bearer.is_empty() {
        request = request.header("Authorization", format!("Bearer {bearer}"));
    }
    let mut request = request.body(Body::empty()).unwrap();
    request.extensions_mut().insert(Peer(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    let answer = app.clone().oneshot(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, 10_000).await.unwrap();
    (parts.status.as_u16(), parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

async fn issue(gate: Gate) -> Result<Reply, Refused> {
    gate.issue_session([("id", Value::Text("u1"))]).await
}

#[tokio::test]
async fn the_layer_ends_a_session_once_its_handler_has_done_its_part() {
    // One that fails has ended nothing.
    let works = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&works);
    let out = move || async move {
        let works = seen.load(Ordering::Relaxed);
        if works { StatusCode::NO_CONTENT } else { StatusCode::BAD_GATEWAY }
    };
    async fn me() -> StatusCode {
        StatusCode::NO_CONTENT
    }
    let app = Router::new()
        .route("/in", post(issue))
        .route("/out", post(out))
        .route("/me", post(me))
        .layer(layer());
    let (status, headers, body) = ask(&app, "/in", "").await;
    assert_eq!(status, 200);
    assert!(headers["set-cookie"].to_str().unwrap().starts_with("r="));
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let token = body["accessToken"].as_str().unwrap();
    assert_eq!(ask(&app, "/me", token).await.0, 204);

    let (status, headers, _) = ask(&app, "/out", token).await;
    assert_eq!(status, 502);
    assert!(!headers.contains_key("set-cookie"));
    assert_eq!(ask(&app, "/me", token).await.0, 204);

    works.store(true, Ordering::Relaxed);
    let (status, headers, _) = ask(&app, "/out", token).await;
    assert_eq!(status, 204);
    assert_eq!(headers["set-cookie"], "r=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict");
    assert_eq!(ask(&app, "/me", token).await.0, 401);
}

#[tokio::test]
async fn a_handler_that_gives_no_tokens_has_signed_nobody_in() {
    async fn forgets() -> StatusCode {
        StatusCode::NO_CONTENT
    }
    async fn makes_its_own() -> &'static str {
        r#"{"accessToken":"mine"}"#
    }
    async fn mistakes(gate: Gate) -> Result<Reply, Refused> {
        gate.issue_session([("user", Value::Text("u1"))]).await
    }
    for app in [
        Router::new().route("/in", post(forgets)),
        Router::new().route("/in", post(makes_its_own)),
        Router::new().route("/in", post(mistakes)),
    ] {
        let (status, headers, body) = ask(&app.layer(layer()), "/in", "").await;
        assert_eq!(status, 500);
        assert!(!headers.contains_key("set-cookie"));
        assert!(!body.contains("mine"));
    }
    // On a route that issues none there is none to be had.
    let app = Router::new().route("/me", post(issue)).layer(layer());
    assert_eq!(ask(&app, "/me", "").await.0, 401);
}
