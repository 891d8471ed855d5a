//! The bodies of refusals and errors, in the form that the policy's `errors` says: a problem document
//! (RFC 9457), or the `simple` one.

use portcullis_compiler::plan::{ErrorFormat, Errors};
use serde_json::{Map, Value, json};

use crate::refusal::{Reason, Refusal};

pub(super) fn media_type(format: ErrorFormat) -> &'static str {
    match format {
        ErrorFormat::Problem => "application/problem+json",
        ErrorFormat::Simple => "application/json",
    }
}

/// The body of a refusal, with its safe half.
pub(super) fn of_refusal(errors: &Errors, refusal: &Refusal, request_id: &str) -> Vec<u8> {
    let status = refusal.status(errors);
    let faults = refusal.faults().iter();
    let faults: Vec<Value> =
        faults.map(|fault| json!({ "field": fault.field, "message": fault.message })).collect();
    let (mut body, list) = match errors.format {
        ErrorFormat::Problem => (problem(status, request_id), "errors"),
        ErrorFormat::Simple => {
            // A reason that the policy gives another's status is not to be told from that one.
            let own = status == refusal.reason().status();
            let said = own.then(|| words_of(refusal.reason())).flatten();
            (simple(said.unwrap_or_else(|| words(status)), request_id), "details")
        }
    };
    if !faults.is_empty() {
        body.insert(list.to_owned(), Value::Array(faults));
    }
    Value::Object(body).to_string().into_bytes()
}

/// The body of a status, and what may be told of it.
pub(super) fn of_status(
    format: ErrorFormat,
    status: u16,
    detail: Option<&str>,
    request_id: &str,
) -> Vec<u8> {
    let body = match format {
        ErrorFormat::Problem => {
            let mut body = problem(status, request_id);
            body.extend(detail.map(|detail| ("detail".to_owned(), detail.into())));
            body
        }
        ErrorFormat::Simple => simple(detail.unwrap_or_else(|| words(status)), request_id),
    };
    Value::Object(body).to_string().into_bytes()
}

fn problem(status: u16, request_id: &str) -> Map<String, Value> {
    Map::from_iter([
        ("type".to_owned(), "about:blank".into()),
        ("title".to_owned(), title(status).into()),
        ("status".to_owned(), status.into()),
        ("requestId".to_owned(), request_id.into()),
    ])
}

fn simple(words: &str, request_id: &str) -> Map<String, Value> {
    Map::from_iter([
        ("error".to_owned(), words.into()),
        ("requestId".to_owned(), request_id.into()),
    ])
}

/// The words of a reason that says more than its status.
fn words_of(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::InvalidInput => Some("Validation failed"),
        Reason::ExpiredCredential => Some("Access token expired"),
        Reason::InvalidCredential => Some("Access token not valid"),
        Reason::RevokedCredential => Some("Signed out: sign in again"),
        Reason::StepUp => Some("Sign in again to do this"),
        Reason::MissingPermission => Some("Insufficient permissions"),
        _ => None,
    }
}

/// The words of a status, for whoever reads a screen.
fn words(status: u16) -> &'static str {
    match status {
        401 => "Sign-in required",
        403 => "Access denied",
        404 => "Not found",
        429 => "Too many requests, try again later",
        503 => "Not available at the moment, try again later",
        500.. => "Something went wrong",
        _ => title(status),
    }
}

/// The phrase of a status that a refusal or a handler's error may have (RFC 9110, 15).
fn title(status: u16) -> &'static str {
    match status {
        301 => "Moved Permanently",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        status if (400..500).contains(&status) => "Client Error",
        _ => "Server Error",
    }
}
