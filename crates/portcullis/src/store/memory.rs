//! Budgets in the memory of this process.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::time::Duration;

use ahash::RandomState;
use parking_lot::{Mutex, MutexGuard};
use siphasher::sip128::{Hasher128, SipHasher13};
use smallvec::SmallVec;

use super::table::{Entry, Slot, Table};
use super::{Answer, Charge, Charged, Store, Terms, Unavailable};
use crate::Timestamp;

/// Entries are spread over so many locks.
const SHARDS: usize = 16;
/// How many keys of one budget are counted by themselves.
const CAPACITY: usize = 100_000;

/// Counts budgets in this process: each process counts for itself, and a restart begins anew.
///
/// Memory is bounded: of each budget at most [`with_capacity`](MemoryStore::with_capacity) keys are
/// counted by themselves. Keys that are as good as new go first; when there are none, new keys share
/// a few entries at the same limit. A drained key is never forgotten.
#[derive(Debug)]
pub struct MemoryStore {
    shards: Vec<Mutex<Shard>>,
    /// What keys are hashed by: a caller who cannot know it cannot choose a key that collides.
    secret: (u64, u64),
    capacity: usize,
}

type Shard = HashMap<u64, Table, RandomState>;

impl Default for MemoryStore {
    fn default() -> MemoryStore {
        MemoryStore::with_capacity(CAPACITY)
    }
}

/// A charge, found.
struct Placed {
    /// Which of the locked shards it is in.
    shard: usize,
    budget: u64,
    key: u128,
    terms: Terms,
    units: u64,
}

impl MemoryStore {
    /// A store that counts at most so many keys of each budget by themselves.
    #[must_use]
    pub fn with_capacity(keys: usize) -> MemoryStore {
        // The standard library's hasher is the one source of randomness that needs no crate.
        let random = || std::hash::RandomState::new().build_hasher().finish();
        MemoryStore {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            secret: (random(), random()),
            capacity: keys.div_ceil(SHARDS),
        }
    }

    fn hash(&self, charge: &Charge<'_>) -> (u64, u128) {
        let mut hasher = SipHasher13::new_with_keys(self.secret.0, self.secret.1);
        // `str` ends its bytes with one that no text has; the rest is of fixed size.
        charge.budget.hash(&mut hasher);
        (charge.limit, charge.period, charge.algorithm).hash(&mut hasher);
        let budget = hasher.finish();
        hasher.write(charge.key);
        (budget, hasher.finish128().as_u128())
    }

    fn decide(&self, charges: &[Charge<'_>], now: i64) -> Charged {
        let hashed = charges.iter().map(|charge| (charge, self.hash(charge)));
        let hashed = hashed.collect::<SmallVec<[_; 4]>>();
        let home = |key: u128| usize::try_from(key >> 64 & 0xf).unwrap_or(0);
        // Locks are taken in one order, each once: no two charges wait for each other.
        let mut homes = hashed.iter().map(|(_, (_, key))| home(*key)).collect::<SmallVec<[_; 4]>>();
        homes.sort_unstable();
        homes.dedup();
        let locked = homes.iter().filter_map(|home| self.shards.get(*home)).map(Mutex::lock);
        let mut locked: SmallVec<[MutexGuard<'_, Shard>; 4]> = locked.collect();
        let placed = hashed.iter().filter_map(|(charge, (budget, key))| {
            let shard = homes.iter().position(|known| *known == home(*key))?;
            let terms = Terms::of(charge);
            Some(Placed { shard, budget: *budget, key: *key, terms, units: charge.units })
        });
        let placed = placed.collect::<SmallVec<[Placed; 4]>>();

        let mut slots: SmallVec<[Slot; 4]> = SmallVec::new();
        let mut drained: Option<(usize, i128)> = None;
        for (index, found) in placed.iter().enumerate() {
            let Some(shard) = locked.get_mut(found.shard) else {
                continue;
            };
            let table = shard.entry(found.budget).or_insert_with(|| Table::new(self.capacity));
            let slot = table.slot(found.key, &found.terms, now);
            // What the charges before it take from the same entry is not there for this one.
            let same = placed.iter().zip(&slots).filter(|(other, other_slot)| {
                other.shard == found.shard && other.budget == found.budget && **other_slot == slot
            });
            let units = same.map(|(other, _)| other.units).sum::<u64>().saturating_add(found.units);
            let wait = match table.entry(slot) {
                Some(entry) => entry.wait(&found.terms, now, units),
                None => Entry::new(&found.terms).wait(&found.terms, now, units),
            };
            slots.push(slot);
            if wait > 0 {
                let (first, longest) = drained.unwrap_or((index, 0));
                drained = Some((first, longest.max(wait)));
            }
        }
        if let Some((first, wait)) = drained {
            let nanos = u64::try_from(wait).unwrap_or(u64::MAX);
            return Charged::Drained { first, retry_after: Duration::from_nanos(nanos) };
        }
        for (found, slot) in placed.iter().zip(slots) {
            let table = locked.get_mut(found.shard).and_then(|shard| shard.get_mut(&found.budget));
            if let Some(table) = table {
                table.charge(slot, &found.terms, now, found.units);
            }
        }
        Charged::All
    }

    #[cfg(test)]
    pub(super) fn entries(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().values().map(Table::len).sum::<usize>()).sum()
    }
}

impl Store for MemoryStore {
    fn charge(
        &self,
        charges: &[Charge<'_>],
        now: Timestamp,
    ) -> Answer<Result<Charged, Unavailable>> {
        Answer::Ready(Ok(self.decide(charges, now.as_nanos())))
    }
}

#[cfg(test)]
mod tests;
