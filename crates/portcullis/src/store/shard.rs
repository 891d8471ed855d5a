//! The entries of one shard: bounded for each budget, and none is forgotten while it counts.
//!
//! An entry from which all units can be had again behaves as a new one and may be dropped. Which
//! one, a queue of its budget knows, in order of when that is so. A charge moves that instant on and
//! leaves the queue alone: its item is then too early, and is put right when it comes up. Each
//! charge makes at most one item wrong, so that the queue costs `O(log entries)` per charge over
//! time, and [`LOOKS`] bounds what a single charge can meet.
//!
//! Where no entry may be dropped, new keys share *overflow* entries. A key whose overflow entry
//! still counts stays with it even when there is room again: an entry of its own would forget
//! what it has used.
//!
//! Entries of all budgets stand together, since an id is of one budget alone: a key that is known is
//! found by one look.
//!
//! Where changes are remembered, the queue of each budget that lasts has the ids of those entries that have
//! changed or were dropped.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::mem;

use super::counter::{Counter, NEVER, Rate, Rates};
use super::memory::until;
use super::{Charge, Count, CountChange, Quota};
use crate::Timestamp;

/// How many items of the queue one charge may look at: enough to drop all the overflow entries of
/// one limit at once.
const LOOKS: usize = 128;

/// An id is as good as random, and a secret one makes it: it is not hashed again.
type Entries = HashMap<u64, Entry, nohash_hasher::BuildNoHashHasher<u64>>;

#[derive(Default)]
pub(super) struct Shard {
    entries: Entries,
    /// By the names of the budgets: as many as the policies name.
    budgets: HashMap<Box<str>, Queue, ahash::RandomState>,
    /// Whether changes are remembered.
    remembers: bool,
    /// The ids of entries whose budgets are not there any more.
    forgotten: Vec<u64>,
}

struct Entry {
    slowest: Rate,
    counter: Counter,
    /// Whether its queue has it among those that have changed.
    changed: bool,
    /// Whether it ever was among them.
    told: bool,
}

/// The entries of one budget, in the order in which they may be dropped.
struct Queue {
    entries: usize,
    /// One item for each entry: when it can be dropped at the earliest, and its id.
    items: BinaryHeap<Reverse<(i128, u64)>>,
    /// When the last of the dropped entries was full again. A request from before, whose clock is
    /// behind, would find again what such an entry had counted: its time is taken as this.
    floor: i64,
    /// The ids of entries that have changed or were dropped, where the budget lasts and somebody asks.
    changed: Option<Vec<u64>>,
}

/// Where a key is counted.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) id: u64,
    /// The time to charge at.
    pub(super) now: i64,
    /// From when on there is enough left: see [`Counter::available_at`].
    pub(super) available_at: i128,
    /// Whether it was made just now, and is not in its queue yet.
    new: bool,
}

impl Shard {
    /// Finds or makes the entry that the key of the id `own` is counted in, where each budget has
    /// at most `capacity` beside those of overflow. What the same request has `taken` of an entry
    /// counts as charged, and such an entry stays.
    pub(super) fn place(
        &mut self,
        charge: &Charge<'_>,
        rates: &Rates,
        own: u64,
        overflow: impl FnOnce() -> u64,
        (now, capacity): (i64, usize),
        taken: impl Fn(u64) -> Option<u64>,
    ) -> Option<Place> {
        let units = |id| charge.units.saturating_add(taken(id).unwrap_or(0));
        if let Some(entry) = self.entries.get_mut(&own) {
            // A policy that was reloaded may have made it slower, or made it last.
            let differs = entry.slowest != rates.slowest || !entry.told;
            entry.slowest = rates.slowest;
            let available_at = entry.counter.available_at(units(own), rates.fits);
            if self.remembers && differs {
                self.note_change(own, charge)?;
            }
            return Some(Place { id: own, now, available_at, new: false });
        }
        if !self.budgets.contains_key(charge.budget.name()) {
            self.budgets.insert(charge.budget.name().into(), Queue::default());
        }
        let queue = self.budgets.get_mut(charge.budget.name())?;
        let now = now.max(queue.floor);
        let shared = overflow();
        let counts =
            self.entries.get(&shared).is_some_and(|entry| entry.full_at() > i128::from(now));
        let own_room =
            !counts && queue.make_room(&mut self.entries, capacity, now, |id| taken(id).is_some());
        let id = if own_room { own } else { shared };
        let mut new = false;
        let entry = self.entries.entry(id).or_insert_with(|| {
            new = true;
            let counter = Counter::new(charge.budget.algorithm(), rates, queue.floor);
            Entry { slowest: rates.slowest, counter, changed: false, told: false }
        });
        queue.entries += usize::from(new);
        let available_at = entry.counter.available_at(units(id), rates.fits);
        Some(Place { id, now, available_at, new })
    }

    /// Ends what [`Shard::place`] began, once it is known whether the request is charged. Only then
    /// is it known, too, from when on a new entry may be dropped.
    pub(super) fn settle(
        &mut self,
        place: &Place,
        charge: &Charge<'_>,
        rates: &Rates,
        charged: bool,
    ) -> Option<()> {
        let entry = self.entries.get_mut(&place.id)?;
        if charged {
            entry.counter.charge(charge.units, rates.fits, place.now);
        }
        if place.new {
            let item = Reverse((entry.full_at(), place.id));
            self.budgets.get_mut(charge.budget.name())?.items.push(item);
        }
        if charged && self.remembers {
            self.note_change(place.id, charge)?;
        }
        Some(())
    }

