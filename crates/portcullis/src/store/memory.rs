//! A store in this process. It counts budgets exactly, within bounds, and of one opinion among all threads.

use std::fmt;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use smallvec::SmallVec;

use super::counter::{NEVER, Rates};
use super::sessions::Sessions;
use super::shard::{Place, Shard};
use super::{
    Answer, Charge, Charged, CountChange, Digest, Family, HashSecret, KeptToken, Known,
    Presentation, Presented, Question, Quotas, Receipt, Store, Successor, Unavailable,
};
use crate::Timestamp;

const SHARDS: usize = 16;

/// The bits of an id that say which shard it is in: none that a table goes by.
const SHARD_BITS: u64 = (SHARDS as u64 - 1) << 32;

/// Overflow entries of one limit of a budget: 64 in each shard.
const OVERFLOW: u64 = 64 * SHARDS as u64;

const CAPACITY: usize = 100_000;

/// A store in memory, for a service that runs as one process.
///
/// Each budget has at most 100 000 entries ([`MemoryStore::with_capacity_per_budget`]), one per
/// key that was charged lately. When they are used up, those whose units are all there again are
/// dropped for new keys; when there is none, new keys share a few overflow entries at the same
/// limit. So a flood of invented keys neither fills the memory nor frees a key that is drained,
/// but may drain keys that are as new as its own.
///
/// Sessions, opaque tokens and revocations are as lasting as the process: after a restart nobody is signed
/// in, and an access token that was revoked is good again until it expires.
pub struct MemoryStore {
    secret: HashSecret,
    shards: [Mutex<Shard>; SHARDS],
    /// Of each budget in each shard.
    capacity: usize,
    sessions: Sessions,
}

impl MemoryStore {
    /// The most entries that each budget may have beside those of overflow. It is rounded down to
    /// a multiple of 16, and at least 16.
    #[must_use]
    pub fn with_capacity_per_budget(self, entries: usize) -> MemoryStore {
        MemoryStore { capacity: (entries / SHARDS).max(1), ..self }
    }

    /// One that goes on counting where another stopped: what [`MemoryStore::changes`] told of it, in any order,
    /// and the secret that it had. Its own changes it keeps for [`MemoryStore::changes`].
    #[must_use]
    pub fn resumed(
        secret: HashSecret,
        counts: impl IntoIterator<Item = CountChange>,
    ) -> MemoryStore {
        let mut store = MemoryStore { secret, ..MemoryStore::default() };
        for shard in &mut store.shards {
            shard.get_mut().remember_changes();
        }
        for change in counts {
            match change {
                CountChange::Counted(id, count) => {
                    if let Some(shard) = store.shards.get_mut(shard_of(id)) {
                        shard.get_mut().resume(id, count);
                    }
                }
                CountChange::Floor(budget, floor) => {
                    for shard in &mut store.shards {
                        shard.get_mut().raise_floor(&budget, floor.as_nanos());
                    }
                }
                CountChange::Forgotten(_) => (),
            }
        }
        store
    }

    /// What has changed in budgets that [last](super::Budget::is_lasting) since this was asked for the last time: each
    /// entry once, as it is now. Nothing is remembered for it but in a store that was [resumed](MemoryStore::resumed).
    #[must_use]
    pub fn changes(&self) -> Vec<CountChange> {
        let mut changes = Vec::new();
        for shard in &self.shards {
            shard.lock().take_changes(&mut changes);
        }
        changes
    }

    /// Most requests are charged to one budget, which takes two thirds of the time without the lists of several.
    fn charge_one(&self, charge: &Charge<'_>, now: i64) -> Option<Charged> {
        let Some(rates) = charge.budget.rates(charge.fits, charge.units) else {
            return Some(never(0));
        };
        let own = self.secret.own(charge);
        let mut shard = self.shards.get(shard_of(own))?.lock();
        let overflow = || self.overflow(charge, own);
        let bounds = (now, self.capacity);
        let place = shard.place(charge, rates, own, overflow, bounds, |_| None)?;
        let drained = place.available_at > i128::from(place.now);
        shard.settle(&place, charge, rates, !drained)?;
        let quotas = match charge.told {
            true => Quotas::from_iter([shard.quota(&place, rates, now)?]),
            false => Quotas::default(),
        };
        Some(match drained {
            true => {
                let retry_after = until(place.available_at, now);
                Charged::Drained { first: 0, retry_after, quotas }
            }
            false => Charged::All { quotas, receipt: Receipt::at(Timestamp::from_nanos(now)) },
        })
    }

