//! `budget`: how often.

use super::{Condition, Name, Path, Value, Waiver};
use crate::{Span, Spanned};

/// `budget NAME { … }`
#[derive(Debug, Clone)]
pub struct Budget {
    /// The whole declaration.
    pub span: Span,
    /// The lines after `///`.
    pub docs: Vec<String>,
    /// Its name.
    pub name: Name,
    /// Its clauses.
    pub clauses: Vec<BudgetClause>,
}

/// A clause of [`Budget`].
#[derive(Debug, Clone)]
pub enum BudgetClause {
    /// `limit N per D burst B when …`
    Limit {
        /// Units.
        units: Value,
        /// How long they last.
        period: Value,
        /// The most units at once.
        burst: Option<Value>,
        /// When the limit fits; always, where it has none.
        condition: Option<Condition>,
        /// The whole clause.
        span: Span,
    },
    /// `key PART` or `key [PART, …]`
    Key(Vec<KeyPart>, Span),
    /// `algorithm token_bucket` or `sliding_window`
    Algorithm(Name, Span),
    /// `refund on success`
    Refund(Span),
    /// `unavailable admit "reason"`
    Unavailable(Spanned<String>, Span),
    /// `ipv6 /56`: how much of an IPv6 address is one client's
    Ipv6(Spanned<u8>, Span),
    /// `waive RULE "reason"`
    Waive(Waiver),
}

impl BudgetClause {
    /// The whole clause.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            BudgetClause::Limit { span, .. }
            | BudgetClause::Key(_, span)
            | BudgetClause::Algorithm(_, span)
            | BudgetClause::Refund(span)
            | BudgetClause::Unavailable(_, span)
            | BudgetClause::Ipv6(_, span) => *span,
            BudgetClause::Waive(waiver) => waiver.span,
        }
    }
}

/// One part of a key: `caller.id`, or `caller.id else request.ip`.
#[derive(Debug, Clone)]
pub struct KeyPart {
    /// What is read: the first that is there. At least one.
    pub alternatives: Vec<Path>,
    /// The whole part.
    pub span: Span,
}
