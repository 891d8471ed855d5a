//! Routes and what is asked on each.

use portcullis_syntax::Span;

use super::{Condition, Field, Operand};

/// What is asked of the connection.
#[derive(Debug, Clone)]
pub struct Transport {
    /// Whether plain HTTP is refused.
    pub https: bool,
    /// The hosts answered, lower-case; any, where there is no list.
    pub hosts: Option<Vec<String>>,
    /// The largest body in bytes.
    pub body_limit: u64,
}

/// A route.
#[derive(Debug, Clone)]
pub struct Route {
    /// Its method.
    pub method: String,
    /// Its path as the author wrote it, groups' paths before it.
    pub pattern: String,
    /// The same in segments.
    pub segments: Vec<Segment>,
    /// Whether the path ends in `/`.
    pub trailing_slash: bool,
    /// Where it stands.
    pub span: Span,
    /// Who may come.
    pub access: Access,
    /// The permissions asked for, all of them.
    pub needs: Vec<Needed>,
    /// The path parameters, in the order of the path.
    pub params: Vec<Parameter>,
    /// The fields of the body; nothing where no body may come.
    pub body: Option<Vec<Field>>,
    /// The object that is loaded.
    pub loads: Option<Load>,
    /// The objects that are listed.
    pub lists: Option<List>,
    /// What is decided once the caller is known.
    pub caller: StageChecks,
    /// What is decided once the input is known.
    pub input: StageChecks,
    /// What is decided once the object is known, or about each row.
    pub object: StageChecks,
    /// What may leave: the first that fits. The last one always fits. Empty: the handler's answer.
    pub returns: Vec<Returns>,
}

impl Route {
    /// The resource that the route loads or lists, by index.
    #[must_use]
    pub fn resource(&self) -> Option<usize> {
        let loaded = self.loads.as_ref().map(|loads| loads.resource);
        loaded.or(self.lists.as_ref().map(|lists| lists.resource))
    }

    /// Every condition that the route may ask.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let checks = [&self.caller, &self.input, &self.object].into_iter();
        let checked = checks.flat_map(|checks| {
            let denies = checks.denies.iter().map(|deny| &deny.condition);
            denies.chain(checks.allows.iter().map(|allow| &allow.condition))
        });
        checked.chain(self.returns.iter().filter_map(|returns| returns.condition.as_ref()))
    }
}

/// A segment of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// This text.
    Literal(String),
    /// Any one segment, not empty; its name.
    Parameter(String),
    /// All that is left, at least one character; its name. Only at the end.
    Rest(String),
}

/// Who may come to a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Everybody; credentials are ignored.
    Public,
    /// Whoever has one of these credentials, by index.
    Credential(Vec<usize>),
}

/// A permission that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    /// Its index.
    pub permission: usize,
    /// The clause that asks for it.
    pub span: Span,
}

/// A path parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Which of the path's segments it is.
    pub segment: usize,
    /// Its type and bounds.
    pub field: Field,
}

/// `loads R by K`
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// The resource, by index.
    pub resource: usize,
    /// What the object's key must be, in the order of the key.
    pub key: Vec<Operand>,
    /// The clause.
    pub span: Span,
}

/// `lists R max N`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// The resource, by index.
    pub resource: usize,
    /// How many rows the application may hand over.
    pub max: usize,
    /// The clause.
    pub span: Span,
}

/// What is decided at one stage, budgets last.
#[derive(Debug, Clone, Default)]
pub struct StageChecks {
    /// None of them may hold.
    pub denies: Vec<Deny>,
    /// One of them must hold, where there are any. All `allow`s of a route are at one stage.
    pub allows: Vec<Allow>,
    /// What is charged once all else has passed.
    pub charges: Vec<Charge>,
}

/// `deny when … as …`
#[derive(Debug, Clone)]
pub struct Deny {
    /// When.
    pub condition: Condition,
    /// What the refusal is then.
    pub reason: DenyReason,
    /// The clause.
    pub span: Span,
}

/// What a `deny` refuses with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DenyReason {
    /// 403
    Forbidden,
    /// 409
    Conflict,
}

/// `allow when …`
#[derive(Debug, Clone)]
pub struct Allow {
    /// When.
    pub condition: Condition,
    /// The clause.
    pub span: Span,
}

/// A budget that a route charges.
#[derive(Debug, Clone)]
pub struct Charge {
    /// The budget, by index.
    pub budget: usize,
    /// What its key is on this route; empty for one that all share.
    pub key: Vec<Operand>,
    /// The clause that names it.
    pub span: Span,
}

/// `returns R.view when …`
#[derive(Debug, Clone)]
pub struct Returns {
    /// The resource, by index.
    pub resource: usize,
    /// Its view, by index.
    pub view: usize,
    /// Whether it is a list of them.
    pub list: bool,
    /// When; always, where there is none.
    pub condition: Option<Condition>,
    /// The clause.
    pub span: Span,
}
