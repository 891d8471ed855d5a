//! `resource`: attributes, predicates and views of an object; and the types of attributes.

use super::{Expression, Name, Unsupported, Waiver};
use crate::{Span, Spanned};

/// `resource NAME { … }`
#[derive(Debug, Clone)]
pub struct Resource {
    /// The whole declaration.
    pub span: Span,
    /// The lines after `///`.
    pub docs: Vec<String>,
    /// Its name.
    pub name: Name,
    /// Its clauses.
    pub clauses: Vec<ResourceClause>,
}

/// A clause of [`Resource`].
#[derive(Debug, Clone)]
pub enum ResourceClause {
    /// `name: type` or `key name: type`, maybe `secret`
    Attribute(Attribute),
    /// `predicate NAME { condition }`
    Predicate {
        /// Its name.
        name: Name,
        /// What it asks.
        condition: Expression,
        /// The whole clause.
        span: Span,
    },
    /// `view NAME { fields }`
    View(View),
    /// `waive RULE "reason"`
    Waive(Waiver),
    /// A clause that a later version enforces.
    Unsupported(Unsupported),
}

/// One attribute.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// The whole field.
    pub span: Span,
    /// Whether `key` stands before it.
    pub key: bool,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub kind: Type,
    /// Where `secret` stands, if it does.
    pub secret: Option<Span>,
}

/// A type and its span.
pub type Type = Spanned<TypeKind>;

/// A type as written; whether a name means a type is the compiler's to say.
#[derive(Debug, Clone)]
pub enum TypeKind {
    /// `string`, `order_status`, …
    Named(String),
    /// `[T]`
    List(Box<Type>),
    /// `T?`
    Optional(Box<Type>),
}

/// `view NAME { … }`: the fields that may leave.
#[derive(Debug, Clone)]
pub struct View {
    /// The whole clause.
    pub span: Span,
    /// Its name.
    pub name: Name,
    /// The attributes that it shows.
    pub fields: Vec<Shown>,
    /// `...spread` and nested views.
    pub unsupported: Vec<Unsupported>,
    /// Its waivers.
    pub waivers: Vec<Waiver>,
}

/// `name` or `name as "wireName"` in a view.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The attribute.
    pub name: Name,
    /// What the outside calls it, where that is not its name.
    pub wire: Option<Spanned<String>>,
}
