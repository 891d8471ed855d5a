//! The input stage: path parameters, query string, headers and body, each field by its declaration,
//! all faults at once.

mod asked;
mod body;
mod constraint;
mod declared;
mod form;
mod format;
mod reading;
mod time;
mod types;
mod url;

use std::collections::BTreeSet;

use portcullis::Reason;
use portcullis_syntax::ast::{Constraint, Field};
use portcullis_test::Exchange;

pub(crate) use self::declared::{Body, Declared};
use self::reading::{Reading, Sent};
use crate::json::Json;
use crate::policy::{Policy, wire_name};
use crate::route::Route;
use crate::scope::Scope;
use crate::trace::{Clause, Outcome};
use crate::transport::{Arrival, header};
use crate::value::Value;
use crate::{Refused, least};

/// Values by the names of their fields in the policy.
pub(super) type Fields = Vec<(String, Value)>;

/// The sources whose fields conditions and keys read.
pub(super) const SOURCES: [&str; 4] = ["params", "query", "header", "body"];

/// Reads all sources of a request into the scope.
pub(super) fn read(
    policy: &Policy,
    route: &Route,
    arrival: &Arrival<'_>,
    exchange: &Exchange,
    scope: &mut Scope<'_>,
) -> Result<(), Refused> {
    least(body::reasons(policy, route, exchange))?;

    let record = &policy.recorder;
    let mut reading = Reading::new(policy);
    let parameters = arrival.parameters.clone();
    scope.params = texts(&mut reading, &route.params, &parameters, path_name);
    if !route.query.is_empty() {
        let (_, query) = exchange.target.split_once('?').unwrap_or_default();
        match form::pairs(query.as_bytes()) {
            Some(pairs) => scope.query = texts(&mut reading, &route.query, &pairs, outside_name),
            None => {
                reading.fault("");
                let against = Some(Reason::InvalidInput);
                record.decided(Clause::Query, route.query_span, Outcome::NotHeld, against);
            }
        }
    }
    scope.header = headers(&mut reading, &route.header, exchange);
    scope.body = body(&mut reading, route, exchange);

    // Only once all is read, since a condition may read another source.
    let mut faults = reading.faults;
    let mut reasons = Vec::new();
    for asked in reading.asked {
        let held = asked.holds(scope);
        let against = match held {
            Ok(true) => None,
            Ok(false) => {
                faults.insert(asked.at.clone());
                Some(Reason::InvalidInput)
            }
            Err(fault) => Some(fault.into()),
        };
        reasons.extend(held.err().map(Reason::from));
        let (clause, span) = asked.clause();
        record.decided(clause, span, held.into(), against);
    }
    if faults.is_empty() {
        least(reasons)
    } else {
        Err(Refused { reason: Reason::InvalidInput, faults })
    }
}

fn body(reading: &mut Reading<'_>, route: &Route, exchange: &Exchange) -> Fields {
    let sent = exchange.body.as_deref().unwrap_or_default();
    let Some((declared, span)) = &route.body else {
        return Fields::new();
    };
    match declared {
        Body::Raw { .. } if !sent.is_empty() => return Fields::new(),
        Body::Form(declared) if !sent.is_empty() => {
            if let Some(pairs) = form::pairs(sent) {
                return texts(reading, std::slice::from_ref(declared), &pairs, outside_name);
            }
        }
        Body::Json(declared) => {
            if let Some(json @ Json::Object(_)) = Json::read(sent) {
                return reading.object(declared, "", &json);
            }
        }
        Body::Raw { .. } | Body::Form(_) => {}
    }
    reading.fault("");
    reading.record(Clause::Body, *span);
    Fields::new()
}

/// The fields of a source that is pairs of names and texts.
fn texts(
    reading: &mut Reading<'_>,
    declared: &[Declared],
    pairs: &[(String, String)],
    wire: fn(&Field) -> String,
) -> Fields {
    let sent = |name: &str| {
        let texts = pairs.iter().filter(|(given, _)| given == name);
        let texts: Vec<String> = texts.map(|(_, text)| text.clone()).collect();
        (!texts.is_empty()).then_some(Sent::Texts(texts))
    };
    // What one declaration does not know, another may.
    let names: BTreeSet<String> =
        declared.iter().flat_map(|declared| &declared.fields).map(wire).collect();
    let has_unknown = pairs.iter().any(|(name, _)| !names.contains(name));
    let each = declared.iter();
    each.flat_map(|declared| reading.input(declared, "", wire, &sent, has_unknown)).collect()
}

fn headers(reading: &mut Reading<'_>, declared: &[Declared], exchange: &Exchange) -> Fields {
    let sent = |name: &str| {
        let texts: Vec<String> = header(exchange, name).into_iter().map(str::to_owned).collect();
        (!texts.is_empty()).then_some(Sent::Texts(texts))
    };
    // Every request has headers that no route declares.
    let each = declared.iter();
    each.flat_map(|declared| reading.input(declared, "", header_name, &sent, false)).collect()
}

/// A parameter of the path is called as the path calls it.
fn path_name(field: &Field) -> String {
    field.name.node.clone()
}

fn outside_name(field: &Field) -> String {
    wire_name(&field.name, wire(field)).to_owned()
}

fn header_name(field: &Field) -> String {
    wire(field).map_or_else(|| field.name.node.replace('_', "-"), |wire| wire.node.clone())
}

fn wire(field: &Field) -> Option<&portcullis_syntax::Spanned<String>> {
    field.constraints.iter().find_map(|constraint| match constraint {
        Constraint::Wire(wire, _) => Some(wire),
        _ => None,
    })
}
