//! Keys that an issuer publishes and the service fetches: which are in force, and when to fetch anew.
//!
//! Nothing here fetches or reads a clock. The service asks whether it is time and hands over what it got.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use parking_lot::Mutex;
use portcullis_compiler::plan::SignatureAlgorithm;

use super::keys::{Key, KeyError};
use super::unknown_kids::UnknownKids;
use crate::Timestamp;

const REFRESH: Duration = Duration::from_secs(5 * 60);
const COOLDOWN: Duration = Duration::from_secs(30);

/// The keys of a JWK set that an issuer publishes, which the service fetches whenever it is
/// [time to](KeySource::wants). All clones are one source.
///
/// The keys of the last good set are in force until the next good one comes, however old they are: neither an
/// issuer that is down nor one that answers garbage turns callers away. A token that names a key which is not
/// there is refused, and makes the source ask for the set anew: so a rotation is noticed within the
/// cooldown. Names that are invented cost no more than that, and their memory is bounded.
///
/// ```
/// use portcullis::{KeySource, SignatureAlgorithm, Timestamp};
///
/// // The key of RFC 8037, appendix A.2.
/// const SET: &str = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "2026-01",
///     "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
///
/// let source = KeySource::new(&[SignatureAlgorithm::EdDsa]);
/// let now = Timestamp::from_seconds(1_767_225_600);
/// assert!(source.wants(now));
/// source.update(SET, now)?;
/// assert_eq!(source.updated(), Some(now));
/// # Ok::<(), portcullis::KeyError>(())
/// ```
#[derive(Clone)]
pub struct KeySource {
    shared: Arc<Shared>,
}

struct Shared {
    algorithms: Vec<SignatureAlgorithm>,
    /// Changed under the lock of the schedule, and read without.
    keys: ArcSwap<Vec<Key>>,
    schedule: Mutex<Schedule>,
    /// So that nobody can choose names that meet in the memory of the unknown ones.
    hasher: RandomState,
}

struct Schedule {
    refresh: Duration,
    cooldown: Duration,
    /// When an attempt last began or ended.
    attempted: Option<Timestamp>,
    updated: Option<Timestamp>,
    /// The last attempt has brought no keys, or not yet.
    owed: bool,
    unknown: UnknownKids,
}

impl KeySource {
    /// A source without keys so far, for these algorithms: those that the policy pins for the credential, or
    /// some of them, and none of `HS…`: whoever reads its keys can sign. A key of the set without `alg` serves
    /// the one algorithm of its kind, as [`Key::jwks`] has it.
    #[must_use]
    pub fn new(algorithms: &[SignatureAlgorithm]) -> KeySource {
        let schedule = Schedule {
            refresh: REFRESH,
            cooldown: COOLDOWN,
            attempted: None,
            updated: None,
            owed: false,
            unknown: UnknownKids::default(),
        };
        let shared = Shared {
            algorithms: algorithms.to_vec(),
            keys: ArcSwap::default(),
            schedule: Mutex::new(schedule),
            hasher: RandomState::new(),
        };
        KeySource { shared: Arc::new(shared) }
    }

    /// How old the keys may be before they are fetched anew: 5 minutes, where this is not said. So long a key
    /// that the issuer has withdrawn stays in force.
    #[must_use]
    pub fn refresh(self, interval: Duration) -> KeySource {
        self.shared.schedule.lock().refresh = interval;
        self
    }

    /// The least time between two attempts: 30 seconds, where this is not said. So long it takes at most
    /// until a new key is asked for; and no more often can invented names make the service fetch.
    #[must_use]
    pub fn cooldown(self, interval: Duration) -> KeySource {
        self.shared.schedule.lock().cooldown = interval;
        self
    }

    /// Whether to fetch the set now: keys have never come, the last attempt has brought none, they are older
    /// than the refresh interval, or a token has named one that is not there.
    ///
    /// Whoever is told so is the one that fetches. It is said once in a cooldown: an attempt that nobody
    /// reports the end of is made again after that, and several that ask do not fetch side by side.
    #[must_use]
    pub fn wants(&self, now: impl Into<Timestamp>) -> bool {
        self.shared.schedule.lock().wants(now.into())
    }

    /// Takes the set that was fetched. Its keys are put in the place of those before at once: a request is
    /// decided by the ones or the others. A key that it does not hold any more verifies nothing from now on.
    ///
    /// # Errors
    ///
    /// What [`Key::jwks`] says of the set. The keys before stay in force, and the attempt has
    /// [failed](KeySource::failed).
    pub fn update(&self, set: &str, now: impl Into<Timestamp>) -> Result<(), KeyError> {
        let now = now.into();
        let read = Key::jwks(set, &self.shared.algorithms);
        let mut schedule = self.shared.schedule.lock();
        schedule.attempted = Some(now);
        schedule.owed = read.is_err();
        let keys = read?;
        schedule.updated = Some(now);
        let brought: Vec<u64> =
            keys.iter().filter_map(Key::name).map(|kid| self.shared.hasher.hash_one(kid)).collect();
        schedule.unknown.answered(&brought, now);
        self.shared.keys.store(Arc::new(keys));
        Ok(())
    }

    /// The set could not be fetched. The keys before stay in force, and it is tried again after the cooldown.
    pub fn failed(&self, now: impl Into<Timestamp>) {
        let mut schedule = self.shared.schedule.lock();
        schedule.attempted = Some(now.into());
        schedule.owed = true;
    }

    /// When the keys that are in force came, by what [`update`](KeySource::update) was told; nothing, where
    /// none have.
    #[must_use]
    pub fn updated(&self) -> Option<Timestamp> {
        self.shared.schedule.lock().updated
    }

    pub(crate) fn algorithms(&self) -> &[SignatureAlgorithm] {
        &self.shared.algorithms
    }

    /// The keys in force.
    pub(super) fn keys(&self) -> Guard<Arc<Vec<Key>>> {
        self.shared.keys.load()
    }

    /// Notes that a token named a key which is not there. It might be one that the issuer has added since.
    pub(super) fn missed(&self, algorithm: SignatureAlgorithm, kid: &str) {
        if !self.shared.algorithms.contains(&algorithm) {
            return;
        }
        let hash = self.shared.hasher.hash_one(kid);
        let mut schedule = self.shared.schedule.lock();
        // It may have come between the look for it and here.
        if !self.keys().iter().any(|key| key.name() == Some(kid)) {
            schedule.unknown.met(hash);
        }
    }

    #[cfg(test)]
    pub(super) fn unknown(&self) -> usize {
        self.shared.schedule.lock().unknown.len()
    }
}

impl Schedule {
    fn wants(&mut self, now: Timestamp) -> bool {
        if self.attempted.is_some_and(|at| !passed(at, now, self.cooldown)) {
            return false;
        }
        let old = self.updated.is_none_or(|at| passed(at, now, self.refresh));
        if !(old || self.owed || self.unknown.wanted(now)) {
            return false;
        }
        self.attempted = Some(now);
        self.owed = true;
        self.unknown.asked();
        true
    }
}

/// Whether two readings of the clock are so far apart. A clock that was set back by more than that counts
/// too: otherwise nothing would be fetched until it is where it was.
pub(super) fn passed(since: Timestamp, now: Timestamp, duration: Duration) -> bool {
    Duration::from_nanos(now.as_nanos().abs_diff(since.as_nanos())) >= duration
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySource")
            .field("algorithms", &self.shared.algorithms)
            .field("keys", &**self.keys())
            .finish_non_exhaustive()
    }
}