    fn charge_all(&self, charges: &[Charge<'_>], now: i64) -> Option<Charged> {
        if let [charge] = charges {
            return self.charge_one(charge, now);
        }
        let mut asked = SmallVec::<[Asked<'_>; INLINE]>::new();
        for (first, charge) in charges.iter().enumerate() {
            let Some(rates) = charge.budget.rates(charge.fits, charge.units) else {
                return Some(never(first));
            };
            asked.push(Asked { charge, rates, own: self.secret.own(charge) });
        }
        let mut locked = self.lock(asked.iter().map(|asked| asked.own));

        let mut places = SmallVec::<[Place; INLINE]>::new();
        let mut first = None;
        let mut available_at = i128::from(now);
        for (index, Asked { charge, rates, own }) in asked.iter().enumerate() {
            // Two charges of one request may be to one entry: the second finds the first taken.
            let taken = |id| {
                let earlier = charges.iter().zip(&places);
                let mut earlier = earlier.filter(|(_, place)| place.id == id).peekable();
                earlier.peek()?;
                Some(earlier.fold(0, |units: u64, (charge, _)| units.saturating_add(charge.units)))
            };
            let overflow = || self.overflow(charge, *own);
            let bounds = (now, self.capacity);
            let shard = locked.shard(*own)?;
            let place = shard.place(charge, rates, *own, overflow, bounds, taken)?;
            if place.available_at > i128::from(place.now) {
                first.get_or_insert(index);
                available_at = available_at.max(place.available_at);
            }
            places.push(place);
        }

        for (Asked { charge, rates, own }, place) in asked.iter().zip(&places) {
            locked.shard(*own)?.settle(place, charge, rates, first.is_none())?;
        }
        // Two keys may share an entry: what is left of it is known when both are charged.
        let told = asked.iter().zip(&places).filter(|(asked, _)| asked.charge.told);
        let quotas =
            told.map(|(asked, place)| locked.shard(asked.own)?.quota(place, asked.rates, now));
        let quotas = quotas.collect::<Option<Quotas>>()?;
        Some(match first {
            Some(first) => {
                Charged::Drained { first, retry_after: until(available_at, now), quotas }
            }
            None => Charged::All { quotas, receipt: Receipt::at(Timestamp::from_nanos(now)) },
        })
    }

    /// What was charged to an entry that keys share is not given back: nobody knows any more whose
    /// it was.
    fn refund_all(&self, charges: &[Charge<'_>], charged_at: i64) {
        for charge in charges {
            let Some(rates) = charge.budget.rates(charge.fits, charge.units) else {
                continue;
            };
            let own = self.secret.own(charge);
            let mut locked = self.lock(std::iter::once(own));
            if let Some(shard) = locked.shard(own) {
                shard.refund(own, charge, rates, charged_at);
            }
        }
    }

    /// The id of the overflow entry of a key whose own id is given. It is in the same shard.
    fn overflow(&self, charge: &Charge<'_>, own: u64) -> u64 {
        let id = self.secret.overflow(charge, own, OVERFLOW);
        id & !SHARD_BITS | own & SHARD_BITS
    }

    /// Locks the shards of the entries, each once and in one order, so that no two requests wait
    /// for each other.
    fn lock(&self, ids: impl Iterator<Item = u64>) -> Locked<'_> {
        let mut wanted = ids.fold(0_u32, |wanted, id| wanted | 1 << shard_of(id));
        let mut locked = SmallVec::new();
        while wanted != 0 {
            let index = wanted.trailing_zeros() as usize;
            locked.extend(self.shards.get(index).map(|shard| (index, shard.lock())));
            wanted &= wanted - 1;
        }
        Locked(locked)
    }

    /// One whose tests meet the same entries each time.
    #[cfg(test)]
    pub(super) fn seeded(capacity: usize) -> MemoryStore {
        MemoryStore { secret: HashSecret::seeded(), ..MemoryStore::default() }
            .with_capacity_per_budget(capacity)
    }

    #[cfg(test)]
    pub(super) fn entries(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().len()).sum()
    }
}

/// So many charges of one request need no allocation.
const INLINE: usize = 4;

/// A charge, with what is worked out of it before anything is locked.
struct Asked<'a> {
    charge: &'a Charge<'a>,
    rates: &'a Rates,
    /// The id of the entry that is its key's alone.
    own: u64,
}

