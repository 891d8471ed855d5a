//! A store in memory that a test can take away.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use portcullis::Timestamp;
use portcullis::store::{Answer, Charge, Charged, MemoryStore, Store, Unavailable};

/// Counts in memory, while it can be reached.
#[derive(Debug, Default)]
pub struct TestStore {
    memory: MemoryStore,
    away: Arc<AtomicBool>,
}

/// Takes a [`TestStore`] away, and gives it back.
#[derive(Debug, Clone)]
pub struct Switch(Arc<AtomicBool>);

impl TestStore {
    /// What takes it away.
    #[must_use]
    pub fn switch(&self) -> Switch {
        Switch(Arc::clone(&self.away))
    }

    fn is_away(&self) -> bool {
        self.away.load(Ordering::Relaxed)
    }
}

impl Switch {
    /// Says whether the store can be reached.
    pub fn set(&self, reachable: bool) {
        self.0.store(!reachable, Ordering::Relaxed);
    }
}

impl Store for TestStore {
    fn charge(
        &self,
        charges: &[Charge<'_>],
        now: Timestamp,
    ) -> Answer<Result<Charged, Unavailable>> {
        if self.is_away() {
            return Answer::Ready(Err(Unavailable));
        }
        self.memory.charge(charges, now)
    }

    fn refund(
        &self,
        charges: &[Charge<'_>],
        charged_at: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        if self.is_away() {
            return Answer::Ready(Err(Unavailable));
        }
        self.memory.refund(charges, charged_at)
    }
}
