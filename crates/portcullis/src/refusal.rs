//! A refusal: its reason, the clause that decided, and what the client may know of it.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

pub use portcullis_compiler::Reason;
use portcullis_compiler::plan::{Errors, Plan};
use portcullis_syntax::Span;

use crate::answers::{Line, rate_limit};

/// What is wrong with one field of an input. The message never holds the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field; empty for the body as a whole.
    pub field: String,
    /// What it must be.
    pub message: String,
}

/// A request that is not admitted: why, by which clause, and what the client may know of it.
#[derive(Clone)]
pub struct Refusal {
    reason: Reason,
    clause: Option<Clause>,
    /// The route, by its place in a plan.
    route: Option<(Arc<Plan>, usize)>,
    detail: Detail,
    /// What is left of the budgets that the request was charged.
    rate_limit: Vec<(&'static str, String)>,
}

/// What a refusal tells beyond its reason.
#[derive(Clone, Default)]
enum Detail {
    #[default]
    None,
    Faults(Vec<Fault>),
    Methods(Vec<String>),
    RetryAfter(Duration),
    Location(String),
    /// A refresh token came a second time, after its grace.
    Reused,
}

/// A clause of the policy, for the operator.
#[derive(Clone)]
pub struct Clause {
    plan: Arc<Plan>,
    span: Span,
}

impl Clause {
    /// `file:line:column` in the policy.
    #[must_use]
    pub fn place(&self) -> String {
        self.plan.place(self.span)
    }

    /// Where it stands among the files of the policy, for tools that have them at hand.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// Where it stands in its file, in bytes.
    #[must_use]
    pub fn range(&self) -> Range<u32> {
        self.span.start..self.span.end
    }

    /// The clause as its author wrote it.
    #[must_use]
    pub fn text(&self) -> &str {
        self.plan.sources.slice(self.span)
    }
}

impl Refusal {
    pub(crate) fn new(reason: Reason) -> Refusal {
        Refusal { reason, clause: None, route: None, detail: Detail::None, rate_limit: Vec::new() }
    }

    pub(crate) fn at(mut self, plan: &Arc<Plan>, span: Span) -> Refusal {
        self.clause = Some(Clause { plan: Arc::clone(plan), span });
        self
    }

    /// [`at`](Refusal::at), where the clause may have been left out of the policy.
    pub(crate) fn at_clause(self, plan: &Arc<Plan>, clause: Option<Span>) -> Refusal {
        match clause {
            Some(span) => self.at(plan, span),
            None => self,
        }
    }

    pub(crate) fn with_faults(faults: Vec<Fault>) -> Refusal {
        Refusal { detail: Detail::Faults(faults), ..Refusal::new(Reason::InvalidInput) }
    }

    pub(crate) fn with_methods(methods: Vec<String>) -> Refusal {
        Refusal { detail: Detail::Methods(methods), ..Refusal::new(Reason::MethodNotAllowed) }
    }

    pub(crate) fn with_retry_after(retry_after: Duration) -> Refusal {
        Refusal { detail: Detail::RetryAfter(retry_after), ..Refusal::new(Reason::OverBudget) }
    }

    pub(crate) fn with_location(location: String) -> Refusal {
        Refusal { detail: Detail::Location(location), ..Refusal::new(Reason::InsecureTransport) }
    }

    pub(crate) fn of_reuse(self) -> Refusal {
        Refusal { detail: Detail::Reused, ..self }
    }

    /// On a route of a plan.
    pub(crate) fn on(self, plan: &Arc<Plan>, route: usize) -> Refusal {
        Refusal { route: Some((Arc::clone(plan), route)), ..self }
    }

    /// With header lines that tell what is left of budgets.
    pub(crate) fn telling(self, rate_limit: Vec<(&'static str, String)>) -> Refusal {
        Refusal { rate_limit, ..self }
    }

    /// The refusal of a service that broke its promise to the engine.
    #[must_use]
    pub fn service_fault() -> Refusal {
        Refusal::new(Reason::ServiceFault)
    }

    /// The refusal of a body that the server has seen to be larger than
    /// [`body_limit`](crate::Admitted::body_limit), before reading all of it.
    #[must_use]
    pub fn body_too_large() -> Refusal {
        Refusal::new(Reason::BodyTooLarge)
    }

    /// The refusal of a request that the server could not read whole.
    #[must_use]
    pub fn malformed_request() -> Refusal {
        Refusal::new(Reason::MalformedRequest)
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// The clause that decided, for the operator; nothing where no clause of the policy did.
    #[must_use]
    pub fn clause(&self) -> Option<&Clause> {
        self.clause.as_ref()
    }

    /// The route that the request came to, as the policy writes its path; nothing where it came to none.
    #[must_use]
    pub fn route(&self) -> Option<&str> {
        let (plan, route) = self.route.as_ref()?;
        plan.routes.get(*route).map(|route| route.pattern.as_str())
    }

    /// What is wrong with the input, field by field.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        match &self.detail {
            Detail::Faults(faults) => faults,
            _ => &[],
        }
    }

    /// Whether a refresh token came a second time, after its grace: it was in two hands, and its session is
    /// ended now. Whoever watches wants to know of this one apart from others that were revoked.
    #[must_use]
    pub fn is_reuse(&self) -> bool {
        matches!(self.detail, Detail::Reused)
    }

    /// How long until it is worth asking again, where a budget is drained.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match &self.detail {
            Detail::RetryAfter(duration) => Some(*duration),
            _ => None,
        }
    }

    /// The HTTP status.
    pub(crate) fn status(&self, errors: &Errors) -> u16 {
        match &self.detail {
            Detail::Location(_) => 301,
            _ => errors.status(self.reason),
        }
    }

    /// The header lines that tell what is left of budgets.
    pub(crate) fn rate_limit(&self) -> &[(&'static str, String)] {
        &self.rate_limit
    }

    /// The header lines that its reason and the status that is sent ask for. Where the policy gives a
    /// reason the status of another, its lines must not tell it from that one.
    pub(crate) fn lines(&self, status: u16) -> Vec<Line<'_>> {
        let challenge = |said: &'static str| vec![("www-authenticate", Cow::Borrowed(said))];
        match (self.reason, &self.detail) {
            // RFC 6750, 3: no error code where there was no credential; else nothing but that it
            // was not good.
            (
                Reason::InvalidCredential | Reason::ExpiredCredential | Reason::RevokedCredential,
                _,
            ) if status == 401 => challenge("Bearer error=\"invalid_token\""),
            // RFC 9470, 3.
            (Reason::StepUp, _) if status == 401 => {
                challenge("Bearer error=\"insufficient_user_authentication\"")
            }
            // A 401 has a challenge (RFC 9110, 15.5.2).
            _ if status == 401 => challenge("Bearer"),
            // RFC 6750, 3.1.
            (Reason::MissingPermission, _) if status == 403 => {
                challenge("Bearer error=\"insufficient_scope\"")
            }
            (_, Detail::Methods(methods)) if status == 405 => {
                vec![("allow", methods.join(", ").into())]
            }
            (_, Detail::Location(location)) => vec![("location", location.into())],
            (_, Detail::RetryAfter(duration)) => {
                // Never earlier than the budget has the units.
                vec![("retry-after", rate_limit::seconds(*duration).to_string().into())]
            }
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.reason)?;
        match &self.clause {
            Some(clause) => write!(f, " by {}", clause.place()),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal")
            .field("reason", &self.reason)
            .field("clause", &self.clause.as_ref().map(Clause::place))
            .field("faults", &self.faults())
            .finish()
    }
}

impl std::error::Error for Refusal {}
