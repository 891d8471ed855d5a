//! Parameters and body: checked against their fields, normalised, and kept in place of what came.

use portcullis_compiler::plan::{Constant, Field, FieldType, Parameter};
use smallvec::SmallVec;

use crate::json::Json;
use crate::refusal::Fault;
use crate::request::Routed;

/// What a request brought, once it is known to be as declared.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    params: SmallVec<[Param; 2]>,
    fields: Vec<Owned>,
}

/// A path parameter. Text stays where it is, in the path.
#[derive(Debug, Clone, Copy)]
enum Param {
    /// Both in bytes: a whole number would make room for itself on a bound of its own size.
    Int([u8; 8]),
    Uuid([u8; 16]),
    Text(u16, u16),
}

/// A field of a body.
#[derive(Debug, Clone)]
enum Owned {
    Absent,
    Int(i64),
    Uuid(u128),
    Text(String),
}

/// A value that a client entered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Entered<'a> {
    Absent,
    Int(i64),
    Uuid(u128),
    Text(&'a str),
}

impl Inputs {
    /// A parameter's value, given the path that it stands in.
    pub(crate) fn param<'a>(&self, slot: usize, path: &'a str) -> Option<Entered<'a>> {
        Some(match *self.params.get(slot)? {
            Param::Int(value) => Entered::Int(i64::from_ne_bytes(value)),
            Param::Uuid(value) => Entered::Uuid(u128::from_ne_bytes(value)),
            Param::Text(start, end) => {
                Entered::Text(path.get(usize::from(start)..usize::from(end))?)
            }
        })
    }

    /// A body field's value.
    pub(crate) fn field(&self, slot: usize) -> Option<Entered<'_>> {
        Some(match self.fields.get(slot)? {
            Owned::Absent => Entered::Absent,
            Owned::Int(value) => Entered::Int(*value),
            Owned::Uuid(value) => Entered::Uuid(*value),
            Owned::Text(text) => Entered::Text(text),
        })
    }

    /// Checks the parameters of a path; faults are added to those found so far.
    pub(crate) fn take_params(
        &mut self,
        routed: &Routed<'_>,
        params: &[Parameter],
        faults: &mut Vec<Fault>,
    ) {
        for (place, parameter) in params.iter().enumerate() {
            let raw = routed.param(place);
            let start = routed.way.params.get(place).map_or(0, |(start, _)| *start);
            let field = &parameter.field;
            let value = match text_of_kind(field, raw) {
                Some(value) => value,
                None => {
                    faults.push(fault(&field.name, expected(field)));
                    continue;
                }
            };
            if !constraints(field, value, faults) {
                continue;
            }
            self.params.push(match value {
                Entered::Int(value) => Param::Int(value.to_ne_bytes()),
                Entered::Uuid(value) => Param::Uuid(value.to_ne_bytes()),
                Entered::Text(text) => {
                    let skipped = if field.trim { raw.len() - raw.trim_start().len() } else { 0 };
                    let start = start.saturating_add(u16::try_from(skipped).unwrap_or(u16::MAX));
                    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
                    Param::Text(start, start.saturating_add(length))
                }
                Entered::Absent => continue,
            });
        }
    }

    /// Checks the fields of a body; faults are added to those found so far.
    pub(crate) fn take_body(&mut self, body: &Json, fields: &[Field], faults: &mut Vec<Fault>) {
        if !matches!(body, Json::Object(_)) {
            faults.push(fault("", "must be a JSON object"));
            return;
        }
        for field in fields {
            let found = match body.member(&field.name) {
                None => match &field.default {
                    Some(default) => {
                        self.fields.push(of_constant(default));
                        continue;
                    }
                    None if field.optional => {
                        self.fields.push(Owned::Absent);
                        continue;
                    }
                    None => {
                        faults.push(fault(&field.name, "is required"));
                        continue;
                    }
                },
                Some(found) => json_of_kind(field, found),
            };
            let Some(value) = found else {
                faults.push(fault(&field.name, expected(field)));
                continue;
            };
            if constraints(field, value, faults) {
                self.fields.push(match value {
                    Entered::Absent => Owned::Absent,
                    Entered::Int(value) => Owned::Int(value),
                    Entered::Uuid(value) => Owned::Uuid(value),
                    Entered::Text(text) => Owned::Text(text.to_owned()),
                });
            }
        }
    }

    /// The parameters as a JSON object, for the application's own type.
    pub(crate) fn params_json(&self, path: &str, params: &[Parameter]) -> serde_json::Value {
        let fields = params.iter().map(|param| &param.field).enumerate();
        object(fields.filter_map(|(slot, field)| Some((field, self.param(slot, path)?))))
    }

    /// The body as a JSON object, for the application's own type.
    pub(crate) fn body_json(&self, fields: &[Field]) -> serde_json::Value {
        object(
            fields.iter().enumerate().filter_map(|(slot, field)| Some((field, self.field(slot)?))),
        )
    }
}

