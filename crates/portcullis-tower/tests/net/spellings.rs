//! Every spelling of `/admin`, as bytes to a real server: no handler that serves it is reached, and no
//! other handler is handed what a careless one would take for it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use axum::extract::Request;
use axum::routing::{MethodRouter, any};
use axum::{Router, ServiceExt};
use jsonwebtoken::{EncodingKey, Header, encode};
use portcullis::{Engine, Key, Policy, SignatureAlgorithm};
use portcullis_testing::spellings::{
    HOST, POLICY, Spelling, all, path_leads_to_admin, target_leads_to_admin,
};
use portcullis_tower::GuardLayer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower_layer::Layer;

/// A test key, and worth nothing.
const SECRET: &[u8] = b"a test key for HS256, known to all";

/// What some framework or gateway takes a path from, in the place of the target.
const PATHS: [&str; 7] = [
    "x-original-url",
    "x-original-uri",
    "x-rewrite-url",
    "x-envoy-original-path",
    "x-forwarded-uri",
    "x-forwarded-path",
    "x-forwarded-prefix",
];

/// What some framework takes a method from.
const METHODS: [&str; 5] = [
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
    "x-original-method",
    "x-forwarded-method",
];

/// How often handlers were reached.
#[derive(Clone, Default)]
struct Reached {
    /// That of `/admin`, or another that was handed what leads there.
    admin: Arc<AtomicUsize>,
    neighbour: Arc<AtomicUsize>,
}

impl Reached {
    fn admin(&self) -> MethodRouter {
        let count = Arc::clone(&self.admin);
        any(move || async move {
            count.fetch_add(1, Ordering::SeqCst);
        })
    }

    /// Serves whatever path it is handed, and reads it as carelessly as can be.
    fn neighbour(&self) -> MethodRouter {
        let reached = self.clone();
        any(move |request: Request| async move {
            let header = |name| request.headers().get(name);
            let rewritten = PATHS.into_iter().filter_map(header);
            let taken_in = path_leads_to_admin(request.uri().path().as_bytes())
                || rewritten.into_iter().any(|value| target_leads_to_admin(value.as_bytes()))
                || METHODS.into_iter().any(|name| header(name).is_some());
            let count = if taken_in { &reached.admin } else { &reached.neighbour };
            count.fetch_add(1, Ordering::SeqCst);
        })
    }

    fn counts(&self) -> (usize, usize) {
        (self.admin.load(Ordering::SeqCst), self.neighbour.load(Ordering::SeqCst))
    }
}

fn guard() -> GuardLayer {
    let policy = Policy::parse([("admin.gate", POLICY)]).unwrap();
    let key = Key::secret(SignatureAlgorithm::Hs256, SECRET).unwrap();
    GuardLayer::new(Engine::builder(policy).key("access", key).build().unwrap())
}

/// The routes, each as it stands or with something around it.
fn router(reached: &Reached, around: impl Fn(MethodRouter) -> MethodRouter) -> Router {
    Router::new()
        .route("/admin", around(reached.admin()))
        .route("/admin/{*rest}", around(reached.admin()))
        .route("/", around(reached.neighbour()))
        .route("/{page}", around(reached.neighbour()))
        .route("/public/{*rest}", around(reached.neighbour()))
}

/// Nothing guards them, to see that the spellings are worth something.
fn bare(reached: &Reached) -> Router {
    router(reached, |route| route).fallback_service(reached.neighbour())
}

/// Serves on a port of its own until the test ends.
macro_rules! served {
    ($make_service:expr) => {{
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let make_service = $make_service;
        tokio::spawn(async move { axum::serve(listener, make_service).await });
        address
    }};
}

