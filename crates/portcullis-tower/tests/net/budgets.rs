//! What is left of a budget is told by every answer to a request that was charged, whoever made it.

use http::HeaderMap;

use super::*;

const COUNTED: &str = r#"
headers { rate_limit both }
budget each { limit 6 per 6h key request.ip }
route POST /counted { public body note budget [each] returns opaque "a page" }
"#;

const LOCKOUT: &str = r#"
budget sign_in { limit 5 per 1h key request.ip algorithm sliding_window refund on success }
route POST /counted { public body note budget [sign_in] returns nothing }
"#;

fn post(body: impl Into<Body>) -> Request<Body> {
    let request = to("POST", "/counted").header("Content-Type", "application/json");
    let mut request = request.body(body.into()).unwrap();
    request.extensions_mut().insert(Peer(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    request
}

#[tokio::test]
async fn every_answer_to_a_request_that_was_charged_tells_what_is_left() {
    async fn handler(gate: Gate) -> Result<Response<Body>, Refused> {
        let note: serde_json::Value = gate.body()?;
        match note["text"].as_str().unwrap() {
            "conflict" => Err(Refused::problem(StatusCode::CONFLICT, "not now")),
            "panic" => panic!("leaked"),
            // Only the engine knows.
            _ => Ok(Response::builder()
                .header("RateLimit", "\"each\";r=1000")
                .header("X-RateLimit-Limit", "1000")
                .body(Body::empty())
                .unwrap()),
        }
    }
    let app =
        Router::new().route("/counted", axum::routing::post(handler)).layer(layer_with(COUNTED));
    let large = format!(r#"{{"text":"{}"}}"#, "x".repeat(2_000));
    for (body, status, left) in [
        (r#"{"text":"a"}"#, 200, 5),
        (r#"{"text":"conflict"}"#, 409, 4),
        (r#"{"text":"panic"}"#, 500, 3),
        (r#"{"text":7}"#, 400, 2),
        (large.as_str(), 413, 1),
        ("not JSON", 400, 0),
        (r#"{"text":"a"}"#, 429, 0),
    ] {
        let answer = app.clone().oneshot(post(body.to_owned())).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{body}");
        let state = one(answer.headers(), "ratelimit");
        // Whether less than a second has passed is not for a test to say.
        assert!(state.starts_with(&format!("\"each\";r={left};t=")), "{state}");
        assert_eq!(one(answer.headers(), "ratelimit-policy"), "\"each\";q=6;w=21600");
        assert_eq!(one(answer.headers(), "x-ratelimit-limit"), "6");
        assert_eq!(one(answer.headers(), "x-ratelimit-remaining"), left.to_string());
        let waits = answer.headers().contains_key("retry-after");
        assert_eq!(waits, status == 429);
        if waits {
            let reset = one(answer.headers(), "x-ratelimit-reset");
            assert_eq!(one(answer.headers(), "retry-after"), reset);
        }
    }
}

/// A password is slow to check: attempts that wait for theirs at the same time count as if it had failed.
#[tokio::test]
async fn slow_attempts_at_once_do_not_pass_the_limit_and_successes_do_not_count() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let (tried, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(tokio::sync::Semaphore::new(0)));
    let (counted, held) = (Arc::clone(&tried), Arc::clone(&gate));
    let handler = move |gate: Gate| {
        let (counted, held) = (Arc::clone(&counted), Arc::clone(&held));
        async move {
            counted.fetch_add(1, Ordering::Relaxed);
            // All that were let in are in here before any is done.
            let _turn = held.acquire().await.unwrap();
            let note: serde_json::Value = gate.body()?;
            match note["text"].as_str().unwrap() {
                "right" => Ok(StatusCode::NO_CONTENT),
                _ => Err(Refused::problem(StatusCode::UNAUTHORIZED, "Invalid credentials")),
            }
        }
    };
    let app =
        Router::new().route("/counted", axum::routing::post(handler)).layer(layer_with(LOCKOUT));
    let ask = |text: &str| app.clone().oneshot(post(format!(r#"{{"text":"{text}"}}"#)));
    let many = |text: &'static str| (0..40).map(move |_| tokio::spawn(ask(text)));
    let wrong: Vec<_> = many("wrong").collect();
    while tried.load(Ordering::Relaxed) < 5 {
        tokio::task::yield_now().await;
    }
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    gate.add_permits(100);
    let mut statuses = Vec::new();
    for one in wrong {
        statuses.push(one.await.unwrap().unwrap().status().as_u16());
    }
    let of = |status: u16| statuses.iter().filter(|found| **found == status).count();
    assert_eq!((tried.load(Ordering::Relaxed), of(401), of(429)), (5, 5, 35));

    // One after the other, right ones never run out.
    let app = app_of_successes();
    for _ in 0..40 {
        let answer = app.clone().oneshot(post(r#"{"text":"right"}"#)).await.unwrap();
        assert_eq!(answer.status(), 204);
    }
}

/// The same lockout with a handler that lets everybody in.
fn app_of_successes() -> Router {
    let done = || async { StatusCode::NO_CONTENT };
    Router::new().route("/counted", axum::routing::post(done)).layer(layer_with(LOCKOUT))
}

/// The one line of this name.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let lines: Vec<_> = headers.get_all(name).iter().collect();
    assert_eq!(lines.len(), 1, "{name}");
    lines[0].to_str().unwrap()
}
