//! The clients against real listeners. A public address is not at hand, so 127.0.0.1 plays one; all
//! others are judged as ever, among them 127.0.0.2, where the service listens that nobody may reach.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::dns::Name as HyperName;
use hyper_util::rt::TokioExecutor;
use portcullis::{Engine, Outbound, OutboundError, Policy, SpecialAddress};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::guard::{BoxError, Guard};
use crate::{hyper, reqwest as guarded};

const PLAYS_PUBLIC: Ipv4Addr = Ipv4Addr::LOCALHOST;
const INNER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// What stands for the world: two listeners on one port, and how often each was reached.
struct World {
    port: u16,
    public: Arc<AtomicUsize>,
    inner: Arc<AtomicUsize>,
}

impl World {
    /// The public listener answers with redirects, one for each of these, and then with its body.
    async fn new(redirects: &'static [&'static str]) -> World {
        let listener = TcpListener::bind((PLAYS_PUBLIC, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let inner = TcpListener::bind((INNER, port)).await.unwrap();
        let world = World { port, public: Arc::default(), inner: Arc::default() };
        tokio::spawn(serve(listener, Arc::clone(&world.public), redirects, port));
        tokio::spawn(serve(inner, Arc::clone(&world.inner), &[], port));
        world
    }

    fn outbound(&self, clauses: &str) -> Outbound {
        let (port, schemes) =
            (self.port, if clauses.contains("schemes") { "" } else { "schemes [http]" });
        let text = format!("outbound one {{ {schemes} ports [{port}] {clauses} }}");
        let policy = Policy::parse([("policy.gate", text.as_str())]).unwrap();
        Engine::builder(policy).build().unwrap().outbound("one").unwrap()
    }

    fn url(&self, host: &str) -> String {
        format!("http://{host}:{}/", self.port)
    }

    fn client(&self, clauses: &str) -> guarded::Client {
        let guard = Guard::playing(self.outbound(clauses), play);
        guarded::Client::guarded(guard, reqwest::Client::builder(), Names).unwrap()
    }

    fn connector(&self) -> hyper::Connector<Names> {
        hyper::Connector::guarded(Guard::playing(self.outbound(""), play), Names)
    }

    /// How often the public listener and the inner one were reached.
    fn reached(&self) -> (usize, usize) {
        (self.public.load(Ordering::SeqCst), self.inner.load(Ordering::SeqCst))
    }
}

fn play(outbound: &Outbound, address: IpAddr) -> Result<(), SpecialAddress> {
    if address == PLAYS_PUBLIC { Ok(()) } else { outbound.check_addr(address) }
}

async fn serve(
    listener: TcpListener,
    count: Arc<AtomicUsize>,
    redirects: &'static [&'static str],
    port: u16,
) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let number = count.fetch_add(1, Ordering::SeqCst);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => break,
            }
        }
        let answer = match redirects.get(number) {
            Some(location) => {
                let location = location.replace("PORT", &port.to_string());
                format!("302 Found\r\nLocation: {location}\r\nContent-Length: 0")
            }
            None => "200 OK\r\nContent-Length: 0".to_owned(),
        };
        let answer = format!("HTTP/1.1 {answer}\r\nConnection: close\r\n\r\n");
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}

/// What names stand for. The port is none of a resolver's business, and is not taken from it.
fn addresses(name: &str) -> Vec<SocketAddr> {
    let addresses: &[IpAddr] = match name {
        "public.example" => &[IpAddr::V4(PLAYS_PUBLIC)],
        "inner.example" => &[IpAddr::V4(INNER), IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1))],
        "both.example" => &[IpAddr::V4(INNER), IpAddr::V4(PLAYS_PUBLIC)],
        _ => &[],
    };
    addresses.iter().map(|address| SocketAddr::new(*address, 1)).collect()
}

#[derive(Clone, Debug)]
struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let found = addresses(name.as_str());
        Box::pin(async move { Ok(Box::new(found.into_iter()) as Addrs) })
    }
}

