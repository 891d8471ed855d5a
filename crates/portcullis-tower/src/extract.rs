//! The gate as an axum extractor, replies and refusals as axum responses.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use portcullis::Refusal;

use crate::layer::matched_as_decided;
use crate::{Gate, Refused, Reply};

impl<S: Sync> FromRequestParts<S> for Gate {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Gate, Refused> {
        // Without the layer there is no gate, and without a gate no handler.
        let Some(gate) = parts.extensions.get::<Gate>() else {
            return Err(Refusal::service_fault().into());
        };
        // Around the whole router the layer cannot see what is matched, and what stands between them
        // may ask for another handler than the one that was decided about.
        if parts.method != *gate.method() || !matched_as_decided(parts, gate) {
            tracing::error!(
                method = %gate.method(),
                route = gate.route(),
                "the handler of another route was called than the engine decided"
            );
            return Err(gate.refused(Refusal::service_fault()));
        }
        Ok(gate.clone())
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
