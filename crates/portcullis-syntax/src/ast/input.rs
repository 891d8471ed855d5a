//! `input`: the fields that a request may bring, and what they must fulfil.

use super::{Condition, Expression, Name, Range, Value, Waiver};
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
    /// `rules { … }`
    pub rules: Vec<Rules>,
    /// `check … at FIELD`
    pub checks: Vec<Check>,
    /// Its waivers.
    pub waivers: Vec<Waiver>,
}

/// `rules { present 1.. unknown refuse }`
#[derive(Debug, Clone)]
pub struct Rules {
    /// How many fields must be there.
    pub present: Vec<Spanned<Range>>,
    /// What becomes of fields that are not declared: whether they are refused.
    pub unknown: Vec<Spanned<bool>>,
    /// The whole clause.
    pub span: Span,
}

/// `check CONDITION at FIELD fault "…"`
#[derive(Debug, Clone)]
pub struct Check {
    /// What must hold.
    pub condition: Expression,
    /// The field that is at fault where it does not.
    pub at: Name,
    /// The message.
    pub fault: Option<Spanned<String>>,
    /// The whole clause.
    pub span: Span,
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
}

/// A field's type: `string`, `int?`, `[string 1..20]`, `uuid? or null`
#[derive(Debug, Clone)]
pub struct InputType {
    /// What it is.
    pub node: InputTypeKind,
    /// Whether `?` stands behind it.
    pub optional: bool,
    /// Where `or null` stands, if it does.
    pub or_null: Option<Span>,
    /// The whole type, without `or null`.
    pub span: Span,
}

/// What a field may be.
#[derive(Debug, Clone)]
pub enum InputTypeKind {
    /// `string`, or an input's name
    Named(Name),
    /// `[string 1..20]`: the type of its elements, and their constraints
    List(Box<InputType>, Vec<Constraint>),
}

/// A constraint of a field and where it stands.
#[derive(Debug, Clone)]
pub enum Constraint {
    /// `trim`: white space at both ends is cut off before anything is checked.
    Trim(Span),
    /// `lowercase` or `uppercase`
    Case(Name),
    /// `min N`: characters of text, value of a number.
    Min(Value, Span),
    /// `max N`
    Max(Value, Span),
    /// `A..B`
    Range(Range, Span),
    /// `one of [..]`
    OneOf(Value, Span),
    /// `default V`
    Default(Value, Span),
    /// `email`, `slug`, `ip`, `date` or `time`
    Format(Name),
    /// `matching /…/`: the regex between the slashes, `\/` resolved
    Matching(Spanned<String>, Span),
    /// `containing [lower, upper, digit, "@$!%*?&"]`
    Containing(Value, Span),
    /// `through OUTBOUND`
    Through(Name, Span),
    /// `as "wireName"`
    Wire(Spanned<String>, Span),
    /// `settable when …`
    Settable(Condition, Span),
    /// `fault "message"`
    Fault(Spanned<String>, Span),
}

impl Constraint {
    /// The whole constraint.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Constraint::Case(word) | Constraint::Format(word) => word.span,
            Constraint::Trim(span)
            | Constraint::Min(_, span)
            | Constraint::Max(_, span)
            | Constraint::Range(_, span)
            | Constraint::OneOf(_, span)
            | Constraint::Default(_, span)
            | Constraint::Matching(_, span)
            | Constraint::Containing(_, span)
            | Constraint::Through(_, span)
            | Constraint::Wire(_, span)
            | Constraint::Settable(_, span)
            | Constraint::Fault(_, span) => *span,
        }
    }

    /// The word that it begins with.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Constraint::Case(word) | Constraint::Format(word) => &word.node,
            Constraint::Trim(_) => "trim",
            Constraint::Min(..) => "min",
            Constraint::Max(..) => "max",
            Constraint::Range(..) => "a range",
            Constraint::OneOf(..) => "one of",
            Constraint::Default(..) => "default",
            Constraint::Matching(..) => "matching",
            Constraint::Containing(..) => "containing",
            Constraint::Through(..) => "through",
            Constraint::Wire(..) => "as",
            Constraint::Settable(..) => "settable",
            Constraint::Fault(..) => "fault",
        }
    }
}
