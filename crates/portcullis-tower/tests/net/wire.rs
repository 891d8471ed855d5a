//! What bytes a client sends, to a real server behind the layer.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use portcullis_tower::Peer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// Far longer than any of these takes, and shorter than a hang.
const PATIENCE: Duration = Duration::from_secs(20);

/// The notes that the handler was handed.
#[derive(Clone, Default)]
struct Notes {
    taken: Arc<Mutex<Vec<String>>>,
    calls: Arc<AtomicUsize>,
}

impl Notes {
    async fn serve(&self) -> SocketAddr {
        let (notes, free) = (self.clone(), self.clone());
        let app = Router::new()
            .route(
                "/notes",
                post(move |gate: Gate| {
                    notes.calls.fetch_add(1, Ordering::SeqCst);
                    async move {
                        let note: serde_json::Value = gate.body()?;
                        notes.taken.lock().push(note["text"].as_str().unwrap().to_owned());
                        Ok::<_, Refused>("taken")
                    }
                }),
            )
            .route(
                "/free",
                axum::routing::any(move || {
                    free.calls.fetch_add(1, Ordering::SeqCst);
                    async { "free" }
                }),
            )
            .layer(layer());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = app.layer(axum::Extension(Peer(IpAddr::V4(Ipv4Addr::LOCALHOST))));
        tokio::spawn(async move { axum::serve(listener, app).await });
        address
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().clone()
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// A request line and headers; the body is still to come.
fn head(method: &str, path: &str, headers: &[&str]) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: shop.example\r\n");
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    head.into_bytes()
}

fn note(framing: &str) -> Vec<u8> {
    head("POST", "/notes", &["Content-Type: application/json", "Connection: close", framing])
}

/// The answer to all of these bytes.
async fn said(server: SocketAddr, bytes: &[u8]) -> String {
    let exchange = async {
        let mut stream = TcpStream::connect(server).await.unwrap();
        // Whoever refuses the first bytes may close before the last ones are sent.
        let _ = stream.write_all(bytes).await;
        rest_of(&mut stream).await
    };
    tokio::time::timeout(PATIENCE, exchange).await.expect("an answer that ends")
}

async fn rest_of(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

fn status(answer: &str) -> &str {
    answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).unwrap_or("none")
}

#[tokio::test]
async fn a_body_without_end_is_read_up_to_the_limit() {
    let notes = Notes::default();
    let server = notes.serve().await;
    let exchange = async {
        let stream = TcpStream::connect(server).await.unwrap();
        let (mut answer, mut body) = stream.into_split();
        body.write_all(&note("Transfer-Encoding: chunked")).await.unwrap();
        // It would go on for ever: nobody closes but the server.
        let sender = tokio::spawn(async move {
            let chunk = format!("{:x}\r\n{}\r\n", 512, " ".repeat(512));
            while body.write_all(chunk.as_bytes()).await.is_ok() {}
        });
        let mut first = [0; 12];
        answer.read_exact(&mut first).await.unwrap();
        drop(answer);
        sender.abort();
        first
    };
    let first = tokio::time::timeout(PATIENCE, exchange).await.expect("an answer");
    assert_eq!(&first, b"HTTP/1.1 413");
    assert_eq!(notes.calls(), 0);
}

#[tokio::test]
async fn a_body_that_is_announced_too_large_is_not_waited_for() {
    let notes = Notes::default();
    let server = notes.serve().await;
    let exchange = async {
        let mut stream = TcpStream::connect(server).await.unwrap();
        stream.write_all(&note("Content-Length: 1025")).await.unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        first
    };
    let first = tokio::time::timeout(PATIENCE, exchange).await.expect("an answer");
    assert_eq!(&first, b"HTTP/1.1 413");
    assert_eq!(notes.calls(), 0);
}

#[tokio::test]
async fn a_slow_body_within_the_limit_is_taken() {
    let notes = Notes::default();
    let server = notes.serve().await;
    let exchange = async {
        let mut stream = TcpStream::connect(server).await.unwrap();
        stream.write_all(&note("Transfer-Encoding: chunked")).await.unwrap();
        for byte in br#"{"text":"slow"}"# {
            let chunk = [b"1\r\n", &[*byte][..], b"\r\n"].concat();
            stream.write_all(&chunk).await.unwrap();
            tokio::task::yield_now().await;
        }
        stream.write_all(b"0\r\n\r\n").await.unwrap();
        rest_of(&mut stream).await
    };
    let answer = tokio::time::timeout(PATIENCE, exchange).await.expect("an answer");
    assert_eq!(status(&answer), "200", "{answer}");
    assert_eq!(notes.taken(), ["slow"]);
}

