//! The table of refusals: every reason, its rank and its status. One authority.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use portcullis_compiler::plan::Plan;
use portcullis_syntax::Span;

/// Why a request is refused. The order is that in which a stage reports: the least one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The request is not one that a correct client sends. 400
    MalformedRequest,
    /// Plain HTTP where HTTPS is required. 301 for GET and HEAD, else 403
    InsecureTransport,
    /// The `Host` is not one of the policy's. 421
    UnknownHost,
    /// A page of another origin asks for what `cors` does not grant it. 403
    ForbiddenOrigin,
    /// No route has this path. 404
    UnknownRoute,
    /// Routes have this path, none with this method. 405
    MethodNotAllowed,
    /// The route is there no longer. 410
    Retired,
    /// No credential where one is needed. 401
    MissingCredential,
    /// A credential that is not valid. 401
    InvalidCredential,
    /// A credential that was valid once. 401
    ExpiredCredential,
    /// The caller lacks a permission that the route needs. 403
    MissingPermission,
    /// The body is larger than the policy allows. 413
    BodyTooLarge,
    /// A body of another kind than the route takes, or where it takes none. 415
    UnsupportedMediaType,
    /// Parameters or body are not as declared. 400
    InvalidInput,
    /// The service broke its promise to the engine. 500
    ServiceFault,
    /// The object is not there. 404
    NotFound,
    /// A `deny` holds, a `require` does not, or no `allow` does. 403
    Forbidden,
    /// A `deny … as conflict` holds, or a `require … as conflict` does not. 409
    Conflict,
    /// A `require … as step_up` does not hold: a more recent or stronger sign-in is asked for. 401
    StepUp,
    /// A budget is drained. 429
    OverBudget,
    /// The store cannot be reached. 503
    StoreUnavailable,
}

