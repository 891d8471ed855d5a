//! What a handler may answer with, and how the layer knows it again.
//!
//! Both travel in the response's extensions. The bytes that leave are those kept there, so that a
//! body put in their place on the way changes nothing.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use portcullis::Refusal;

use crate::Gate;

/// An answer that the engine made: the fields that the route's view lets leave.
#[derive(Clone, Debug)]
pub struct Reply {
    gate: Gate,
    json: Bytes,
}

impl Reply {
    pub(crate) fn new(gate: Gate, json: Vec<u8>) -> Reply {
        Reply { gate, json: Bytes::from(json) }
    }

    pub(crate) fn is_of(&self, gate: &Gate) -> bool {
        self.gate.is(gate)
    }

    pub(crate) fn json(self) -> Bytes {
        self.json
    }

    /// A response that the layer will send with this reply's bytes.
    #[must_use]
    pub fn into_response<B: Default>(self) -> Response<B> {
        let mut response = Response::new(B::default());
        response.extensions_mut().insert(self);
        response
    }
}

/// A refusal that a handler returns, for the layer to answer.
#[derive(Clone, Debug)]
pub struct Refused(pub Refusal);

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Refused {
        Refused(refusal)
    }
}

impl Refused {
    /// A response that the layer will answer with this refusal.
    #[must_use]
    pub fn into_response<B: Default>(self) -> Response<B> {
        let mut response = Response::new(B::default());
        *response.status_mut() = status(self.0.status());
        response.extensions_mut().insert(self);
        response
    }
}

/// The refusal as it is sent.
pub(crate) fn refusal<B: From<Bytes>>(refusal: &Refusal) -> Response<B> {
    let mut response = Response::new(B::from(Bytes::from(refusal.body())));
    *response.status_mut() = status(refusal.status());
    for (name, value) in refusal.headers() {
        // The engine makes these values of its own words and of the target, which it has checked.
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// A handler's error with its status and nothing else of what it said.
pub(crate) fn generic<B: From<Bytes>>(found: StatusCode) -> Response<B> {
    let mut response = Response::new(B::from(Bytes::from(portcullis::problem(found.as_u16()))));
    *response.status_mut() = found;
    for (name, value) in portcullis::PROBLEM_HEADERS {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
    response
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
