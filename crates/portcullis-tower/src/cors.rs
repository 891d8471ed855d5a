//! Preflights are answered here, and what the engine says of sharing stands on every answer.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use portcullis::{Preflight, Sharing};

/// The answer to a preflight that is granted.
pub(crate) fn granted<R: From<Bytes>>(preflight: &Preflight) -> Response<R> {
    let mut response = Response::new(R::from(Bytes::new()));
    *response.status_mut() = StatusCode::NO_CONTENT;
    put(&mut response, preflight.headers());
    response
}

/// An answer with what the engine says of sharing. Where the policy has `cors`, what the handler says
/// of it is dropped: it could only let in whom the policy does not.
pub(crate) fn shared<R>(sharing: &Sharing, mut response: Response<R>) -> Response<R> {
    if sharing.is_governed() {
        let own = response.headers().keys();
        let own = own.filter(|name| name.as_str().starts_with("access-control-"));
        for name in own.cloned().collect::<Vec<_>>() {
            response.headers_mut().remove(name);
        }
    }
    put(&mut response, sharing.headers());
    response
}

fn put<R>(response: &mut Response<R>, lines: &[(&'static str, String)]) {
    for (name, value) in lines {
        let name = HeaderName::from_static(name);
        // The compiler has let only what a header may hold into a policy's lists.
        let Ok(value) = HeaderValue::from_str(value) else {
            continue;
        };
        if name == header::VARY {
            response.headers_mut().append(name, value);
        } else {
            response.headers_mut().insert(name, value);
        }
    }
}
