//! The store: which transaction each question takes, and what is known without one.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::{Mutex, RwLock};
use portcullis::Timestamp;
use portcullis::store::{
    Answer, Charge, Charged, Digest, Family, KeptToken, Known, MemoryStore, Presentation,
    Presented, Question, Receipt, Store, Successor, Unavailable,
};
use redb::{Database, Durability, Error, ReadableDatabase};

use crate::open::{self, OpenError};
use crate::recorder::Recorder;
use crate::tables::{self, Changes, FORMAT, Tables};

/// A sweep comes after as many writes as it left entries, and at least so many: so that each write pays for
/// a share of it.
const SWEPT_AT: u64 = 1024;

/// How many changed counts one transaction writes at most: who signs in meanwhile waits for it.
const COUNTS_AT_ONCE: usize = 4096;

/// A store in one file, for a service that runs as one process.
///
/// See the [crate](crate) for what lasts and what does not.
pub struct RedbStore {
    shared: Arc<Shared>,
    recorder: Recorder,
}

/// What the threads of requests share with the one that writes down what budgets have counted.
pub(crate) struct Shared {
    database: Database,
    /// What is revoked, in memory: asked by every request with a revocable token, and seldom changed.
    revoked: RwLock<HashSet<Digest>>,
    /// One thread writes at a time, from the first look into the file until memory agrees with it.
    writing: Mutex<Pace>,
    budgets: MemoryStore,
    /// One thread at a time takes the changed counts and writes them, so that none writes older ones over newer.
    counting: Mutex<()>,
}

/// When the next sweep is due.
struct Pace {
    writes: u64,
    sweep_at: u64,
    least: u64,
}

impl RedbStore {
    /// Opens the store in a file, and makes the file where there is none; its folder must be there. What is
    /// over by age is removed, as the system's clock has it.
    ///
    /// # Errors
    ///
    /// If another process has it open, if it cannot be read and written, or if it is no store.
    pub fn open(path: impl AsRef<Path>) -> Result<RedbStore, OpenError> {
        RedbStore::over(open::database(path.as_ref())?)
    }

    fn over(database: Database) -> Result<RedbStore, OpenError> {
        let shared = Arc::new(Shared::over(database)?);
        let recorder = Recorder::start(Arc::clone(&shared)).map_err(OpenError::File)?;
        Ok(RedbStore { shared, recorder })
    }

    /// Forgets what every budget in a file has counted, and nothing else; how many counts that were. The store must
    /// not be open.
    ///
    /// It is for an operator whose clock was ahead: what was counted then holds back all requests until that time
    /// has come. A store cannot do it by itself, since a clock that is behind now would look the same, and
    /// would make every budget full.
    ///
    /// # Errors
    ///
    /// Those of [`open`](RedbStore::open).
    pub fn forget_counts(path: impl AsRef<Path>) -> Result<u64, OpenError> {
        let database = open::database(path.as_ref())?;
        let transaction = database.begin_write().map_err(Error::from)?;
        match tables::format(&transaction)? {
            FORMAT => (),
            found => return Err(OpenError::Format { found, expected: FORMAT }),
        }
        let forgotten = Tables::open(&transaction)?.forget_counts()?;
        transaction.commit().map_err(Error::from)?;
        Ok(forgotten)
    }

    /// Writes down what budgets of an hour or more have counted, and flushes it to the disk. It happens by itself
    /// once a second, and when the store is dropped.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn flush(&self) -> Result<(), Unavailable> {
        self.shared.write_counts().or(Err(Unavailable))
    }

    /// Removes what is over by age; how many entries that were. It happens by itself as the store is
    /// written to: this is for a service that wants it done at a quiet hour.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or written.
    pub fn sweep(&self, now: Timestamp) -> Result<u64, Unavailable> {
        self.shared.sweep(now).or(Err(Unavailable))
    }
}

