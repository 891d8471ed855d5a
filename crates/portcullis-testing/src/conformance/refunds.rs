//! What is given back is what was taken, and never another's.

use std::time::Duration;

use portcullis::Timestamp;
use portcullis::store::{Algorithm, Charge, Charged, Limit, Receipt};

use super::{ALGORITHMS, Bench, HOUR, NOW, WAYS, at, dice, hourly, of};

/// A charge that is given back at once leaves nothing behind.
pub fn what_is_given_back_at_once_was_never_taken(bench: &Bench) {
    for (algorithm, units) in WAYS {
        let budget = bench.budget(&format!("{algorithm:?} {units}"), &[hourly(units)], algorithm);
        let (all, one) = ([of(&budget, b"key", units)], [of(&budget, b"key", 1)]);
        for _ in 0..3 {
            let receipt = bench.taken(&all, NOW);
            assert!(!bench.admits(&one, NOW));
            bench.refund(&all, &receipt);
        }
        assert_eq!(bench.admitted(units + 2, &one, NOW), units, "{algorithm:?} {units}");
    }
}

/// Two charges are given back by two refunds, each as much as it was.
pub fn each_charge_is_given_back_by_itself(bench: &Bench) {
    for (algorithm, units) in WAYS.into_iter().filter(|(_, units)| *units >= 5) {
        let budget = bench.budget(&format!("{algorithm:?} {units}"), &[hourly(units)], algorithm);
        let charge = |units| [of(&budget, b"key", units)];
        let two = bench.taken(&charge(2), NOW);
        let rest = bench.taken(&charge(units - 2), NOW);
        bench.refund(&charge(2), &two);
        assert_eq!(bench.admitted(units, &charge(1), NOW), 2, "{algorithm:?} {units}");
        bench.refund(&charge(units - 2), &rest);
        assert_eq!(bench.admitted(units, &charge(1), NOW), units - 2, "{algorithm:?} {units}");
    }
}

/// Of several budgets, and of one key that it was charged to twice.
pub fn a_request_is_given_back_whole(bench: &Bench) {
    let bucket = bench.budget("bucket", &[hourly(9)], Algorithm::TokenBucket);
    let few = bench.budget("few", &[hourly(9)], Algorithm::SlidingWindow);
    let many = bench.budget("many", &[hourly(19)], Algorithm::SlidingWindow);
    let request = [
        of(&bucket, b"one", 4),
        of(&few, b"one", 3),
        of(&many, b"one", 19),
        of(&bucket, b"two", 1),
        of(&bucket, b"one", 5),
        of(&few, b"one", 6),
    ];
    for _ in 0..3 {
        let receipt = bench.taken(&request, NOW);
        bench.refund(&request, &receipt);
    }
    let all = [of(&bucket, b"one", 9), of(&few, b"one", 9), of(&many, b"one", 19)];
    assert!(bench.admits(&all, NOW));
    assert!(bench.admits(&[of(&bucket, b"two", 9)], NOW));
}

/// After a period or two, what the receipt was for is there again without it.
pub fn what_came_back_by_itself_is_not_given_back(bench: &Bench) {
    for (algorithm, units) in WAYS {
        let budget = bench.budget(&format!("{algorithm:?} {units}"), &[hourly(units)], algorithm);
        let all = [of(&budget, b"key", units)];
        let receipt = bench.taken(&all, NOW);
        bench.taken(&all, at(2 * HOUR));
        bench.refund(&all, &receipt);
        assert!(!bench.admits(&[of(&budget, b"key", 1)], at(2 * HOUR)), "{algorithm:?} {units}");
    }
}

/// A bucket has got half of a charge back by itself, and another has taken it.
pub fn half_of_what_came_back_is_not_given_back_twice(bench: &Bench) {
    let budget = bench.budget("b", &[hourly(8)], Algorithm::TokenBucket);
    let receipt = bench.taken(&[of(&budget, b"key", 8)], NOW);
    bench.taken(&[of(&budget, b"key", 4)], at(HOUR / 2));
    bench.refund(&[of(&budget, b"key", 8)], &receipt);
    let given = bench.admitted(9, &[of(&budget, b"key", 1)], at(HOUR / 2));
    assert!(given <= 4, "{given}");
    // A window gives all of it back: none of it has come back by itself.
    for units in [8, 18] {
        let budget = bench.budget(&format!("{units}"), &[hourly(units)], Algorithm::SlidingWindow);
        let first = [of(&budget, b"key", units / 2)];
        let receipt = bench.taken(&first, NOW);
        bench.taken(&first, at(HOUR / 2));
        bench.refund(&first, &receipt);
        let given = bench.admitted(units, &[of(&budget, b"key", 1)], at(HOUR / 2));
        assert!(given <= units / 2, "{units}: {given}");
    }
}

