//! What a store knows of credentials: which were taken back, which sessions there are, and which opaque
//! tokens.

use serde::{Deserialize, Serialize};

use super::{Digest, Presentation, Presented};
use crate::Timestamp;

/// What a request asks of its credentials, all at once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Question<'a> {
    /// Whether any of these tokens or sessions was revoked.
    pub revoked: &'a [Digest],
    /// What is kept of an opaque token.
    pub opaque: Option<Digest>,
    /// What presenting a refresh token would mean. One that is presented a second time ends its session
    /// by being asked about.
    pub refresh: Option<Presented>,
}

/// What a store knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// Whether any was revoked.
    pub revoked: bool,
    /// The opaque token, if there is one. It may have expired.
    pub opaque: Option<KeptToken>,
    /// What presenting the refresh token means, and the claims of its session where it is good.
    pub refresh: Option<(Presentation, Option<String>)>,
}

/// What is kept of an opaque token, beside its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptToken {
    /// The credential that it is of, by its name in the policy.
    pub credential: String,
    /// Whose it is.
    pub subject: Digest,
    /// What its caller calls it.
    pub label: String,
    /// The attributes of its caller, as JSON.
    pub claims: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ceases to be good, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to within a minute.
    pub last_used_at: Option<Timestamp>,
}

impl KeptToken {
    /// Whether it is good no longer.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }

    /// Notes that it is used now. Says whether that is worth writing down: once a minute.
    pub fn used(&mut self, now: Timestamp) -> bool {
        const MINUTE: i64 = 60_000_000_000;
        let news = self
            .last_used_at
            .is_none_or(|last| now.as_nanos().saturating_sub(last.as_nanos()) >= MINUTE);
        if news {
            self.last_used_at = Some(now);
        }
        news
    }
}