    /// Gives back to the entry of a key alone, if it is there.
    pub(super) fn refund(
        &mut self,
        own: u64,
        charge: &Charge<'_>,
        rates: &Rates,
        charged_at: i64,
    ) -> Option<()> {
        let entry = self.entries.get_mut(&own)?;
        entry.counter.refund(charge.units, rates, charged_at);
        if self.remembers {
            self.note_change(own, charge)?;
        }
        Some(())
    }

    fn note_change(&mut self, id: u64, charge: &Charge<'_>) -> Option<()> {
        let entry = self.entries.get_mut(&id)?;
        if charge.budget.is_lasting() && !entry.changed {
            entry.changed = true;
            entry.told = true;
            let queue = self.budgets.get_mut(charge.budget.name())?;
            queue.changed.get_or_insert_default().push(id);
        }
        Some(())
    }

    /// What is left where a key is counted.
    pub(super) fn quota(&self, place: &Place, rates: &Rates, now: i64) -> Option<Quota> {
        let counter = &self.entries.get(&place.id)?.counter;
        let remaining = counter.remaining(rates.fits, place.now);
        let next = counter.available_at(remaining.saturating_add(1), rates.fits);
        let reset = (next != NEVER).then(|| until(next, now));
        Some(Quota { remaining, reset })
    }

    /// From now on, changes are remembered.
    pub(super) fn remember_changes(&mut self) {
        self.remembers = true;
    }

    /// An entry that was counted by another store.
    pub(super) fn resume(&mut self, id: u64, count: Count) {
        let Count { budget, slowest, counter } = count;
        let queue = self.budgets.entry(budget).or_default();
        let entry = Entry { slowest, counter, changed: false, told: true };
        let item = Reverse((entry.full_at(), id));
        if self.entries.insert(id, entry).is_none() {
            queue.entries += 1;
            queue.items.push(item);
        }
        queue.changed.get_or_insert_default();
    }

    pub(super) fn raise_floor(&mut self, budget: &str, floor: i64) {
        let queue = self.budgets.entry(budget.into()).or_default();
        queue.floor = queue.floor.max(floor);
    }

    /// What has changed since the last time.
    pub(super) fn take_changes(&mut self, changes: &mut Vec<CountChange>) {
        changes.extend(mem::take(&mut self.forgotten).into_iter().map(CountChange::Forgotten));
        for (budget, queue) in &mut self.budgets {
            let Some(changed) = queue.changed.as_mut().map(mem::take) else { continue };
            let mut any_forgotten = false;
            for id in changed {
                changes.push(match self.entries.get_mut(&id) {
                    Some(entry) => {
                        entry.changed = false;
                        CountChange::Counted(id, entry.count(budget))
                    }
                    None => {
                        any_forgotten = true;
                        CountChange::Forgotten(id)
                    }
                });
            }
            if any_forgotten {
                let floor = Timestamp::from_nanos(queue.floor);
                changes.push(CountChange::Floor(budget.clone(), floor));
            }
        }
    }

    /// Forgets the budgets that are not among these.
    pub(super) fn retain(&mut self, budgets: &[&str]) {
        let Shard { entries, forgotten, .. } = self;
        self.budgets.retain(|budget, queue| {
            let kept = budgets.contains(&&**budget);
            if !kept {
                for Reverse((_, id)) in &queue.items {
                    entries.remove(id);
                }
                if let Some(changed) = &queue.changed {
                    forgotten.extend(queue.items.iter().map(|Reverse((_, id))| id));
                    forgotten.extend(changed);
                }
            }
            kept
        });
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        let items = self.budgets.values().map(|queue| queue.items.len()).sum::<usize>();
        let counted = self.budgets.values().map(|queue| queue.entries).sum::<usize>();
        assert_eq!(self.entries.len(), items, "each entry is in a queue once");
        assert_eq!(self.entries.len(), counted, "each entry is counted once");
        items
    }
}

impl Queue {
    /// Drops entries that are as new until another one fits. Returns whether it does.
    fn make_room(
        &mut self,
        entries: &mut Entries,
        capacity: usize,
        now: i64,
        held: impl Fn(u64) -> bool,
    ) -> bool {
        if self.entries < capacity {
            return true;
        }
        for _ in 0..LOOKS {
            let Some(&Reverse((earliest, id))) = self.items.peek() else {
                break;
            };
            if earliest > i128::from(now) {
                break;
            }
            self.items.pop();
            let Some(full_at) = entries.get(&id).map(Entry::full_at) else {
                continue;
            };
            // What this request itself goes by is used now: it goes back in line as such.
            let full_at = if held(id) { full_at.max(i128::from(now) + 1) } else { full_at };
            if full_at > i128::from(now) {
                self.items.push(Reverse((full_at, id)));
                continue;
            }
            entries.remove(&id);
            self.entries = self.entries.saturating_sub(1);
            if let Some(changed) = &mut self.changed {
                changed.push(id);
            }
            self.floor = self.floor.max(i64::try_from(full_at).unwrap_or(self.floor));
            if self.entries < capacity {
                return true;
            }
        }
        false
    }
}

impl Default for Queue {
    fn default() -> Queue {
        Queue { entries: 0, items: BinaryHeap::new(), floor: i64::MIN, changed: None }
    }
}

impl Entry {
    fn count(&self, budget: &str) -> Count {
        Count { budget: budget.into(), slowest: self.slowest, counter: self.counter.clone() }
    }

    /// From when on it behaves as a new one.
    fn full_at(&self) -> i128 {
        self.counter.full_at(self.slowest)
    }
}
