//! The plan: what the engine runs. Immutable, and every name in it is already an index.

mod access;
mod budget;
mod condition;
mod cors;
mod errors;
mod hash;
mod headers;
mod input;
mod invariant;
mod outbound;
mod resource;
mod route;
mod session;

pub use access::{
    Bits, CallerAttribute, Claim, ClaimType, Credential, CredentialKind, Jwt, Role, Scope,
    SignatureAlgorithm, covers,
};
pub use budget::{Algorithm, Budget, Limit};
pub use condition::{Comparison, Condition, Constant, Operand, Place, RequestField};
pub use cors::{Cors, CorsPlaces, Origins};
pub use errors::{ErrorFormat, Errors};
pub use headers::{Headers, RateLimit};
pub use input::{
    Body, BodyKind, Bound, Characters, Check, Constraints, Field, FieldType, Format, LONGEST_URL,
    LetterCase, Pattern, Rule, Shape, ip, network, time, time_text, url,
};
pub use invariant::Invariant;
pub use outbound::{HostPattern, Outbound, Scheme};
pub use resource::{Attribute, Enumeration, Resource, ShownField, Type, View};
pub use route::{
    Access, Action, Allow, Charge, Content, Create, EnvelopeField, Guard, GuardReason, List, Load,
    Needed, Parameter, Returned, Returns, Route, Segment, StageChecks, Transport, TransportPlaces,
    ViewOf,
};
pub use session::{Rotation, Session, SessionCookie, SessionVerb};

use portcullis_syntax::{Sources, Span};

/// What a policy means under one profile.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The profile that it was made for.
    pub profile: String,
    /// What is asked of the connection.
    pub transport: Transport,
    /// What pages of other origins may do; they are not asked about where there is no `cors`.
    pub cors: Option<Cors>,
    /// The header lines of every answer.
    pub headers: Headers,
    /// What a refusal looks like.
    pub errors: Errors,
    /// Whether any clause reads `request.origin`, so that the answer depends on it.
    pub reads_origin: bool,
    /// The credentials; an index into this is how a route names one.
    pub credentials: Vec<Credential>,
    /// How callers stay signed in, where they do.
    pub session: Option<Session>,
    /// The attributes that callers may have, of all credentials.
    pub caller: Vec<CallerAttribute>,
    /// The roles, `anonymous` among them.
    pub roles: Vec<Role>,
    /// Which of them is `anonymous`.
    pub anonymous: usize,
    /// The permissions that the policy names.
    pub permissions: Vec<String>,
    /// The scopes that stand for permissions.
    pub scopes: Vec<Scope>,
    /// The enums.
    pub enumerations: Vec<Enumeration>,
    /// The resources.
    pub resources: Vec<Resource>,
    /// The budgets.
    pub budgets: Vec<Budget>,
    /// Where the service may be made to fetch from.
    pub outbounds: Vec<Outbound>,
    /// The routes.
    pub routes: Vec<Route>,
    /// The actions.
    pub actions: Vec<Action>,
    /// What is to be proved of the policy.
    pub invariants: Vec<Invariant>,
    /// The text that it was made from, to say where a clause stands.
    pub sources: Sources,
}

impl Plan {
    /// Where a clause stands, as `file:line:column`.
    #[must_use]
    pub fn place(&self, span: Span) -> String {
        let file = self.sources.file(span.file).map_or("?", |file| &file.name);
        let (line, column) = self.sources.position(span.file, span.start);
        format!("{file}:{line}:{column}")
    }
}

/// The stages of a request, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Scheme, host, path and method.
    Transport,
    /// Credential, permissions, conditions on caller and request.
    Caller,
    /// Parameters and body, conditions on them.
    Input,
    /// The object, conditions on it.
    Object,
    /// The view.
    Response,
}

impl Stage {
    /// The stage's name in the docs and in `portcullis plan`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Transport => "transport",
            Stage::Caller => "caller",
            Stage::Input => "input",
            Stage::Object => "object",
            Stage::Response => "response",
        }
    }
}
