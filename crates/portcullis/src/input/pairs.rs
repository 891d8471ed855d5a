//! `application/x-www-form-urlencoded`: query strings, and the bodies of forms (WHATWG URL, 5).

use std::borrow::Cow;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use portcullis_compiler::plan::{Constant, Field, FieldType, Plan, Shape};

use super::{Kept, Reading, Where, json, text};

/// Reads the fields of shapes that share one text. A parameter that is no list stands at most once:
/// of two, the service behind might take the other.
pub(super) fn read<'p>(raw: &str, shapes: &'p [Shape], reading: &mut Reading<'p>) -> Vec<Kept> {
    let fields: Vec<&Field> = shapes.iter().flat_map(|shape| &shape.fields).collect();
    let mut sent: Vec<Vec<Cow<'_, str>>> = fields.iter().map(|_| Vec::new()).collect();
    let mut unknown = false;
    for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(name), Some(value)) = (decoded(name), decoded(value)) else {
            if let Some(shape) = shapes.first() {
                reading.fault(&Where::Root, shape.span, "must be UTF-8, percent-encoded");
            }
            return Vec::new();
        };
        let slot = fields.iter().position(|field| field.wire == name);
        match slot.and_then(|slot| sent.get_mut(slot)) {
            Some(values) => values.push(value),
            None => unknown = true,
        }
    }
    let mut all = Vec::with_capacity(fields.len());
    let mut sent = sent.into_iter();
    for shape in shapes {
        let mut kept = Vec::with_capacity(shape.fields.len());
        let mut was_sent = Vec::with_capacity(shape.fields.len());
        for (field, values) in shape.fields.iter().zip(&mut sent) {
            was_sent.push(!values.is_empty());
            let at = Where::Root.field(&field.wire);
            let mark = reading.mark();
            kept.push(value(field, &values, &at, reading));
            reading.settle(mark, field, &at);
        }
        if shape.unknown_refused && unknown {
            reading.unknown(shape, &Where::Root);
        }
        reading.complete(shape, &mut kept, &was_sent, &Where::Root);
        all.extend(kept);
    }
    all
}

fn value(
    field: &Field,
    values: &[Cow<'_, str>],
    at: &Where<'_>,
    reading: &mut Reading<'_>,
) -> Kept {
    let span = field.span;
    match (&field.rule.kind, values) {
        (_, []) => Kept::Absent,
        (FieldType::List(element), values) => {
            let mark = reading.mark();
            let read = values
                .iter()
                .enumerate()
                .map(|(index, value)| reading.plain(element, value, &at.element(index), span));
            let kept: Vec<Kept> = read.collect();
            field.rule.constraints.of_count(kept.len(), "element", &mut |message| {
                reading.fault(at, span, message);
            });
            if reading.is_faulty_since(mark) { Kept::Faulty } else { json::listed(kept, element) }
        }
        (_, [value]) => reading.plain(&field.rule, value, at, span),
        _ => reading.fault(at, span, "must stand once"),
    }
}

/// Decodes a name or a value; nothing where it is not UTF-8, or a `%` has no two digits behind it.
fn decoded(raw: &str) -> Option<Cow<'_, str>> {
    let whole = raw.split('%').skip(1).all(|rest| {
        let digits = rest.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    if !whole {
        return None;
    }
    if !raw.contains('+') {
        return percent_decode_str(raw).decode_utf8().ok();
    }
    let blanks = raw.replace('+', " ");
    let decoded = percent_decode_str(&blanks).decode_utf8().ok()?.into_owned();
    Some(Cow::Owned(decoded))
}

/// Writes fields as they were read.
pub(super) fn write<'a>(
    fields: impl Iterator<Item = (&'a Field, &'a Kept)>,
    plan: &Plan,
) -> String {
    let mut query = String::new();
    let mut put = |name: &str, value: &str| {
        let between = if query.is_empty() { "" } else { "&" };
        let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
        let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
        query.push_str(&format!("{between}{name}={value}"));
    };
    for (field, kept) in fields {
        match (kept, &field.rule.kind) {
            (Kept::Plain(Constant::List(values)), FieldType::List(element)) => {
                for value in values {
                    put(&field.wire, &text::written(value, text::plain(element), plan));
                }
            }
            (Kept::Plain(value), _) => {
                put(&field.wire, &text::written(value, text::plain(&field.rule), plan))
            }
            _ => {}
        }
    }
    query
}
