//! The types of fields: which texts and which JSON is a value of them.

use std::net::IpAddr;

use portcullis_syntax::ast::{InputType, InputTypeKind, Network};

use super::time;
use super::url::url;
use crate::json::Json;
use crate::policy::{Policy, wire_name};
use crate::value::{Value, uuid};

pub(super) fn from_json(policy: &Policy, kind: &str, json: &Json) -> Option<Value> {
    match (kind, json) {
        ("int", json) => json.int().map(Value::Int),
        ("number", Json::Number(text)) => text.parse().ok().map(Value::Number),
        ("bool", Json::Bool(bool)) => Some(Value::Bool(*bool)),
        ("number" | "bool", _) => None,
        (kind, json) => from_text(policy, kind, json.text()?),
    }
}

pub(super) fn from_text(policy: &Policy, kind: &str, text: &str) -> Option<Value> {
    match kind {
        "string" => Some(Value::Text(text.to_owned())),
        "int" => int(text).map(Value::Int),
        "number" => number(text).map(Value::Number),
        "bool" => match text {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        "uuid" => uuid(text).map(Value::Uuid),
        "time" => time::time(text).map(Value::Time),
        "duration" => duration(text).map(Value::Duration),
        "ip" => ip(text).map(|ip| Value::Ip(ip.to_canonical())),
        "network" => network(text).map(Value::Network),
        "url" => url(text).map(Value::Text),
        name => {
            let members = &policy.enumeration(name).expect("compiled").members;
            let mut members = members.iter();
            let is = |wire: Option<_>, name| wire_name(name, wire) == text;
            let member = members.find(|member| is(member.wire.as_ref(), &member.name))?;
            Some(Value::Text(member.name.node.clone()))
        }
    }
}

/// What a value of the policy's own means for a field of this type.
pub(super) fn meant(kind: &InputType, value: Value) -> Value {
    match (&kind.node, value) {
        (InputTypeKind::List(element, _), Value::List(values)) => {
            Value::List(values.into_iter().map(|value| meant(element, value)).collect())
        }
        (InputTypeKind::Named(name), value) => meant_by(&name.node, value),
        (InputTypeKind::List(..), _) => panic!("compiled"),
    }
}

/// A text stands for a UUID and for a URL, an int for a number.
pub(super) fn meant_by(kind: &str, value: Value) -> Value {
    match (kind, value) {
        ("uuid", Value::Text(text)) => Value::Uuid(uuid(&text).expect("compiled")),
        ("url", Value::Text(text)) => Value::Text(url(&text).expect("compiled")),
        ("number", Value::Int(int)) => Value::Number(int as f64),
        (_, value) => value,
    }
}

pub(super) fn ip(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

fn int(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = text == "0" || !digits.starts_with(['0', '+', '-']);
    text.parse().ok().filter(|_| is_plain)
}

/// As JSON writes it, with nothing around it.
fn number(text: &str) -> Option<f64> {
    let is_space = |c: char| [' ', '\t', '\n', '\r'].contains(&c);
    match Json::read(text.as_bytes())? {
        Json::Number(number) if !text.contains(is_space) => number.parse().ok(),
        _ => None,
    }
}

/// Nanoseconds.
fn duration(text: &str) -> Option<i128> {
    let unit = text.chars().last()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return None,
    };
    let count = int(text.strip_suffix(unit)?).filter(|count| *count > 0)?;
    let nanos = i128::from(count) * seconds * 1_000_000_000;
    i64::try_from(nanos).ok().map(i128::from)
}

/// Canonical: no bit behind the prefix is set.
fn network(text: &str) -> Option<Network> {
    let (address, prefix) = text.split_once('/')?;
    let address = ip(address)?;
    let (bits, width) = match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    };
    let prefix = u8::try_from(int(prefix)?).ok().filter(|prefix| *prefix <= width)?;
    let behind = bits.checked_shl(u32::from(prefix)).unwrap_or(0);
    if behind == 0 { Network::new(address, prefix) } else { None }
}
