//! A store that goes on counting where another stopped.

use super::*;
use crate::store::{CountChange, HashSecret};

const DAY: u64 = 86_400_000_000_000;

fn resumed(changes: Vec<CountChange>, capacity: usize) -> MemoryStore {
    MemoryStore::resumed(HashSecret::seeded(), changes).with_capacity_per_budget(capacity)
}

fn counted(changes: &[CountChange]) -> usize {
    changes.iter().filter(|change| matches!(change, CountChange::Counted(..))).count()
}

#[test]
fn each_change_is_told_once_and_only_of_budgets_that_last() {
    let store = resumed(Vec::new(), 64);
    assert!(admits(&store, &[one(ALGORITHMS[0], 3, DAY, b"ada", 1)], 0));
    assert!(admits(&store, &[one(ALGORITHMS[0], 3, DAY, b"ada", 1)], 0));
    assert!(admits(&store, &[one(ALGORITHMS[0], 3, DAY, b"bob", 1)], 0));
    assert!(admits(&store, &[one(ALGORITHMS[1], 3, 1000, b"ada", 1)], 0));
    assert_eq!(counted(&store.changes()), 2);
    assert_eq!(store.changes().len(), 0);
    // Nothing was charged.
    assert!(!admits(&store, &[one(ALGORITHMS[0], 3, DAY, b"ada", 2)], 0));
    assert_eq!(store.changes().len(), 0);
    let charged = [one(ALGORITHMS[0], 3, DAY, b"ada", 1)];
    store.refund(&charged, &Receipt::at(Timestamp::from_nanos(0))).wait().unwrap();
    assert_eq!(counted(&store.changes()), 1);
}

#[test]
fn a_store_that_nobody_asks_remembers_no_changes() {
    let store = MemoryStore::seeded(64);
    assert!(admits(&store, &[one(ALGORITHMS[0], 3, DAY, b"ada", 1)], 0));
    assert_eq!(store.changes().len(), 0);
}

#[test]
fn keys_that_share_an_overflow_entry_share_it_afterwards() {
    for algorithm in ALGORITHMS {
        let store = resumed(Vec::new(), 16);
        let charge = |store: &MemoryStore, key: u32, now: u64| {
            let key = key.to_be_bytes();
            admits(store, &[one(algorithm, 1, DAY, &key, 1)], now.try_into().unwrap())
        };
        for key in 0..4000 {
            charge(&store, key, 0);
        }
        let changes = store.changes();
        let (all, entries) = (counted(&changes), store.entries());
        assert_eq!(all, entries);
        assert!(all > 16, "some overflow");
        let again = resumed(changes, 16);
        assert_eq!(again.entries(), entries);
        // All overflow entries that 4000 keys meet are drained: no key finds one that is not.
        for key in 0..4000 {
            assert!(!charge(&again, key, DAY - 1), "{key}");
        }
        assert!(charge(&again, 0, 2 * DAY));
    }
}

#[test]
fn what_was_dropped_is_told_with_the_time_before_which_no_clock_goes_back() {
    let store = resumed(Vec::new(), 16);
    let charge = |store: &MemoryStore, key: u32, now: u64| {
        let key = key.to_be_bytes();
        admits(store, &[one(ALGORITHMS[1], 1, DAY, &key, 1)], now.try_into().unwrap())
    };
    assert!((0..16).all(|key| charge(&store, key, u64::from(key))));
    let before = store.changes();
    // A day later others take their places.
    assert!((100..116).all(|key| charge(&store, key, 2 * DAY)));
    let after = store.changes();
    let forgotten = after.iter().filter(|change| matches!(change, CountChange::Forgotten(_)));
    assert!(forgotten.count() > 0);
    let floor = after.iter().filter_map(|change| match change {
        CountChange::Floor(_, floor) => Some(floor.as_nanos()),
        _ => None,
    });
    let floor = floor.max().unwrap();
    assert!(floor >= DAY.try_into().unwrap(), "{floor}");

    // A clock that is behind charges a new key as if it were that time already: it would otherwise find again
    // what was charged then.
    let again = resumed(before.into_iter().chain(after).collect(), 1000);
    assert!(charge(&again, 200, DAY / 2));
    assert!(!charge(&again, 200, DAY / 2 + DAY));
    assert!(charge(&again, 200, u64::try_from(floor).unwrap() + DAY));
}

#[test]
fn a_policy_that_was_reloaded_is_told_even_where_all_is_drained() {
    let hour = DAY / 24;
    let slower = [(1000, hour), (hour, DAY)];
    for (before, after) in slower {
        let store = resumed(Vec::new(), 64);
        let charge = |period| one(ALGORITHMS[0], 2, period, b"ada", 1);
        assert!(admits(&store, &[charge(before)], 0) && admits(&store, &[charge(before)], 0));
        drop(store.changes());
        // Nothing is charged, and all is there again later than was written down.
        let owed = one(ALGORITHMS[0], 2, after, b"ada", 2);
        assert!(!admits(&store, &[owed], 1));
        assert_eq!(counted(&store.changes()), 1);
        assert!(!admits(&store, &[owed], 2));
        assert_eq!(counted(&store.changes()), 0);
    }
}