impl Reason {
    /// Every reason, in the order in which a stage reports them.
    pub const ALL: &'static [Reason] = &[
        Reason::MalformedRequest,
        Reason::InsecureTransport,
        Reason::UnknownHost,
        Reason::ForbiddenOrigin,
        Reason::UnknownRoute,
        Reason::MethodNotAllowed,
        Reason::Retired,
        Reason::MissingCredential,
        Reason::InvalidCredential,
        Reason::ExpiredCredential,
        Reason::MissingPermission,
        Reason::BodyTooLarge,
        Reason::UnsupportedMediaType,
        Reason::InvalidInput,
        Reason::ServiceFault,
        Reason::NotFound,
        Reason::Forbidden,
        Reason::Conflict,
        Reason::StepUp,
        Reason::OverBudget,
        Reason::StoreUnavailable,
    ];

    /// The name that policies, tests and logs use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::MalformedRequest => "malformed_request",
            Reason::InsecureTransport => "insecure_transport",
            Reason::UnknownHost => "unknown_host",
            Reason::ForbiddenOrigin => "forbidden_origin",
            Reason::UnknownRoute => "unknown_route",
            Reason::MethodNotAllowed => "method_not_allowed",
            Reason::Retired => "retired",
            Reason::StepUp => "step_up",
            Reason::MissingCredential => "missing_credential",
            Reason::InvalidCredential => "invalid_credential",
            Reason::ExpiredCredential => "expired_credential",
            Reason::MissingPermission => "missing_permission",
            Reason::BodyTooLarge => "body_too_large",
            Reason::UnsupportedMediaType => "unsupported_media_type",
            Reason::InvalidInput => "invalid_input",
            Reason::ServiceFault => "service_fault",
            Reason::NotFound => "not_found",
            Reason::Forbidden => "forbidden",
            Reason::Conflict => "conflict",
            Reason::OverBudget => "over_budget",
            Reason::StoreUnavailable => "store_unavailable",
        }
    }

    /// The HTTP status. `insecure_transport` is 301 where the method is safe; see the refusal.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Reason::MalformedRequest | Reason::InvalidInput => 400,
            Reason::InsecureTransport
            | Reason::ForbiddenOrigin
            | Reason::MissingPermission
            | Reason::Forbidden => 403,
            Reason::UnknownHost => 421,
            Reason::UnknownRoute | Reason::NotFound => 404,
            Reason::MethodNotAllowed => 405,
            Reason::Retired => 410,
            Reason::MissingCredential
            | Reason::InvalidCredential
            | Reason::ExpiredCredential
            | Reason::StepUp => 401,
            Reason::BodyTooLarge => 413,
            Reason::UnsupportedMediaType => 415,
            Reason::ServiceFault => 500,
            Reason::Conflict => 409,
            Reason::OverBudget => 429,
            Reason::StoreUnavailable => 503,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

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
    detail: Detail,
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
        Refusal { reason, clause: None, detail: Detail::None }
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

    /// What is wrong with the input, field by field.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        match &self.detail {
            Detail::Faults(faults) => faults,
            _ => &[],
        }
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
    #[must_use]
    pub fn status(&self) -> u16 {
        match &self.detail {
            Detail::Location(_) => 301,
            _ => self.reason.status(),
        }
    }

    /// The headers of the answer, names in lower case; `content-type` is that of [`body`](Refusal::body).
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = PROBLEM_HEADERS.map(|(name, value)| (name, value.to_owned())).to_vec();
        match (self.reason, &self.detail) {
            // RFC 6750, 3: no error code where there was no credential; else nothing but that it
            // was not good.
            (Reason::MissingCredential, _) => {
                headers.push(("www-authenticate", "Bearer".to_owned()));
            }
            (Reason::InvalidCredential | Reason::ExpiredCredential, _) => {
                headers.push(("www-authenticate", "Bearer error=\"invalid_token\"".to_owned()));
            }
            // RFC 9470, 3.
            (Reason::StepUp, _) => headers.push((
                "www-authenticate",
                "Bearer error=\"insufficient_user_authentication\"".to_owned(),
            )),
            // RFC 6750, 3.1.
            (Reason::MissingPermission, _) => {
                headers.push(("www-authenticate", "Bearer error=\"insufficient_scope\"".to_owned()))
            }
            (_, Detail::Methods(methods)) => headers.push(("allow", methods.join(", "))),
            (_, Detail::Location(location)) => headers.push(("location", location.clone())),
            (_, Detail::RetryAfter(duration)) => {
                // Rounded up: never earlier than the budget has a unit.
                // No period is longer than a year; a store that says so says never.
                let seconds = duration.as_nanos().div_ceil(1_000_000_000).clamp(1, 366 * 86_400);
                headers.push(("retry-after", seconds.to_string()));
            }
            _ => {}
        }
        headers
    }

    /// The body of the answer: a problem document (RFC 9457) with the safe half of the refusal.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut problem = problem_of(self.status());
        if let (Some(object), Detail::Faults(faults)) = (problem.as_object_mut(), &self.detail) {
            let errors = faults
                .iter()
                .map(|fault| serde_json::json!({"field": fault.field, "message": fault.message}));
            object.insert("errors".to_owned(), errors.collect());
        }
        problem.to_string().into_bytes()
    }
}

/// The headers of every [`problem`], names in lower case.
pub const PROBLEM_HEADERS: [(&str, &str); 2] =
    [("content-type", "application/problem+json"), ("cache-control", "no-store")];

/// A problem document (RFC 9457) that tells a status and nothing else.
#[must_use]
pub fn problem(status: u16) -> Vec<u8> {
    problem_of(status).to_string().into_bytes()
}

fn problem_of(status: u16) -> serde_json::Value {
    serde_json::json!({ "type": "about:blank", "title": title(status), "status": status })
}

/// The phrase of a status that a refusal or a handler's error may have (RFC 9110, 15).
fn title(status: u16) -> &'static str {
    match status {
        301 => "Moved Permanently",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        status if (400..500).contains(&status) => "Client Error",
        _ => "Server Error",
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
