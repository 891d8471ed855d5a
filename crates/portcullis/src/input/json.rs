//! A body of JSON, read in one pass into the values of its shape. What is not declared is read as
//! strictly as what is: two readers of one text must not see two things.

use std::fmt;

use portcullis_compiler::plan::{Constant, Field, FieldType, Rule, Shape, Type};
use portcullis_syntax::Span;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{Kept, Reading, Where};
use crate::json::{Depth, Json, NUMBER_TOKEN, NumberText, Skip, has_duplicate};

/// Reads a body, which the clause at `span` asks for. One that is no strict JSON object has one fault.
pub(super) fn read<'p>(
    bytes: &[u8],
    shape: &'p Shape,
    span: Span,
    reading: &mut Reading<'p>,
) -> Vec<Kept> {
    let mark = reading.mark();
    let mut text = serde_json::Deserializer::from_slice(bytes);
    let body = Value {
        expected: Expected::Body(shape),
        at: &Where::Root,
        span,
        depth: Depth::default(),
        reading: &mut *reading,
    };
    match body.deserialize(&mut text).and_then(|kept| text.end().map(|()| kept)) {
        Ok(Kept::Object(fields)) => fields,
        Ok(_) => Vec::new(),
        Err(_) => {
            reading.forget(mark);
            reading.fault(&Where::Root, span, "must be strict JSON");
            Vec::new()
        }
    }
}

/// What is expected at a place.
#[derive(Clone, Copy)]
enum Expected<'p> {
    Body(&'p Shape),
    Rule(&'p Rule),
}

/// Reads one value. A fault of the value is noted, and the text read on; an error is one of the text.
struct Value<'s, 'p> {
    expected: Expected<'p>,
    at: &'s Where<'s>,
    span: Span,
    depth: Depth,
    reading: &'s mut Reading<'p>,
}

impl<'p> Value<'_, 'p> {
    fn shape(&self) -> Option<&'p Shape> {
        match self.expected {
            Expected::Body(shape) => Some(shape),
            Expected::Rule(rule) => match &rule.kind {
                FieldType::Input(shape) => Some(shape),
                _ => None,
            },
        }
    }

    fn rule(&self) -> Option<&'p Rule> {
        match self.expected {
            Expected::Body(_) => None,
            Expected::Rule(rule) => Some(rule),
        }
    }

    fn plain(&self) -> Option<(&'p Rule, &'p Type)> {
        let rule = self.rule()?;
        match &rule.kind {
            FieldType::Plain(kind) => Some((rule, kind)),
            _ => None,
        }
    }

    fn mistyped(self) -> Kept {
        match self.expected {
            Expected::Body(_) => self.reading.fault(self.at, self.span, "must be a JSON object"),
            Expected::Rule(rule) => self.reading.mistyped(rule, self.at, self.span),
        }
    }

    fn number(self, found: &Json) -> Kept {
        let value = match (self.plain(), found) {
            (Some((rule, Type::Int)), Json::Int(value)) => Some((rule, Constant::Int(*value))),
            (Some((rule, Type::Number)), Json::Int(value)) => {
                Some((rule, Constant::Number(*value as f64)))
            }
            (Some((rule, Type::Number)), Json::Number(value)) => {
                Some((rule, Constant::Number(*value)))
            }
            _ => None,
        };
        match value {
            Some((rule, value)) => self.reading.keep(rule, value, self.at, self.span),
            None => self.mistyped(),
        }
    }

    /// The elements of a list, all of which are read.
    fn elements<'de, A: SeqAccess<'de>>(
        self,
        rule: &'p Rule,
        element: &'p Rule,
        mut list: A,
    ) -> Result<Kept, A::Error> {
        let inside = self.depth.inside()?;
        let mark = self.reading.mark();
        let mut kept = Vec::new();
        loop {
            let at = self.at.element(kept.len());
            let next = Value {
                expected: Expected::Rule(element),
                at: &at,
                span: self.span,
                depth: inside,
                reading: &mut *self.reading,
            };
            match list.next_element_seed(next)? {
                Some(element) => kept.push(element),
                None => break,
            }
        }
        rule.constraints.of_count(kept.len(), "element", &mut |message| {
            self.reading.fault(self.at, self.span, message);
        });
        if self.reading.is_faulty_since(mark) {
            return Ok(Kept::Faulty);
        }
        Ok(listed(kept, element))
    }
}

