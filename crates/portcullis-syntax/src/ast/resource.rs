//! `resource`: attributes, predicates and views of an object; and the types of attributes.

use super::{Condition, Expression, Name, Waiver};
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
    /// `visible when …`
    Visible {
        /// When an object may be known to exist.
        condition: Condition,
        /// The whole clause.
        span: Span,
    },
    /// `view NAME { fields }`
    View(View),
    /// `waive RULE "reason"`
    Waive(Waiver),
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
    /// What it shows, in the order of the text.
    pub parts: Vec<ViewPart>,
    /// Its waivers.
    pub waivers: Vec<Waiver>,
}

/// What stands in a view.
#[derive(Debug, Clone)]
pub enum ViewPart {
    /// `...summary`: all that another view of the resource shows; its name
    Spread(Name),
    /// One attribute.
    Shown(Shown),
}

/// `name`, `name as "wireName"` or `customer.public` in a view.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The attribute.
    pub name: Name,
    /// The view of the nested object.
    pub view: Option<Name>,
    /// What the outside calls it, where that is not its name.
    pub wire: Option<Spanned<String>>,
}
