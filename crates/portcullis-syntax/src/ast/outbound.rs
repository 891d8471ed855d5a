//! `outbound`: where the service may be made to fetch from.

use super::{Name, Value, Waiver};
use crate::Span;

/// `outbound NAME { … }`
#[derive(Debug, Clone)]
pub struct Outbound {
    /// The whole declaration.
    pub span: Span,
    /// The lines after `///`.
    pub docs: Vec<String>,
    /// The word `outbound`, for labels.
    pub keyword: Span,
    /// Its name.
    pub name: Name,
    /// Its clauses.
    pub clauses: Vec<OutboundClause>,
}

/// A clause of [`Outbound`].
#[derive(Debug, Clone)]
pub enum OutboundClause {
    /// `schemes [https]`
    Schemes(Value, Span),
    /// `ports [443]`
    Ports(Value, Span),
    /// `hosts ["*.images.example"]`
    Hosts(Value, Span),
    /// `redirects 0`
    Redirects(Value, Span),
    /// `waive RULE "reason"`
    Waive(Waiver),
}
