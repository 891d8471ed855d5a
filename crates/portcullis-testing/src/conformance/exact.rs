//! One budget and one key: what is admitted when, and what is told of it.

use std::time::Duration;

use portcullis::store::{Algorithm, Charge, Charged, Limit};

use super::{ALGORITHMS, Bench, HOUR, NOW, TICK, WAYS, at, hourly, later, left, of, told};

/// At one time, a budget of N admits exactly N.
pub fn a_budget_admits_its_limit_and_no_more(bench: &Bench) {
    for (algorithm, units) in WAYS {
        let budget = bench.budget(&format!("{algorithm:?} {units}"), &[hourly(units)], algorithm);
        let one = [of(&budget, b"key", 1)];
        let answers = (0..units + 3).map(|_| bench.admits(&one, NOW));
        let expected = (0..units + 3).map(|n| n < units);
        assert!(answers.eq(expected), "{algorithm:?} {units}");
    }
}

/// As GCRA has it: each unit comes back one emission interval after the one before.
pub fn a_bucket_fills_evenly(bench: &Bench) {
    let budget = bench.budget("b", &[hourly(3)], Algorithm::TokenBucket);
    let one = [of(&budget, b"key", 1)];
    let third = HOUR / 3;
    assert_eq!(bench.admitted(4, &one, NOW), 3);
    assert_eq!(bench.wait(&one, NOW), (0, third));
    assert_eq!(bench.wait(&one, at(third - TICK)), (0, TICK));
    assert!(bench.admits(&one, at(third)));
    assert_eq!(bench.wait(&one, at(third)), (0, third));
    assert_eq!(bench.wait(&one, at(third + TICK)), (0, third - TICK));
    assert_eq!(bench.admitted(4, &one, at(HOUR)), 2);
    assert_eq!(bench.wait(&one, at(HOUR)), (0, third));
    // Two at once take two intervals.
    assert_eq!(bench.wait(&[of(&budget, b"key", 2)], at(HOUR)), (0, 2 * third));
}

/// A seventh of an hour is no number of microseconds; what is rounded once is not rounded again.
pub fn a_wait_is_rounded_up(bench: &Bench) {
    let budget = bench.budget("b", &[hourly(7)], Algorithm::TokenBucket);
    let one = [of(&budget, b"key", 1)];
    assert_eq!(bench.admitted(8, &one, NOW), 7);
    // Whatever a store counts in, whoever comes back when it says so is admitted.
    let Charged::Drained { retry_after, .. } = bench.charge(&one, NOW) else {
        panic!("it is drained")
    };
    let other = [of(&budget, b"other", 7)];
    bench.taken(&other, NOW);
    assert!(bench.admits(&[of(&budget, b"other", 1)], at(retry_after)));
    for n in 1..=14 {
        let due = Duration::from_micros((n * 3_600_000_000_u64).div_ceil(7));
        assert_eq!(bench.wait(&one, at(due - TICK)), (0, TICK), "unit {n}");
        assert!(bench.admits(&one, at(due)), "unit {n}");
        assert!(!bench.admits(&one, at(due)), "unit {n}");
    }
}

/// However long nobody asks.
pub fn a_bucket_holds_its_burst_and_no_more(bench: &Bench) {
    let limit = Limit { units: 60, period: HOUR, burst: 5 };
    let budget = bench.budget("b", &[limit], Algorithm::TokenBucket);
    let one = [of(&budget, b"key", 1)];
    for hours in [0, 1, 2, 50] {
        let now = at(HOUR * hours);
        assert_eq!(bench.admitted(7, &one, now), 5, "after {hours} hours");
        assert_eq!(bench.wait(&one, now), (0, Duration::from_secs(60)));
    }
    let burst = [of(&budget, b"other", 5)];
    assert!(bench.admits(&burst, NOW));
    assert_eq!(bench.wait(&burst, NOW), (0, Duration::from_secs(300)));
}