/// A store may have forgotten what a receipt is for, and then nothing is there to be given back.
pub fn what_was_not_charged_is_not_given_back(bench: &Bench) {
    for (algorithm, units) in WAYS {
        let budget = bench.budget(&format!("{algorithm:?} {units}"), &[hourly(units)], algorithm);
        let receipt = bench.taken(&[of(&budget, b"other", units)], NOW);
        let all = [of(&budget, b"key", units)];
        for _ in 0..3 {
            bench.refund(&all, &receipt);
        }
        let one = [of(&budget, b"key", 1)];
        assert_eq!(bench.admitted(units + 3, &one, NOW), units, "{algorithm:?} {units}");
        assert!(!bench.admits(&[of(&budget, b"other", 1)], NOW));
    }
}

/// Charges and refunds in any order: of what was not given back, no window has more than its limit, and no
/// span more than a bucket holds and gets.
pub fn a_refund_frees_no_window_and_fills_no_bucket(bench: &Bench) {
    for seed in bench.seeds(5) {
        for algorithm in ALGORITHMS {
            for units in [1, 6, 20] {
                let limits = [hourly(units), hourly(units.div_ceil(2))];
                let taken =
                    kept(bench, &format!("{algorithm:?} {units}"), algorithm, &limits, seed);
                let seen = format!("{algorithm:?} {units}, seed {seed}");
                check(algorithm, units, &taken, &seen);
            }
        }
    }
}

fn check(algorithm: Algorithm, units: u64, taken: &[Taken], seen: &str) {
    for (place, first) in taken.iter().enumerate() {
        let mut sum = 0;
        for last in &taken[place..] {
            let passed = last.at - first.at;
            sum += last.units;
            // A bucket gets its units evenly, and a window has lost what is older.
            let most = match algorithm {
                Algorithm::TokenBucket => {
                    units * 3_600_000_000 + units * u64::try_from(passed.as_micros()).unwrap_or(0)
                }
                Algorithm::SlidingWindow if passed < HOUR => units * 3_600_000_000,
                Algorithm::SlidingWindow => break,
            };
            assert!(sum * 3_600_000_000 <= most, "{seen}: {sum} in {passed:?}");
        }
    }
}

/// A charge that was admitted and not given back.
struct Taken {
    at: Duration,
    units: u64,
}

fn kept(
    bench: &Bench,
    name: &str,
    algorithm: Algorithm,
    limits: &[Limit],
    seed: u64,
) -> Vec<Taken> {
    struct Admitted {
        at: Duration,
        units: u64,
        fits: usize,
        receipt: Receipt,
        is_back: bool,
    }
    let budget = bench.budget(&format!("{name} {seed}"), limits, algorithm);
    let mut dice = dice(seed);
    let mut charged: Vec<Admitted> = Vec::new();
    let mut passed = Duration::ZERO;
    for _ in 0..24 {
        passed += Duration::from_millis(dice.below(1_500_000));
        if dice.once_in(12) {
            bench.reopen();
        }
        let fits = dice.one_of(&[0, 1]);
        let units = (1 + dice.below(4)).min(limits[fits].units);
        let charge = Charge { fits, ..of(&budget, b"key", units) };
        if let Some(receipt) = receipt_of(bench, charge, at(passed)) {
            charged.push(Admitted { at: passed, units, fits, receipt, is_back: false });
        }
        // One of the charges so far turns out to be a success.
        if !charged.is_empty() && dice.once_in(2) {
            let place = dice.one_of(&(0..charged.len()).collect::<Vec<_>>());
            let Admitted { units, fits, receipt, is_back, .. } = &mut charged[place];
            if !std::mem::replace(is_back, true) {
                bench.refund(&[Charge { fits: *fits, ..of(&budget, b"key", *units) }], receipt);
            }
        }
    }
    let kept = charged.iter().filter(|charged| !charged.is_back);
    kept.map(|Admitted { at, units, .. }| Taken { at: *at, units: *units }).collect()
}

fn receipt_of(bench: &Bench, charge: Charge<'_>, now: Timestamp) -> Option<Receipt> {
    match bench.charge(&[charge], now) {
        Charged::All { receipt, .. } => Some(receipt),
        Charged::Drained { .. } => None,
    }
}
