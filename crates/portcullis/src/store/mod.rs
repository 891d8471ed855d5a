//! Where budgets are counted, and where sessions, opaque tokens and revocations are kept: whole operations
//! that a stage asks for, and may have to wait for.

mod answer;
mod budget;
mod count;
mod counter;
mod credentials;
mod digest;
mod family;
mod memory;
mod quota;
mod secret;
mod sessions;
mod shard;
mod sliding_window;
mod token_bucket;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

pub use portcullis_compiler::plan::{Algorithm, Limit};

pub use budget::Budget;
pub use count::{Count, CountChange};
pub use credentials::{KeptToken, Known, Question};
pub use digest::Digest;
pub use family::{Family, Presentation, Presented, Sealed, Successor};
pub use memory::MemoryStore;
pub use quota::{Quota, Quotas};
pub use secret::HashSecret;

use crate::Timestamp;

/// One budget that a request is charged to.
#[derive(Debug, Clone, Copy)]
pub struct Charge<'a> {
    /// The budget.
    pub budget: &'a Budget,
    /// The key, in an encoding in which no two keys are equal; empty where all share the budget.
    pub key: &'a [u8],
    /// Which of the budget's limits holds for this request, by its place among them.
    pub fits: usize,
    /// How many units are charged; at least 1 and at most what the limit ever has at once.
    pub units: u64,
    /// Whether the answer is to tell what is left of it.
    pub told: bool,
}

/// What came of a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Charged {
    /// Every budget had enough left, and all were charged.
    All {
        /// What is left now of those that are to be told.
        quotas: Quotas,
        /// What they are given back by.
        receipt: Receipt,
    },
    /// At least one had not, and none was charged.
    Drained {
        /// The first of the charges that had not enough left.
        first: usize,
        /// How long until all that had not would have; never too short.
        retry_after: Duration,
        /// What is left of those that are to be told.
        quotas: Quotas,
    },
}

/// Says when and where a store charged something, so that it can be given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// When it was charged, by the clock that the store counts by.
    pub charged_at: Timestamp,
    /// Which of its counters the store charged, for one that has several. It means what the store says.
    pub counter: u32,
    /// Whether the store that is shared was away, and this process counted by itself.
    pub degraded: bool,
}

impl Receipt {
    /// Of a store with one counter, which is there.
    #[must_use]
    pub fn at(charged_at: Timestamp) -> Receipt {
        Receipt { charged_at, counter: 0, degraded: false }
    }
}

/// The store cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the store cannot be reached")]
pub struct Unavailable;

/// An answer that is there, or will be.
pub enum Answer<T> {
    /// It is there.
    Ready(T),
    /// It will be.
    Later(Pin<Box<dyn Future<Output = T> + Send>>),
}

/// Counts budgets and keeps what is known of credentials, for all threads at once.
///
/// What is kept of credentials must outlast what asks about it: once a revocation, an end or a successor
/// was answered for, no later question may be answered as if it had never been.
pub trait Store: Send + Sync {
    /// Charges all of them or none, as one step that no other charge comes between.
    ///
    /// `now` is the time of the request, and may be earlier than that of a charge before it: two
    /// servers' clocks differ, and requests overtake each other. An earlier time must not be
    /// answered with more than the limit allows.
    fn charge(
        &self,
        charges: &[Charge<'_>],
        now: Timestamp,
    ) -> Answer<Result<Charged, Unavailable>>;

    /// Gives back what was charged by this receipt, as far as it has not come back by itself. It may give
    /// back less, and never more: no window may admit more than its limit for a refund.
    fn refund(&self, charges: &[Charge<'_>], receipt: &Receipt) -> Answer<Result<(), Unavailable>>;

    /// Forgets the budgets that are not among these: a policy that is in force no longer named
    /// them.
    fn retain(&self, budgets: &[&str]) {
        let _ = budgets;
    }

    /// What is known of the credentials of a request.
    fn known(&self, asked: &Question<'_>, now: Timestamp) -> Answer<Result<Known, Unavailable>>;

    /// Takes a token or a session back, and remembers so until then, or longer where it was taken back
    /// for longer already.
    fn revoke(
        &self,
        id: &Digest,
        until: Timestamp,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>>;

    /// Keeps the refresh tokens of a session that begins, until [`Family::gone_at`].
    fn begin(
        &self,
        session: &Digest,
        family: &Family,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>>;

    /// Takes a refresh token, by [`Family::present`]: of two that come at once, one is the first. Where that
    /// ends the session, its access tokens are revoked in the same step.
    fn take(
        &self,
        presented: &Presented,
        successor: &Successor,
        now: Timestamp,
    ) -> Answer<Result<Presentation, Unavailable>>;

    /// Ends a session, and revokes its access tokens until then in the same step. One that is not there
    /// has its access tokens revoked all the same.
    fn end(
        &self,
        session: &Digest,
        revoked_until: Timestamp,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>>;

    /// [`end`](Store::end), for all sessions of a subject that there are; how many that were.
    fn end_all(
        &self,
        subject: &Digest,
        revoked_until: Timestamp,
        now: Timestamp,
    ) -> Answer<Result<u64, Unavailable>>;

    /// Keeps an opaque token, by the hash of its text.
    fn keep(
        &self,
        token: &Digest,
        kept: &KeptToken,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>>;

    /// The opaque tokens of a subject, by the hashes of their texts.
    fn kept(&self, subject: &Digest) -> Answer<Result<Vec<(Digest, KeptToken)>, Unavailable>>;

    /// Forgets an opaque token; whether there was one.
    fn discard(&self, token: &Digest) -> Answer<Result<bool, Unavailable>>;
}
