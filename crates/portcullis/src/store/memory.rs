//! Budgets counted in this process: exact, bounded, and of one opinion among all threads.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use siphasher::sip128::{Hasher128, SipHasher24};
use smallvec::SmallVec;

use super::counter::{NEVER, Rates};
use super::sliding_window::EXACT;
use super::table::{Place, Table};
use super::{Algorithm, Answer, Charge, Charged, Store, Unavailable};
use crate::Timestamp;

const SHARDS: usize = 16;

/// Overflow entries of one limit of a budget in one shard.
const OVERFLOW: u128 = 64;

const CAPACITY: usize = 100_000;

/// A store in memory, for a service that runs as one process.
///
/// Each budget has at most 100 000 entries ([`MemoryStore::with_capacity_per_budget`]), one per
/// key that was charged lately. When they are used up, those whose units are all there again are
/// dropped for new keys; when there is none, new keys share a few overflow entries at the same
/// limit. So a flood of invented keys neither fills the memory nor frees a key that is drained,
/// but may drain keys that are as new as its own.
pub struct MemoryStore {
    secret: Secret,
    shards: [Mutex<Shard>; SHARDS],
    /// Of each budget in each shard.
    capacity: usize,
}

impl MemoryStore {
    /// The most entries that each budget may have beside those of overflow. It is rounded down to
    /// a multiple of 16, and at least 16.
    #[must_use]
    pub fn with_capacity_per_budget(self, entries: usize) -> MemoryStore {
        MemoryStore { capacity: (entries / SHARDS).max(1), ..self }
    }

    fn charge_all(&self, charges: &[Charge<'_>], now: i64) -> Option<Charged> {
        let mut rates = SmallVec::<[Rates; INLINE]>::new();
        for (first, charge) in charges.iter().enumerate() {
            match Rates::of(charge) {
                Some(rate) => rates.push(rate),
                None => {
                    return Some(Charged::Drained { first, retry_after: Duration::MAX });
                }
            }
        }

        let ids = charges.iter().map(|charge| self.secret.own(charge));
        let ids = ids.collect::<SmallVec<[u128; INLINE]>>();
        let mut locked = self.lock(&ids);

        let mut places = SmallVec::<[Place; INLINE]>::new();
        for ((charge, rate), &own) in charges.iter().zip(&rates).zip(&ids) {
            let place = locked.table(own, charge)?.place(
                own,
                || self.secret.overflow(charge, own),
                charge.algorithm,
                *rate,
                now,
                |id| places.iter().any(|place: &Place| place.id == id),
            );
            places.push(place);
        }

        let mut first = None;
        let mut available_at = i128::from(now);
        let asked = charges.iter().zip(&rates).zip(&places).zip(&ids);
        for (index, (((charge, rates), place), &own)) in asked.enumerate() {
            // Two charges of one request may be to one entry: the second finds the first taken.
            let earlier = charges.iter().zip(&places).take(index);
            let earlier = earlier.filter(|(_, other)| other.id == place.id);
            let units = earlier
                .fold(charge.units, |units, (earlier, _)| units.saturating_add(earlier.units));
            let counter = locked.table(own, charge)?.counter(place.id)?;
            let available = counter.available_at(units, rates.fits);
            if available > i128::from(place.now) {
                first.get_or_insert(index);
                available_at = available_at.max(available);
            }
        }

        if first.is_none() {
            for (((charge, rates), place), &own) in
                charges.iter().zip(&rates).zip(&places).zip(&ids)
            {
                let counter = locked.table(own, charge)?.counter(place.id)?;
                counter.charge(charge.units, rates.fits, place.now);
            }
        }
        for ((charge, place), &own) in charges.iter().zip(&places).zip(&ids) {
            if place.new {
                locked.table(own, charge)?.enqueue(place.id);
            }
        }
        Some(first.map_or(Charged::All, |first| Charged::Drained {
            first,
            retry_after: until(available_at, now),
        }))
    }

    /// What was charged to an entry that keys share is not given back: nobody knows any more whose
    /// it was.
    fn refund_all(&self, charges: &[Charge<'_>], charged_at: i64) {
        for charge in charges {
            let Some(rates) = Rates::of(charge) else {
                continue;
            };
            let own = self.secret.own(charge);
            let mut locked = self.lock(&[own]);
            if let Some(counter) = locked.table(own, charge).and_then(|table| table.counter(own)) {
                counter.refund(charge.units, rates.fits, charged_at);
            }
        }
    }

    /// Locks the shards of the entries, each once and in one order, so that no two requests wait
    /// for each other.
    fn lock(&self, ids: &[u128]) -> Locked<'_> {
        let mut order = ids.iter().map(|id| shard_of(*id)).collect::<SmallVec<[usize; INLINE]>>();
        order.sort_unstable();
        order.dedup();
        let shards = order.iter().filter_map(|index| Some((*index, self.shards.get(*index)?)));
        Locked {
            shards: shards.map(|(index, shard)| (index, shard.lock())).collect(),
            capacity: self.capacity,
        }
    }

    /// One whose tests meet the same entries each time.
    #[cfg(test)]
    pub(super) fn seeded(capacity: usize) -> MemoryStore {
        let secret = Secret(SipHasher24::new_with_keys(1, 2));
        MemoryStore { secret, ..MemoryStore::default() }.with_capacity_per_budget(capacity)
    }

    #[cfg(test)]
    pub(super) fn entries(&self) -> usize {
        let shard = |shard: &Mutex<Shard>| shard.lock().values().map(Table::len).sum::<usize>();
        self.shards.iter().map(shard).sum()
    }
}

/// So many charges of one request need no allocation.
const INLINE: usize = 8;

/// The tables by the names of their budgets: as many as the policies name.
type Shard = HashMap<Box<str>, Table, ahash::RandomState>;

struct Locked<'a> {
    shards: SmallVec<[(usize, MutexGuard<'a, Shard>); INLINE]>,
    capacity: usize,
}

impl Locked<'_> {
    fn table(&mut self, own: u128, charge: &Charge<'_>) -> Option<&mut Table> {
        let index = shard_of(own);
        let (_, shard) = self.shards.iter_mut().find(|(locked, _)| *locked == index)?;
        if !shard.contains_key(charge.budget) {
            shard.insert(charge.budget.into(), Table::new(self.capacity));
        }
        shard.get_mut(charge.budget)
    }
}

fn shard_of(id: u128) -> usize {
    usize::try_from(id % SHARDS as u128).unwrap_or(0)
}

/// Makes ids of a fixed size out of keys of any. Who does not know it cannot choose keys that
/// meet, neither in one entry nor in one shard or overflow entry.
struct Secret(SipHasher24);

impl Secret {
    /// From the seed of std's hash maps, which the operating system draws: getrandom would draw
    /// from the same place, but can fail, and a store that cannot be made has no good default.
    fn random() -> Secret {
        let random = std::hash::RandomState::new();
        Secret(SipHasher24::new_with_keys(random.hash_one(0_u8), random.hash_one(1_u8)))
    }

