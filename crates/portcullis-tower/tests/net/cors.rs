//! Pages of other origins, through the layer.

use axum::routing::{get, put};

use super::*;

const PAGE: &str = "https://app.example";

fn from_page(method: &str, path: &str, origin: &str) -> http::request::Builder {
    to(method, path).header("Origin", origin)
}

fn widening() -> Router {
    let widens = || async {
        let own = [
            ("Access-Control-Allow-Origin", "*"),
            ("Access-Control-Allow-Private-Network", "true"),
            ("Vary", "Accept"),
        ];
        (own, "free")
    };
    let reached = || async { StatusCode::IM_A_TEAPOT };
    Router::new().route("/free", get(widens).options(reached)).route("/things/{id}", put(reached))
}

async fn sent(request: http::request::Builder) -> Response<Body> {
    let mut request = request.body(Body::empty()).unwrap();
    request.extensions_mut().insert(Peer(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    widening().layer(layer_with(CORS)).oneshot(request).await.unwrap()
}

const CORS: &str = "cors { origins [\"https://app.example\"] methods [GET, PUT] headers [\"X-One\"] \
                    expose [\"X-Two\"] credentials max_age 10m }";

fn lines(response: &Response<Body>, name: &str) -> Vec<String> {
    response.headers().get_all(name).iter().map(|v| v.to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_preflight_is_answered_here_and_never_reaches_a_handler() {
    let asks = |origin, method, headers| {
        from_page("OPTIONS", "/things/7", origin)
            .header("Access-Control-Request-Method", method)
            .header("Access-Control-Request-Headers", headers)
    };
    let granted = sent(asks(PAGE, "PUT", "x-one")).await;
    assert_eq!(granted.status(), StatusCode::NO_CONTENT);
    for (name, value) in [
        ("access-control-allow-origin", PAGE),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "GET, PUT"),
        ("access-control-allow-headers", "X-One"),
        ("access-control-max-age", "600"),
        ("vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
    ] {
        assert_eq!(lines(&granted, name), [value], "{name}");
    }
    for refused in [
        asks("https://other.example", "PUT", "x-one"),
        asks("null", "PUT", "x-one"),
        asks(PAGE, "DELETE", "x-one"),
        asks(PAGE, "PUT", "x-other"),
        asks(PAGE, "PUT", "x-one").header("Access-Control-Request-Private-Network", "true"),
    ] {
        let refused = sent(refused).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        for name in ["access-control-allow-methods", "access-control-allow-private-network"] {
            assert_eq!(lines(&refused, name), [""; 0]);
        }
    }
    // No preflight: an `OPTIONS` as any other, which no route takes.
    let plain = sent(from_page("OPTIONS", "/things/7", PAGE)).await;
    assert_eq!(plain.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(lines(&plain, "allow"), ["DELETE, GET, HEAD, PUT"]);
}

#[tokio::test]
async fn a_handler_does_not_widen_what_the_policy_grants() {
    let granted = sent(from_page("GET", "/free", PAGE)).await;
    assert_eq!(granted.status(), StatusCode::OK);
    assert_eq!(lines(&granted, "access-control-allow-origin"), [PAGE]);
    assert_eq!(lines(&granted, "access-control-expose-headers"), ["X-Two"]);
    assert_eq!(lines(&granted, "access-control-allow-private-network"), [""; 0]);
    assert_eq!(lines(&granted, "vary"), ["Accept", "Origin"]);
    // Without `Origin`, and from the service's own page: no grant, and the same `Vary`.
    for own in [to("GET", "/free"), from_page("GET", "/free", "http://shop.example")] {
        let own = sent(own).await;
        assert_eq!(own.status(), StatusCode::OK);
        assert_eq!(lines(&own, "access-control-allow-origin"), [""; 0]);
        assert_eq!(lines(&own, "vary"), ["Accept", "Origin"]);
    }
    let refused = sent(from_page("GET", "/free", "https://other.example")).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert_eq!(lines(&refused, "vary"), ["Origin"]);
    assert_eq!(lines(&refused, "access-control-allow-origin"), [""; 0]);
}

#[tokio::test]
async fn a_page_may_read_why_it_was_refused() {
    let missing = sent(from_page("GET", "/nowhere/at/all", PAGE)).await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert_eq!(lines(&missing, "access-control-allow-origin"), [PAGE]);
}
