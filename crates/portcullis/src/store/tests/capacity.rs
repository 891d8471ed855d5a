//! Floods of invented keys: memory is bounded, and what is drained stays so.

use proptest::prelude::*;

use super::*;

const PERIOD: u64 = 1_000_000;

fn small() -> MemoryStore {
    MemoryStore::seeded(64)
}

/// Beside the entries of its own, a budget has 64 of overflow in each of 16 shards.
const BOUND: usize = 64 + 64 * 16;

/// Charges one unit to each of so many keys that nobody has seen. Returns how many were admitted.
fn flood(store: &MemoryStore, algorithm: Algorithm, keys: u64, now: i64) -> usize {
    let invented = |key: u64| [now.to_be_bytes(), key.to_be_bytes()].concat();
    (0..keys)
        .filter(|key| admits(store, &[one(algorithm, 2, PERIOD, &invented(*key), 1)], now))
        .count()
}

#[test]
fn a_flood_frees_no_drained_key_and_fills_no_memory() {
    for algorithm in ALGORITHMS {
        let store = small();
        let known = one(algorithm, 2, PERIOD, b"known", 2);
        assert!(admits(&store, &[known], 0));
        flood(&store, algorithm, 5000, 1);
        assert!(store.entries() <= BOUND);
        for now in [1, PERIOD as i64 - 1] {
            assert!(!admits(&store, &[known], now));
        }
        assert!(admits(&store, &[known], PERIOD as i64));
    }
}

#[test]
fn new_keys_share_overflow_at_the_same_limit() {
    for algorithm in ALGORITHMS {
        let store = small();
        let admitted = flood(&store, algorithm, 20_000, 0);
        // Each entry of its own was asked for one unit, and each of overflow for more than two.
        assert_eq!(store.entries(), BOUND);
        assert_eq!(admitted, 64 + 2 * (BOUND - 64));
    }
}

#[test]
fn a_flood_leaves_known_keys_what_they_have() {
    for algorithm in ALGORITHMS {
        let store = small();
        let known = one(algorithm, 2, PERIOD, b"known", 1);
        assert!(admits(&store, &[known], 0));
        flood(&store, algorithm, 20_000, 1);
        assert!(admits(&store, &[known], 2));
        assert!(!admits(&store, &[known], 2));
    }
}

#[test]
fn entries_that_are_full_again_make_room() {
    for algorithm in ALGORITHMS {
        let store = small();
        for round in 0..20 {
            let now = round * PERIOD as i64;
            // Few enough that no shard has more than it may, or a key would meet overflow.
            for key in 0..2_u8 {
                let key = [round as u8, key];
                assert!(admits(&store, &[one(algorithm, 2, PERIOD, &key, 2)], now));
            }
        }
        assert!(store.entries() <= 64);
        // After a flood, the whole table is for new keys again.
        flood(&store, algorithm, 20_000, 100 * PERIOD as i64);
        flood(&store, algorithm, 20_000, 102 * PERIOD as i64);
        assert_eq!(flood(&store, algorithm, 20_000, 104 * PERIOD as i64), 64 + 2 * (BOUND - 64));
        assert_eq!(store.entries(), BOUND);
    }
}

/// A request that is refused for another budget leaves its key's entry as new.
#[test]
fn refused_requests_use_up_no_entries() {
    let store = small();
    let everyone = budget("everyone", &[limited(1, PERIOD)], Algorithm::TokenBucket);
    let everyone = of(everyone, b"", 1);
    assert!(admits(&store, &[everyone], 0));
    for key in 0..5000_u32 {
        let key = key.to_be_bytes();
        let keyed = one(Algorithm::TokenBucket, 2, PERIOD, &key, 1);
        assert!(!admits(&store, &[keyed, everyone], 1));
    }
    assert!(store.entries() <= 64 + 1);
}

/// An entry of its own, given as soon as there is room, would forget what the key has used.
#[test]
fn a_key_stays_with_its_overflow_entry_while_that_counts() {
    for algorithm in ALGORITHMS {
        let store = small();
        for key in 0..2000_u32 {
            charge(&store, &[one(algorithm, 1, 10, &key.to_be_bytes(), 1)], 0);
        }
        let keys = (0..16_u8).map(|key| [key]).collect::<Vec<_>>();
        // A bucket may still owe the unit of a key that it is shared with.
        let burst = if algorithm == Algorithm::TokenBucket { 2 } else { 1 };
        let limit = Limit { units: 1, period: Duration::from_nanos(PERIOD), burst };
        let budget = Budget::new("test", &[limit], algorithm);
        let long = |key| of(&budget, key, 1);
        let mut used = Vec::new();
        for key in &keys {
            if admits(&store, &[long(key)], 5) {
                while admits(&store, &[long(key)], 5) {}
                used.push(key);
            }
        }
        assert!(used.len() > 8);
        // The others are full again and make room at once, and these are not.
        for key in used {
            assert!(!admits(&store, &[long(key)], 20));
        }
    }
}

