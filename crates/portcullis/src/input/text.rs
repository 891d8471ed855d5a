//! Values that are written as text: in JSON those that JSON has no type for, elsewhere all.

use portcullis_compiler::plan::{self, Constant, FieldType, Plan, Rule, Type};
use portcullis_syntax::Span;

use super::{Kept, Reading, Where};
use crate::json::{self, Json};
use crate::outbound;

impl Reading<'_> {
    /// Reads a value where there is nothing but text: a path, a query string, a form, a header.
    pub(super) fn plain(&mut self, rule: &Rule, text: &str, at: &Where<'_>, span: Span) -> Kept {
        let value = match rule.kind {
            FieldType::Plain(Type::Int) => whole(text).map(Constant::Int),
            FieldType::Plain(Type::Number) => number(text).map(Constant::Number),
            FieldType::Plain(Type::Bool) => match text {
                "true" => Some(Constant::Bool(true)),
                "false" => Some(Constant::Bool(false)),
                _ => None,
            },
            _ => return self.text(rule, text, at, span),
        };
        match value {
            Some(value) => self.keep(rule, value, at, span),
            None => self.mistyped(rule, at, span),
        }
    }

    /// Reads a value that is text in JSON too.
    pub(super) fn text(&mut self, rule: &Rule, text: &str, at: &Where<'_>, span: Span) -> Kept {
        let FieldType::Plain(kind) = &rule.kind else {
            return self.mistyped(rule, at, span);
        };
        let value = match kind {
            Type::String => Some(Constant::Text(rule.constraints.normal(text).into_owned())),
            Type::Url => plan::url(text).map(Constant::Text),
            Type::Uuid => uuid(text).map(Constant::Uuid),
            Type::Time => plan::time(text).map(Constant::Time),
            Type::Duration => duration(text).map(Constant::Duration),
            Type::Ip => plan::ip(text).map(Constant::Ip),
            Type::Network => plan::network(text).map(Constant::Network),
            Type::Enumeration(index) => {
                let members = self.plan.enumerations.get(*index).map(|found| &found.members);
                let place =
                    members.and_then(|members| members.iter().position(|(_, wire)| wire == text));
                place.map(Constant::Member)
            }
            Type::Int | Type::Number | Type::Bool | Type::Resource(_) | Type::List(_) => None,
        };
        let Some(value) = value else {
            return self.mistyped(rule, at, span);
        };
        // As the client wrote it: an outbound is stricter about that than a `url` is.
        match rule.constraints.through.map(|index| self.plan.outbounds.get(index)) {
            None => self.keep(rule, value, at, span),
            Some(Some(found)) => match outbound::check(found, text) {
                Ok(()) => self.keep(rule, value, at, span),
                Err(message) => self.fault(at, span, message),
            },
            Some(None) => self.fault(at, span, "cannot be fetched"),
        }
    }

    /// Notes that a value is of another type.
    pub(super) fn mistyped(&mut self, rule: &Rule, at: &Where<'_>, span: Span) -> Kept {
        let message = match &rule.kind {
            FieldType::List(_) => "must be a list".to_owned(),
            FieldType::Input(_) => "must be an object".to_owned(),
            FieldType::Plain(Type::Enumeration(index)) => {
                let members = self.plan.enumerations.get(*index).map(|found| &found.members);
                let wires = members.into_iter().flatten().map(|(_, wire)| format!("\"{wire}\""));
                format!("must be one of {}", wires.collect::<Vec<_>>().join(", "))
            }
            FieldType::Plain(kind) => match kind {
                Type::String => "must be a string",
                Type::Int => "must be a whole number",
                Type::Number => "must be a number",
                Type::Bool => "must be true or false",
                Type::Time => "must be a time like 2026-01-31T09:30:00Z",
                Type::Duration => "must be a duration like 15m",
                Type::Ip => "must be an IP address",
                Type::Network => "must be a network like 10.0.0.0/8",
                Type::Uuid => "must be a UUID",
                Type::Url => "must be an absolute http or https URL without credentials",
                Type::Enumeration(_) | Type::Resource(_) | Type::List(_) => "is of another type",
            }
            .to_owned(),
        };
        self.fault(at, span, message)
    }
}

/// `0|-?[1-9][0-9]*` within 64 bits: one number has one text.
fn whole(raw: &str) -> Option<i64> {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    let plain = digits.bytes().all(|b| b.is_ascii_digit())
        && !digits.is_empty()
        && (raw == "0" || !digits.starts_with('0'));
    if plain { raw.parse().ok() } else { None }
}

/// A number as JSON writes it (RFC 8259, 6), and finite.
fn number(raw: &str) -> Option<f64> {
    let of_number = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    if !raw.bytes().all(of_number) {
        return None;
    }
    match json::parse(raw.as_bytes()).ok()? {
        Json::Int(value) => Some(value as f64),
        Json::Number(value) => Some(value),
        _ => None,
    }
}

/// The form of RFC 9562, 4 alone: no braces, no URN, no missing hyphens.
fn uuid(raw: &str) -> Option<u128> {
    if raw.len() != 36 {
        return None;
    }
    uuid::Uuid::try_parse(raw).ok().map(|uuid| uuid.as_u128())
}

/// A duration as the language writes it, in nanoseconds: a positive int and one of `s m h d`.
fn duration(raw: &str) -> Option<i64> {
    const UNITS: [(char, i64); 4] = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)];
    let (count, unit) =
        UNITS.iter().find_map(|(letter, seconds)| Some((raw.strip_suffix(*letter)?, *seconds)))?;
    let count = whole(count).filter(|count| *count > 0)?;
    count.checked_mul(unit)?.checked_mul(1_000_000_000)
}

/// A constant as a client would write it.
pub(super) fn of(value: &Constant, rule: &Rule, plan: &Plan) -> String {
    match value {
        Constant::Text(text) => format!("\"{text}\""),
        Constant::Int(value) => value.to_string(),
        Constant::Number(value) => value.to_string(),
        Constant::Bool(value) => value.to_string(),
        other => format!("\"{}\"", written(other, plain(rule), plan)),
    }
}

/// The type of a value that is no list and no object.
pub(super) fn plain(rule: &Rule) -> Option<&Type> {
    match &rule.kind {
        FieldType::Plain(kind) => Some(kind),
        _ => None,
    }
}

/// The text of a value that JSON has no type for.
pub(crate) fn written(value: &Constant, kind: Option<&Type>, plan: &Plan) -> String {
    match value {
        Constant::Text(text) => text.clone(),
        Constant::Int(value) => value.to_string(),
        Constant::Number(value) => value.to_string(),
        Constant::Bool(value) => value.to_string(),
        Constant::Uuid(value) => uuid::Uuid::from_u128(*value).to_string(),
        Constant::Time(nanos) => plan::time_text(*nanos),
        Constant::Duration(nanos) => format!("{}s", nanos / 1_000_000_000),
        Constant::Ip(address) => address.to_string(),
        Constant::Network(network) => format!("{}/{}", network.address(), network.prefix()),
        Constant::Member(place) => {
            let Some(Type::Enumeration(index)) = kind else {
                return String::new();
            };
            let members = plan.enumerations.get(*index).map(|found| &found.members);
            let member = members.and_then(|members| members.get(*place));
            member.map(|(_, wire)| wire.clone()).unwrap_or_default()
        }
        // A list is written element by element.
        Constant::List(_) => String::new(),
    }
}