    /// The id of the entry that is the key's alone.
    fn own(&self, charge: &Charge<'_>) -> u128 {
        let mut hasher = self.budget(0, charge);
        hasher.write_u64(charge.key.len() as u64);
        hasher.write(charge.key);
        hasher.finish128().as_u128()
    }

    /// The id of the overflow entry of a key whose own id is given.
    fn overflow(&self, charge: &Charge<'_>, own: u128) -> u128 {
        let mut hasher = self.budget(1, charge);
        // The lower bits have chosen the shard.
        hasher.write_u128(own / SHARDS as u128 % OVERFLOW);
        hasher.finish128().as_u128()
    }

    fn budget(&self, purpose: u8, charge: &Charge<'_>) -> SipHasher24 {
        let mut hasher = self.0;
        hasher.write_u8(purpose);
        hasher.write_u64(charge.budget.len() as u64);
        hasher.write(charge.budget.as_bytes());
        match charge.algorithm {
            Algorithm::TokenBucket => hasher.write_u8(0),
            // A window that is cut otherwise cannot go on counting.
            Algorithm::SlidingWindow => {
                let most = charge.limits.iter().map(|limit| limit.units).max();
                hasher.write_u8(if most.is_some_and(|most| most > EXACT) { 2 } else { 1 });
                let period = charge.limits.first().map_or(0, |limit| limit.period.as_nanos());
                hasher.write_u128(period);
            }
        }
        hasher
    }
}

fn until(instant: i128, now: i64) -> Duration {
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

    fn refund(
        &self,
        charges: &[Charge<'_>],
        charged_at: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        self.refund_all(charges, charged_at.as_nanos());
        Answer::Ready(Ok(()))
    }

    fn retain(&self, budgets: &[&str]) {
        for shard in &self.shards {
            shard.lock().retain(|budget, _| budgets.contains(&&**budget));
        }
    }
}

impl Default for MemoryStore {
    fn default() -> MemoryStore {
        MemoryStore {
            secret: Secret::random(),
            shards: std::array::from_fn(|_| Mutex::new(Shard::default())),
            capacity: CAPACITY / SHARDS,
        }
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}
