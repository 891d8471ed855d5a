//! The table of refusals: every reason, its rank and its status. One authority.

use std::fmt;

/// Why a request is refused. The order is that in which a stage reports: the least one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The request is not one that a correct client sends. 400
    MalformedRequest,
    /// Plain HTTP where HTTPS is required. 301 for GET and HEAD, else 403
    InsecureTransport,
    /// The `Host` is not one of the policy's. 421
    UnknownHost,
    /// No route has this path. 404
    UnknownRoute,
    /// Routes have this path, none with this method. 405
    MethodNotAllowed,
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
    /// A `deny` holds, or no `allow`. 403
    Forbidden,
    /// A `deny … as conflict` holds. 409
    Conflict,
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
        Reason::UnknownRoute,
        Reason::MethodNotAllowed,
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
            Reason::UnknownRoute => "unknown_route",
            Reason::MethodNotAllowed => "method_not_allowed",
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
            Reason::InsecureTransport | Reason::MissingPermission | Reason::Forbidden => 403,
            Reason::UnknownHost => 421,
            Reason::UnknownRoute | Reason::NotFound => 404,
            Reason::MethodNotAllowed => 405,
            Reason::MissingCredential | Reason::InvalidCredential | Reason::ExpiredCredential => {
                401
            }
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
