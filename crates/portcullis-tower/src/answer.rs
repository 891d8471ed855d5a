//! What a handler may answer with, and how the layer knows it again.
//!
//! All of it travels in the response's extensions. The bytes that leave are those kept there, so that a
//! body put in their place on the way changes nothing.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use portcullis::{Answers, Refusal, Rendered};

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

/// What a handler returns in the place of a reply, for the layer to answer: a refusal of the engine, or
/// an error of the handler's own.
#[derive(Clone, Debug)]
pub struct Refused {
    why: Why,
}

#[derive(Clone, Debug)]
enum Why {
    Refusal(Box<Refusal>),
    Problem(StatusCode, String),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Refused {
        Refused { why: Why::Refusal(Box::new(refusal)) }
    }
}

impl Refused {
    /// A handler's own error: a status from 400 to 499, and one line that the client may read. Nothing
    /// else of a handler's error ever leaves. A status of the server's own errors (5xx) is sent without
    /// the text, and any other is a 500.
    #[must_use]
    pub fn problem(status: StatusCode, detail: impl Into<String>) -> Refused {
        Refused { why: Why::Problem(status, detail.into()) }
    }

    /// The engine's refusal, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match &self.why {
            Why::Refusal(refusal) => Some(refusal),
            Why::Problem(..) => None,
        }
    }

    /// A response that the layer will answer with this.
    #[must_use]
    pub fn into_response<B: Default>(self) -> Response<B> {
        let mut response = Response::new(B::default());
        *response.status_mut() = match &self.why {
            Why::Refusal(refusal) => status(refusal.reason().status()),
            Why::Problem(status, _) => *status,
        };
        response.extensions_mut().insert(self);
        response
    }

    pub(crate) fn rendered(&self, answers: &Answers, gate: &Gate) -> Rendered {
        match &self.why {
            Why::Refusal(refusal) => answers.refusal(refusal),
            Why::Problem(status, detail) => {
                answers.problem(Some(gate.accepted()), status.as_u16(), Some(detail))
            }
        }
    }
}

/// An answer of the engine's as it is sent.
pub(crate) fn response<B: From<Bytes>>(rendered: Rendered) -> Response<B> {
    let mut response = Response::new(B::from(Bytes::from(rendered.body)));
    *response.status_mut() = status(rendered.status);
    for (name, value) in rendered.headers {
        // The engine makes these values of its own words and of what it has checked.
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
