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
    /// A credential that was taken back: its caller signed out, or it was used by two. 401
    RevokedCredential,
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
        Reason::RevokedCredential,
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

    /// The reason of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Reason> {
        Reason::ALL.iter().copied().find(|reason| reason.as_str() == name)
    }

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
            Reason::RevokedCredential => "revoked_credential",
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

    /// The HTTP status, where the policy's `errors` says no other. `insecure_transport` is 301 where the
    /// method is safe.
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
            | Reason::RevokedCredential
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
