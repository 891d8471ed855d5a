//! `cors`: which pages of other origins may read the answers.

use super::{InProfiles, Name, Value, Waiver};
use crate::Span;

/// `cors { … }`
#[derive(Debug, Clone)]
pub struct Cors {
    /// The whole declaration.
    pub span: Span,
    /// The lines after `///`.
    pub docs: Vec<String>,
    /// The word `cors`, for labels.
    pub keyword: Span,
    /// Its clauses.
    pub clauses: Vec<InProfiles<CorsClause>>,
    /// Its waivers.
    pub waivers: Vec<Waiver>,
}

/// A clause of [`Cors`].
#[derive(Debug, Clone)]
pub enum CorsClause {
    /// `origins ["https://shop.example"]`
    Origins(Value),
    /// `methods [GET, POST]`
    Methods(Vec<Name>),
    /// `headers ["Content-Type"]`: those that a page may send
    Headers(Value),
    /// `expose ["RateLimit"]`: those that a page may read
    Expose(Value),
    /// `credentials`
    Credentials,
    /// `max_age 24h`
    MaxAge(Value),
}