/// A clock that is behind must not find again what a dropped entry had counted.
#[test]
fn a_late_request_is_taken_as_of_when_the_dropped_entry_was_full() {
    let store = MemoryStore::seeded(16);
    let keys = (0..128_u8).map(|key| [key]).collect::<Vec<_>>();
    let single = |key| one(Algorithm::SlidingWindow, 1, 10, key, 1);
    let (known, others) = keys.split_at(64);
    for key in known {
        charge(&store, &[single(key)], 100);
    }
    for key in others {
        charge(&store, &[single(key)], 200);
    }
    // Their entries were dropped, or would say no.
    let late = known.iter().filter(|key| admits(&store, &[single(*key)], 101)).collect::<Vec<_>>();
    assert!(!late.is_empty());
    for key in late {
        for now in [101, 109, 111, 119] {
            assert_eq!(charge(&store, &[single(key)], now), drained(0, 120 - now as u64));
        }
    }
}

/// The same, where it meets an overflow entry that has been there for longer.
#[test]
fn a_late_request_is_no_earlier_in_an_overflow_entry() {
    let store = MemoryStore::seeded(16);
    let keys = (0..400_u32).map(u32::to_be_bytes).collect::<Vec<_>>();
    let units = |key, units| one(Algorithm::SlidingWindow, 16, 10, key, units);
    let (known, others) = keys.split_at(64);
    let (shared, others) = others.split_at(200);
    for key in known {
        charge(&store, &[units(key, 16)], 100);
    }
    for key in shared {
        charge(&store, &[units(key, 1)], 104);
    }
    for key in others {
        charge(&store, &[units(key, 1)], 112);
    }
    let late = known.iter().filter(|key| admits(&store, &[units(*key, 1)], 101));
    let late = late.collect::<Vec<_>>();
    assert!(!late.is_empty());
    for key in late {
        assert!(!admits(&store, &[units(key, 16)], 115));
    }
}

/// Both keys may be counted in one overflow entry, where the second finds the first taken.
#[test]
fn two_new_keys_of_one_request_never_share_more_than_the_limit() {
    for algorithm in ALGORITHMS {
        let store = MemoryStore::seeded(16);
        flood(&store, algorithm, 1000, 0);
        let now = 10 * PERIOD as i64;
        let mut admitted = 0;
        for pair in 0..4000_u32 {
            let (left, right) = ((2 * pair).to_be_bytes(), (2 * pair + 1).to_be_bytes());
            let left = one(algorithm, 2, PERIOD, &left, 1);
            let right = one(algorithm, 2, PERIOD, &right, 1);
            admitted += 2 * usize::from(admits(&store, &[left, right], now));
        }
        assert!(admitted <= 2 * (16 + 64 * 16));
        assert!(store.entries() <= 16 + 64 * 16);
    }
}

/// The second key of a request is given no room by dropping the entry that the first is told to
/// be charged to.
#[test]
fn a_request_keeps_the_entries_it_goes_by() {
    for algorithm in ALGORITHMS {
        let first = one(algorithm, 2, PERIOD, b"first", 2);
        for key in 0..64_u8 {
            let store = MemoryStore::seeded(16);
            assert!(admits(&store, &[first], 0));
            let key = [key];
            let second = one(algorithm, 2, PERIOD, &key, 2);
            let later = PERIOD as i64;
            assert!(admits(&store, &[first, second], later));
            assert!(!admits(&store, &[first], later));
            assert!(!admits(&store, &[second], later));
        }
    }
}

proptest! {
    /// Whether a key has an entry of its own or shares one, and whenever entries are dropped: it
    /// is never admitted more than the limit in any window.
    #[test]
    fn no_key_gains_by_a_crowd(
        limit in prop_oneof![1_u64..4, 17_u64..20],
        steps in prop::collection::vec((0_i64..6, 0_u8..120, 1_u64..20), 100..600),
    ) {
        let store = MemoryStore::seeded(16);
        let mut charged = Vec::new();
        let mut now = 0;
        for (step, key, units) in steps {
            now += step;
            let units = units.min(limit);
            let bytes = [key];
            let asked = [one(Algorithm::SlidingWindow, limit, 96, &bytes, units)];
            if admits(&store, &asked, now) {
                charged.push((now, key, units));
            }
        }
        for (start, key, _) in &charged {
            let window = charged
                .iter()
                .filter(|(at, other, _)| other == key && (*start..start + 96).contains(at));
            prop_assert!(window.map(|(_, _, units)| units).sum::<u64>() <= limit);
        }
    }
}
