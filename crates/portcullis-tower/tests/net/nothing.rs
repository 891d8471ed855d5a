//! `returns nothing`: 204, and no handler can make it more.

use axum::routing::{delete, post, put};

use super::*;

async fn removed(gate: Gate) -> Result<StatusCode, Refused> {
    gate.authorize(Some(thing()))?;
    Ok(StatusCode::OK)
}

#[tokio::test]
async fn an_empty_answer_and_the_engines_reply_are_a_204() {
    async fn replied(gate: Gate) -> Result<Reply, Refused> {
        gate.reply(&gate.authorize(Some(thing()))?)
    }
    async fn created(gate: Gate) -> Result<Reply, Refused> {
        gate.reply(&gate.create(thing())?)
    }
    let nothing = (StatusCode::NO_CONTENT, String::new());
    for app in [
        Router::new().route("/things/{id}", delete(removed)),
        Router::new().route("/things/{id}", delete(replied)),
    ] {
        assert_eq!(send(app, empty("DELETE", "/things/7")).await, nothing);
    }
    let app = Router::new().route("/things", post(created));
    let (status, headers, body) = answer(app, empty("POST", "/things")).await;
    assert_eq!((status, body), nothing);
    assert!(!headers.contains("\"content-type\""), "{headers}");
}

#[tokio::test]
async fn a_body_is_a_500() {
    async fn raw(gate: Gate) -> Result<Json<Thing>, Refused> {
        gate.authorize(Some(thing()))?;
        Ok(Json(thing()))
    }
    /// A body whose length nobody knows may hold anything.
    async fn streamed(gate: Gate) -> Result<Body, Refused> {
        gate.authorize(Some(thing()))?;
        Ok(Body::new(http_body_util::StreamBody::new(NoFrames)))
    }
    for app in [
        Router::new().route("/things/{id}", delete(raw)),
        Router::new().route("/things/{id}", delete(streamed)),
        Router::new().route("/things/{id}", delete(|| async { StatusCode::OK })),
    ] {
        let (status, body) = send(app, empty("DELETE", "/things/7")).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{body}");
        assert!(!body.contains("leaked"), "{body}");
    }
}

#[tokio::test]
async fn what_is_refused_is_refused_still() {
    async fn kept(gate: Gate) -> Result<StatusCode, Refused> {
        gate.authorize(Some(Thing { name: "kept".to_owned(), ..thing() }))?;
        Ok(StatusCode::OK)
    }
    let app = Router::new().route("/things/{id}", delete(kept));
    assert_eq!(send(app, empty("DELETE", "/things/7")).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn beside_a_view_the_engine_says_which() {
    async fn named(gate: Gate, name: &str) -> Result<Reply, Refused> {
        gate.reply(&gate.authorize(Some(Thing { name: name.to_owned(), ..thing() }))?)
    }
    let app = |name: &'static str| {
        Router::new().route("/things/{id}", put(move |gate: Gate| named(gate, name)))
    };
    let quiet = send(app("quiet"), empty("PUT", "/things/7")).await;
    assert_eq!(quiet, (StatusCode::NO_CONTENT, String::new()));
    let loud = send(app("loud"), empty("PUT", "/things/7")).await;
    assert_eq!(loud, (StatusCode::OK, r#"{"id":7}"#.to_owned()));
    let silent = Router::new().route("/things/{id}", put(removed));
    assert_eq!(send(silent, empty("PUT", "/things/7")).await.0, StatusCode::INTERNAL_SERVER_ERROR);
}

/// A stream without frames, which does not say so beforehand.
struct NoFrames;

impl futures_core::Stream for NoFrames {
    type Item = Result<http_body::Frame<axum::body::Bytes>, std::convert::Infallible>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(None)
    }
}
