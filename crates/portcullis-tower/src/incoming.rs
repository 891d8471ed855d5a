//! From an HTTP request to the engine's.

use std::net::{IpAddr, SocketAddr};
use std::time::SystemTime;

use http::request::Parts;
use portcullis::Request;

/// Who is at the other end of the connection, where the server is not axum: put it into the
/// request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// The address of the connection's other end, if anybody has said it.
pub(crate) fn peer(parts: &Parts) -> Option<IpAddr> {
    if let Some(Peer(address)) = parts.extensions.get::<Peer>() {
        return Some(*address);
    }
    #[cfg(feature = "axum")]
    if let Some(axum::extract::ConnectInfo(address)) =
        parts.extensions.get::<axum::extract::ConnectInfo<SocketAddr>>()
    {
        return Some(address.ip());
    }
    parts.extensions.get::<SocketAddr>().map(SocketAddr::ip)
}

/// The request as the engine asks for it.
pub(crate) fn request(parts: &Parts, peer: IpAddr, https: bool) -> Request<'_> {
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let mut request =
        Request::new(parts.method.as_str(), target, peer, SystemTime::now()).https(https);
    for (name, value) in &parts.headers {
        request.add_header(name.as_str(), value.as_bytes());
    }
    // HTTP/2 has `:authority` in the place of `Host`. Where both stand they must agree (RFC 9113,
    // 8.3.1); adding one that differs makes the header stand twice, which is refused.
    if let Some(authority) = parts.uri.authority() {
        let host = parts.headers.get(http::header::HOST).map(http::HeaderValue::as_bytes);
        let same =
            host.is_some_and(|host| host.eq_ignore_ascii_case(authority.as_str().as_bytes()));
        if !same {
            request.add_header("host", authority.as_str().as_bytes());
        }
    }
    request
}
