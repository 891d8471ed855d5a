//! Several budgets in one request, and several requests at one time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use proptest::prelude::*;

use super::*;

const NAMES: [&str; 3] = ["one", "two", "three"];
const KEYS: [&[u8]; 3] = [b"", b"a", b"b"];

#[derive(Debug, Clone, Copy)]
struct Asked {
    budget: usize,
    key: usize,
    units: u64,
}

fn asked() -> impl Strategy<Value = Asked> {
    (0..NAMES.len(), 0..KEYS.len(), 1_u64..4).prop_map(|(budget, key, units)| Asked {
        budget,
        key,
        units,
    })
}

/// Each budget has its own limit and period, and the second another algorithm.
fn charged(asked: &Asked) -> Charge<'static> {
    let algorithm = ALGORITHMS[asked.budget % 2];
    let (limit, period) = [(5, 70), (7, 50), (20, 64)][asked.budget];
    let budget = budget(NAMES[asked.budget], &[limited(limit, period)], algorithm);
    of(budget, KEYS[asked.key], asked.units)
}

proptest! {
    /// A second store is asked for one budget after the other, and only if the first admitted:
    /// it never sees a refused request, and must stay in step.
    #[test]
    fn a_refused_request_charges_nothing(
        requests in prop::collection::vec((0_i64..20, prop::collection::vec(asked(), 0..6)), 1..40),
    ) {
        let (store, parallel) = (MemoryStore::default(), MemoryStore::default());
        let mut now = 0;
        for (step, request) in requests {
            now += step;
            let charges = request.iter().map(charged).collect::<Vec<_>>();
            match charge(&store, &charges, now) {
                Charged::All { .. } => {
                    for single in &charges {
                        prop_assert!(admits(&parallel, &[*single], now));
                    }
                }
                Charged::Drained { first, retry_after, .. } => {
                    // Each prefix before the first drained would be admitted, that with it not.
                    prop_assert!(charges.len() > first);
                    let retry_after = retry_after.as_nanos();
                    if retry_after < 1000 {
                        let then = now + retry_after as i64;
                        prop_assert!(!admits(&store, &charges, then - 1));
                    }
                    let whole = charge(&store, &charges[..=first], now);
                    let is_first = matches!(whole, Charged::Drained { first: at, .. } if at == first);
                    prop_assert!(is_first);
                    if admits(&store, &charges[..first], now) {
                        for single in &charges[..first] {
                            prop_assert!(admits(&parallel, &[*single], now));
                        }
                    } else {
                        prop_assert!(false, "the charges before the first drained were there");
                    }
                }
            }
        }
    }

    #[test]
    fn after_the_wait_all_are_admitted(
        before in prop::collection::vec(asked(), 0..20),
        request in prop::collection::vec(asked(), 1..4),
    ) {
        let store = MemoryStore::default();
        for (now, single) in before.iter().enumerate() {
            charge(&store, &[charged(single)], now as i64);
        }
        let charges = request.iter().map(charged).collect::<Vec<_>>();
        let now = before.len() as i64;
        if let Charged::Drained { retry_after, .. } = charge(&store, &charges, now) {
            if retry_after == Duration::MAX {
                return Ok(());
            }
            let then = now + retry_after.as_nanos() as i64;
            prop_assert!(!admits(&store, &charges, then - 1));
            prop_assert!(admits(&store, &charges, then));
        }
    }
}

#[test]
fn the_same_key_twice_counts_twice() {
    for algorithm in ALGORITHMS {
        let store = MemoryStore::default();
        let two = one(algorithm, 5, 10, b"key", 2);
        let three = one(algorithm, 5, 10, b"key", 3);
        assert_eq!(charge(&store, &[two, three, two], 0), never(2));
        assert_eq!(charge(&store, &[two, three], 0), admitted());
        assert_eq!(
            charge(&store, &[one(algorithm, 5, 10, b"key", 1)], 0),
            drained(0, if algorithm == Algorithm::TokenBucket { 2 } else { 10 })
        );
    }
}

