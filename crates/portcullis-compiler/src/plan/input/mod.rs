//! What a request may bring.

mod constraint;
mod format;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests say what they expect")]
mod tests;

use portcullis_syntax::Span;

pub use constraint::{Bound, Characters, Constraints, LetterCase, Pattern};
pub use format::{Format, LONGEST_URL, ip, network, time, time_text, url};

use super::{Condition, Constant, Type};

/// An input, or a block of fields that stands in a route.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// The input's name; none for a block.
    pub name: Option<String>,
    /// Its fields.
    pub fields: Vec<Field>,
    /// How many of them must be sent, and may: the least and the greatest number.
    pub present: Option<(usize, Option<usize>)>,
    /// Whether a field that is not declared is refused; else it is dropped.
    pub unknown_refused: bool,
    /// What its values must fulfil together.
    pub checks: Vec<Check>,
    /// Where it stands.
    pub span: Span,
}

/// `check C at FIELD fault "message"`
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What must hold.
    pub condition: Condition,
    /// The field that is at fault where it does not, by its place in the shape.
    pub at: usize,
    /// The message.
    pub fault: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// A field of a body, a query string or the headers, or a path parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name in the policy.
    pub name: String,
    /// What the outside calls it.
    pub wire: String,
    /// Where it stands.
    pub span: Span,
    /// What its value must be.
    pub rule: Rule,
    /// Whether it may be left out.
    pub optional: bool,
    /// What stands for a value that is left out.
    pub default: Option<Constant>,
    /// When it may be sent; always, where there is no condition.
    pub settable: Option<Condition>,
    /// The one message of all its faults.
    pub fault: Option<String>,
}

/// What a value must be: of a field, or of an element of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its type.
    pub kind: FieldType,
    /// Whether `null` is taken.
    pub or_null: bool,
    /// What else it must fulfil.
    pub constraints: Constraints,
}

/// The types of fields.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldType {
    /// One value; neither a list nor an object.
    Plain(Type),
    /// A list.
    List(Box<Rule>),
    /// An object.
    Input(Box<Shape>),
}

/// What a route takes as its body.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// Of which kind it is.
    pub kind: BodyKind,
    /// The clause that says so.
    pub span: Span,
}

/// The kinds of bodies.
#[derive(Debug, Clone, PartialEq)]
pub enum BodyKind {
    /// A JSON object.
    Json(Shape),
    /// `application/x-www-form-urlencoded`
    Form(Shape),
    /// Bytes that are not looked into.
    Raw {
        /// At most so many.
        max: u64,
        /// The media types that are taken, in lower case; any, where there are none.
        types: Vec<String>,
    },
}

impl Body {
    /// Its fields; nothing where it is not looked into.
    #[must_use]
    pub fn shape(&self) -> Option<&Shape> {
        match &self.kind {
            BodyKind::Json(shape) | BodyKind::Form(shape) => Some(shape),
            BodyKind::Raw { .. } => None,
        }
    }

    /// [`shape`](Body::shape), to be filled in.
    pub(crate) fn shape_mut(&mut self) -> Option<&mut Shape> {
        match &mut self.kind {
            BodyKind::Json(shape) | BodyKind::Form(shape) => Some(shape),
            BodyKind::Raw { .. } => None,
        }
    }

    /// The field that conditions name by this slot.
    #[must_use]
    pub fn field(&self, slot: usize) -> Option<&Field> {
        self.shape()?.fields.get(slot)
    }
}
