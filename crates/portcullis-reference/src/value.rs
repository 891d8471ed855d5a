//! The values that conditions and keys speak of, and how they come from facts and literals.

use std::net::IpAddr;

use portcullis_syntax::ast::{Literal, Network, Range, TypeKind};
use portcullis_test::{Fact, Facts};

use crate::policy::Policy;
use crate::scope::Fault;

/// A value of the language. A value of an enum is its name, as text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Absent,
    Bool(bool),
    Int(i64),
    Number(f64),
    Text(String),
    Uuid(u128),
    /// Nanoseconds since the Unix epoch.
    Time(i128),
    /// Nanoseconds.
    Duration(i128),
    /// Canonical: IPv4 in IPv6 is IPv4.
    Ip(IpAddr),
    Network(Network),
    Range(Range),
    List(Vec<Value>),
}

impl From<&Literal> for Value {
    fn from(literal: &Literal) -> Value {
        match literal {
            Literal::Text(text) => Value::Text(text.clone()),
            Literal::Int(int) => Value::Int(*int),
            Literal::Number(number) => Value::Number(*number),
            Literal::Bool(bool) => Value::Bool(*bool),
            Literal::Duration(seconds) => Value::Duration(i128::from(*seconds) * 1_000_000_000),
            Literal::Size(bytes) => Value::Int(i64::try_from(*bytes).unwrap()),
            Literal::Time(nanos) => Value::Time(i128::from(*nanos)),
            Literal::Ip(ip) => Value::Ip(ip.to_canonical()),
            Literal::Network(network) => Value::Network(*network),
            Literal::Range(range) => Value::Range(*range),
        }
    }
}

impl From<&Value> for Fact {
    fn from(value: &Value) -> Fact {
        // Both hold what came as 64 bits, and durations of literals that no year needs more for.
        let nanos = |nanos: &i128| i64::try_from(*nanos).unwrap_or(i64::MAX);
        match value {
            // A range stands in a policy only, and nothing reads it.
            Value::Absent | Value::Range(_) => Fact::Absent,
            Value::Bool(value) => Fact::Bool(*value),
            Value::Int(value) => Fact::Int(*value),
            Value::Number(value) => Fact::Number(*value),
            Value::Text(text) => Fact::Text(text.clone()),
            Value::Uuid(value) => Fact::Uuid(*value),
            Value::Time(at) => Fact::Time(nanos(at)),
            Value::Duration(long) => Fact::Duration(nanos(long)),
            Value::Ip(ip) => Fact::Ip(*ip),
            Value::Network(network) => Fact::Network(network.address(), network.prefix()),
            Value::List(values) => Fact::List(values.iter().map(Fact::from).collect()),
        }
    }
}

/// A fact by its name; one that is not there is absent.
pub(crate) fn fact<'a>(facts: &'a Facts, name: &str) -> &'a Fact {
    facts.iter().find(|(given, _)| given == name).map_or(&Fact::Absent, |(_, fact)| fact)
}

/// The value of a fact, which must be of its declared type.
pub(crate) fn typed(policy: &Policy, fact: &Fact, kind: &TypeKind) -> Result<Value, Fault> {
    match (kind, fact) {
        (TypeKind::Optional(_), Fact::Absent) => Ok(Value::Absent),
        (TypeKind::Optional(inner), _) => typed(policy, fact, &inner.node),
        (TypeKind::List(inner), Fact::List(facts)) => {
            let values = facts.iter().map(|fact| typed(policy, fact, &inner.node));
            values.collect::<Result<Vec<Value>, Fault>>().map(Value::List)
        }
        (TypeKind::Named(name), _) => named(policy, fact, name),
        (TypeKind::List(_), _) => Err(Fault),
    }
}

fn named(policy: &Policy, fact: &Fact, kind: &str) -> Result<Value, Fault> {
    match (kind, fact) {
        ("string" | "url" | "role", Fact::Text(text)) => Ok(Value::Text(text.clone())),
        ("int", Fact::Int(int)) => Ok(Value::Int(*int)),
        ("number", Fact::Number(number)) if number.is_finite() => Ok(Value::Number(*number)),
        ("bool", Fact::Bool(bool)) => Ok(Value::Bool(*bool)),
        ("time", Fact::Time(nanos)) => Ok(Value::Time(i128::from(*nanos))),
        ("duration", Fact::Duration(nanos)) => Ok(Value::Duration(i128::from(*nanos))),
        ("ip", Fact::Ip(ip)) => Ok(Value::Ip(ip.to_canonical())),
        ("uuid", Fact::Uuid(uuid)) => Ok(Value::Uuid(*uuid)),
        ("network", Fact::Network(address, prefix)) => {
            Network::new(*address, *prefix).map(Value::Network).ok_or(Fault)
        }
        (_, Fact::Text(text)) => {
            let enumeration = policy.enumeration(kind).ok_or(Fault)?;
            let is_member = enumeration.members.iter().any(|member| member.name.node == *text);
            if is_member { Ok(Value::Text(text.clone())) } else { Err(Fault) }
        }
        _ => Err(Fault),
    }
}

/// Reads the 36-character form of a UUID, in either case.
pub(crate) fn uuid(text: &str) -> Option<u128> {
    let uuid = uuid::Uuid::try_parse(text).ok().filter(|_| text.len() == 36)?;
    Some(uuid.as_u128())
}
