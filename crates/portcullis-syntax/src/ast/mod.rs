//! The syntax tree: what the text says, in the order in which it says it, each part with its span.
//!
//! A declaration keeps its clauses as a list, so that a clause that stands twice is still there to
//! be reported. All that the language has is kept, so that what a version does not enforce is refused
//! by name and never ignored.

mod budget;
mod cors;
mod credential;
mod errors;
mod expression;
mod headers;
mod input;
mod invariant;
mod outbound;
mod resource;
mod role;
mod route;
mod scope;
mod session;
mod setting;
mod test;
mod transport;

pub use budget::{Budget, BudgetClause, KeyPart};
pub use cors::{Cors, CorsClause};
pub use credential::{Claim, Credential, CredentialClause, CredentialKind};
pub use errors::{Errors, ErrorsClause};
pub use expression::{
    Bound, Comparison, Condition, Expression, ExpressionKind, Literal, Network, Path, Range, Value,
    ValueKind,
};
pub use headers::{Csp, Directive, Headers, HeadersClause};
pub use input::{Check, Constraint, Field, Input, InputType, InputTypeKind, Rules};
pub use invariant::{Invariant, On, Property};
pub use outbound::{Outbound, OutboundClause};
pub use resource::{Attribute, Resource, ResourceClause, Shown, Type, TypeKind, View, ViewPart};
pub use role::{Enumeration, Member, Permission, Role};
pub use route::{
    Action, ActionClause, Allow, Body, BodyKind, Charged, Content, Demand, EnvelopeField, Group,
    GroupClause, Guard, InputSource, Loads, Needs, Pattern, Returned, Route, RouteClause, Segment,
    Shape, Takes, ViewRef,
};
pub use scope::Scope;
pub use session::{Refresh, Session, SessionClause};
pub use setting::Setting;
pub use test::{Expectation, Json, SentBody, Target, Test, TestClause, TestValue};
pub use transport::{Hosts, Transport, TransportClause};

use crate::{Span, Spanned};

/// A name and where it stands.
pub type Name = Spanned<String>;

/// One file.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// The lines after `//!`, without it.
    pub docs: Vec<String>,
    /// The declarations, in the order of the text.
    pub items: Vec<Item>,
}

/// A declaration at the top of a file.
#[derive(Debug, Clone)]
pub enum Item {
    /// `setting NAME: TYPE { … }`
    Setting(Setting),
    /// `scope NAME { … }`
    Scope(Scope),
    /// `transport { … }`
    Transport(Transport),
    /// `cors { … }`
    Cors(Cors),
    /// `headers { … }`
    Headers(Headers),
    /// `errors { … }`
    Errors(Errors),
    /// `credential NAME jwt { … }`
    Credential(Credential),
    /// `session { … }`
    Session(Session),
    /// `role NAME inherits … { … }`
    Role(Role),
    /// `enum NAME { … }`
    Enumeration(Enumeration),
    /// `resource NAME { … }`
    Resource(Resource),
    /// `input NAME { … }`
    Input(Input),
    /// `outbound NAME { … }`
    Outbound(Outbound),
    /// `budget NAME { … }`
    Budget(Budget),
    /// `group PATTERN { … }`
    Group(Group),
    /// `route METHOD PATTERN { … }`
    Route(Route),
    /// `action NAME { … }`
    Action(Action),
    /// `invariant "…" { … }`
    Invariant(Invariant),
    /// `test "…" { … }`
    Test(Test),
}

/// A clause that may be limited to some profiles: `… in production`.
#[derive(Debug, Clone)]
pub struct InProfiles<T> {
    /// The clause.
    pub clause: T,
    /// The profiles after `in`; none where it holds in all.
    pub profiles: Vec<Name>,
    /// The whole clause.
    pub span: Span,
}

/// `waive RULE "reason"`
#[derive(Debug, Clone)]
pub struct Waiver {
    /// The lint rule that it silences in its declaration.
    pub rule: Name,
    /// Why; mandatory.
    pub reason: Spanned<String>,
    /// The whole clause.
    pub span: Span,
}