/// Up to 16 units, a window is exact.
pub fn a_window_of_few_counts_each_unit_for_its_period(bench: &Bench) {
    let budget = bench.budget("w", &[hourly(2)], Algorithm::SlidingWindow);
    let one = [of(&budget, b"key", 1)];
    assert!(bench.admits(&one, NOW));
    assert!(bench.admits(&one, later(2700)));
    assert_eq!(bench.wait(&one, later(2700)), (0, Duration::from_secs(900)));
    assert_eq!(bench.wait(&one, at(HOUR - TICK)), (0, TICK));
    assert!(bench.admits(&one, at(HOUR)));
    assert_eq!(bench.wait(&one, at(HOUR)), (0, Duration::from_secs(2700)));
    // The second of two that are asked for at once is the later.
    assert_eq!(bench.wait(&[of(&budget, b"key", 2)], at(HOUR)), (0, HOUR));
}

/// Above, a unit may count for a thirty-second of its period too long, and never too short.
pub fn a_window_of_many_counts_a_part_too_long_at_most(bench: &Bench) {
    for limit in [17, 40] {
        let budget = bench.budget(&format!("{limit}"), &[hourly(limit)], Algorithm::SlidingWindow);
        let part = HOUR / 32;
        for (n, start) in [Duration::ZERO, TICK, part / 2, part - TICK, part].iter().enumerate() {
            let key = n.to_be_bytes();
            let (half, rest) = (of(&budget, &key, limit / 2), of(&budget, &key, limit - limit / 2));
            bench.taken(&[half], at(*start));
            bench.taken(&[rest], at(*start + HOUR / 2));
            let one = [of(&budget, &key, 1)];
            let now = *start + HOUR / 2;
            let (_, wait) = bench.wait(&one, at(now));
            let counted = HOUR / 2 + wait;
            assert!(HOUR <= counted && counted <= HOUR + part, "{limit} at {start:?}: {counted:?}");
            assert_eq!(bench.wait(&one, at(now + wait - TICK)), (0, TICK));
            // What was charged half an hour later still counts.
            assert_eq!(bench.admitted(limit, &one, at(now + wait)), limit / 2);
        }
    }
}

/// All the units of a charge are there, or none is charged.
pub fn a_charge_of_several_units_is_whole_or_not_at_all(bench: &Bench) {
    for (algorithm, units) in WAYS.into_iter().filter(|(_, units)| *units >= 5) {
        let budget = bench.budget(&format!("{algorithm:?} {units}"), &[hourly(units)], algorithm);
        let charge = |units| bench.admits(&[of(&budget, b"key", units)], NOW);
        assert!(charge(units - 3));
        assert!(!charge(4));
        assert!(!charge(units));
        assert!(charge(2));
        assert!(!charge(2));
        assert!(charge(1));
        assert!(!charge(1), "{algorithm:?} {units}");
    }
}

/// What could be charged now, and in how long one more could.
pub fn what_is_left_is_told(bench: &Bench) {
    let seconds = Duration::from_secs;
    let ask = |charge: Charge<'_>, now| match bench.charge(&[told(charge)], now) {
        Charged::All { quotas, .. } => (true, left(&quotas)),
        Charged::Drained { quotas, .. } => (false, left(&quotas)),
    };
    let bucket = Limit { units: 36, period: HOUR, burst: 10 };
    let bucket = bench.budget("b", &[bucket], Algorithm::TokenBucket);
    let charge = |units| of(&bucket, b"key", units);
    assert_eq!(ask(charge(3), NOW), (true, vec![(7, Some(seconds(100)))]));
    assert_eq!(ask(charge(7), later(40)), (true, vec![(0, Some(seconds(60)))]));
    assert_eq!(ask(charge(1), later(41)), (false, vec![(0, Some(seconds(59)))]));
    // Two are there by now and the third is half.
    assert_eq!(ask(charge(3), later(250)), (false, vec![(2, Some(seconds(50)))]));
    assert_eq!(ask(charge(10), later(5000)), (true, vec![(0, Some(seconds(100)))]));

    let window = bench.budget("w", &[hourly(4)], Algorithm::SlidingWindow);
    let charge = |units| of(&window, b"key", units);
    assert_eq!(ask(charge(1), NOW), (true, vec![(3, Some(HOUR))]));
    assert_eq!(ask(charge(3), later(600)), (true, vec![(0, Some(seconds(3000)))]));
    assert_eq!(ask(charge(1), later(601)), (false, vec![(0, Some(seconds(2999)))]));
    assert_eq!(ask(charge(2), later(3600)), (false, vec![(1, Some(seconds(600)))]));
    assert_eq!(ask(charge(4), later(9000)), (true, vec![(0, Some(HOUR))]));
}

