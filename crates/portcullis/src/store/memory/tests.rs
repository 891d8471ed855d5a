//! Budgets on a virtual clock, against a naive model, and under threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::*;
use portcullis_compiler::plan::Algorithm;

const NANOS: i64 = 1_000_000_000;

fn charge(store: &MemoryStore, charges: &[Charge<'_>], now: i64) -> Charged {
    match store.charge(charges, Timestamp::from_nanos(now)) {
        Answer::Ready(Ok(charged)) => charged,
        _ => panic!("memory answers at once"),
    }
}

fn of(key: &[u8], limit: u64, period: u64, algorithm: Algorithm) -> Charge<'_> {
    Charge { budget: "b", key, limit, period: Duration::from_secs(period), algorithm, units: 1 }
}

/// What one key has used, by the plainest reading of the language.
#[derive(Default)]
struct Model {
    charged: Vec<i64>,
}

impl Model {
    fn charge(&mut self, limit: u64, period: u64, algorithm: Algorithm, now: i64) -> bool {
        let limit = i128::from(limit);
        let period = i128::from(period) * i128::from(NANOS);
        let room = match algorithm {
            Algorithm::TokenBucket => {
                // Units as multiples of the period, so that they fill by `limit` a nanosecond.
                let (mut level, mut at) = (limit * period, i128::from(i64::MIN));
                for charged in &self.charged {
                    let charged = i128::from(*charged);
                    level = (level + (charged - at) * limit).min(limit * period) - period;
                    at = charged;
                }
                (level + (i128::from(now) - at) * limit).min(limit * period) >= period
            }
            Algorithm::SlidingWindow => {
                let part = (period + 31) / 32;
                let counts = |at: &&i64| {
                    let (now, at) = (i128::from(now), i128::from(**at));
                    if limit <= 16 {
                        now - at < period
                    } else {
                        now.div_euclid(part) - at.div_euclid(part) <= 32
                    }
                };
                i128::try_from(self.charged.iter().filter(counts).count()).unwrap() < limit
            }
        };
        if room {
            self.charged.push(now);
        }
        room
    }
}

fn algorithm() -> impl Strategy<Value = Algorithm> {
    prop_oneof![Just(Algorithm::TokenBucket), Just(Algorithm::SlidingWindow)]
}

/// Steps of a clock that goes on by fits and starts.
fn steps(most: usize) -> impl Strategy<Value = Vec<i64>> {
    let step = prop_oneof![
        4 => Just(0i64),
        4 => 1..NANOS / 3,
        2 => 1..5i64,
        1 => NANOS..20 * NANOS,
    ];
    prop::collection::vec(step, 1..most)
}

