//! `header`: which headers a route may declare, and what they are called.

use portcullis_syntax::{Code, Diagnostic};

use super::super::Report;
use super::super::headers::is_token;
use crate::plan::Shape;

/// The headers that the engine or the server reads: what is decided by them would be decided by two.
const OWN: &[&str] = &[
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "forwarded",
    "host",
    "origin",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-request-id",
];

/// Beginnings of such names.
const OWN_FAMILIES: &[&str] =
    &["access-control-", "x-forwarded-", "x-http-method", "x-method-", "x-original-", "x-rewrite-"];

/// Gives each field the name of its header.
pub(super) fn name(shapes: &mut [Shape], report: &mut Report) {
    for field in shapes.iter_mut().flat_map(|shape| &mut shape.fields) {
        if field.wire == field.name {
            field.wire = field.name.replace('_', "-");
        }
        let wire = field.wire.to_ascii_lowercase();
        let wire = wire.as_str();
        if !is_token(wire) {
            let message = format!("`{}` is not the name of a header", wire.escape_debug());
            report.add(
                Diagnostic::error(Code::BadValue, field.span, message)
                    .help("a name has letters, digits and `-`"),
            );
        }
        let own = OWN.contains(&wire) || OWN_FAMILIES.iter().any(|family| wire.starts_with(family));
        if own {
            report.add(
                Diagnostic::error(
                    Code::Conflict,
                    field.span,
                    format!("the header `{wire}` is read by the engine or the server alone"),
                )
                .help("conditions know what it says as `caller`, `request` or `body`"),
            );
        }
    }
}
