//! The entries of one budget in one shard: bounded, and never forgetting a drained key.

use std::collections::HashMap;

use ahash::RandomState;

use super::Terms;
use super::sliding_window::{EXACT, Exact, Parts};
use super::token_bucket::TokenBucket;
use portcullis_compiler::plan::Algorithm;

/// So many entries are shared by the keys for which there is no room.
const OVERFLOW: usize = 64;

/// What one key has used.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    count: Count,
    /// The latest time of a charge: a clock that is behind gains nothing.
    seen: i64,
}

#[derive(Debug, Clone, PartialEq)]
enum Count {
    Bucket(TokenBucket),
    Exact(Box<Exact>),
    Parts(Box<Parts>),
}

impl Entry {
    pub(super) fn new(terms: &Terms) -> Entry {
        let count = match terms.algorithm {
            Algorithm::TokenBucket => Count::Bucket(TokenBucket::new()),
            Algorithm::SlidingWindow if terms.limit <= EXACT => Count::Exact(Box::default()),
            Algorithm::SlidingWindow => Count::Parts(Box::new(Parts::new())),
        };
        Entry { count, seen: i64::MIN }
    }

    pub(super) fn wait(&self, terms: &Terms, now: i64, units: u64) -> i128 {
        let behind = i128::from(self.seen) - i128::from(now);
        let now = now.max(self.seen);
        let wait = match &self.count {
            Count::Bucket(bucket) => bucket.wait(terms, now, units),
            Count::Exact(exact) => exact.wait(terms, now, units),
            Count::Parts(parts) => parts.wait(terms, now, units),
        };
        if wait > 0 { wait + behind.max(0) } else { 0 }
    }

    pub(super) fn charge(&mut self, terms: &Terms, now: i64, units: u64) {
        let now = now.max(self.seen);
        self.seen = now;
        match &mut self.count {
            Count::Bucket(bucket) => bucket.charge(terms, now, units),
            Count::Exact(exact) => exact.charge(terms, now, units),
            Count::Parts(parts) => parts.charge(terms, now, units),
        }
    }

    /// Whether it is as good as new, and may be forgotten.
    fn is_full(&self, terms: &Terms, now: i64) -> bool {
        match &self.count {
            Count::Bucket(bucket) => bucket.is_full(terms, now),
            Count::Exact(exact) => exact.is_full(terms, now),
            Count::Parts(parts) => parts.is_full(terms, now),
        }
    }
}

/// The entries of a budget.
#[derive(Debug)]
pub(super) struct Table {
    entries: HashMap<u128, Entry, RandomState>,
    overflow: Vec<Option<Entry>>,
    capacity: usize,
    /// How many new keys have come since the last sweep of a full table.
    since_sweep: usize,
}

/// Where a key is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// By itself.
    Own(u128),
    /// With others, for want of room.
    Shared(usize),
}

impl Table {
    pub(super) fn new(capacity: usize) -> Table {
        Table {
            entries: HashMap::default(),
            overflow: Vec::new(),
            capacity: capacity.max(1),
            since_sweep: usize::MAX,
        }
    }

    /// Where a key is counted now. A full table is swept first, but not for every new key: a flood
    /// of them must not cost a walk through the table each.
    pub(super) fn slot(&mut self, key: u128, terms: &Terms, now: i64) -> Slot {
        if self.entries.contains_key(&key) {
            return Slot::Own(key);
        }
        if self.entries.len() >= self.capacity {
            self.since_sweep = self.since_sweep.saturating_add(1);
            if self.since_sweep > self.capacity / 8 {
                self.since_sweep = 0;
                self.entries.retain(|_, entry| !entry.is_full(terms, now));
            }
        }
        if self.entries.len() < self.capacity {
            return Slot::Own(key);
        }
        // The key is a keyed hash: nobody chooses whom they share with.
        let place = usize::try_from(key % OVERFLOW as u128).unwrap_or(0);
        Slot::Shared(place)
    }

    pub(super) fn entry(&self, slot: Slot) -> Option<&Entry> {
        match slot {
            Slot::Own(key) => self.entries.get(&key),
            Slot::Shared(place) => self.overflow.get(place).and_then(Option::as_ref),
        }
    }

    pub(super) fn charge(&mut self, slot: Slot, terms: &Terms, now: i64, units: u64) {
        match slot {
            Slot::Own(key) => {
                let entry = self.entries.entry(key).or_insert_with(|| Entry::new(terms));
                entry.charge(terms, now, units);
            }
            Slot::Shared(place) => {
                if self.overflow.is_empty() {
                    self.overflow = vec![None; OVERFLOW];
                }
                if let Some(entry) = self.overflow.get_mut(place) {
                    entry.get_or_insert_with(|| Entry::new(terms)).charge(terms, now, units);
                }
            }
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len() + self.overflow.iter().flatten().count()
    }
}
