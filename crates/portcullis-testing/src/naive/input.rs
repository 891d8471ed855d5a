//! The input stage: path parameters and body, each field by its declaration, all faults at once.

use std::collections::BTreeSet;

use portcullis::Reason;
use portcullis_syntax::ast::{Constraint, Field, InputTypeKind, TransportClause};
use portcullis_test::Exchange;

use super::comparison::{equal, is_in_range};
use super::json::Json;
use super::policy::{Policy, Route};
use super::transport::{Arrival, header};
use super::value::{Value, uuid};
use super::{Refused, least};

/// Values by the names of their fields.
type Fields = Vec<(String, Value)>;

/// The values of the path parameters and of the body.
pub(super) fn read(
    policy: &Policy,
    route: &Route,
    arrival: &Arrival<'_>,
    exchange: &Exchange,
) -> Result<(Fields, Fields), Refused> {
    let sent = exchange.body.as_deref().unwrap_or_default();
    let mut reasons = Vec::new();
    if sent.len() as u64 > body_limit(policy) {
        reasons.push(Reason::BodyTooLarge);
    }
    if !sent.is_empty() && (route.body.is_none() || !is_plain_json(exchange)) {
        reasons.push(Reason::UnsupportedMediaType);
    }
    least(reasons)?;

    let mut faults = BTreeSet::new();
    let mut params = Fields::new();
    for (name, text) in &arrival.parameters {
        let field = route.params.iter().rfind(|field| field.name.node == *name).expect("compiled");
        take(policy, field, Some(from_path(field, text)), &mut params, &mut faults);
    }
    let mut body = Fields::new();
    if let Some(declared) = &route.body {
        match Json::read(sent) {
            Some(json @ Json::Object(_)) => {
                for field in declared {
                    let given = json.member(&field.name.node);
                    let given = given.map(|json| from_json(field, json));
                    take(policy, field, given, &mut body, &mut faults);
                }
            }
            _ => {
                faults.insert(String::new());
            }
        }
    }
    if faults.is_empty() {
        Ok((params, body))
    } else {
        Err(Refused { reason: Reason::InvalidInput, faults })
    }
}

/// Keeps the value of a field, or its fault. `given` is nothing where the field was not sent, and
/// nothing within where it was sent with another type.
fn take(
    policy: &Policy,
    field: &Field,
    given: Option<Option<Value>>,
    values: &mut Fields,
    faults: &mut BTreeSet<String>,
) {
    let value = match given {
        Some(value) => {
            value.map(|value| trimmed(field, value)).filter(|value| fits(policy, field, value))
        }
        None => default(policy, field).or(field.kind.optional.then_some(Value::Absent)),
    };
    match value {
        Some(value) => values.push((field.name.node.clone(), value)),
        None => {
            faults.insert(field.name.node.clone());
        }
    }
}

fn from_path(field: &Field, text: &str) -> Option<Value> {
    match type_name(field) {
        "string" => Some(Value::Text(text.to_owned())),
        "int" => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let plain = text == "0" || !digits.starts_with(['0', '+', '-']);
            text.parse().ok().filter(|_| plain).map(Value::Int)
        }
        "uuid" => uuid(text).map(Value::Uuid),
        other => panic!("`{other}` is not supported yet"),
    }
}

fn from_json(field: &Field, json: &Json) -> Option<Value> {
    match type_name(field) {
        "string" => json.text().map(|text| Value::Text(text.to_owned())),
        "int" => json.int().map(Value::Int),
        "uuid" => json.text().and_then(uuid).map(Value::Uuid),
        other => panic!("`{other}` is not supported yet"),
    }
}

fn trimmed(field: &Field, value: Value) -> Value {
    let trims = field.constraints.iter().any(|c| matches!(c, Constraint::Trim(_)));
    match value {
        Value::Text(text) if trims => Value::Text(text.trim().to_owned()),
        other => other,
    }
}

/// Whether every constraint of a field holds.
fn fits(policy: &Policy, field: &Field, value: &Value) -> bool {
    let size = match value {
        Value::Text(text) => Value::Int(i64::try_from(text.chars().count()).unwrap()),
        other => other.clone(),
    };
    field.constraints.iter().all(|constraint| match constraint {
        Constraint::Trim(_) | Constraint::Default(..) => true,
        Constraint::Min(min, _) => int(&size) >= int(&policy.value(min)),
        Constraint::Max(max, _) => int(&size) <= int(&policy.value(max)),
        Constraint::Range(range, _) => is_in_range(&size, range).unwrap(),
        Constraint::OneOf(choices, _) => {
            let Value::List(choices) = policy.value(choices) else { panic!("compiled") };
            choices.iter().any(|choice| equal(value, choice).unwrap())
        }
        other => panic!("`{}` is not supported yet", other.word()),
    })
}

fn int(value: &Value) -> i64 {
    if let Value::Int(int) = value { *int } else { panic!("only an int has a bound") }
}

fn default(policy: &Policy, field: &Field) -> Option<Value> {
    field.constraints.iter().find_map(|constraint| match constraint {
        Constraint::Default(value, _) => Some(match (policy.value(value), type_name(field)) {
            (Value::Text(text), "uuid") => Value::Uuid(uuid(&text).expect("compiled")),
            (value, _) => value,
        }),
        _ => None,
    })
}

fn type_name(field: &Field) -> &str {
    match &field.kind.node {
        InputTypeKind::Named(name) => &name.node,
        InputTypeKind::List(..) => panic!("a list is not supported yet"),
    }
}

fn body_limit(policy: &Policy) -> u64 {
    let limit = policy.transport(|clause| match clause {
        TransportClause::BodyLimit { size, profiles, .. } => Some((policy.int(size), profiles)),
        _ => None,
    });
    limit.map_or(64 * 1024, |limit| u64::try_from(limit).unwrap())
}

/// Whether the body says that it is JSON, in UTF-8 and as it is.
fn is_plain_json(exchange: &Exchange) -> bool {
    let is = |text: &str, wanted: &str| text.eq_ignore_ascii_case(wanted);
    let [content_type] = header(exchange, "Content-Type")[..] else {
        return false;
    };
    let parts: Vec<&str> =
        content_type.split(';').map(|part| part.trim_matches([' ', '\t'])).collect();
    let is_json = match parts[..] {
        [kind] => is(kind, "application/json"),
        [kind, charset] => {
            is(kind, "application/json")
                && (is(charset, "charset=utf-8") || is(charset, "charset=\"utf-8\""))
        }
        _ => false,
    };
    is_json && header(exchange, "Content-Encoding").iter().all(|coding| is(coding, "identity"))
}