struct Locked<'a>(SmallVec<[(usize, MutexGuard<'a, Shard>); INLINE]>);

impl Locked<'_> {
    fn shard(&mut self, own: u64) -> Option<&mut Shard> {
        let index = shard_of(own);
        self.0.iter_mut().find(|(locked, _)| *locked == index).map(|(_, shard)| &mut **shard)
    }
}

fn shard_of(id: u64) -> usize {
    usize::try_from((id & SHARD_BITS) >> 32).unwrap_or(0)
}

/// What comes of a charge that no state of its budget admits.
fn never(first: usize) -> Charged {
    Charged::Drained { first, retry_after: Duration::MAX, quotas: Quotas::default() }
}

/// How long it is until then.
pub(super) fn until(instant: i128, now: i64) -> Duration {
    const SECOND: i128 = 1_000_000_000;
    if instant == NEVER {
        return Duration::MAX;
    }
    let nanos = instant.saturating_sub(i128::from(now)).max(0);
    match (u64::try_from(nanos / SECOND), u32::try_from(nanos % SECOND)) {
        (Ok(seconds), Ok(nanos)) => Duration::new(seconds, nanos),
        _ => Duration::MAX,
    }
}

impl Store for MemoryStore {
    fn charge(
        &self,
        charges: &[Charge<'_>],
        now: Timestamp,
    ) -> Answer<Result<Charged, Unavailable>> {
        Answer::Ready(self.charge_all(charges, now.as_nanos()).ok_or(Unavailable))
    }

    fn refund(&self, charges: &[Charge<'_>], receipt: &Receipt) -> Answer<Result<(), Unavailable>> {
        self.refund_all(charges, receipt.charged_at.as_nanos());
        Answer::Ready(Ok(()))
    }

    fn retain(&self, budgets: &[&str]) {
        for shard in &self.shards {
            shard.lock().retain(budgets);
        }
    }

    fn known(&self, asked: &Question<'_>, now: Timestamp) -> Answer<Result<Known, Unavailable>> {
        Answer::Ready(Ok(self.sessions.known(asked, now)))
    }

    fn revoke(
        &self,
        id: &Digest,
        until: Timestamp,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        self.sessions.revoke(*id, until, now);
        Answer::Ready(Ok(()))
    }

    fn begin(
        &self,
        session: &Digest,
        family: &Family,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        self.sessions.begin(*session, family.clone(), now);
        Answer::Ready(Ok(()))
    }

    fn take(
        &self,
        presented: &Presented,
        successor: &Successor,
        now: Timestamp,
    ) -> Answer<Result<Presentation, Unavailable>> {
        Answer::Ready(Ok(self.sessions.present(presented, Some(successor), now).0))
    }

    fn end(
        &self,
        session: &Digest,
        revoked_until: Timestamp,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        self.sessions.end(session, revoked_until, now);
        Answer::Ready(Ok(()))
    }

    fn end_all(
        &self,
        subject: &Digest,
        revoked_until: Timestamp,
        now: Timestamp,
    ) -> Answer<Result<u64, Unavailable>> {
        Answer::Ready(Ok(self.sessions.end_all(subject, revoked_until, now)))
    }

    fn keep(
        &self,
        token: &Digest,
        kept: &KeptToken,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        self.sessions.keep(*token, kept.clone(), now);
        Answer::Ready(Ok(()))
    }

    fn kept(&self, subject: &Digest) -> Answer<Result<Vec<(Digest, KeptToken)>, Unavailable>> {
        Answer::Ready(Ok(self.sessions.kept(subject)))
    }

    fn discard(&self, token: &Digest) -> Answer<Result<bool, Unavailable>> {
        Answer::Ready(Ok(self.sessions.discard(token)))
    }
}

impl Default for MemoryStore {
    fn default() -> MemoryStore {
        MemoryStore {
            secret: HashSecret::random(),
            shards: std::array::from_fn(|_| Mutex::new(Shard::default())),
            capacity: CAPACITY / SHARDS,
            sessions: Sessions::default(),
        }
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}
