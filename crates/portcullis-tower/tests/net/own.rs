//! What a handler's own errors say, and what its panics do.

use std::panic::panic_any;

use portcullis::Outcome;
use serde_json::Value as Json;

use super::*;

async fn asked(app: Router, request: Request<Body>) -> (StatusCode, Json) {
    let (status, headers, body) = answer(app, request).await;
    assert!(headers.contains("\"x-request-id\": \"one\""), "{headers}");
    assert!(headers.contains("no-store"), "{headers}");
    let body: Json = serde_json::from_str(&body).unwrap();
    assert_eq!(body["requestId"], "one");
    (status, body)
}

#[tokio::test]
async fn a_handler_says_one_line_of_its_own_errors_and_none_of_the_servers() {
    for (status, sent, detail) in [
        (StatusCode::CONFLICT, StatusCode::CONFLICT, Some("the cart is empty")),
        (StatusCode::BAD_GATEWAY, StatusCode::BAD_GATEWAY, None),
        (StatusCode::OK, StatusCode::INTERNAL_SERVER_ERROR, None),
    ] {
        let failing = get(move || async move {
            Err::<Reply, _>(Refused::problem(status, "the cart is empty"))
        });
        let app = Router::new().route("/things/{id}", failing);
        let (found, body) = asked(app, empty("GET", "/things/7")).await;
        assert_eq!((found, body["detail"].as_str()), (sent, detail));
    }
}

#[tokio::test]
async fn an_error_of_a_route_without_a_view_says_no_more_either() {
    for status in [400, 418, 500, 503] {
        let status = StatusCode::from_u16(status).unwrap();
        let failing = get(move || async move { (status, "leaked: at src/main.rs:7") });
        let app = Router::new().route("/free", failing);
        let (found, body) = asked(app, empty("GET", "/free")).await;
        assert_eq!(found, status);
        assert!(!body.to_string().contains("leaked"), "{body}");
    }
}

#[tokio::test]
async fn an_opaque_answer_is_the_handlers_own_unless_it_is_an_error_of_the_servers() {
    let page = |status: u16| {
        let status = StatusCode::from_u16(status).unwrap();
        let app = get(move || async move { (status, "a page of its own") });
        Router::new().route("/pages", app)
    };
    for status in [200, 302, 404] {
        let (found, body) = ask("/pages", page(status)).await;
        assert_eq!((found.as_u16(), body.as_str()), (status, "a page of its own"));
    }
    let (found, body) = asked(page(500), empty("GET", "/pages")).await;
    assert_eq!(found.as_u16(), 500);
    assert!(!body.to_string().contains("page"), "{body}");
}

#[tokio::test]
async fn a_panic_is_a_500_that_says_nothing_and_keeps_the_charge() {
    async fn at_once() -> StatusCode {
        panic!("leaked {}", 7)
    }
    async fn later(gate: Gate) -> StatusCode {
        gate.outcome(Outcome::Success);
        tokio::task::yield_now().await;
        panic_any(7)
    }
    let engine = Engine::builder(Policy::parse([("net.gate", POLICY)]).unwrap())
        .resource::<Thing>("thing")
        .resource::<Thing>("ghost")
        .build()
        .unwrap();
    for handler in [post(at_once), post(later)] {
        let app = Router::new().route("/tries", handler);
        let app = app.layer(GuardLayer::new(engine.clone()));
        let mut request = empty("POST", "/tries");
        request.extensions_mut().insert(Peer(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        let response = app.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("leaked"));
    }
    let app = Router::new().route("/tries", post(|| async { StatusCode::OK }));
    let app = app.layer(GuardLayer::new(engine));
    let mut request = empty("POST", "/tries");
    request.extensions_mut().insert(Peer(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    assert_eq!(app.oneshot(request).await.unwrap().status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn head_is_answered_as_get_without_the_body() {
    async fn one(gate: Gate) -> Result<Reply, Refused> {
        gate.reply(&gate.authorize(Some(thing()))?)
    }
    let router =
        || Router::new().route("/things/{id}", get(one)).route("/pages", get(|| async { "page" }));
    for (path, length) in [("/things/7", "8"), ("/pages", "4"), ("/nothing/at/all", "")] {
        for around in [false, true] {
            let mut request = empty("HEAD", path);
            request.extensions_mut().insert(Peer(IpAddr::V4(Ipv4Addr::LOCALHOST)));
            let response = match around {
                true => tower::Layer::layer(&layer(), router()).oneshot(request).await.unwrap(),
                false => router().layer(layer()).oneshot(request).await.unwrap(),
            };
            let found = response.headers().get("content-length").unwrap().to_str().unwrap();
            assert!(found == length || (length.is_empty() && found != "0"), "{path}: {found}");
            assert!(to_bytes(response.into_body(), 1 << 20).await.unwrap().is_empty());
        }
    }
}

#[tokio::test]
async fn the_policys_header_lines_take_the_place_of_the_handlers() {
    let own = [
        ("Server", "leaked/1.0"),
        ("X-Powered-By", "leaked"),
        ("X-Frame-Options", "ALLOWALL"),
        ("Content-Security-Policy", "default-src *"),
        ("X-Request-Id", "another"),
        ("Cache-Control", "max-age=60"),
        ("X-Own", "kept"),
    ];
    let app = Router::new().route("/free", get(move || async move { (own, "free") }));
    let (status, headers, _) = answer(app, empty("GET", "/free")).await;
    assert_eq!(status, StatusCode::OK);
    for line in [
        "\"x-frame-options\": \"DENY\"",
        "\"content-security-policy\": \"default-src 'none'; frame-ancestors 'none'\"",
        "\"x-request-id\": \"one\"",
        "\"cache-control\": \"max-age=60\"",
        "\"x-own\": \"kept\"",
    ] {
        assert!(headers.contains(line), "{line} in {headers}");
    }
    assert!(!headers.contains("\"server\"") && !headers.contains("x-powered-by"), "{headers}");
}
