//! `errors`: what a refusal looks like.

use super::{InProfiles, Name, Waiver};
use crate::{Span, Spanned};

/// `errors { … }`
#[derive(Debug, Clone)]
pub struct Errors {
    /// The whole declaration.
    pub span: Span,
    /// The lines after `///`.
    pub docs: Vec<String>,
    /// The word `errors`, for labels.
    pub keyword: Span,
    /// Its clauses.
    pub clauses: Vec<InProfiles<ErrorsClause>>,
    /// Its waivers.
    pub waivers: Vec<Waiver>,
}

/// A clause of [`Errors`].
#[derive(Debug, Clone)]
pub enum ErrorsClause {
    /// `format problem`
    Format(Name),
    /// `status invalid_input 422`
    Status {
        /// The reason for the refusal.
        reason: Name,
        /// Its status.
        status: Spanned<i64>,
    },
}
