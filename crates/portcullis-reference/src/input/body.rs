//! What is asked of a body before it is read: its size and its media type.

use portcullis::Reason;
use portcullis_syntax::Span;
use portcullis_syntax::ast::TransportClause;
use portcullis_test::Exchange;

use super::declared::Body;
use crate::policy::Policy;
use crate::route::Route;
use crate::trace::{Clause, Outcome};
use crate::transport::header;
use crate::value::Value;

/// What there is against the body.
pub(super) fn reasons(policy: &Policy, route: &Route, exchange: &Exchange) -> Vec<Reason> {
    let size = exchange.body.as_ref().map_or(0, Vec::len);
    let mut reasons = Vec::new();
    let record = &policy.recorder;
    let body = route.body.as_ref().map(|(_, span)| *span);
    let (limit, said) = limit(policy, route);
    let against = (size as u64 > limit).then_some(Reason::BodyTooLarge);
    record.decided(Clause::BodySize, said, Outcome::of(against.is_none()), against);
    reasons.extend(against);
    if size > 0 {
        let is_taken = is_taken(policy, route, exchange);
        let against = (!is_taken).then_some(Reason::UnsupportedMediaType);
        record.decided(Clause::Body, body.or(route.span), Outcome::of(is_taken), against);
        reasons.extend(against);
    }
    reasons
}

/// And where it is said.
fn limit(policy: &Policy, route: &Route) -> (u64, Option<Span>) {
    if let Some((Body::Raw { max, .. }, _)) = &route.body {
        return (u64::try_from(policy.int(max)).unwrap(), Some(max.span));
    }
    let limit = policy.transport(|clause| match clause {
        TransportClause::BodyLimit { size, profiles, span } => {
            Some(((policy.int(size), *span), profiles))
        }
        _ => None,
    });
    limit.map_or((64 * 1024, None), |(limit, span)| (u64::try_from(limit).unwrap(), Some(span)))
}

/// Whether a body of this kind is taken, as it is.
fn is_taken(policy: &Policy, route: &Route, exchange: &Exchange) -> bool {
    let is_of_kind = match route.body.as_ref().map(|(body, _)| body) {
        None => false,
        Some(Body::Json(_)) => is_of(exchange, "application/json"),
        Some(Body::Form(_)) => is_of(exchange, "application/x-www-form-urlencoded"),
        Some(Body::Raw { types: None, .. }) => true,
        Some(Body::Raw { types: Some(types), .. }) => {
            let Value::List(types) = policy.value(types) else { panic!("compiled") };
            types.iter().any(|kind| match kind {
                Value::Text(kind) => is_of(exchange, kind),
                _ => panic!("compiled"),
            })
        }
    };
    let codings = header(exchange, "Content-Encoding");
    is_of_kind && codings.iter().all(|coding| coding.eq_ignore_ascii_case("identity"))
}

/// Whether the body says that it is of a media type, and if it names a charset, of UTF-8.
fn is_of(exchange: &Exchange, kind: &str) -> bool {
    let [content_type] = header(exchange, "Content-Type")[..] else {
        return false;
    };
    let parts: Vec<&str> =
        content_type.split(';').map(|part| part.trim_matches([' ', '\t'])).collect();
    let is = |text: &str, wanted: &str| text.eq_ignore_ascii_case(wanted);
    match parts[..] {
        [given] => is(given, kind),
        [given, charset] => {
            is(given, kind) && (is(charset, "charset=utf-8") || is(charset, "charset=\"utf-8\""))
        }
        _ => false,
    }
}