fn object<'a>(fields: impl Iterator<Item = (&'a Field, Entered<'a>)>) -> serde_json::Value {
    let mut map = serde_json::Map::new();
    for (field, value) in fields {
        let value = match value {
            Entered::Absent => continue,
            Entered::Int(value) => value.into(),
            Entered::Uuid(value) => uuid::Uuid::from_u128(value).to_string().into(),
            Entered::Text(text) => text.into(),
        };
        map.insert(field.name.clone(), value);
    }
    serde_json::Value::Object(map)
}

fn of_constant(constant: &Constant) -> Owned {
    match constant {
        Constant::Text(text) => Owned::Text(text.clone()),
        Constant::Int(value) => Owned::Int(*value),
        Constant::Uuid(value) => Owned::Uuid(*value),
        // The compiler gives a field no default of another type.
        _ => Owned::Absent,
    }
}

/// The text of a path parameter as a value of its type.
fn text_of_kind<'a>(field: &Field, raw: &'a str) -> Option<Entered<'a>> {
    match field.kind {
        FieldType::String => Some(Entered::Text(if field.trim { raw.trim() } else { raw })),
        FieldType::Int => whole(raw).map(Entered::Int),
        FieldType::Uuid => uuid(raw).map(Entered::Uuid),
    }
}

fn json_of_kind<'a>(field: &Field, found: &'a Json) -> Option<Entered<'a>> {
    match (field.kind, found) {
        (FieldType::String, Json::Text(text)) => {
            Some(Entered::Text(if field.trim { text.trim() } else { text }))
        }
        (FieldType::Int, Json::Int(value)) => Some(Entered::Int(*value)),
        (FieldType::Uuid, Json::Text(text)) => uuid(text).map(Entered::Uuid),
        _ => None,
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

/// The form of RFC 9562, 4 alone: no braces, no URN, no missing hyphens.
fn uuid(raw: &str) -> Option<u128> {
    if raw.len() != 36 {
        return None;
    }
    uuid::Uuid::try_parse(raw).ok().map(|uuid| uuid.as_u128())
}

fn expected(field: &Field) -> &'static str {
    match field.kind {
        FieldType::String => "must be a string",
        FieldType::Int => "must be a whole number",
        FieldType::Uuid => "must be a UUID",
    }
}

/// Adds a fault for each constraint that a value does not fulfil.
fn constraints(field: &Field, value: Entered<'_>, faults: &mut Vec<Fault>) -> bool {
    let before = faults.len();
    let (size, unit) = match value {
        Entered::Text(text) if field.min.is_some() || field.max.is_some() => {
            (i64::try_from(text.chars().count()).unwrap_or(i64::MAX), " characters")
        }
        Entered::Int(value) => (value, ""),
        _ => (0, ""),
    };
    if !matches!(value, Entered::Uuid(_) | Entered::Absent) {
        let (verb, least, most) =
            if unit.is_empty() { ("be", "least", "most") } else { ("have", "least", "most") };
        if let Some(min) = field.min.filter(|min| size < *min) {
            faults.push(fault(&field.name, format!("must {verb} at {least} {min}{unit}")));
        }
        if let Some(max) = field.max.filter(|max| size > *max) {
            faults.push(fault(&field.name, format!("must {verb} at {most} {max}{unit}")));
        }
    }
    if !field.one_of.is_empty() && !field.one_of.iter().any(|allowed| same(allowed, value)) {
        let allowed = field.one_of.iter().map(constant_text).collect::<Vec<_>>().join(", ");
        faults.push(fault(&field.name, format!("must be one of {allowed}")));
    }
    faults.len() == before
}

fn same(allowed: &Constant, value: Entered<'_>) -> bool {
    match (allowed, value) {
        (Constant::Text(allowed), Entered::Text(text)) => allowed == text,
        (Constant::Int(allowed), Entered::Int(value)) => *allowed == value,
        (Constant::Uuid(allowed), Entered::Uuid(value)) => *allowed == value,
        _ => false,
    }
}

fn constant_text(constant: &Constant) -> String {
    match constant {
        Constant::Text(text) => format!("\"{text}\""),
        Constant::Int(value) => value.to_string(),
        Constant::Uuid(value) => uuid::Uuid::from_u128(*value).to_string(),
        _ => String::new(),
    }
}

fn fault(field: &str, message: impl Into<String>) -> Fault {
    Fault { field: field.to_owned(), message: message.into() }
}
