//! What is given back is what was taken, and never another's.

use proptest::prelude::*;

use super::*;

const PERIOD: u64 = 96;

/// A charge that was admitted.
struct Taken {
    at: i64,
    units: u64,
    /// Whether it has been given back.
    back: bool,
}

fn refund(store: &MemoryStore, charges: &[Charge<'_>], charged_at: i64) {
    let receipt = Receipt::at(Timestamp::from_nanos(charged_at));
    store.refund(charges, &receipt).wait().expect("memory can be reached");
}

/// Charges and refunds in turn: what was kept of all that was admitted.
fn kept(algorithm: Algorithm, limits: &[Limit], steps: &[(i64, usize, u64, usize)]) -> Vec<Taken> {
    let store = MemoryStore::seeded(16);
    let budget = Budget::new("test", limits, algorithm);
    let of = |units, fits| Charge { budget: &budget, key: b"k", fits, units, told: false };
    let mut taken: Vec<(Taken, usize)> = Vec::new();
    let mut now = 0;
    for (step, fits, units, back) in steps {
        now += step;
        let fits = fits % limits.len();
        let charge = of((*units).min(limits[fits].units), fits);
        if admits(&store, &[charge], now) {
            taken.push((Taken { at: now, units: charge.units, back: false }, fits));
        }
        // About every other time, one of the charges so far turns out to be a success.
        if let Some((taken, fits)) = taken.get_mut(*back)
            && !taken.back
        {
            refund(&store, &[of(taken.units, *fits)], taken.at);
            taken.back = true;
        }
    }
    taken.into_iter().map(|(taken, _)| taken).collect()
}

fn steps() -> impl Strategy<Value = Vec<(i64, usize, u64, usize)>> {
    prop::collection::vec((0_i64..40, 0_usize..2, 1_u64..5, 0_usize..60), 1..60)
}

proptest! {
    /// One key has one sum, whichever limit fits; the greater of them bounds every window.
    #[test]
    fn no_window_keeps_more_than_the_limit(
        units in prop_oneof![1_u64..8, 17_u64..24],
        steps in steps(),
    ) {
        let limits = [limited(units, PERIOD), limited(units.div_ceil(2), PERIOD)];
        let taken = kept(Algorithm::SlidingWindow, &limits, &steps);
        for first in &taken {
            let window = taken.iter().filter(|other| {
                !other.back && (first.at..first.at + PERIOD as i64).contains(&other.at)
            });
            prop_assert!(window.map(|taken| taken.units).sum::<u64>() <= units);
        }
    }

    #[test]
    fn no_span_keeps_more_than_a_bucket_holds_and_gets(units in 1_u64..24, steps in steps()) {
        let limits = [limited(units, PERIOD), limited(units.div_ceil(2), PERIOD)];
        let taken = kept(Algorithm::TokenBucket, &limits, &steps);
        for (position, first) in taken.iter().enumerate() {
            let mut sum = 0;
            for last in &taken[position..] {
                sum += if last.back { 0 } else { last.units };
                let got = units * last.at.abs_diff(first.at);
                prop_assert!(sum * PERIOD <= units * PERIOD + got);
            }
        }
    }

    /// A charge that is given back at once leaves nothing behind.
    #[test]
    fn what_is_given_back_at_once_was_never_taken(units in 1_u64..24, times in 1_usize..20) {
        for algorithm in ALGORITHMS {
            let store = MemoryStore::seeded(16);
            let charge = one(algorithm, units, PERIOD, b"k", units);
            for _ in 0..times {
                prop_assert!(admits(&store, &[charge], 7));
                refund(&store, &[charge], 7);
            }
            prop_assert!(admits(&store, &[charge], 7));
            prop_assert!(!admits(&store, &[charge], 7));
        }
    }
}
