//! The entries of one budget in one shard: bounded, and none is forgotten while it counts.
//!
//! An entry from which all units can be had again behaves as a new one and may be dropped. Which
//! one, a queue knows, in order of when that is so. A charge moves that instant on and leaves the
//! queue alone: its item is then too early, and is put right when it comes up. Each charge makes
//! at most one item wrong, so that the queue costs `O(log entries)` per charge over time, and
//! [`LOOKS`] bounds what a single charge can meet.
//!
//! Where no entry may be dropped, new keys share *overflow* entries. A key whose overflow entry
//! still counts stays with it even when there is room again: an entry of its own would forget
//! what it has used.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::Algorithm;
use super::counter::{Counter, Rate, Rates};

/// How many items of the queue one charge may look at: enough to drop all the overflow entries of
/// one limit at once.
const LOOKS: usize = 128;

pub(super) struct Table {
    /// How many entries there may be beside those of overflow.
    capacity: usize,
    entries: HashMap<u128, Entry, ahash::RandomState>,
    /// One item for each entry: when it can be dropped at the earliest, and its id.
    queue: BinaryHeap<Reverse<(i128, u128)>>,
    /// When the last of the dropped entries was full again. A request from before, whose clock is
    /// behind, would find again what such an entry had counted: its time is taken as this.
    floor: i64,
}

struct Entry {
    slowest: Rate,
    counter: Counter,
}

/// Where a key is counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) id: u128,
    /// The time to charge at.
    pub(super) now: i64,
    /// Whether it was made just now, and is to be given to [`Table::enqueue`].
    pub(super) new: bool,
}

impl Table {
    pub(super) fn new(capacity: usize) -> Table {
        Table { capacity, entries: HashMap::default(), queue: BinaryHeap::new(), floor: i64::MIN }
    }

    /// Finds or makes the entry that the key of the id `own` is counted in. Entries that are
    /// `held` by the same request stay.
    pub(super) fn place(
        &mut self,
        own: u128,
        overflow: impl FnOnce() -> u128,
        algorithm: Algorithm,
        rates: Rates,
        now: i64,
        held: impl Fn(u128) -> bool,
    ) -> Place {
        if let Some(entry) = self.entries.get_mut(&own) {
            // A policy that was reloaded may have made it slower.
            entry.slowest = rates.slowest;
            return Place { id: own, now, new: false };
        }
        let now = now.max(self.floor);
        let shared = overflow();
        let known = self.entries.get(&shared);
        if known.is_some_and(|entry| entry.full_at() > i128::from(now)) {
            return Place { id: shared, now, new: false };
        }
        let id = if self.make_room(now, held) { own } else { shared };
        let mut new = false;
        self.entries.entry(id).or_insert_with(|| {
            new = true;
            Entry { slowest: rates.slowest, counter: Counter::new(algorithm, rates, self.floor) }
        });
        Place { id, now, new }
    }

    /// Lines a new entry up to be dropped, once it is known whether anything was charged to it.
    pub(super) fn enqueue(&mut self, id: u128) {
        if let Some(entry) = self.entries.get(&id) {
            self.queue.push(Reverse((entry.full_at(), id)));
        }
    }

    pub(super) fn counter(&mut self, id: u128) -> Option<&mut Counter> {
        self.entries.get_mut(&id).map(|entry| &mut entry.counter)
    }

    /// Drops entries that are as new until another one fits. Returns whether it does.
    fn make_room(&mut self, now: i64, held: impl Fn(u128) -> bool) -> bool {
        if self.entries.len() < self.capacity {
            return true;
        }
        for _ in 0..LOOKS {
            let Some(&Reverse((earliest, id))) = self.queue.peek() else {
                break;
            };
            if earliest > i128::from(now) {
                break;
            }
            self.queue.pop();
            let Some(full_at) = self.entries.get(&id).map(Entry::full_at) else {
                continue;
            };
            // What this request itself goes by is used now: it goes back in line as such.
            let full_at = if held(id) { full_at.max(i128::from(now) + 1) } else { full_at };
            if full_at > i128::from(now) {
                self.queue.push(Reverse((full_at, id)));
                continue;
            }
            self.entries.remove(&id);
            self.floor = self.floor.max(i64::try_from(full_at).unwrap_or(self.floor));
            if self.entries.len() < self.capacity {
                return true;
            }
        }
        false
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        assert_eq!(self.entries.len(), self.queue.len(), "each entry is in the queue once");
        self.entries.len()
    }
}

impl Entry {
    /// From when on it behaves as a new one.
    fn full_at(&self) -> i128 {
        self.counter.full_at(self.slowest)
    }
}
