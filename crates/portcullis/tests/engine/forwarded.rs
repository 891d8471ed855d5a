//! What follows from who stands behind a proxy.

use std::net::{IpAddr, Ipv4Addr};

use portcullis::{Engine, Policy, Reason, Refusal, Request};
use proptest::prelude::*;

use crate::NOW;

const POLICY: &str = r#"
transport { hosts ["shop.example", "other.example"] proxies [10.0.0.0/8] }
budget two { limit 2 per 1m key request.ip }
route GET /a { public budget [two] }
route GET /office { public require when request.ip in [203.0.113.0/24] }
"#;

const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

fn engine() -> Engine {
    Engine::builder(Policy::parse([("a.gate", POLICY)]).unwrap()).build().unwrap()
}

fn send(
    engine: &Engine,
    target: &str,
    peer: IpAddr,
    https: bool,
    headers: &[(&str, &str)],
) -> Result<IpAddr, Refusal> {
    let mut request =
        Request::new("GET", target, peer, NOW).https(https).header("Host", b"shop.example");
    for (name, value) in headers {
        request.add_header(name, value.as_bytes());
    }
    Ok(engine.admit(request)?.input(None)?.client())
}

#[test]
fn a_budget_counts_the_client_and_not_its_proxy() {
    let engine = engine();
    let from = |client| send(&engine, "/a", PROXY, true, &[("X-Forwarded-For", client)]);
    for client in ["203.0.113.1", "203.0.113.2", "203.0.113.3"] {
        assert_eq!(from(client).unwrap(), client.parse::<IpAddr>().unwrap());
    }
    assert!(from("198.51.100.1, 203.0.113.1").is_ok());
    assert_eq!(from("198.51.100.2, 203.0.113.1").unwrap_err().reason(), Reason::OverBudget);
}

#[test]
fn a_redirect_leads_to_the_host_that_the_client_asked_for() {
    let engine = engine();
    let said = [("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", "other.example:80")];
    let sent = redirect(&engine, "/a?b=c", PROXY, true, &said);
    assert_eq!(sent, "https://other.example/a?b=c");
    assert_eq!(redirect(&engine, "/a", STRANGER, false, &said), "https://shop.example/a");
}

/// Where a request is sent on to.
fn redirect(
    engine: &Engine,
    target: &str,
    peer: IpAddr,
    https: bool,
    headers: &[(&str, &str)],
) -> String {
    let refusal = send(engine, target, peer, https, headers).unwrap_err();
    let answer = engine.answers(&mut crate::request("GET", target)).refusal(&refusal);
    assert_eq!(answer.status, 301);
    let location = answer.headers.into_iter().find(|(name, _)| *name == "location");
    location.unwrap().1
}

#[test]
fn a_doubt_about_the_client_names_the_clause_and_no_address() {
    let refusal =
        send(&engine(), "/a", PROXY, true, &[("X-Forwarded-For", "203.0.113.x")]).unwrap_err();
    assert_eq!(refusal.reason(), Reason::MalformedRequest);
    assert_eq!(refusal.clause().unwrap().text(), "proxies [10.0.0.0/8]");
    assert!(!format!("{refusal} {refusal:?}").contains("203.0.113"));
}

#[test]
fn a_header_that_is_no_text_is_malformed_from_a_proxy_alone() {
    for name in ["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"] {
        let from = |peer| {
            let request = Request::new("GET", "/a", peer, NOW).header("Host", b"shop.example");
            engine().admit(request.header(name, b"\xff")).map(|_| ())
        };
        assert_eq!(from(PROXY).unwrap_err().reason(), Reason::MalformedRequest, "{name}");
        assert!(from(STRANGER).is_ok(), "{name}");
    }
}

proptest! {
    /// However it is written, by a peer that is no proxy it changes nothing, and by one that is it
    /// never makes a client of what the proxy did not write last.
    #[test]
    fn a_stranger_changes_nothing_and_a_client_only_what_is_its_own(
        junk in "[ -~]{0,40}",
        elements in r#"(for=|;|,|"|\\|proto=|host=|203\.0\.113\.7|https|\[::1\]| ){0,8}"#,
    ) {
        let engine = engine();
        let headers = [
            ("X-Forwarded-For", junk.as_str()), ("X-Forwarded-Proto", junk.as_str()),
            ("X-Forwarded-Host", junk.as_str()), ("Forwarded", elements.as_str()),
        ];
        let told = |answer: Result<IpAddr, Refusal>| answer.map_err(|refusal| refusal.reason());
        for https in [true, false] {
            prop_assert_eq!(
                told(send(&engine, "/office", STRANGER, https, &headers)),
                told(send(&engine, "/office", STRANGER, https, &[]))
            );
        }
        let appended = [
            ("X-Forwarded-For", format!("{junk}, 198.51.100.9")),
            ("Forwarded", format!("{elements}, for=198.51.100.9")),
        ];
        for (name, list) in &appended {
            let client = send(&engine, "/a", PROXY, true, &[(name, list)]);
            match client {
                Ok(client) => prop_assert_eq!(client, IpAddr::V4(Ipv4Addr::new(198, 51, 100, 9))),
                Err(refusal) => prop_assert_eq!(refusal.reason(), Reason::MalformedRequest),
            }
        }
    }
}
