//! Values held against each other. Both sides are of one type, and neither is absent.

use std::cmp::Ordering;

use portcullis_syntax::ast::{Bound, Range};

use crate::scope::Fault;
use crate::value::{Value, uuid};

/// Whether two values of one type are equal. A literal may stand for a type that has none.
pub(crate) fn equal(left: &Value, right: &Value) -> Result<bool, Fault> {
    match (left, right) {
        (Value::Uuid(id), Value::Text(text)) | (Value::Text(text), Value::Uuid(id)) => {
            uuid(text).map(|text| text == *id).ok_or(Fault)
        }
        (Value::Int(_) | Value::Number(_), Value::Int(_) | Value::Number(_)) => {
            order(left, right).map(|ordering| ordering == Ordering::Equal)
        }
        (Value::Network(left), Value::Network(right)) => Ok(left == right),
        (Value::Text(left), Value::Text(right)) => Ok(left == right),
        (Value::Bool(left), Value::Bool(right)) => Ok(left == right),
        (Value::Uuid(left), Value::Uuid(right)) => Ok(left == right),
        (Value::Time(left), Value::Time(right)) => Ok(left == right),
        (Value::Duration(left), Value::Duration(right)) => Ok(left == right),
        (Value::Ip(left), Value::Ip(right)) => Ok(left == right),
        _ => Err(Fault),
    }
}

pub(crate) fn order(left: &Value, right: &Value) -> Result<Ordering, Fault> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Ok(left.cmp(right)),
        (Value::Int(left), Value::Number(right)) => (*left as f64).partial_cmp(right).ok_or(Fault),
        (Value::Number(left), Value::Int(right)) => left.partial_cmp(&(*right as f64)).ok_or(Fault),
        (Value::Number(left), Value::Number(right)) => left.partial_cmp(right).ok_or(Fault),
        (Value::Time(left), Value::Time(right)) => Ok(left.cmp(right)),
        (Value::Duration(left), Value::Duration(right)) => Ok(left.cmp(right)),
        _ => Err(Fault),
    }
}

pub(crate) fn is_in(value: &Value, within: &Value) -> Result<bool, Fault> {
    match (value, within) {
        (Value::Absent, _) => Err(Fault),
        (Value::Ip(ip), Value::Network(network)) => Ok(network.contains(*ip)),
        (_, Value::Range(range)) => is_in_range(value, range),
        (_, Value::List(items)) => {
            let mut found = false;
            for item in items {
                found |= match (value, item) {
                    (Value::Ip(_), Value::Network(_)) => is_in(value, item)?,
                    _ => equal(value, item)?,
                };
            }
            Ok(found)
        }
        _ => Err(Fault),
    }
}

/// Whether a value lies in a range, ends included.
pub(crate) fn is_in_range(value: &Value, range: &Range) -> Result<bool, Fault> {
    let bound = |bound: Bound| match bound {
        Bound::Int(int) => Value::Int(int),
        Bound::Number(number) => Value::Number(number),
    };
    let low = order(value, &bound(range.low))? != Ordering::Less;
    let high = match range.high {
        Some(high) => order(value, &bound(high))? != Ordering::Greater,
        None => true,
    };
    Ok(low && high)
}