/// More than a budget ever has, or a budget that never has any. Nothing else of the request is charged.
pub fn what_can_never_be_had_is_refused_for_good(bench: &Bench) {
    let second = Duration::from_secs(1);
    for algorithm in ALGORITHMS {
        let sound = bench.budget(&format!("sound {algorithm:?}"), &[hourly(1)], algorithm);
        let of_sound = of(&sound, b"key", 1);
        let cases = [
            (0, HOUR, 1),
            (5, Duration::ZERO, 1),
            (5, HOUR, 0),
            (5, HOUR, 6),
            (20, HOUR, 21),
            (5, second, u64::MAX),
        ];
        for (limit, period, units) in cases {
            let limit = Limit { units: limit, period, burst: limit };
            let name = format!("{algorithm:?} {limit:?}");
            let unsound = bench.budget(&name, &[limit], algorithm);
            let request = [of_sound, of(&unsound, b"key", units)];
            assert_eq!(bench.wait(&request, NOW), (1, Duration::MAX), "{name} {units}");
            assert_eq!(bench.wait(&request[1..], NOW), (0, Duration::MAX), "{name} {units}");
        }
        // A burst is all that a bucket ever has, whatever its rate.
        let limit = Limit { units: 5, period: HOUR, burst: 3 };
        let small = bench.budget(&format!("small {algorithm:?}"), &[limit], algorithm);
        let most = if algorithm == Algorithm::TokenBucket { 3 } else { 5 };
        assert_eq!(bench.wait(&[of(&small, b"key", most + 1)], NOW), (0, Duration::MAX));
        assert!(bench.admits(&[of_sound, of(&small, b"key", most)], NOW), "{algorithm:?}");
    }
}

/// Two servers' clocks differ, and requests overtake each other.
pub fn an_earlier_time_is_taken_as_the_latest_seen(bench: &Bench) {
    for (algorithm, units) in WAYS {
        let budget = bench.budget(&format!("{algorithm:?} {units}"), &[hourly(units)], algorithm);
        bench.taken(&[of(&budget, b"key", units)], later(36_000));
        let one = [of(&budget, b"key", 1)];
        let (_, wait) = bench.wait(&one, later(36_000));
        for back in [1, 1800, 7200, 36_000] {
            let expected = wait + Duration::from_secs(back);
            assert_eq!(bench.wait(&one, later(36_000 - back)), (0, expected), "{algorithm:?}");
        }
        assert!(bench.admits(&one, later(36_000).after(wait)), "{algorithm:?} {units}");
    }
}

/// What is charged by a clock that is behind counts as long as what was charged before it.
pub fn a_clock_that_ran_back_frees_nothing_early(bench: &Bench) {
    for units in [2, 16, 40] {
        let budget = bench.budget(&format!("{units}"), &[hourly(units)], Algorithm::SlidingWindow);
        bench.taken(&[of(&budget, b"key", units / 2)], later(7200));
        bench.taken(&[of(&budget, b"key", units / 2)], later(3600));
        let one = [of(&budget, b"key", 1)];
        assert!(!bench.admits(&one, later(7200)), "{units}");
        assert!(!bench.admits(&one, later(7200).after(HOUR - TICK)), "{units}");
        assert!(bench.admits(&one, later(7200).after(HOUR + HOUR / 32)), "{units}");
    }
    let budget = bench.budget("b", &[hourly(4)], Algorithm::TokenBucket);
    let one = [of(&budget, b"key", 1)];
    assert_eq!(bench.admitted(2, &one, later(7200)), 2);
    // Nothing came back meanwhile: this is before.
    assert_eq!(bench.admitted(4, &one, later(3600)), 2);
    assert_eq!(bench.wait(&one, later(7200)), (0, HOUR / 4));
}

