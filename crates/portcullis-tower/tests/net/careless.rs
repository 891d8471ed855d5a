//! Handlers that ask and do not listen, and requests that ask for another one.

use super::*;

#[tokio::test]
async fn who_does_not_heed_the_answer_has_not_asked() {
    async fn deaf(gate: Gate) -> Json<Thing> {
        let _ = gate.authorize(Some(Thing { id: 8, ..thing() }));
        Json(thing())
    }
    let app = Router::new().route("/loose/{id}", get(deaf));
    let (status, body) = ask("/loose/7", app).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!body.contains("leaked"), "{body}");
}

#[tokio::test]
async fn the_rows_beside_an_object_are_asked_about_too() {
    async fn one(gate: Gate) -> Result<String, Refused> {
        gate.authorize(Some(thing()))?;
        Ok("leaked".to_owned())
    }
    async fn both(gate: Gate) -> Result<String, Refused> {
        let seen = Thing { name: "seen".to_owned(), ..thing() };
        let object = gate.authorize(Some(thing()))?;
        let rows = object.list([thing(), seen])?;
        Ok(rows.len().to_string())
    }
    let path = "/things/{id}/ghosts";
    let (status, body) = ask("/things/7/ghosts", Router::new().route(path, get(one))).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!body.contains("leaked"), "{body}");
    let answered = ask("/things/7/ghosts", Router::new().route(path, get(both))).await;
    assert_eq!(answered, (StatusCode::OK, "1".to_owned()));
}

/// Around the whole router no matched path is there to be compared: what is routed by is the path that
/// was decided.
#[tokio::test]
async fn a_framework_routes_by_the_path_that_was_decided() {
    let handler =
        |name: &'static str| get(move |uri: http::Uri| async move { format!("{name} {uri}") });
    let app = || {
        let router = Router::new().route("/free", handler("literal"));
        tower::Layer::layer(&layer(), router.route("/{any}", handler("parameter")))
    };
    for (target, answered) in [
        ("/free", "literal /free"),
        ("/%66ree", "literal /free"),
        // What is not declared of a query string is not handed on.
        ("/fr%65%65?a=%66", "literal /free"),
        ("/a%20b", "parameter /a%20b"),
        ("/caf%c3%a9", "parameter /caf%C3%A9"),
        ("/a+b:c@d", "parameter /a+b:c@d"),
    ] {
        let mut request = empty("GET", target);
        request.extensions_mut().insert(Peer(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        let response = app().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{target}");
        let body = to_bytes(response.into_body(), 1 << 10).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&body), answered);
    }
}

/// Where the framework has routed before the layer, by other bytes than were decided about, the client
/// is at fault and not the service.
#[tokio::test]
async fn a_path_that_two_would_read_differently_is_refused() {
    let answer = || get(|| async { "leaked" });
    let app = Router::new().route("/free", answer()).route("/{any}", answer());
    let (status, body) = ask("/%66ree", app).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(!body.contains("leaked"), "{body}");
}

#[tokio::test]
async fn headers_that_rewrite_the_request_do_not_reach_the_handler() {
    async fn seen(headers: http::HeaderMap) -> String {
        headers.keys().map(|name| format!("{name} ")).collect()
    }
    let request = to("GET", "/free")
        .header("X-HTTP-Method-Override", "DELETE")
        .header("X-Original-URL", "/things/7")
        .header("x-rewrite-url", "/things/7")
        .header("X-Request-Id", "kept")
        .body(Body::empty());
    let app = Router::new().route("/free", get(seen));
    let (status, body) = send(app, request.unwrap()).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "host x-request-id "));
}

/// What stands between the layer and the router may ask for another handler than the one that was
/// decided about: its handler gets no gate.
#[tokio::test]
async fn a_gate_is_given_to_the_handler_that_was_decided_about_alone() {
    let called = Arc::new(Mutex::new(0));
    let counted = called.clone();
    let remove = move |gate: Gate| async move {
        gate.authorize(Some(thing()))?;
        *counted.lock() += 1;
        Ok::<_, Refused>(StatusCode::NO_CONTENT)
    };
    let one = |gate: Gate| async move { gate.reply(&gate.authorize(Some(thing()))?) };
    let router = Router::new()
        .route("/things/{id}", get(one).delete(remove))
        .route("/ghosts/{id}", get(one));
    type Rewrite = fn(Request<Body>) -> Request<Body>;
    let method: Rewrite = |mut request| {
        *request.method_mut() = http::Method::DELETE;
        request
    };
    let path: Rewrite = |mut request| {
        *request.uri_mut() = http::Uri::from_static("/ghosts/7");
        request
    };
    let nothing: Rewrite = |request| request;
    for (rewrite, status) in [
        (nothing, StatusCode::OK),
        (method, StatusCode::INTERNAL_SERVER_ERROR),
        (path, StatusCode::INTERNAL_SERVER_ERROR),
    ] {
        let between = tower::util::MapRequest::new(router.clone(), rewrite);
        let mut request = empty("GET", "/things/7");
        request.extensions_mut().insert(Peer(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        let response = tower::Layer::layer(&layer(), between).oneshot(request).await.unwrap();
        assert_eq!(response.status(), status);
    }
    assert_eq!(*called.lock(), 0);
}

#[tokio::test]
async fn of_a_handlers_own_error_only_the_status_leaves() {
    for (status, title) in [(409, "Conflict"), (502, "Bad Gateway"), (418, "Client Error")] {
        let status = StatusCode::from_u16(status).unwrap();
        let failing = get(move || async move { (status, [("x-leak", "leaked")], "leaked") });
        let router = Router::new().route("/things/{id}", failing);
        let mut request = empty("GET", "/things/7");
        request.extensions_mut().insert(Peer(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        let app = tower::Layer::layer(&layer(), router);
        let response = app.oneshot(request).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers().get("cache-control").unwrap(), "no-store");
        assert!(response.headers().get("x-leak").is_none());
        let body = to_bytes(response.into_body(), 1 << 10).await.unwrap();
        let body = String::from_utf8_lossy(&body);
        assert!(body.contains(title) && !body.contains("leaked"), "{body}");
    }
}
