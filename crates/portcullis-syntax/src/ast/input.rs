//! `input`: the fields that a request may bring, and what they must fulfil.

use super::{Literal, Name, Range, Unsupported, Waiver};
use crate::{Span, Spanned};

/// `input NAME { … }`
#[derive(Debug, Clone)]
pub struct Input {
    /// The whole declaration.
    pub span: Span,
    /// The lines after `///`.
    pub docs: Vec<String>,
    /// Its name.
    pub name: Name,
    /// Its fields.
    pub fields: Vec<Field>,
    /// `rules`, `check`: what a later version enforces.
    pub unsupported: Vec<Unsupported>,
    /// Its waivers.
    pub waivers: Vec<Waiver>,
}

/// `name: type constraints…`
#[derive(Debug, Clone)]
pub struct Field {
    /// The whole field.
    pub span: Span,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub kind: InputType,
    /// Its constraints, in the order of the text.
    pub constraints: Vec<Constraint>,
    /// Constraints and types that a later version enforces.
    pub unsupported: Vec<Unsupported>,
}

/// A field's type: `string`, `int?`, …
#[derive(Debug, Clone)]
pub struct InputType {
    /// The type's name.
    pub name: Name,
    /// Whether `?` stands behind it.
    pub optional: bool,
    /// The whole type.
    pub span: Span,
}

/// A constraint of a field and where it stands.
#[derive(Debug, Clone)]
pub enum Constraint {
    /// `trim`: white space at both ends is cut off before anything is checked.
    Trim(Span),
    /// `min N`: characters of text, value of a number.
    Min(Spanned<Literal>, Span),
    /// `max N`
    Max(Spanned<Literal>, Span),
    /// `A..B`
    Range(Range, Span),
    /// `one of [..]`
    OneOf(Vec<Spanned<Literal>>, Span),
    /// `default V`
    Default(Spanned<Literal>, Span),
}

impl Constraint {
    /// The whole constraint.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Constraint::Trim(span)
            | Constraint::Min(_, span)
            | Constraint::Max(_, span)
            | Constraint::Range(_, span)
            | Constraint::OneOf(_, span)
            | Constraint::Default(_, span) => *span,
        }
    }
}