impl tower_service::Service<HyperName> for Names {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: HyperName) -> Self::Future {
        std::future::ready(Ok(addresses(name.as_str()).into_iter()))
    }
}

/// The rule at the bottom of an error.
fn rule(error: &(dyn Error + 'static)) -> Option<OutboundError> {
    let mut at = Some(error);
    while let Some(error) = at {
        if let Some(found) = error.downcast_ref::<OutboundError>() {
            return Some(*found);
        }
        at = error.source();
    }
    None
}

#[tokio::test]
async fn reqwest_reaches_what_is_public() {
    let world = World::new(&[]).await;
    for host in ["public.example", "both.example"] {
        let answer = world.client("").get(&world.url(host)).unwrap().send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    assert_eq!(world.reached(), (2, 0));
}

#[tokio::test]
async fn reqwest_connects_to_no_address_that_is_not_public() {
    let world = World::new(&[]).await;
    let error =
        world.client("").get(&world.url("inner.example")).unwrap().send().await.unwrap_err();
    assert!(matches!(rule(&error), Some(OutboundError::Address(_))), "{error:?}");
    // As it is in a service, 127.0.0.1 is no public address either.
    let builder = reqwest::Client::builder();
    let client = guarded::Client::build(world.outbound(""), builder, Names).unwrap();
    let error = client.get(&world.url("public.example")).unwrap().send().await.unwrap_err();
    assert!(matches!(rule(&error), Some(OutboundError::Address(_))), "{error:?}");
    let error = world.client("").get(&world.url("nowhere.example")).unwrap().send().await;
    assert_eq!(rule(&error.unwrap_err()), None);
    assert_eq!(world.reached(), (0, 0));
}

#[tokio::test]
async fn reqwest_begins_no_request_that_the_policy_refuses() {
    let world = World::new(&[]).await;
    let client = world.client(r#"hosts ["public.example"]"#);
    let refused = |url: &str| client.get(url).unwrap_err();
    assert!(matches!(refused(&world.url("127.0.0.1")), OutboundError::Address(_)));
    assert_eq!(refused(&world.url("other.example")), OutboundError::Host);
    assert_eq!(refused("http://public.example:1/"), OutboundError::Port);
    assert_eq!(refused(&world.url("u@public.example")), OutboundError::Credentials);
    assert_eq!(world.reached(), (0, 0));
}

#[tokio::test]
async fn reqwest_follows_as_many_redirects_as_the_policy_allows() {
    let world = World::new(&["/b", "http://both.example:PORT/c"]).await;
    let client = world.client("redirects 2");
    let answer = client.get(&world.url("public.example")).unwrap().send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.url().path()), (200, "/c"));
    assert_eq!(world.reached(), (3, 0));
    for (allowed, requests) in [("", 1), ("redirects 1", 2)] {
        let world = World::new(&["/b", "/c"]).await;
        let client = world.client(allowed);
        let error = client.get(&world.url("public.example")).unwrap().send().await.unwrap_err();
        assert_eq!(rule(&error), Some(OutboundError::Redirects));
        assert_eq!(world.reached(), (requests, 0));
    }
}

#[tokio::test]
async fn reqwest_follows_no_redirect_to_an_inner_address() {
    // The last two are names, and only their addresses tell.
    let wrong: [&'static [&'static str]; 7] = [
        &["http://127.0.0.2:PORT/"],
        &["http://2130706434:PORT/"],
        &["http://[::ffff:127.0.0.2]:PORT/"],
        &["http://localhost:PORT/"],
        &["//u@public.example:PORT/"],
        &["http://inner.example:PORT/"],
        &["//inner.example:PORT/"],
    ];
    for redirects in wrong {
        let world = World::new(redirects).await;
        let client = world.client("redirects 10");
        let error = client.get(&world.url("public.example")).unwrap().send().await.unwrap_err();
        assert!(rule(&error).is_some(), "{redirects:?}: {error:?}");
        assert_eq!(world.reached(), (1, 0), "{redirects:?}");
    }
}

