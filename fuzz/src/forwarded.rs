//! What proxies and browsers write about a request: `Forwarded` and its like, `Host`, `Origin`, and
//! what a preflight asks for.
//!
//! An input is text, so that seeds can be read: the peer's address, `https` or `http`, method and target
//! in the first line, and a header in each other.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr};

use portcullis_test::Exchange;

use crate::evaluators::Evaluators;

thread_local! {
    static EVALUATORS: RefCell<Evaluators> =
        RefCell::new(Evaluators::new(include_str!("forwarded.gate")));
}

/// What only a proxy may write.
const FORWARDING: [&str; 4] =
    ["forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"];

/// Holds for all bytes: every evaluator answers alike, and who is no proxy is answered as if the
/// headers of proxies were not there.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let mut words = lines.next().unwrap_or("").split(' ');
    let peer: IpAddr = words
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or_else(|| Ipv4Addr::new(10, 0, 0, 1).into());
    let https = words.next() == Some("https");
    let (method, target) = (words.next().unwrap_or("GET"), words.next().unwrap_or("/near"));
    let headers = lines.filter_map(|line| line.split_once(": "));
    // A server hands on no header under another kind of name.
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(is_token);
    let headers = headers.filter(|(name, _)| is_name(name));
    let headers: Vec<_> =
        headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut exchange = Exchange { peer, https, headers, ..Exchange::new(method, target) };
    let answer = EVALUATORS.with_borrow_mut(|evaluators| evaluators.compare(&exchange));

    if !is_proxy(peer) {
        let is_forwarding = |name: &str| FORWARDING.contains(&name.to_ascii_lowercase().as_str());
        exchange.headers.retain(|(name, _)| !is_forwarding(name));
        let bare = EVALUATORS.with_borrow_mut(|evaluators| evaluators.compare(&exchange));
        assert_eq!(answer, bare, "a peer that is no proxy was believed");
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The `proxies` of the policy, told in another way.
fn is_proxy(peer: IpAddr) -> bool {
    match peer.to_canonical() {
        IpAddr::V4(peer) => peer.octets()[0] == 10,
        IpAddr::V6(peer) => peer.segments()[..3] == [0x2001, 0xdb8, 1],
    }
}