impl Shared {
    fn over(database: Database) -> Result<Shared, OpenError> {
        let transaction = database.begin_write().map_err(Error::from)?;
        match tables::format(&transaction)? {
            // Reading makes no tables: they are made now.
            FORMAT => drop(Tables::open(&transaction)?),
            found => return Err(OpenError::Format { found, expected: FORMAT }),
        }
        let secret = tables::secret(&transaction)?;
        transaction.commit().map_err(Error::from)?;
        let mut shared = Shared {
            database,
            revoked: RwLock::default(),
            writing: Mutex::new(Pace { writes: 0, sweep_at: SWEPT_AT, least: SWEPT_AT }),
            budgets: MemoryStore::default(),
            counting: Mutex::default(),
        };
        let now = Timestamp::from(SystemTime::now());
        let (revoked, counts) =
            shared.commit(&mut shared.writing.lock(), Durability::Immediate, |tables, pace| {
                tables.sweep(now)?;
                pace.swept(tables.len()?);
                Ok((tables.all_revoked()?, tables.all_counts()?))
            })?;
        *shared.revoked.get_mut() = revoked;
        shared.budgets = MemoryStore::resumed(secret, counts);
        Ok(shared)
    }

    /// Writes down what has changed of the counts.
    pub(crate) fn write_counts(&self) -> Result<(), Error> {
        let _alone = self.counting.lock();
        for changes in self.budgets.changes().chunks(COUNTS_AT_ONCE) {
            let mut pace = self.writing.lock();
            self.commit(&mut pace, Durability::Immediate, |tables, _| tables.count(changes))?;
        }
        Ok(())
    }

    fn sweep(&self, now: Timestamp) -> Result<u64, Error> {
        let mut pace = self.writing.lock();
        self.commit(&mut pace, Durability::Immediate, |tables, pace| {
            let swept = tables.sweep(now)?;
            pace.swept(tables.len()?);
            Ok(swept)
        })
    }

