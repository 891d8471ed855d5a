//! The gate as an axum extractor, replies and refusals as axum responses.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use portcullis::Refusal;

use crate::{Gate, Refused, Reply};

impl<S: Sync> FromRequestParts<S> for Gate {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Gate, Refused> {
        // Without the layer there is no gate, and without a gate no handler.
        parts.extensions.get::<Gate>().cloned().ok_or(Refused(Refusal::service_fault()))
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        Reply::into_response(self)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        Refused::into_response(self)
    }
}