#[tokio::test]
async fn a_body_is_what_was_announced_and_no_more() {
    let notes = Notes::default();
    let server = notes.serve().await;
    let whole = r#"{"text":"a"}"#;
    let sent = format!("{whole}, \"text\": \"b\"}}");
    let head = note(&format!("Content-Length: {}", whole.len()));
    let answer = said(server, &[&head, sent.as_bytes()].concat()).await;
    assert_eq!(status(&answer), "200", "{answer}");
    assert_eq!(notes.taken(), ["a"]);
    // One that breaks off is none, even where what came of it is one.
    let exchange = async {
        let mut stream = TcpStream::connect(server).await.unwrap();
        stream.write_all(&note("Content-Length: 100")).await.unwrap();
        stream.write_all(whole.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        rest_of(&mut stream).await
    };
    let answer = tokio::time::timeout(PATIENCE, exchange).await.expect("an end");
    assert_ne!(status(&answer), "200", "{answer}");
    assert_eq!(notes.calls(), 1);
}

#[tokio::test]
async fn two_lengths_are_no_length() {
    let notes = Notes::default();
    let server = notes.serve().await;
    let whole = r#"{"text":"a"}"#;
    for framing in [
        "Content-Length: 12\r\nContent-Length: 13",
        "Content-Length: 12, 13",
        "Content-Length: +12",
        "Content-Length: 0x0c",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: gzip",
    ] {
        let answer = said(server, &[&note(framing), whole.as_bytes()].concat()).await;
        assert_eq!(status(&answer), "400", "{framing}: {answer}");
    }
    assert_eq!(notes.calls(), 0);
}

#[tokio::test]
async fn methods_that_no_route_has_reach_no_handler() {
    let notes = Notes::default();
    let server = notes.serve().await;
    for method in ["TRACE", "OPTIONS", "CONNECT", "BREW", "get", "PURGE", "PROPFIND", "POST"] {
        let answer = said(server, &head(method, "/free", &["Connection: close"])).await;
        assert_eq!(status(&answer), "405", "{method}: {answer}");
        assert!(answer.contains("allow: GET, HEAD"), "{method}: {answer}");
    }
    // To a proxy; this is none.
    let connect =
        b"CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";
    let answer = said(server, connect).await;
    assert_eq!(status(&answer), "400", "{answer}");
    assert_eq!(notes.calls(), 0);

    let get = said(server, &head("GET", "/free", &["Connection: close", "X-Request-Id: a"])).await;
    let head =
        said(server, &head("HEAD", "/free", &["Connection: close", "X-Request-Id: a"])).await;
    let (of_get, of_head) = (get.split_once("\r\n\r\n"), head.split_once("\r\n\r\n"));
    assert_eq!(of_get.unwrap().1, "free");
    assert_eq!(of_head.unwrap().1, "");
    let lines = |answer: &str| {
        let lines = answer.split("\r\n").filter(|line| !line.starts_with("date:"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(lines(of_get.unwrap().0), lines(of_head.unwrap().0));
}

#[tokio::test]
async fn what_must_come_once_comes_once_or_the_request_is_refused() {
    let notes = Notes::default();
    let server = notes.serve().await;
    for twice in [
        "Host: shop.example",
        "Host: evil.example",
        "Authorization: Bearer a\r\nAuthorization: Bearer a",
        "Content-Type: application/json\r\nContent-Type: application/json",
        "Content-Encoding: identity\r\nContent-Encoding: gzip",
        "Origin: https://shop.example\r\nOrigin: https://shop.example",
    ] {
        let answer = said(server, &head("GET", "/free", &["Connection: close", twice])).await;
        assert_eq!(status(&answer), "400", "{twice}: {answer}");
    }
    let no_host = said(server, b"GET /free HTTP/1.1\r\nConnection: close\r\n\r\n").await;
    assert_eq!(status(&no_host), "400", "{no_host}");
    assert_eq!(notes.calls(), 0);
}