#[test]
fn the_longest_wait_is_told_and_the_first_drained() {
    let store = MemoryStore::default();
    let short = one(Algorithm::SlidingWindow, 1, 10, b"short", 1);
    let long = one(Algorithm::SlidingWindow, 1, 1000, b"long", 1);
    let fresh = one(Algorithm::SlidingWindow, 1, 10, b"fresh", 1);
    assert!(admits(&store, &[short, long], 0));
    assert_eq!(charge(&store, &[fresh, long, short], 4), drained(1, 996));
    assert_eq!(charge(&store, &[fresh, short, long], 4), drained(1, 996));
    assert_eq!(charge(&store, &[fresh, short], 4), drained(1, 6));
    assert!(admits(&store, &[fresh], 4));
}

#[test]
fn no_charges_are_all_admitted() {
    assert!(admits(&MemoryStore::default(), &[], 0));
}

#[test]
fn racing_threads_are_admitted_the_limit_and_no_more() {
    for algorithm in ALGORITHMS {
        for limit in [13, 1000] {
            let store = MemoryStore::default();
            let admitted = AtomicU64::new(0);
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        for _ in 0..limit {
                            if admits(&store, &[one(algorithm, limit, 1_000_000, b"key", 1)], 0) {
                                admitted.fetch_add(1, Ordering::Relaxed);
                            }
                        }
                    });
                }
            });
            assert_eq!(admitted.into_inner(), limit);
        }
    }
}

/// Threads that name their budgets in opposite orders would wait for each other if the shards
/// were locked in the order of the charges.
#[test]
fn requests_with_the_same_keys_in_any_order_do_not_deadlock() {
    let store = MemoryStore::default();
    let admitted = AtomicU64::new(0);
    let keys = (0..40_u32).map(u32::to_be_bytes).collect::<Vec<_>>();
    thread::scope(|scope| {
        for turn in 0..4 {
            let (store, keys, admitted) = (&store, &keys, &admitted);
            scope.spawn(move || {
                let mut charges = keys
                    .iter()
                    .map(|key| one(Algorithm::TokenBucket, 100, 1_000_000, key, 1))
                    .collect::<Vec<_>>();
                charges.rotate_left(turn * 10);
                if turn % 2 == 1 {
                    charges.reverse();
                }
                for _ in 0..50 {
                    if admits(store, &charges, 0) {
                        admitted.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(admitted.into_inner(), 100);
}

/// Of those that are told, in their order, and of none where one is drained for good.
#[test]
fn what_is_left_is_told_of_those_that_are_to_be_told() {
    let store = MemoryStore::default();
    let told = |charge: Charge<'static>| Charge { told: true, ..charge };
    let bucket = told(one(Algorithm::TokenBucket, 10, 1000, b"bucket", 3));
    let silent = one(Algorithm::SlidingWindow, 2, 1000, b"silent", 1);
    let window = told(one(Algorithm::SlidingWindow, 4, 1000, b"window", 2));
    let quota = |remaining, reset| Quota { remaining, reset: Some(Duration::from_nanos(reset)) };
    let all = |quotas: [Quota; 2]| all(quotas.into_iter().collect());
    let request = [bucket, silent, window];
    assert_eq!(charge(&store, &request, 0), all([quota(7, 100), quota(2, 1000)]));
    assert_eq!(charge(&store, &request, 50), all([quota(4, 50), quota(0, 950)]));
    let quotas = Quotas::from_iter([quota(4, 40), quota(0, 940)]);
    let retry_after = Duration::from_nanos(940);
    assert_eq!(charge(&store, &request, 60), Charged::Drained { first: 1, retry_after, quotas });
    let endless = told(one(Algorithm::TokenBucket, 1, 10, b"bucket", 2));
    assert_eq!(charge(&store, &[bucket, endless], 60), never(1));
    let full = told(one(Algorithm::TokenBucket, 5, 10, b"full", 5));
    charge(&store, &[full], 0);
    let untouched = charge(&store, &[full, window], 60);
    let quotas = Quotas::from_iter([Quota { remaining: 5, reset: None }, quota(0, 940)]);
    assert_eq!(untouched, Charged::Drained { first: 1, retry_after, quotas });
}
