//! Careless handlers behind the layer: nothing that the engine did not show leaves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say what they expect"
)]

mod budgets;
mod careless;
mod cors;
mod nothing;
mod own;
mod sessions;
mod spellings;
mod wire;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{Request, Response, StatusCode};
use parking_lot::Mutex;
use portcullis::{AttributeType, Engine, Policy, Resource, Value};
use portcullis_tower::{Gate, GuardLayer, Peer, Refused, Reply};
use serde::Serialize;
use tower::ServiceExt;

const POLICY: &str = r#"
transport { https off hosts ["shop.example"] body_limit 1KiB }
resource thing {
    key id: int
    name: string
    password: string secret
    view open { id }
}
resource ghost {
    key id: int
    name: string
    visible when ghost.name == "seen"
    view open { id }
}
route GET /ghosts/{id} { public params { id: int } loads ghost by params.id returns ghost.open }
input note { text: string max 5000 }
route GET /things/{id} { public params { id: int } loads thing by params.id returns thing.open }
route GET /things { public lists thing max 2 returns [thing.open] }
route GET /loose/{id} { public params { id: int } loads thing by params.id }
route POST /notes { public body note }
route GET /free { public }
route GET /pages { public returns opaque "a page" }
budget tries { limit 2 per 1h refund on success }
route POST /tries { public budget [tries] returns nothing }
route GET /{any} { public params { any: string max 20 } }
route DELETE /things/{id} {
    public params { id: int } loads thing by params.id deny when thing.name == "kept" returns nothing
}
route POST /things { public creates thing returns nothing }
route PUT /things/{id} {
    public params { id: int } loads thing by params.id
    returns nothing when thing.name == "quiet"
    returns thing.open
}
route GET /things/{id}/ghosts {
    public params { id: int } loads thing by params.id lists ghost max 2 returns opaque "a test"
}
"#;

#[derive(Clone, Serialize)]
struct Thing {
    id: i64,
    name: String,
    password: String,
}

impl Resource for Thing {
    const ATTRIBUTES: &'static [(&'static str, AttributeType)] =
        &[("id", AttributeType::Int), ("name", AttributeType::String)];

    fn attribute(&self, slot: usize) -> Value<'_> {
        match slot {
            0 => Value::Int(self.id),
            1 => Value::Text(&self.name),
            _ => Value::Absent,
        }
    }
}

fn thing() -> Thing {
    Thing { id: 7, name: "leaked-name".to_owned(), password: "leaked-password".to_owned() }
}

fn layer() -> GuardLayer {
    layer_with("")
}

/// The layer of a policy that says this too.
fn layer_with(more: &str) -> GuardLayer {
    let policy = format!("{POLICY}{more}");
    let engine = Engine::builder(Policy::parse([("net.gate", policy.as_str())]).unwrap())
        .resource::<Thing>("thing")
        .resource::<Thing>("ghost")
        .build()
        .unwrap();
    GuardLayer::new(engine)
}

async fn send(app: Router, request: Request<Body>) -> (StatusCode, String) {
    let (status, _, body) = answer(app, request).await;
    (status, body)
}

