//! `group` and `route`: where a request goes, and what is asked of it there.

use super::{Condition, Field, Name, Path, Permission, Unsupported, Waiver};
use crate::{Span, Spanned};

/// `group PATTERN { … }`
#[derive(Debug, Clone)]
pub struct Group {
    /// The whole declaration.
    pub span: Span,
    /// The lines after `///`.
    pub docs: Vec<String>,
    /// The path that all in it begin with.
    pub pattern: Pattern,
    /// Its clauses, with the routes and groups in it.
    pub clauses: Vec<GroupClause>,
}

/// A clause of [`Group`].
#[derive(Debug, Clone)]
pub enum GroupClause {
    /// A route in it.
    Route(Route),
    /// A group in it.
    Group(Group),
    /// `accept [..]`
    Accept(Vec<Name>, Span),
    /// `needs ..`
    Needs(Needs),
    /// `deny when ..`
    Deny {
        /// When.
        condition: Condition,
        /// The reason after `as`.
        reason: Option<Name>,
        /// The whole clause.
        span: Span,
    },
    /// `budget [..]`
    Budget(Vec<Charged>, Span),
    /// `params ..`
    Params(Params),
    /// `waive RULE "reason"`
    Waive(Waiver),
    /// A clause that a later version enforces.
    Unsupported(Unsupported),
}

/// `route METHOD PATTERN { … }`
#[derive(Debug, Clone)]
pub struct Route {
    /// The whole declaration.
    pub span: Span,
    /// The lines after `///`.
    pub docs: Vec<String>,
    /// `GET`, `PUT`, …
    pub method: Name,
    /// The path.
    pub pattern: Pattern,
    /// Its clauses.
    pub clauses: Vec<RouteClause>,
}

/// A clause of [`Route`].
#[derive(Debug, Clone)]
pub enum RouteClause {
    /// `public`
    Public(Span),
    /// `accept [..]`
    Accept(Vec<Name>, Span),
    /// `needs ..`
    Needs(Needs),
    /// `allow when ..`
    Allow {
        /// When.
        condition: Condition,
        /// The whole clause.
        span: Span,
    },
    /// `deny when .. as conflict`
    Deny {
        /// When.
        condition: Condition,
        /// The reason after `as`.
        reason: Option<Name>,
        /// The whole clause.
        span: Span,
    },
    /// `budget [..]`
    Budget(Vec<Charged>, Span),
    /// `params ..`
    Params(Params),
    /// `body ..`
    Body(Body),
    /// `loads R by K`
    Loads {
        /// The resource.
        resource: Name,
        /// The request's values that name the object.
        by: Vec<Path>,
        /// The whole clause.
        span: Span,
    },
    /// `lists R max N`
    Lists {
        /// The resource.
        resource: Name,
        /// How many rows at the most.
        max: Spanned<i64>,
        /// The whole clause.
        span: Span,
    },
    /// `returns R.view when ..` or `returns [R.view] when ..`
    Returns {
        /// What is shown.
        returned: Returned,
        /// When; always, where it has none.
        condition: Option<Condition>,
        /// The whole clause.
        span: Span,
    },
    /// `waive RULE "reason"`
    Waive(Waiver),
    /// A clause that a later version enforces.
    Unsupported(Unsupported),
}

/// `/api/orders/{id}`
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As written.
    pub text: String,
    /// Its segments; none for `/`.
    pub segments: Vec<Segment>,
    /// Whether it ends in `/` (and is not `/` itself).
    pub trailing_slash: bool,
    /// Where it stands.
    pub span: Span,
}

/// One segment of a [`Pattern`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// `orders`
    Literal(String),
    /// `{id}`
    Parameter(String),
    /// `{rest...}`
    Rest(String),
    /// `*` or `**`: for `on` clauses only.
    Wildcard,
}

/// `needs read:orders` or `needs [..]`: all of them.
#[derive(Debug, Clone)]
pub struct Needs {
    /// The permissions.
    pub permissions: Vec<Permission>,
    /// The whole clause.
    pub span: Span,
}

/// A budget named by a route or a group.
#[derive(Debug, Clone)]
pub struct Charged {
    /// The budget.
    pub budget: Name,
}

/// `params INPUT` or `params { fields }`
#[derive(Debug, Clone)]
pub enum Params {
    /// An input's name.
    Named(Name, Span),
    /// A block of fields.
    Fields(Vec<Field>, Span),
}

/// `body INPUT` or `body { fields }`
#[derive(Debug, Clone)]
pub enum Body {
    /// An input's name.
    Named(Name, Span),
    /// A block of fields.
    Fields(Vec<Field>, Span),
}

/// What a route returns.
#[derive(Debug, Clone)]
pub enum Returned {
    /// `order.full`
    View(ViewRef),
    /// `[order.full]`
    List(ViewRef),
}

/// `order.full`
#[derive(Debug, Clone)]
pub struct ViewRef {
    /// The resource.
    pub resource: Name,
    /// The view.
    pub view: Name,
    /// Both.
    pub span: Span,
}