/// A list that conditions may read, or one of objects or lists.
pub(super) fn listed(kept: Vec<Kept>, element: &Rule) -> Kept {
    if !matches!(element.kind, FieldType::Plain(_)) {
        return Kept::List(kept);
    }
    let values = kept.into_iter().filter_map(|kept| match kept {
        Kept::Plain(value) => Some(value),
        _ => None,
    });
    Kept::Plain(Constant::List(values.collect()))
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_> {
    type Value = Kept;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Kept, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_> {
    type Value = Kept;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Kept, E> {
        let takes_null = self.rule().is_some_and(|rule| rule.or_null);
        Ok(if takes_null { Kept::Null } else { self.mistyped() })
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Kept, E> {
        Ok(match self.plain() {
            Some((rule, Type::Bool)) => {
                self.reading.keep(rule, Constant::Bool(value), self.at, self.span)
            }
            _ => self.mistyped(),
        })
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Kept, E> {
        Ok(self.number(&Json::Int(value)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Kept, E> {
        let found = i64::try_from(value).map_or(Json::Number(value as f64), Json::Int);
        Ok(self.number(&found))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Kept, E> {
        // `serde_json` refuses what is out of range itself; its word alone is not relied on.
        if value.is_finite() {
            Ok(self.number(&Json::Number(value)))
        } else {
            Err(E::custom("not finite"))
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Kept, E> {
        Ok(match self.rule() {
            Some(rule) => self.reading.text(rule, text, self.at, self.span),
            None => self.mistyped(),
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Kept, A::Error> {
        if let Some(rule) = self.rule()
            && let FieldType::List(element) = &rule.kind
        {
            return self.elements(rule, element, list);
        }
        let inside = self.depth.inside()?;
        while list.next_element_seed(Skip(inside))?.is_some() {}
        Ok(self.mistyped())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Kept, A::Error> {
        let inside = self.depth.inside()?;
        let shape = self.shape();
        let fields = shape.map_or(&[] as &[Field], |shape| &shape.fields);
        let mut kept: Vec<Kept> = fields.iter().map(|_| Kept::Absent).collect();
        let mut sent = vec![false; fields.len()];
        let mut unknown: Vec<String> = Vec::new();
        while let Some(name) = object.next_key_seed(Names(fields))? {
            let slot = match name {
                Name::Field(slot) => slot,
                Name::Other(name) if name == NUMBER_TOKEN => {
                    let number = object.next_value_seed(NumberText)?;
                    // As `serde_json` makes it, such a map holds nothing else.
                    return match object.next_key::<String>()? {
                        None => Ok(self.number(&number)),
                        Some(_) => Err(A::Error::custom("a number with members")),
                    };
                }
                Name::Other(name) => {
                    object.next_value_seed(Skip(inside))?;
                    unknown.push(name);
                    continue;
                }
            };
            let (Some(field), Some(kept), Some(sent)) =
                (fields.get(slot), kept.get_mut(slot), sent.get_mut(slot))
            else {
                return Err(A::Error::custom("no such field"));
            };
            if std::mem::replace(sent, true) {
                return Err(A::Error::custom("a name stands twice"));
            }
            let at = self.at.field(&field.wire);
            let mark = self.reading.mark();
            *kept = object.next_value_seed(Value {
                expected: Expected::Rule(&field.rule),
                at: &at,
                span: field.span,
                depth: inside,
                reading: &mut *self.reading,
            })?;
            self.reading.settle(mark, field, &at);
        }
        let is_known = unknown.is_empty();
        if has_duplicate(unknown.iter().map(String::as_str)) {
            return Err(A::Error::custom("a name stands twice"));
        }
        let Some(shape) = shape else {
            return Ok(self.mistyped());
        };
        if shape.unknown_refused && !is_known {
            self.reading.unknown(shape, self.at);
        }
        self.reading.complete(shape, &mut kept, &sent, self.at);
        Ok(Kept::Object(kept))
    }
}

/// Reads the name of a member without keeping one that is declared.
struct Names<'p>(&'p [Field]);

enum Name {
    /// A field of the shape, by its place there.
    Field(usize),
    Other(String),
}

impl<'de> DeserializeSeed<'de> for Names<'_> {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Name, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Names<'_> {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
        let slot = self.0.iter().position(|field| field.wire == name);
        Ok(slot.map_or_else(|| Name::Other(name.to_owned()), Name::Field))
    }
}