proptest! {
    #[test]
    fn the_store_decides_as_the_model_does(
        algorithm in algorithm(), limit in 1u64..40, period in 1u64..8, steps in steps(200),
        start in -5i64..5,
    ) {
        let store = MemoryStore::default();
        let mut model = Model::default();
        let mut now = start * NANOS;
        for step in steps {
            now += step;
            let charged = charge(&store, &[of(b"k", limit, period, algorithm)], now);
            prop_assert_eq!(
                charged == Charged::All,
                model.charge(limit, period, algorithm, now),
            );
        }
    }

    #[test]
    fn no_window_admits_more(limit in 1u64..40, period in 1u64..8, steps in steps(300)) {
        let store = MemoryStore::default();
        let mut now = 0;
        let mut admitted: Vec<i64> = Vec::new();
        for step in steps {
            now += step;
            let charges = [of(b"k", limit, period, Algorithm::SlidingWindow)];
            if charge(&store, &charges, now) == Charged::All {
                admitted.push(now);
            }
        }
        let length = i64::try_from(period).unwrap() * NANOS;
        for (index, start) in admitted.iter().enumerate() {
            let within = admitted[index..].iter().filter(|at| **at - start < length).count();
            prop_assert!(within <= usize::try_from(limit).unwrap());
        }
    }

    #[test]
    fn retry_after_is_exact(
        algorithm in algorithm(), limit in 1u64..40, period in 1u64..8, steps in steps(120),
    ) {
        let store = MemoryStore::default();
        let mut now = 0;
        let charges = [of(b"k", limit, period, algorithm)];
        for step in steps {
            now += step;
            if let Charged::Drained { retry_after, .. } = charge(&store, &charges, now) {
                let at = now + i64::try_from(retry_after.as_nanos()).unwrap();
                prop_assert_ne!(charge(&store, &charges, at - 1), Charged::All);
                prop_assert_eq!(charge(&store, &charges, at), Charged::All);
                now = at;
            }
        }
    }

    #[test]
    fn a_refused_request_charges_nothing(algorithm in algorithm(), limit in 1u64..20) {
        let store = MemoryStore::default();
        let wide = Charge { budget: "wide", ..of(b"", 1_000, 60, algorithm) };
        let narrow = Charge { budget: "narrow", ..of(b"k", limit, 60, algorithm) };
        for _ in 0..limit {
            prop_assert_eq!(charge(&store, &[wide, narrow], 0), Charged::All);
        }
        for _ in 0..50 {
            let charged = charge(&store, &[wide, narrow], 0);
            let is_second = matches!(charged, Charged::Drained { first: 1, .. });
            prop_assert!(is_second);
        }
        for _ in limit..1_000 {
            prop_assert_eq!(charge(&store, &[wide], 0), Charged::All);
        }
        prop_assert_ne!(charge(&store, &[wide], 0), Charged::All);
    }

    #[test]
    fn a_clock_that_goes_back_gains_nothing(algorithm in algorithm(), back in 1i64..1_000) {
        let store = MemoryStore::default();
        let charges = [of(b"k", 3, 10, algorithm)];
        let start = 1_000 * NANOS;
        for _ in 0..3 {
            prop_assert_eq!(charge(&store, &charges, start), Charged::All);
        }
        prop_assert_ne!(charge(&store, &charges, start - back * NANOS), Charged::All);
    }
}

#[test]
fn one_key_twice_in_a_charge_counts_twice() {
    let store = MemoryStore::default();
    let one = of(b"k", 3, 10, Algorithm::TokenBucket);
    assert_eq!(charge(&store, &[one, one], 0), Charged::All);
    assert!(matches!(charge(&store, &[one, one], 0), Charged::Drained { first: 1, .. }));
    assert_eq!(charge(&store, &[one], 0), Charged::All);
}

#[test]
fn threads_that_race_on_one_key_get_exactly_the_limit() {
    for algorithm in [Algorithm::TokenBucket, Algorithm::SlidingWindow] {
        let store = Arc::new(MemoryStore::default());
        let admitted = Arc::new(AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let (store, admitted) = (Arc::clone(&store), Arc::clone(&admitted));
                scope.spawn(move || {
                    for _ in 0..500 {
                        let one = of(b"k", 777, 60, algorithm);
                        let other = Charge { budget: "other", ..of(b"k", 10_000, 60, algorithm) };
                        if charge(&store, &[one, other], 0) == Charged::All {
                            admitted.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(admitted.load(Ordering::Relaxed), 777);
    }
}

#[test]
fn a_flood_of_invented_keys_frees_no_drained_one() {
    let store = MemoryStore::with_capacity(160);
    let drained = of(b"victim", 1, 3_600, Algorithm::TokenBucket);
    assert_eq!(charge(&store, &[drained], 0), Charged::All);
    for key in 0..20_000u32 {
        let bytes = key.to_be_bytes();
        charge(&store, &[of(&bytes, 1, 3_600, Algorithm::TokenBucket)], 1);
    }
    assert!(store.entries() <= 160 + 16 * 64, "{}", store.entries());
    assert_ne!(charge(&store, &[drained], 2), Charged::All);
    // Once they are as good as new they make room, and new keys are counted by themselves.
    let later = 3 * 3_600 * NANOS;
    for key in 0..32u32 {
        let bytes = (1_000_000 + key).to_be_bytes();
        let fresh = of(&bytes, 1, 3_600, Algorithm::TokenBucket);
        assert_eq!(charge(&store, &[fresh], later), Charged::All);
    }
}
