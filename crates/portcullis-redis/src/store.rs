//! The store: what each question of the engine asks of Redis.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use portcullis::Timestamp;
use portcullis::store::{
    Answer, Charge, Charged, Digest, Family, KeptToken, Known, Presentation, Presented, Question,
    Receipt, Store, Successor, Unavailable,
};
use tokio::runtime::{Handle, Runtime};

use crate::health::{Condition, ConnectError, Health};
use crate::options::RedisOptions;
use crate::shared::Shared;
use crate::{charge, link, sessions};

/// How long a start waits for Redis.
const STARTING: Duration = Duration::from_secs(5);

/// A store in Redis or Valkey, which all servers of a fleet share.
///
/// See the [crate](crate) for what it holds to.
pub struct RedisStore {
    shared: Arc<Shared>,
    runtime: Handle,
    /// Until the store is dropped.
    running: Option<Runtime>,
}

impl RedisStore {
    pub(crate) fn connect_later(options: RedisOptions) -> Result<RedisStore, ConnectError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("portcullis-redis")
            .enable_all()
            .build()
            .map_err(ConnectError::Thread)?;
        let shared = Arc::new(Shared::new(options));
        runtime.spawn(link::run(Arc::clone(&shared)));
        Ok(RedisStore { shared, runtime: runtime.handle().clone(), running: Some(runtime) })
    }

    pub(crate) fn connect(options: RedisOptions) -> Result<RedisStore, ConnectError> {
        let store = RedisStore::connect_later(options)?;
        let (tell, told) = std::sync::mpsc::channel();
        let shared = Arc::clone(&store.shared);
        store.runtime.spawn(async move {
            loop {
                let changed = shared.link.changed.notified();
                match shared.link.condition().0 {
                    Condition::Unreachable => (),
                    condition => {
                        _ = tell.send(condition);
                        return;
                    }
                }
                // What changed between the look and the wait is seen by the next look.
                _ = tokio::time::timeout(Duration::from_millis(50), changed).await;
            }
        });
        match told.recv_timeout(STARTING).unwrap_or(Condition::Unreachable) {
            Condition::Up => Ok(store),
            condition => Err(store.shared.link.why(condition)),
        }
    }

    /// How the store is, for a probe. It asks nobody and takes no time.
    #[must_use]
    pub fn health(&self) -> Health {
        let (condition, since) = self.shared.link.condition();
        Health {
            condition,
            since,
            nodes: self.shared.link.nodes(),
            push: self.shared.revoked.is_fresh(),
            revocations: self.shared.revoked.len(),
            unsettled: self.shared.fallback.len(),
            leases: self.shared.leases.len(self.shared.steady()),
        }
    }
}

impl Store for RedisStore {
    fn charge(
        &self,
        charges: &[Charge<'_>],
        now: Timestamp,
    ) -> Answer<Result<Charged, Unavailable>> {
        charge::charge(&self.runtime, &self.shared, charges, now)
    }

    fn refund(&self, charges: &[Charge<'_>], receipt: &Receipt) -> Answer<Result<(), Unavailable>> {
        charge::refund(&self.runtime, &self.shared, charges, receipt)
    }

    fn known(&self, asked: &Question<'_>, now: Timestamp) -> Answer<Result<Known, Unavailable>> {
        sessions::known(&self.runtime, &self.shared, asked, now)
    }

    fn revoke(
        &self,
        id: &Digest,
        until: Timestamp,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        sessions::revoke(&self.runtime, &self.shared, id, until, now)
    }

    fn begin(
        &self,
        session: &Digest,
        family: &Family,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        sessions::begin(&self.runtime, &self.shared, session, family, now)
    }

    fn take(
        &self,
        presented: &Presented,
        successor: &Successor,
        now: Timestamp,
    ) -> Answer<Result<Presentation, Unavailable>> {
        sessions::take(&self.runtime, &self.shared, presented, successor, now)
    }

    fn end(
        &self,
        session: &Digest,
        revoked_until: Timestamp,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        sessions::end(&self.runtime, &self.shared, session, revoked_until, now)
    }

    fn end_all(
        &self,
        subject: &Digest,
        revoked_until: Timestamp,
        now: Timestamp,
    ) -> Answer<Result<u64, Unavailable>> {
        sessions::end_all(&self.runtime, &self.shared, subject, revoked_until, now)
    }

    fn keep(
        &self,
        token: &Digest,
        kept: &KeptToken,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        sessions::keep(&self.runtime, &self.shared, token, kept, now)
    }

    fn kept(&self, subject: &Digest) -> Answer<Result<Vec<(Digest, KeptToken)>, Unavailable>> {
        sessions::kept(&self.runtime, &self.shared, subject)
    }

    fn discard(&self, token: &Digest) -> Answer<Result<bool, Unavailable>> {
        sessions::discard(&self.runtime, &self.shared, token)
    }
}

impl Drop for RedisStore {
    fn drop(&mut self) {
        if let Some(runtime) = self.running.take() {
            // Within a service's own runtime nobody may wait for this one.
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("health", &self.health()).finish_non_exhaustive()
    }
}
