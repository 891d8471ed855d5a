//! What a refusal looks like.

use crate::Reason;

/// `errors`
#[derive(Debug, Clone, Default)]
pub struct Errors {
    /// What the body of an error is.
    pub format: ErrorFormat,
    /// The statuses that the policy gives to reasons, in the place of their own.
    pub statuses: Vec<(Reason, u16)>,
}

impl Errors {
    /// The status that a refusal of this reason is answered with.
    #[must_use]
    pub fn status(&self, reason: Reason) -> u16 {
        let given = self.statuses.iter().find(|(known, _)| *known == reason);
        given.map_or_else(|| reason.status(), |(_, status)| *status)
    }
}

/// The form of an error's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ErrorFormat {
    /// A problem document (RFC 9457).
    #[default]
    Problem,
    /// `{"error", "details", "requestId"}`
    Simple,
}

impl ErrorFormat {
    /// Every format.
    pub const ALL: &'static [ErrorFormat] = &[ErrorFormat::Problem, ErrorFormat::Simple];

    /// Its name in the language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorFormat::Problem => "problem",
            ErrorFormat::Simple => "simple",
        }
    }
}
