//! The refresh tokens of one session, each the successor of the one before: what a store keeps of them,
//! and what presenting one means. One place for all stores, so that none can mean something else.
//!
//! A token is good once (RFC 9700, 4.14.2). Whoever presents it again within the grace gets the same
//! successor: two tabs, or an answer that was lost. Later it is in two hands, nobody can say whose is the
//! honest one, and the whole family ends.

use serde::{Deserialize, Serialize};

use super::Digest;
use crate::Timestamp;

/// So many tokens that were taken lately are remembered with their successors. A client that takes more
/// within the grace does not wait for its answers.
const TAKEN: usize = 8;

/// The refresh tokens of a session. It holds hashes alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Family {
    /// Whose session it is.
    pub subject: Digest,
    /// What the session was begun with: the claims of its access tokens, as JSON.
    pub claims: String,
    /// The token that is good now.
    current: Digest,
    /// When that ceases to be.
    expires_at: i64,
    /// When the session is over, however often it is refreshed.
    ends_at: Option<i64>,
    taken: Vec<Taken>,
    /// Ended before its time. It is remembered until its last token would have expired, to tell what was
    /// taken back from what never was.
    ended: bool,
}

/// A token that was good once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Taken {
    token: Digest,
    at: i64,
    successor: Sealed,
    expires_at: i64,
}

/// A successor that only the token before it opens.
pub type Sealed = [u8; 32];

/// A refresh token that a request presents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presented {
    /// Its session.
    pub session: Digest,
    /// The token.
    pub token: Digest,
    /// How long after it was taken it still gets the same successor, in nanoseconds.
    pub grace: i64,
    /// Until when access tokens of the session may be good, and so stay revoked where this ends it.
    pub revoked_until: Timestamp,
}

/// The token that follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Successor {
    /// The token.
    pub token: Digest,
    /// The same, for whoever presents the one before again.
    pub sealed: Sealed,
    /// When it ceases to be good.
    pub expires_at: Timestamp,
}

/// What presenting a refresh token means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presentation {
    /// It is good, and was left as it is: until then.
    Good(Timestamp),
    /// It was taken: the successor is good from now on, until then.
    Taken(Timestamp),
    /// It was taken a moment ago: by this successor, which is good until then.
    Again(Sealed, Timestamp),
    /// It, or its session, is over by age.
    Expired,
    /// Its session was ended.
    Revoked,
    /// It was taken before the grace: its session is ended now.
    Reused,
    /// There is no such session.
    Unknown,
}

impl Presentation {
    /// Until when the token, or its successor, is good; nothing where it is not.
    #[must_use]
    pub fn good_until(&self) -> Option<Timestamp> {
        match self {
            Presentation::Good(until)
            | Presentation::Taken(until)
            | Presentation::Again(_, until) => Some(*until),
            _ => None,
        }
    }
}

impl Family {
    /// One whose first token is good until `expires_at`.
    #[must_use]
    pub fn new(
        subject: Digest,
        claims: String,
        first: Digest,
        expires_at: Timestamp,
        ends_at: Option<Timestamp>,
    ) -> Family {
        let ends_at = ends_at.map(Timestamp::as_nanos);
        let expires_at = bounded(expires_at.as_nanos(), ends_at);
        Family {
            subject,
            claims,
            current: first,
            expires_at,
            ends_at,
            taken: Vec::new(),
            ended: false,
        }
    }

    /// What presenting a token means. With a successor it is taken; without one it is only looked at. A
    /// token that is no token of this family is taken for one that was: nobody knows the family's name but
    /// from a token of it.
    pub fn present(
        &mut self,
        presented: &Presented,
        successor: Option<&Successor>,
        now: Timestamp,
    ) -> Presentation {
        let now = now.as_nanos();
        if self.ended {
            return Presentation::Revoked;
        }
        if now >= self.expires_at {
            return Presentation::Expired;
        }
        if presented.token == self.current {
            return match successor {
                None => Presentation::Good(Timestamp::from_nanos(self.expires_at)),
                Some(successor) => Presentation::Taken(self.take(successor, presented.grace, now)),
            };
        }
        let taken = self.taken.iter().find(|taken| taken.token == presented.token);
        match taken.filter(|taken| within(presented.grace, taken.at, now)) {
            Some(taken) => {
                Presentation::Again(taken.successor, Timestamp::from_nanos(taken.expires_at))
            }
            None => {
                self.end();
                Presentation::Reused
            }
        }
    }

    fn take(&mut self, successor: &Successor, grace: i64, now: i64) -> Timestamp {
        self.taken.retain(|taken| within(grace, taken.at, now));
        if self.taken.len() >= TAKEN {
            self.taken.remove(0);
        }
        let expires_at = bounded(successor.expires_at.as_nanos(), self.ends_at);
        let token = std::mem::replace(&mut self.current, successor.token);
        self.taken.push(Taken { token, at: now, successor: successor.sealed, expires_at });
        self.expires_at = expires_at;
        Timestamp::from_nanos(expires_at)
    }

    /// Ends it before its time.
    pub fn end(&mut self) {
        self.ended = true;
        self.taken.clear();
    }

    /// Whether it was ended before its time.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// When a store may forget it.
    #[must_use]
    pub fn gone_at(&self) -> Timestamp {
        Timestamp::from_nanos(self.expires_at)
    }
}

/// Whether two times are a grace apart at most. Also where a clock is behind: a request that was held open must
/// not come from before the token was taken, and be as if it never had been.
fn within(grace: i64, taken_at: i64, now: i64) -> bool {
    now.abs_diff(taken_at) <= u64::try_from(grace).unwrap_or(0)
}

fn bounded(expires_at: i64, ends_at: Option<i64>) -> i64 {
    ends_at.map_or(expires_at, |ends_at| expires_at.min(ends_at))
}
