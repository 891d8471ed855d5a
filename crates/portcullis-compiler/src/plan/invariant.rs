//! What is to be proved of the policy.

use portcullis_syntax::Span;

/// A property of every request. It is asked of none: it is proved offline, or it is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invariant {
    /// What it says, in the author's words.
    pub title: String,
    /// Where it says so.
    pub span: Span,
}
