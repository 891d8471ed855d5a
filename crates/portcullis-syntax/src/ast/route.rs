//! `group`, `route` and `action`: where a request goes, and what is asked of it there.

use super::{Condition, Field, Name, Path, Permission, Type, Value, Waiver};
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
    /// What is asked of all in it.
    Demand(Demand),
    /// `params ..`, `query ..` or `header ..`
    Takes(Takes),
    /// `waive RULE "reason"`
    Waive(Waiver),
}

/// What groups, routes and actions ask alike. Demands add up: none takes another away.
#[derive(Debug, Clone)]
pub enum Demand {
    /// `needs ..`
    Needs(Needs),
    /// `require when .. as step_up`
    Require(Guard),
    /// `deny when .. as conflict`
    Deny(Guard),
    /// `budget [..]`
    Budget(Vec<Charged>, Span),
}

/// A condition that refuses, or without which is refused.
#[derive(Debug, Clone)]
pub struct Guard {
    /// The condition.
    pub condition: Condition,
    /// The reason after `as`.
    pub reason: Option<Name>,
    /// The whole clause.
    pub span: Span,
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
    /// `retired`
    Retired(Span),
    /// `public` or `public optional`
    Public {
        /// Whether a credential is taken where one is there.
        optional: bool,
        /// The whole clause.
        span: Span,
    },
    /// `signed_in`
    SignedIn(Span),
    /// `accept [..]`
    Accept(Vec<Name>, Span),
    /// What a group and an action ask too.
    Demand(Demand),
    /// `allow when ..`
    Allow(Allow),
    /// `params ..`, `query ..` or `header ..`
    Takes(Takes),
    /// `body ..`
    Body(Body),
    /// `loads R by K`
    Loads(Loads),
    /// `lists R max N`
    Lists {
        /// The resource.
        resource: Name,
        /// How many rows at the most.
        max: Value,
        /// The whole clause.
        span: Span,
    },
    /// `creates R`
    Creates {
        /// The resource.
        resource: Name,
        /// The whole clause.
        span: Span,
    },
    /// `does ACTION`
    Does {
        /// The action.
        action: Name,
        /// The whole clause.
        span: Span,
    },
    /// `issues session`, `renews session` or `ends session`
    Session {
        /// `issues`, `renews` or `ends`
        verb: Name,
        /// The whole clause.
        span: Span,
    },
    /// `returns .. when ..`
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
}

/// `allow when ..`
#[derive(Debug, Clone)]
pub struct Allow {
    /// When.
    pub condition: Condition,
    /// The whole clause.
    pub span: Span,
}

/// `loads R by K`
#[derive(Debug, Clone)]
pub struct Loads {
    /// The resource.
    pub resource: Name,
    /// The request's values that name the object; none where no `by` stands.
    pub by: Vec<Path>,
    /// The whole clause.
    pub span: Span,
}

/// `action NAME { … }`: a decision apart from HTTP.
#[derive(Debug, Clone)]
pub struct Action {
    /// The whole declaration.
    pub span: Span,
    /// The lines after `///`.
    pub docs: Vec<String>,
    /// Its name.
    pub name: Name,
    /// Its clauses.
    pub clauses: Vec<ActionClause>,
}

/// A clause of [`Action`].
#[derive(Debug, Clone)]
pub enum ActionClause {
    /// What a group and a route ask too.
    Demand(Demand),
    /// `allow when ..`
    Allow(Allow),
    /// `loads R`
    Loads(Loads),
    /// `waive RULE "reason"`
    Waive(Waiver),
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
    /// `*`: any one segment, in `on` clauses only.
    Wildcard,
    /// `**`: any number of segments, in `on` clauses only.
    Wildcards,
}

/// `needs read:orders`, `needs [..]`: all of them; or `needs any [..]`: one of them.
#[derive(Debug, Clone)]
pub struct Needs {
    /// Whether one of them is enough.
    pub any: bool,
    /// The permissions.
    pub permissions: Vec<Permission>,
    /// The whole clause.
    pub span: Span,
}

/// A budget named by a route, a group or an action: `exports cost 2`
#[derive(Debug, Clone)]
pub struct Charged {
    /// The budget.
    pub budget: Name,
    /// How many units it costs; one, where it does not say.
    pub cost: Option<Spanned<i64>>,
}

/// `params ..`, `query ..` or `header ..`
#[derive(Debug, Clone)]
pub struct Takes {
    /// Where the fields come from.
    pub source: InputSource,
    /// The fields.
    pub shape: Shape,
    /// The whole clause.
    pub span: Span,
}

/// Where the fields of an input come from, bodies apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InputSource {
    /// The path.
    Params,
    /// The query string.
    Query,
    /// The header fields.
    Header,
}

impl InputSource {
    /// Its word in the language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            InputSource::Params => "params",
            InputSource::Query => "query",
            InputSource::Header => "header",
        }
    }
}

/// An input's name, or a block of fields.
#[derive(Debug, Clone)]
pub enum Shape {
    /// `change_order`
    Named(Name),
    /// `{ id: uuid }`
    Fields(Vec<Field>),
}

/// `body X`, `body form X` or `body raw max 20MiB types [..]`
#[derive(Debug, Clone)]
pub struct Body {
    /// What it is.
    pub kind: BodyKind,
    /// The whole clause.
    pub span: Span,
}

/// The kinds of body.
#[derive(Debug, Clone)]
pub enum BodyKind {
    /// JSON
    Json(Shape),
    /// `application/x-www-form-urlencoded`
    Form(Shape),
    /// Bytes.
    Raw {
        /// The most of them.
        max: Value,
        /// The media types.
        types: Option<Value>,
    },
}

/// What a route returns.
#[derive(Debug, Clone)]
pub enum Returned {
    /// `order.full`
    View(ViewRef),
    /// `[order.full]`
    List(ViewRef),
    /// `{ orders: [order.summary]  next: int? }`
    Envelope(Vec<EnvelopeField>),
    /// `nothing`
    Nothing,
    /// `opaque "reason"`
    Opaque(Spanned<String>),
}

/// A field of an envelope.
#[derive(Debug, Clone)]
pub struct EnvelopeField {
    /// The whole field.
    pub span: Span,
    /// Its name, in the policy and in the application's type.
    pub name: Name,
    /// What it holds.
    pub content: Content,
    /// Where `?` stands behind a view, if it does.
    pub optional: Option<Span>,
    /// What the outside calls it, where that is not its name.
    pub wire: Option<Spanned<String>>,
}

/// What a field of an envelope holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// `order.full`
    View(ViewRef),
    /// `[order.full]`
    List(ViewRef),
    /// `int?`, with its own `?`
    Plain(Type),
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
