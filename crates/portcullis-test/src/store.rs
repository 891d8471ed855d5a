//! A store in memory that a test can take away.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use portcullis::Timestamp;
use portcullis::store::{
    Answer, Charge, Charged, Digest, Family, KeptToken, Known, MemoryStore, Presentation,
    Presented, Question, Receipt, Store, Successor, Unavailable,
};

/// Counts in memory, while it can be reached. All clones are one.
#[derive(Debug, Clone, Default)]
pub struct TestStore {
    memory: Arc<RwLock<MemoryStore>>,
    away: Arc<AtomicBool>,
}

/// Takes a [`TestStore`] away, and gives it back.
#[derive(Debug, Clone)]
pub struct Switch(TestStore);

impl TestStore {
    /// What takes it away.
    #[must_use]
    pub fn switch(&self) -> Switch {
        Switch(self.clone())
    }

    fn here<T>(
        &self,
        ask: impl FnOnce(&MemoryStore) -> Answer<Result<T, Unavailable>>,
    ) -> Answer<Result<T, Unavailable>> {
        match self.away.load(Ordering::Relaxed) {
            true => Answer::Ready(Err(Unavailable)),
            false => ask(&self.memory.read().unwrap_or_else(PoisonError::into_inner)),
        }
    }
}

impl Switch {
    /// Says whether the store can be reached.
    pub fn set(&self, reachable: bool) {
        self.0.away.store(!reachable, Ordering::Relaxed);
    }

    /// Forgets all that the store has kept, so that the next test begins with full budgets.
    pub fn empty(&self) {
        let mut memory = self.0.memory.write().unwrap_or_else(PoisonError::into_inner);
        *memory = MemoryStore::default();
    }
}

impl Store for TestStore {
    fn charge(
        &self,
        charges: &[Charge<'_>],
        now: Timestamp,
    ) -> Answer<Result<Charged, Unavailable>> {
        self.here(|memory| memory.charge(charges, now))
    }

    fn refund(&self, charges: &[Charge<'_>], receipt: &Receipt) -> Answer<Result<(), Unavailable>> {
        self.here(|memory| memory.refund(charges, receipt))
    }

    fn known(&self, asked: &Question<'_>, now: Timestamp) -> Answer<Result<Known, Unavailable>> {
        self.here(|memory| memory.known(asked, now))
    }

    fn revoke(
        &self,
        id: &Digest,
        until: Timestamp,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        self.here(|memory| memory.revoke(id, until, now))
    }

    fn begin(
        &self,
        session: &Digest,
        family: &Family,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        self.here(|memory| memory.begin(session, family, now))
    }

    fn take(
        &self,
        presented: &Presented,
        successor: &Successor,
        now: Timestamp,
    ) -> Answer<Result<Presentation, Unavailable>> {
        self.here(|memory| memory.take(presented, successor, now))
    }

    fn end(
        &self,
        session: &Digest,
        revoked_until: Timestamp,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        self.here(|memory| memory.end(session, revoked_until, now))
    }

    fn end_all(
        &self,
        subject: &Digest,
        revoked_until: Timestamp,
        now: Timestamp,
    ) -> Answer<Result<u64, Unavailable>> {
        self.here(|memory| memory.end_all(subject, revoked_until, now))
    }

    fn keep(
        &self,
        token: &Digest,
        kept: &KeptToken,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        self.here(|memory| memory.keep(token, kept, now))
    }

    fn kept(&self, subject: &Digest) -> Answer<Result<Vec<(Digest, KeptToken)>, Unavailable>> {
        self.here(|memory| memory.kept(subject))
    }

    fn discard(&self, token: &Digest) -> Answer<Result<bool, Unavailable>> {
        self.here(|memory| memory.discard(token))
    }
}