#[tokio::test]
async fn reqwest_takes_no_proxy_from_its_builder() {
    let world = World::new(&[]).await;
    let proxy = reqwest::Proxy::all(format!("http://127.0.0.2:{}", world.port)).unwrap();
    let builder = reqwest::Client::builder().proxy(proxy);
    let guard = Guard::playing(world.outbound(""), play);
    let client = guarded::Client::guarded(guard, builder, Names).unwrap();
    client.get(&world.url("public.example")).unwrap().send().await.unwrap();
    assert_eq!(world.reached(), (1, 0));
}

async fn by_hyper(connector: hyper::Connector<Names>, url: &str) -> Result<u16, BoxError> {
    let client = HyperClient::builder(TokioExecutor::new()).build(connector);
    let request = http::Request::get(url).body(Empty::<&'static [u8]>::new())?;
    let answer = client.request(request).await?;
    let status = answer.status().as_u16();
    answer.into_body().collect().await?;
    Ok(status)
}

#[tokio::test]
async fn hyper_reaches_what_is_public() {
    let world = World::new(&[]).await;
    for host in ["public.example", "both.example"] {
        assert_eq!(by_hyper(world.connector(), &world.url(host)).await.unwrap(), 200);
    }
    assert_eq!(world.reached(), (2, 0));
}

#[tokio::test]
async fn hyper_connects_to_no_address_that_is_not_public() {
    let world = World::new(&[]).await;
    for host in ["inner.example", "127.0.0.1", "127.0.0.2", "[::ffff:127.0.0.2]"] {
        let error = by_hyper(world.connector(), &world.url(host)).await.unwrap_err();
        assert!(matches!(rule(&*error), Some(OutboundError::Address(_))), "{host}: {error:?}");
    }
    let plain = hyper::Connector::over(world.outbound(""), Names);
    let error = by_hyper(plain, &world.url("public.example")).await.unwrap_err();
    assert!(matches!(rule(&*error), Some(OutboundError::Address(_))), "{error:?}");
    assert_eq!(world.reached(), (0, 0));
}

#[tokio::test]
async fn hyper_connects_for_no_url_that_the_policy_refuses() {
    let world = World::new(&[]).await;
    let wrong = [
        ("http://public.example:1/".to_owned(), OutboundError::Port),
        (world.url("localhost"), OutboundError::LocalName),
        (world.url("u@public.example"), OutboundError::Credentials),
        (world.url("public.example."), OutboundError::Malformed),
        (world.url("public.example").replace("http:", "https:"), OutboundError::Scheme),
    ];
    for (url, why) in wrong {
        let error = by_hyper(world.connector(), &url).await.unwrap_err();
        assert_eq!(rule(&*error), Some(why), "{url}");
    }
    assert_eq!(world.reached(), (0, 0));
}

/// A TLS connector around it asks for `https`, and is given the bare connection. Without one, nothing that
/// is meant to be encrypted may go out.
#[tokio::test]
async fn hyper_connects_for_https_only_under_tls() {
    let world = World::new(&[]).await;
    let guard = Guard::playing(world.outbound("schemes [https]"), play);
    let connector = hyper::Connector::guarded(guard, Names);
    let connect = |connector: hyper::Connector<Names>, host: &str| {
        let uri = world.url(host).replace("http:", "https:").parse().unwrap();
        connector.oneshot(uri)
    };
    assert!(connect(connector.clone(), "public.example").await.is_err());
    assert!(connect(connector.clone().under_tls(), "public.example").await.is_ok());
    let error = connect(connector.clone().under_tls(), "inner.example").await.unwrap_err();
    assert!(matches!(rule(&*error), Some(OutboundError::Address(_))), "{error:?}");
    let error = connect(connector.under_tls(), "127.0.0.2").await.unwrap_err();
    assert!(matches!(rule(&*error), Some(OutboundError::Address(_))), "{error:?}");
}
