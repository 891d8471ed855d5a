//! Routes and what is asked on each.

use portcullis_syntax::Span;
use portcullis_syntax::ast::Network;

use super::{Body, Condition, Field, Operand, SessionVerb, Shape, Stage, Type};

/// What is asked of the connection.
#[derive(Debug, Clone)]
pub struct Transport {
    /// Whether plain HTTP is refused.
    pub https: bool,
    /// The hosts answered, lower-case; any, where there is no list.
    pub hosts: Option<Vec<String>>,
    /// The peers whose word on the client is believed.
    pub proxies: Vec<Network>,
    /// The value of `Strict-Transport-Security` (RFC 6797, 6.1), for answers over HTTPS.
    pub hsts: Option<String>,
    /// The largest body in bytes.
    pub body_limit: u64,
    /// Where the text says so.
    pub places: TransportPlaces,
}

/// The clauses of `transport` that hold; nothing for one that is left out.
#[derive(Debug, Clone, Default)]
pub struct TransportPlaces {
    /// `https …`
    pub https: Option<Span>,
    /// `hosts …`
    pub hosts: Option<Span>,
    /// `proxies …`
    pub proxies: Option<Span>,
    /// `body_limit …`
    pub body_limit: Option<Span>,
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
    /// Where it says that it answers nothing any more, if it does.
    pub retired: Option<Span>,
    /// Who may come.
    pub access: Access,
    /// The innermost `accept`.
    pub accept: Option<Span>,
    /// Whether a caller whose credential has scopes may come: where `needs`, `signed_in` or
    /// `public` stands.
    pub takes_scopes: bool,
    /// The permissions asked for: one of each.
    pub needs: Vec<Needed>,
    /// The path parameters, in the order of the path.
    pub params: Vec<Parameter>,
    /// The fields of the query string, of the groups around it first; conditions count through all.
    pub query: Vec<Shape>,
    /// The same of the headers.
    pub header: Vec<Shape>,
    /// The body; nothing where none may come.
    pub body: Option<Body>,
    /// The objects that are loaded.
    pub loads: Vec<Load>,
    /// The objects that are listed.
    pub lists: Option<List>,
    /// The object that is about to be stored.
    pub creates: Option<Create>,
    /// What is decided once the caller is known.
    pub caller: StageChecks,
    /// What is decided once the input is known.
    pub input: StageChecks,
    /// What is decided once the loaded objects are known.
    pub object: StageChecks,
    /// What is decided about each row, or about the object that is created.
    pub rows: StageChecks,
    /// What may leave: the first that fits. The last one always fits. Empty: the handler's answer.
    pub returns: Vec<Returns>,
    /// What is done with the caller's session, and the clause that says so.
    pub session: Option<(SessionVerb, Span)>,
}

impl Route {
    /// The resources of the route's objects, by index, in the order of [`Place::object`].
    ///
    /// [`Place::object`]: super::Place::object
    pub fn objects(&self) -> impl Iterator<Item = usize> {
        let loaded = self.loads.iter().map(|loads| loads.resource);
        loaded.chain(self.subject())
    }

    /// The resource that the route lists or creates, by index.
    #[must_use]
    pub fn subject(&self) -> Option<usize> {
        let listed = self.lists.as_ref().map(|lists| lists.resource);
        listed.or(self.creates.as_ref().map(|creates| creates.resource))
    }

    /// Whether which `returns` shows a row is asked of each row: where they are lists alone, or envelopes
    /// alone that differ in nothing but the view of their list. Any other is chosen once for all rows.
    #[must_use]
    pub fn shown_by_row(&self) -> bool {
        let mut kinds = self.returns.iter().map(|found| &found.returned);
        let Some(first) = kinds.next() else {
            return true;
        };
        kinds.all(|other| first.differs_in_rows_alone(other))
            && !matches!(first, Returned::View(_) | Returned::Nothing | Returned::Opaque)
    }

    /// What is done with the caller's session.
    #[must_use]
    pub fn session_verb(&self) -> Option<SessionVerb> {
        self.session.map(|(verb, _)| verb)
    }

    /// Where a body may come, the clause that says so.
    #[must_use]
    pub fn body_span(&self) -> Option<Span> {
        self.body.as_ref().map(|body| body.span)
    }

    /// What is decided, stage by stage.
    pub fn stages(&self) -> impl Iterator<Item = (Stage, &StageChecks)> {
        [
            (Stage::Caller, &self.caller),
            (Stage::Input, &self.input),
            (Stage::Object, &self.object),
            (Stage::Object, &self.rows),
        ]
        .into_iter()
    }

    /// Every condition that the route may ask.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let checked = self.stages().flat_map(|(_, checks)| checks.conditions());
        checked.chain(self.returns.iter().filter_map(|returns| returns.condition.as_ref()))
    }
}

