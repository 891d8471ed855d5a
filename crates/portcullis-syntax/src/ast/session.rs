//! `session`: how a caller stays signed in.

use super::{Name, Pattern, Value, Waiver};
use crate::{Span, Spanned};

/// `session { … }`
#[derive(Debug, Clone)]
pub struct Session {
    /// The whole declaration.
    pub span: Span,
    /// The lines after `///`.
    pub docs: Vec<String>,
    /// The word `session`, for labels.
    pub keyword: Span,
    /// Its clauses.
    pub clauses: Vec<SessionClause>,
}

/// A clause of [`Session`].
#[derive(Debug, Clone)]
pub enum SessionClause {
    /// `access NAME`
    Access(Name, Span),
    /// `refresh 7d rotating grace 10s at most 30d`
    Refresh(Refresh),
    /// `cookie "refreshToken" path /api/auth`
    Cookie {
        /// What the cookie is called.
        name: Spanned<String>,
        /// The path that it is sent to.
        path: Option<Pattern>,
        /// The whole clause.
        span: Span,
    },
    /// `waive RULE "reason"`
    Waive(Waiver),
}

/// `refresh 7d rotating grace 10s at most 30d`
#[derive(Debug, Clone)]
pub struct Refresh {
    /// How long a refresh token is good.
    pub lifetime: Value,
    /// Where `rotating` stands, if it does.
    pub rotating: Option<Span>,
    /// How long the token before the last one gets the same successor.
    pub grace: Option<Value>,
    /// When the session ends however often it was refreshed.
    pub at_most: Option<Value>,
    /// The whole clause.
    pub span: Span,
}
