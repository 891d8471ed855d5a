//! Several budgets in one request: all are charged, or none.

use std::time::Duration;

use portcullis::store::{Algorithm, Charged, Limit};

use super::{ALGORITHMS, Bench, HOUR, NOW, hourly, later, left, of, told};

/// Wherever the drained one stands.
pub fn a_refused_request_charges_nothing(bench: &Bench) {
    for algorithm in ALGORITHMS {
        let named =
            |name: &str| bench.budget(&format!("{algorithm:?} {name}"), &[hourly(3)], algorithm);
        let (one, two, three) = (named("one"), named("two"), named("three"));
        let all = [of(&one, b"", 1), of(&two, b"key", 2), of(&three, b"key", 1)];
        for place in 0..3 {
            bench.taken(&[of(all[place].budget, b"drained", 3)], NOW);
            let mut request = all;
            request[place].key = b"drained";
            for _ in 0..4 {
                assert_eq!(bench.wait(&request, NOW).0, place);
            }
        }
        // Nothing of the twelve is charged.
        for charge in all {
            assert!(bench.admits(&[of(charge.budget, charge.key, 3)], NOW), "{algorithm:?}");
        }
    }
}

/// The second finds the first taken.
pub fn the_same_key_twice_counts_twice(bench: &Bench) {
    for algorithm in ALGORITHMS {
        for limit in [5, 20] {
            let budget =
                bench.budget(&format!("{algorithm:?} {limit}"), &[hourly(limit)], algorithm);
            let charge = |units| of(&budget, b"key", units);
            let (two, rest) = (charge(2), charge(limit - 2));
            // Never all three, whenever.
            assert_eq!(bench.wait(&[two, rest, two], NOW), (2, Duration::MAX));
            assert_eq!(bench.wait(&[rest, two, two], NOW), (2, Duration::MAX));
            bench.taken(&[charge(1)], NOW);
            assert_eq!(bench.wait(&[two, rest], NOW).0, 1);
            assert!(bench.admits(&[two, charge(limit - 3)], NOW), "{algorithm:?} {limit}");
            assert!(!bench.admits(&[charge(1)], NOW));
        }
    }
}

/// The wait is for all of them.
pub fn the_longest_wait_is_told_and_the_first_drained(bench: &Bench) {
    let seconds = Duration::from_secs;
    for algorithm in ALGORITHMS {
        let every = |name: &str, period| {
            let limit = Limit { units: 1, period, burst: 1 };
            bench.budget(&format!("{algorithm:?} {name}"), &[limit], algorithm)
        };
        let (short, long) = (every("short", HOUR), every("long", 24 * HOUR));
        let fresh = every("fresh", HOUR);
        let [short, long, fresh] = [&short, &long, &fresh].map(|budget| of(budget, b"key", 1));
        bench.taken(&[short, long], NOW);
        let now = later(600);
        let (of_short, of_long) = (seconds(3000), 24 * HOUR - seconds(600));
        assert_eq!(bench.wait(&[fresh, long, short], now), (1, of_long), "{algorithm:?}");
        assert_eq!(bench.wait(&[short, fresh, long], now), (0, of_long), "{algorithm:?}");
        assert_eq!(bench.wait(&[fresh, short], now), (1, of_short), "{algorithm:?}");
        assert!(bench.admits(&[fresh], now), "{algorithm:?}");
    }
}

/// In the order of the charges, and as it is after all of them.
pub fn what_is_left_is_told_of_those_that_are_to_be_told(bench: &Bench) {
    let bucket = bench.budget("bucket", &[hourly(10)], Algorithm::TokenBucket);
    let silent = bench.budget("silent", &[hourly(2)], Algorithm::SlidingWindow);
    let window = bench.budget("window", &[hourly(4)], Algorithm::SlidingWindow);
    let request =
        [told(of(&bucket, b"key", 3)), of(&silent, b"key", 1), told(of(&window, b"key", 2))];
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let all = |now| match bench.charge(&request, now) {
        Charged::All { quotas, .. } => left(&quotas),
        drained => panic!("all is there: {drained:?}"),
    };
    assert_eq!(all(NOW), [(7, seconds(360)), (2, seconds(3600))]);
    assert_eq!(all(later(180)), [(4, seconds(180)), (0, seconds(3420))]);
    let drained = |charges: &[_], now| match bench.charge(charges, now) {
        Charged::Drained { first, retry_after, quotas } => (first, retry_after, left(&quotas)),
        all => panic!("it is drained: {all:?}"),
    };
    let wait = Duration::from_secs(3400);
    let quotas = vec![(4, seconds(160)), (0, seconds(3400))];
    assert_eq!(drained(&request, later(200)), (1, wait, quotas));
    // Of one that is whole there is nothing to wait for.
    let fresh = [told(of(&bucket, b"fresh", 10)), request[2]];
    assert_eq!(drained(&fresh, later(200)), (1, wait, vec![(10, None), (0, seconds(3400))]));
    // Two charges to one key, each told of both.
    let twice = [told(of(&bucket, b"twice", 1)), told(of(&bucket, b"twice", 2))];
    let Charged::All { quotas, .. } = bench.charge(&twice, NOW) else { panic!("all is there") };
    assert_eq!(left(&quotas), [(7, seconds(360)), (7, seconds(360))]);
}

/// Nothing is drained.
pub fn no_charges_are_all_admitted(bench: &Bench) {
    assert!(bench.admits(&[], NOW));
}