/// A decision apart from HTTP.
#[derive(Debug, Clone)]
pub struct Action {
    /// Its name in the policy.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// Whether a caller whose credential has scopes may do it: where `needs` stands.
    pub takes_scopes: bool,
    /// The permissions asked for: one of each.
    pub needs: Vec<Needed>,
    /// The resource of its object, by index.
    pub loads: Option<usize>,
    /// What is decided by the caller alone.
    pub caller: StageChecks,
    /// What is decided about the object.
    pub object: StageChecks,
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
    /// Everybody; one of these credentials, by index, is taken where one is there.
    Optional(Vec<usize>),
    /// Whoever has one of these credentials, by index.
    Credential(Vec<usize>),
}

impl Access {
    /// The credentials that are taken, by index.
    #[must_use]
    pub fn accepted(&self) -> &[usize] {
        match self {
            Access::Public => &[],
            Access::Optional(accepted) | Access::Credential(accepted) => accepted,
        }
    }
}

/// Permissions of which one is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    /// Their indexes; one of them is enough.
    pub any: Vec<usize>,
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

/// `creates R`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Create {
    /// The resource, by index.
    pub resource: usize,
    /// The clause.
    pub span: Span,
}

/// What is decided at one stage, budgets last.
#[derive(Debug, Clone, Default)]
pub struct StageChecks {
    /// All of them must hold.
    pub requires: Vec<Guard>,
    /// None of them may hold.
    pub denies: Vec<Guard>,
    /// Of each group one must hold: a route's own `allow`s, and those of each action that it does.
    pub allows: Vec<Vec<Allow>>,
    /// What is charged once all else has passed.
    pub charges: Vec<Charge>,
}

impl StageChecks {
    /// Every condition that is asked.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let guards = self.requires.iter().chain(&self.denies).map(|guard| &guard.condition);
        guards
            .chain(self.allows.iter().flatten().map(|allow| &allow.condition))
            .chain(self.charges.iter().flat_map(|charge| charge.limits.iter().flatten()))
    }

    /// Whether nothing is decided.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requires.is_empty()
            && self.denies.is_empty()
            && self.allows.is_empty()
            && self.charges.is_empty()
    }
}

/// A condition of `require`, `deny` or `visible`.
#[derive(Debug, Clone)]
pub struct Guard {
    /// The condition.
    pub condition: Condition,
    /// What the refusal is.
    pub reason: GuardReason,
    /// The clause.
    pub span: Span,
}

/// What a guard refuses with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardReason {
    /// 404: it looks as if it were not there
    NotFound,
    /// 403
    Forbidden,
    /// 409
    Conflict,
    /// 401: a more recent or stronger sign-in is asked for (RFC 9470)
    StepUp,
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
    /// When each of the budget's limits fits; always, where there is no condition.
    pub limits: Vec<Option<Condition>>,
    /// How many units it costs; at least 1.
    pub cost: u64,
    /// Whether its key has an `else` that is known where the credential has been refused: then
    /// that is charged.
    pub without_caller: bool,
    /// Whether the answer tells what is left of it: whoever it is counted by may know that.
    pub told: bool,
    /// The clause that names it.
    pub span: Span,
}

/// `returns … when …`
#[derive(Debug, Clone)]
pub struct Returns {
    /// What leaves.
    pub returned: Returned,
    /// When; always, where there is none.
    pub condition: Option<Condition>,
    /// The clause.
    pub span: Span,
}

/// What leaves.
#[derive(Debug, Clone, PartialEq)]
pub enum Returned {
    /// A view of the object.
    View(ViewOf),
    /// A list of rows, each by this view.
    List(ViewOf),
    /// An object of the handler's, with views in it.
    Envelope(Vec<EnvelopeField>),
    /// An empty answer.
    Nothing,
    /// Whatever the handler answers.
    Opaque,
}

impl Returned {
    fn differs_in_rows_alone(&self, other: &Returned) -> bool {
        match (self, other) {
            (Returned::List(_), Returned::List(_)) => true,
            (Returned::Envelope(these), Returned::Envelope(those)) => {
                these.len() == those.len()
                    && these.iter().zip(those).all(|(this, that)| this.differs_in_rows_alone(that))
            }
            _ => false,
        }
    }
}

/// A view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewOf {
    /// The resource, by index.
    pub resource: usize,
    /// Its view, by index.
    pub view: usize,
}

/// A field of an envelope.
#[derive(Debug, Clone, PartialEq)]
pub struct EnvelopeField {
    /// Its name, in the policy and in the handler's type.
    pub name: String,
    /// What the outside calls it.
    pub wire: String,
    /// Whether it may be absent.
    pub optional: bool,
    /// What it holds.
    pub content: Content,
}

impl EnvelopeField {
    fn differs_in_rows_alone(&self, other: &EnvelopeField) -> bool {
        let lists = |field: &EnvelopeField| matches!(field.content, Content::List(_));
        let content = self.content == other.content || (lists(self) && lists(other));
        let name = |field: &EnvelopeField| (field.name.clone(), field.wire.clone(), field.optional);
        content && name(self) == name(other)
    }
}

/// What a field of an envelope holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A view of an object.
    View(ViewOf),
    /// A list of rows, each by this view.
    List(ViewOf),
    /// A value of the handler's.
    Plain(Type),
}