/// No two names and keys are one by being put together.
pub fn names_and_keys_tell_budgets_apart(bench: &Bench) {
    for algorithm in ALGORITHMS {
        let keyed: [(&str, &[u8]); 9] = [
            ("test", b"key"),
            ("other", b"key"),
            ("tes", b"tkey"),
            ("testkey", b""),
            ("test", b""),
            ("test", b"key\0"),
            ("test", b"\xff\xfe:{}|"),
            ("test:{}", b"key"),
            ("te st", b" "),
        ];
        let named = |name: &str| format!("{algorithm:?} {name}");
        let keyed =
            keyed.map(|(name, key)| (bench.budget(&named(name), &[hourly(1)], algorithm), key));
        for (budget, key) in &keyed {
            assert!(bench.admits(&[of(budget, key, 1)], NOW), "{} {key:?}", budget.name());
        }
        for (budget, key) in &keyed {
            assert!(!bench.admits(&[of(budget, key, 1)], NOW), "{} {key:?}", budget.name());
        }
    }
}

/// A caller who is given another role is not given what it has used.
pub fn one_key_has_one_sum_whichever_limit_fits(bench: &Bench) {
    for (algorithm, high, low) in ALGORITHMS
        .into_iter()
        .flat_map(|algorithm| [(10, 5), (40, 17)].map(|(high, low)| (algorithm, high, low)))
    {
        let limits = [hourly(high), hourly(low)];
        let budget = bench.budget(&format!("{algorithm:?} {high}"), &limits, algorithm);
        let charge = |fits, units| Charge { fits, ..of(&budget, b"key", units) };
        let left = |fits| {
            let charges = [told(charge(fits, limits[fits].units))];
            let Charged::Drained { quotas, .. } = bench.charge(&charges, NOW) else {
                panic!("some are taken");
            };
            left(&quotas)[0].0
        };
        bench.taken(&[charge(1, 4)], NOW);
        assert_eq!((left(0), left(1)), (high - 4, low - 4), "{algorithm:?}");
        bench.taken(&[charge(0, low)], NOW);
        assert_eq!((left(0), left(1)), (high - low - 4, 0), "{algorithm:?}");
        assert!(!bench.admits(&[charge(1, 1)], NOW));
        bench.taken(&[charge(0, high - low - 4)], NOW);
        assert_eq!((left(0), left(1)), (0, 0), "{algorithm:?}");
    }
}

/// A policy that was changed goes on counting where the one before stopped.
pub fn budgets_of_one_name_share_their_counts(bench: &Bench) {
    for (algorithm, (before, after)) in ALGORITHMS
        .into_iter()
        .flat_map(|algorithm| [(10, 12), (10, 8), (20, 30)].map(|limits| (algorithm, limits)))
    {
        let name = format!("{algorithm:?} {before} {after}");
        let old = bench.budget(&name, &[hourly(before)], algorithm);
        let new = bench.budget(&name, &[hourly(after)], algorithm);
        assert_eq!(bench.admitted(7, &[of(&old, b"key", 1)], NOW), 7);
        assert_eq!(bench.admitted(after, &[of(&new, b"key", 1)], NOW), after - 7, "{name}");
        assert!(!bench.admits(&[of(&new, b"key", 1)], NOW), "{name}");
        // A server that has still the old one finds what the new one took.
        let rest = before.saturating_sub(after);
        assert_eq!(bench.admitted(before, &[of(&old, b"key", 1)], NOW), rest, "{name}");
    }
}
