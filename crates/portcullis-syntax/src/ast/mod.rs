//! The syntax tree: what the text says, in the order in which it says it, each part with its span.
//!
//! A declaration keeps its clauses as a list, so that a clause that stands twice is still there to
//! be reported. A declaration or clause that the language has and this version does not is kept as
//! an [`Unsupported`], so that it is refused by name and never ignored.

mod budget;
mod credential;
mod expression;
mod input;
mod resource;
mod role;
mod route;
mod scope;
mod setting;
mod test;
mod transport;

pub use budget::{Budget, BudgetClause, KeyPart};
pub use credential::{Claim, Credential, CredentialClause, CredentialKind};
pub use expression::{
    Bound, Comparison, Condition, Expression, ExpressionKind, Literal, Network, Path, Range, Value,
    ValueKind,
};
pub use input::{Check, Constraint, Field, Input, InputType, InputTypeKind, Rules};
pub use resource::{Attribute, Resource, ResourceClause, Shown, Type, TypeKind, View, ViewPart};
pub use role::{Enumeration, Member, Permission, Role};
pub use route::{
    Action, ActionClause, Allow, Body, BodyKind, Charged, Content, Demand, EnvelopeField, Group,
    GroupClause, Guard, InputSource, Loads, Needs, Pattern, Returned, Route, RouteClause, Segment,
    Shape, Takes, ViewRef,
};
pub use scope::Scope;
pub use setting::Setting;
pub use test::{Expectation, Json, Target, Test, TestClause, TestValue};
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
    /// `credential NAME jwt { … }`
    Credential(Credential),
    /// `role NAME inherits … { … }`
    Role(Role),
    /// `enum NAME { … }`
    Enumeration(Enumeration),
    /// `resource NAME { … }`
    Resource(Resource),
    /// `input NAME { … }`
    Input(Input),
    /// `budget NAME { … }`
    Budget(Budget),
    /// `group PATTERN { … }`
    Group(Group),
    /// `route METHOD PATTERN { … }`
    Route(Route),
    /// `action NAME { … }`
    Action(Action),
    /// `test "…" { … }`
    Test(Test),
    /// A declaration that a later version enforces.
    Unsupported(Unsupported),
}

/// Something that the language has and this version does not enforce yet.
#[derive(Debug, Clone)]
pub struct Unsupported {
    /// What it is, as the author would say it: `cors`, `refund on success`.
    pub what: String,
    /// Where it stands.
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