/// All that the client gets: status, headers and body.
async fn answer(app: Router, request: Request<Body>) -> (StatusCode, String, String) {
    let mut request = request;
    request.extensions_mut().insert(Peer(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    let response = app.layer(layer()).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let headers = format!("{:?}", parts.headers);
    assert!(!headers.contains("leaked"), "{headers}");
    (parts.status, headers, String::from_utf8(body.to_vec()).unwrap())
}

fn to(method: &str, path: &str) -> http::request::Builder {
    let request = Request::builder().method(method).uri(path).header("Host", "shop.example");
    // Told back, so that answers of several requests can be equal.
    request.header("X-Request-Id", "one")
}

fn empty(method: &str, path: &str) -> Request<Body> {
    to(method, path).body(Body::empty()).unwrap()
}

async fn ask(path: &str, app: Router) -> (StatusCode, String) {
    send(app, to("GET", path).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_careful_handler_is_heard() {
    async fn careful(gate: Gate) -> Result<Reply, Refused> {
        gate.reply(&gate.authorize(Some(thing()))?)
    }
    let app = Router::new().route("/things/{id}", get(careful));
    assert_eq!(ask("/things/7", app).await, (StatusCode::OK, r#"{"id":7}"#.to_owned()));
}

#[tokio::test]
async fn of_two_objects_leaves_what_the_route_returns() {
    const PAIRS: &str = r#"
route GET /pairs/{thing}/{ghost} {
    public params { thing: int ghost: int }
    loads thing by params.thing loads ghost by params.ghost
    returns { first: thing.open second: ghost.open } when thing.name == "both"
    returns ghost.open
}
"#;
    let one = |id, name: &str| Thing { id, name: name.to_owned(), ..thing() };
    for (name, expected) in
        [("one", r#"{"id":8}"#), ("both", r#"{"first":{"id":7},"second":{"id":8}}"#)]
    {
        let pair = get(move |gate: Gate| async move {
            let both = gate.authorize_both(Some(one(7, name)), Some(one(8, "seen")))?;
            match name {
                "both" => gate.reply_envelope(&both.envelope().objects(&both)),
                _ => gate.reply_both(&both),
            }
        });
        let app = Router::new().route("/pairs/{thing}/{ghost}", pair).layer(layer_with(PAIRS));
        let mut request = empty("GET", "/pairs/7/8");
        request.extensions_mut().insert(Peer(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        let response = app.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        assert_eq!(body, expected);
    }
}

#[tokio::test]
async fn what_is_not_visible_is_answered_as_what_is_not_there() {
    async fn hidden(gate: Gate) -> Result<Reply, Refused> {
        gate.reply(&gate.authorize(Some(thing()))?)
    }
    async fn absent(gate: Gate) -> Result<Reply, Refused> {
        gate.reply(&gate.authorize(None::<Thing>)?)
    }
    async fn seen(gate: Gate) -> Result<Reply, Refused> {
        gate.reply(&gate.authorize(Some(Thing { name: "seen".to_owned(), ..thing() }))?)
    }
    let request = || to("GET", "/ghosts/7").body(Body::empty()).unwrap();
    let hidden = answer(Router::new().route("/ghosts/{id}", get(hidden)), request()).await;
    let absent = answer(Router::new().route("/ghosts/{id}", get(absent)), request()).await;
    assert_eq!(hidden.0, StatusCode::NOT_FOUND);
    assert_eq!(hidden, absent);
    let seen = answer(Router::new().route("/ghosts/{id}", get(seen)), request()).await;
    assert_eq!(seen.0, StatusCode::OK);
}

#[tokio::test]
async fn a_raw_struct_is_a_500_and_not_one_field_leaves() {
    async fn raw(gate: Gate) -> Result<Json<Thing>, Refused> {
        gate.authorize(Some(thing()))?;
        Ok(Json(thing()))
    }
    async fn never_asked() -> Json<Thing> {
        Json(thing())
    }
    /// Takes the engine's reply and puts another body in it.
    async fn swapped(gate: Gate) -> Result<Response<Body>, Refused> {
        let mut response = gate.reply(&gate.authorize(Some(thing()))?)?.into_response();
        *response.body_mut() = Body::from(serde_json::to_vec(&thing()).unwrap());
        Ok(response)
    }
    async fn as_error(gate: Gate) -> Result<(StatusCode, Json<Thing>), Refused> {
        gate.authorize(Some(thing()))?;
        Ok((StatusCode::IM_A_TEAPOT, Json(thing())))
    }
    async fn redirect() -> (StatusCode, Json<Thing>) {
        (StatusCode::FOUND, Json(thing()))
    }
    for (app, status) in [
        (Router::new().route("/things/{id}", get(raw)), StatusCode::INTERNAL_SERVER_ERROR),
        (Router::new().route("/things/{id}", get(never_asked)), StatusCode::INTERNAL_SERVER_ERROR),
        (Router::new().route("/things/{id}", get(redirect)), StatusCode::INTERNAL_SERVER_ERROR),
        (Router::new().route("/things/{id}", get(as_error)), StatusCode::IM_A_TEAPOT),
        (Router::new().route("/things/{id}", get(swapped)), StatusCode::OK),
    ] {
        let (found, body) = ask("/things/7", app).await;
        assert_eq!(found, status, "{body}");
        assert!(!body.contains("leaked"), "{body}");
    }
}

#[tokio::test]
async fn a_reply_of_another_request_is_not_sent() {
    let kept: Arc<Mutex<Option<Reply>>> = Arc::default();
    let cached = Arc::clone(&kept);
    let app = Router::new().route(
        "/things/{id}",
        get(move |gate: Gate| {
            let kept = Arc::clone(&cached);
            async move {
                let first = kept.lock().clone();
                match first {
                    Some(reply) => Ok::<Reply, Refused>(reply),
                    None => {
                        let reply = gate.reply(&gate.authorize(Some(thing()))?)?;
                        *kept.lock() = Some(reply.clone());
                        Ok(reply)
                    }
                }
            }
        }),
    );
    assert_eq!(ask("/things/7", app.clone()).await.0, StatusCode::OK);
    assert_eq!(ask("/things/7", app).await.0, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn without_a_view_the_object_still_has_to_be_asked_about() {
    async fn asked(gate: Gate) -> Result<&'static str, Refused> {
        gate.authorize(Some(thing()))?;
        Ok("done")
    }
    let app = Router::new().route("/loose/{id}", get(asked));
    assert_eq!(ask("/loose/7", app).await, (StatusCode::OK, "done".to_owned()));
    let app = Router::new().route("/loose/{id}", get(|| async { Json(thing()) }));
    let (status, body) = ask("/loose/7", app).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!body.contains("leaked"));
}

#[tokio::test]
async fn lists_are_bounded_and_filtered() {
    async fn list(gate: Gate) -> Result<Reply, Refused> {
        gate.reply_list(&gate.list([thing(), thing()])?)
    }
    async fn too_many(gate: Gate) -> Result<Reply, Refused> {
        gate.reply_list(&gate.list([thing(), thing(), thing()])?)
    }
    let app = Router::new().route("/things", get(list));
    assert_eq!(ask("/things", app).await, (StatusCode::OK, r#"[{"id":7},{"id":7}]"#.to_owned()));
    let app = Router::new().route("/things", get(too_many));
    assert_eq!(ask("/things", app).await.0, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn the_framework_and_the_engine_speak_of_one_route() {
    let app = Router::new().route("/{anything}", get(|| async { "another route" }));
    assert_eq!(ask("/free", app).await.0, StatusCode::INTERNAL_SERVER_ERROR);
    let app = Router::new().route("/free", get(|| async { "free" }));
    assert_eq!(ask("/free", app).await, (StatusCode::OK, "free".to_owned()));
}

#[tokio::test]
async fn the_handler_sees_the_normalised_body_and_never_the_raw_one() {
    async fn note(gate: Gate, raw: axum::body::Bytes) -> Result<String, Refused> {
        assert!(raw.is_empty());
        let note: serde_json::Value = gate.body()?;
        Ok(note.to_string())
    }
    let app = || Router::new().route("/notes", post(note));
    let post = |body: String| {
        to("POST", "/notes")
            .header("Content-Type", "application/json")
            .body(Body::from(body))
            .unwrap()
    };
    let (status, body) = send(app(), post(r#"{"text":"a","more":1}"#.to_owned())).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, r#"{"text":"a"}"#));
    let large = format!(r#"{{"text":"{}"}}"#, "x".repeat(2_000));
    assert_eq!(send(app(), post(large)).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn hosts_that_disagree_and_peers_that_nobody_names_are_refused() {
    let app = || Router::new().route("/free", get(|| async { "free" }));
    let two = to("GET", "http://other.example/free").body(Body::empty()).unwrap();
    assert_eq!(send(app(), two).await.0, StatusCode::BAD_REQUEST);
    let same = to("GET", "http://shop.example/free").body(Body::empty()).unwrap();
    assert_eq!(send(app(), same).await.0, StatusCode::OK);
    let unknown = app().layer(layer());
    let nobody = to("GET", "/free").body(Body::empty()).unwrap();
    assert_eq!(unknown.oneshot(nobody).await.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn what_the_layer_refuses_is_told_to_the_observer_too() {
    use std::sync::{Arc, Mutex};
    let told = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&told);
    let observer = move |decision: &portcullis::Decision<'_>| {
        let route = decision.route().map(|(_, pattern)| pattern.to_owned());
        kept.lock().unwrap().push((decision.refusal().reason().as_str(), route.unwrap()));
    };
    let engine = Engine::builder(Policy::parse([("net.gate", POLICY)]).unwrap())
        .resource::<Thing>("thing")
        .resource::<Thing>("ghost")
        .observer(observer)
        .build()
        .unwrap();
    let app = || {
        let careless = get(|_: Gate| async { "leaked" });
        Router::new().route("/things/{id}", careless).layer(GuardLayer::new(engine.clone()))
    };
    for (body, status) in [(0, 500), (1 << 21, 413)] {
        let mut request = to("GET", "/things/7").body(Body::from(vec![b' '; body])).unwrap();
        request.extensions_mut().insert(Peer(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        assert_eq!(app().oneshot(request).await.unwrap().status().as_u16(), status);
    }
    let route = "/things/{id}".to_owned();
    let expected = [("service_fault", route.clone()), ("body_too_large", route)];
    assert_eq!(*told.lock().unwrap(), expected);
}