/// Sends a request as it is, and gives the status of the answer; nothing, where none came.
async fn send(server: SocketAddr, spelling: &Spelling) -> Option<u16> {
    let mut bytes = [spelling.method.as_bytes(), b" ", &spelling.target, b" HTTP/1.1\r\n"].concat();
    bytes.extend(format!("Host: {HOST}\r\nConnection: close\r\n").bytes());
    for (name, value) in &spelling.headers {
        bytes.extend(format!("{name}: {value}\r\n").bytes());
    }
    bytes.extend(b"\r\n");
    let mut answer = Vec::new();
    let exchange = async {
        let mut stream = TcpStream::connect(server).await.unwrap();
        // Whoever refuses the first bytes may close before the last ones are sent.
        let _ = stream.write_all(&bytes).await;
        let _ = stream.read_to_end(&mut answer).await;
    };
    let in_time = tokio::time::timeout(Duration::from_secs(10), exchange).await;
    assert!(in_time.is_ok(), "no end of the answer to {spelling:?}");
    let status = answer.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    std::str::from_utf8(status).ok()?.parse().ok()
}

/// A token of an admin.
fn token() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let claims = serde_json::json!({
        "iss": "i", "aud": "a", "sub": "u", "role": "admin", "iat": now, "exp": now + 600,
    });
    encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET)).unwrap()
}

/// Sends them all; how often the handlers were reached.
async fn reached_by_all(server: SocketAddr, reached: &Reached, what: &str) -> (usize, usize) {
    let spellings = all();
    assert!(spellings.len() >= 1_000, "only {} spellings", spellings.len());
    for spelling in &spellings {
        let before = reached.counts().0;
        let status = send(server, spelling).await;
        if what != "bare" {
            assert_eq!(reached.counts().0, before, "{what}: {status:?} to {spelling:?}");
            assert_ne!(status, Some(500), "{what}: {spelling:?}");
        }
    }
    reached.counts()
}

/// The server is guarded, and does serve `/admin`, and its neighbour, to whom it may.
async fn no_spelling_reaches(server: SocketAddr, reached: &Reached, what: &str) -> usize {
    let (admin, neighbour) = reached_by_all(server, reached, what).await;
    assert_eq!(admin, 0, "{what}");
    assert!(neighbour > 100, "{what}: the neighbours are served");
    let bearer = format!("Bearer {}", token());
    for target in ["/admin", "/admin/users"] {
        let spelling = Spelling {
            method: "GET",
            target: target.as_bytes().to_vec(),
            headers: vec![("Authorization", bearer.clone())],
        };
        assert_eq!(send(server, &spelling).await, Some(200), "{what}: {target}");
    }
    assert_eq!(reached.counts().0, 2, "{what}");
    neighbour
}

#[tokio::test]
async fn a_layer_around_the_router_is_passed_by_no_spelling() {
    let reached = Reached::default();
    let server =
        served!(bare(&reached).layer(guard()).into_make_service_with_connect_info::<SocketAddr>());
    let neighbour = no_spelling_reaches(server, &reached, "around the router").await;
    println!("of {} spellings, {neighbour} reached a neighbour", all().len());
}

#[tokio::test]
async fn a_layer_on_each_route_is_passed_by_no_spelling() {
    let reached = Reached::default();
    let guard = guard();
    let server = served!(
        router(&reached, |route| route.layer(guard.clone()))
            .into_make_service_with_connect_info::<SocketAddr>()
    );
    let neighbour = no_spelling_reaches(server, &reached, "on each route").await;
    println!("of {} spellings, {neighbour} reached a neighbour", all().len());
}

#[tokio::test]
async fn a_layer_around_the_whole_service_is_passed_by_no_spelling() {
    let reached = Reached::default();
    let service = guard().layer(bare(&reached));
    let server =
        served!(ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(service));
    let neighbour = no_spelling_reaches(server, &reached, "around the service").await;
    println!("of {} spellings, {neighbour} reached a neighbour", all().len());
}

#[tokio::test]
async fn without_a_layer_the_spellings_are_worth_something() {
    let reached = Reached::default();
    let server = served!(bare(&reached).into_make_service_with_connect_info::<SocketAddr>());
    let (admin, _) = reached_by_all(server, &reached, "bare").await;
    println!("of {} spellings, {admin} lead to admin", all().len());
    assert!(admin > 500, "{admin}");
}