    /// Changes what is kept, and flushes it to the disk. `now` is for the sweep that may be due.
    fn write<T>(
        &self,
        now: Option<Timestamp>,
        change: impl FnOnce(&mut Tables<'_>) -> Result<T, Error>,
    ) -> Answer<Result<T, Unavailable>> {
        let mut pace = self.writing.lock();
        pace.writes = pace.writes.saturating_add(1);
        let answer = self.commit(&mut pace, Durability::Immediate, |tables, pace| {
            if let Some(now) = now.filter(|_| pace.writes >= pace.sweep_at) {
                tables.sweep(now)?;
                pace.swept(tables.len()?);
            }
            change(tables)
        });
        Answer::Ready(answer.or(Err(Unavailable)))
    }

    fn commit<T>(
        &self,
        pace: &mut Pace,
        durability: Durability,
        change: impl FnOnce(&mut Tables<'_>, &mut Pace) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(durability)?;
        let mut tables = Tables::open(&transaction)?;
        let answer = change(&mut tables, pace)?;
        let Changes { any, revoked, forgotten } = tables.close();
        if !any {
            transaction.abort()?;
            return Ok(answer);
        }
        // Before the file: whoever finds a session ended there must find its access tokens revoked here.
        // And where the commit fails, nobody knows whether it reached the disk: they stay revoked.
        if !revoked.is_empty() {
            self.revoked.write().extend(revoked);
        }
        transaction.commit()?;
        if !forgotten.is_empty() {
            self.revoked.write().retain(|id| !forgotten.contains(id));
        }
        Ok(answer)
    }

    fn look(&self, asked: &Question<'_>, now: Timestamp) -> Result<Known, Error> {
        let revoked = {
            // Until when it is worth knowing is not asked: a token that is older is refused for its age.
            let revoked = self.revoked.read();
            asked.revoked.iter().any(|id| revoked.contains(id))
        };
        if asked.opaque.is_none() && asked.refresh.is_none() {
            return Ok(Known { revoked, ..Known::default() });
        }
        let transaction = self.database.begin_read()?;
        let opaque = match &asked.opaque {
            None => None,
            Some(id) => tables::opaque(&transaction, id)?,
        };
        let refresh = match &asked.refresh {
            None => None,
            Some(presented) => Some(tables::look(&transaction, presented, now)?),
        };
        drop(transaction);

        let opaque = match (asked.opaque, opaque) {
            (Some(id), Some(token)) => self.used(&id, token, now)?,
            _ => None,
        };
        let refresh = match (asked.refresh, refresh) {
            // It ends the session, which a look cannot do; and of two that look, one is the first.
            (Some(presented), Some((Presentation::Reused, _))) => {
                let mut pace = self.writing.lock();
                let ended = self.commit(&mut pace, Durability::Immediate, |tables, _| {
                    tables.present(&presented, None, now)
                });
                Some(ended?)
            }
            (_, refresh) => refresh,
        };
        Ok(Known { revoked, opaque, refresh })
    }

    /// Notes that an opaque token is used, once a minute. Not worth a flush, nor waiting for those who do:
    /// the next request notes it.
    fn used(
        &self,
        id: &Digest,
        mut token: KeptToken,
        now: Timestamp,
    ) -> Result<Option<KeptToken>, Error> {
        if token.has_expired(now) || !token.used(now) {
            return Ok(Some(token));
        }
        match self.writing.try_lock() {
            None => Ok(Some(token)),
            Some(mut pace) => {
                self.commit(&mut pace, Durability::None, |tables, _| tables.note_use(id, now))
            }
        }
    }
}

impl Pace {
    fn swept(&mut self, left: u64) {
        self.writes = 0;
        self.sweep_at = left.max(self.least);
    }
}

impl Store for RedbStore {
    fn charge(
        &self,
        charges: &[Charge<'_>],
        now: Timestamp,
    ) -> Answer<Result<Charged, Unavailable>> {
        self.shared.budgets.charge(charges, now)
    }

    fn refund(&self, charges: &[Charge<'_>], receipt: &Receipt) -> Answer<Result<(), Unavailable>> {
        self.shared.budgets.refund(charges, receipt)
    }

    fn retain(&self, budgets: &[&str]) {
        self.shared.budgets.retain(budgets);
    }

    fn known(&self, asked: &Question<'_>, now: Timestamp) -> Answer<Result<Known, Unavailable>> {
        Answer::Ready(self.shared.look(asked, now).or(Err(Unavailable)))
    }

    fn revoke(
        &self,
        id: &Digest,
        until: Timestamp,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        self.shared.write(Some(now), |tables| tables.revoke(id, until))
    }

    fn begin(
        &self,
        session: &Digest,
        family: &Family,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        self.shared.write(Some(now), |tables| tables.begin(session, family))
    }

    fn take(
        &self,
        presented: &Presented,
        successor: &Successor,
        now: Timestamp,
    ) -> Answer<Result<Presentation, Unavailable>> {
        self.shared
            .write(Some(now), |tables| Ok(tables.present(presented, Some(successor), now)?.0))
    }

    fn end(
        &self,
        session: &Digest,
        revoked_until: Timestamp,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        self.shared.write(Some(now), |tables| tables.end(session, revoked_until))
    }

    fn end_all(
        &self,
        subject: &Digest,
        revoked_until: Timestamp,
        now: Timestamp,
    ) -> Answer<Result<u64, Unavailable>> {
        self.shared.write(Some(now), |tables| tables.end_all(subject, revoked_until))
    }

    fn keep(
        &self,
        token: &Digest,
        kept: &KeptToken,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        self.shared.write(Some(now), |tables| tables.keep(token, kept))
    }

    fn kept(&self, subject: &Digest) -> Answer<Result<Vec<(Digest, KeptToken)>, Unavailable>> {
        let kept = self.shared.database.begin_read().map_err(Error::from);
        let kept = kept.and_then(|transaction| tables::kept(&transaction, subject));
        Answer::Ready(kept.or(Err(Unavailable)))
    }

    fn discard(&self, token: &Digest) -> Answer<Result<bool, Unavailable>> {
        self.shared.write(None, |tables| tables.discard(token))
    }
}

impl Drop for RedbStore {
    fn drop(&mut self) {
        self.recorder.stop();
        // Nobody is left to tell; what is not written is forgotten, as after a kill.
        _ = self.flush();
    }
}

// The claims of callers are in it.
impl fmt::Debug for RedbStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RedbStore").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
