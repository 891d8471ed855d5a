//! `budget`: how often.

use super::{Name, Path, Unsupported, Waiver};
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
    /// `limit N per D`
    Limit {
        /// Units.
        units: Spanned<i64>,
        /// Seconds.
        period: Spanned<u64>,
        /// The whole clause.
        span: Span,
    },
    /// `key PART` or `key [PART, …]`
    Key(Vec<KeyPart>, Span),
    /// `algorithm token_bucket` or `sliding_window`
    Algorithm(Name, Span),
    /// `waive RULE "reason"`
    Waive(Waiver),
    /// A clause that a later version enforces.
    Unsupported(Unsupported),
}

/// One part of a key: `caller.id`. (`a else b` is for a later version.)
#[derive(Debug, Clone)]
pub struct KeyPart {
    /// What is read.
    pub path: Path,
}
