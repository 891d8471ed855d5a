//! One key: every decision and every wait equals that of a model that does it the long way.

use proptest::prelude::*;

use super::*;

/// The rules as they are told, one nanosecond or one unit at a time.
#[derive(Clone)]
enum Model {
    /// The level, in units times the period, and when it was that.
    Bucket { level: i128, at: i64 },
    /// When each unit was charged.
    Window { charged: Vec<i64> },
}

#[derive(Debug, Clone, Copy)]
struct Rule {
    algorithm: Algorithm,
    limit: u64,
    period: u64,
}

impl Rule {
    fn model(self) -> Model {
        match self.algorithm {
            Algorithm::TokenBucket => {
                Model::Bucket { level: i128::from(self.limit * self.period), at: i64::MIN }
            }
            Algorithm::SlidingWindow => Model::Window { charged: Vec::new() },
        }
    }

    fn counts(self, charged: i64, now: i64) -> bool {
        if self.limit <= 16 {
            return now - charged < self.period as i64;
        }
        let part = self.period.div_ceil(32) as i64;
        now.div_euclid(part) - charged.div_euclid(part) <= 32
    }

    fn charge(self, model: &mut Model, units: u64, now: i64) -> bool {
        match model {
            Model::Bucket { level, at } => {
                let full = i128::from(self.limit * self.period);
                let now = now.max(*at);
                let mut filled = *level;
                let mut time = *at;
                while time < now && filled < full {
                    filled = full.min(filled + i128::from(self.limit));
                    time += 1;
                }
                let asked = i128::from(units * self.period);
                if filled < asked {
                    return false;
                }
                (*level, *at) = (filled - asked, now);
            }
            Model::Window { charged } => {
                let now = charged.iter().copied().fold(now, i64::max);
                let used = charged.iter().filter(|charged| self.counts(**charged, now)).count();
                if used as u64 + units > self.limit {
                    return false;
                }
                charged.extend(std::iter::repeat_n(now, units as usize));
            }
        }
        true
    }

    fn wait(self, model: &Model, units: u64, now: i64) -> u64 {
        (0..).find(|wait| self.charge(&mut model.clone(), units, now + *wait as i64)).unwrap()
    }

    fn quota(self, model: &Model, now: i64) -> Quota {
        let units = (1..=self.limit).rev();
        let remaining =
            units.into_iter().find(|units| self.charge(&mut model.clone(), *units, now));
        let remaining = remaining.unwrap_or(0);
        let reset = (remaining < self.limit)
            .then(|| Duration::from_nanos(self.wait(model, remaining + 1, now)));
        Quota { remaining, reset }
    }
}

fn rules() -> impl Strategy<Value = Rule> {
    (prop::sample::select(&ALGORITHMS[..]), 1_u64..40, 1_u64..200)
        .prop_map(|(algorithm, limit, period)| Rule { algorithm, limit, period })
}

proptest! {
    #[test]
    fn decides_and_waits_as_the_model_does(
        budget in rules(),
        start in -500_i64..500,
        steps in prop::collection::vec((-30_i64..60, 0_u64..1000), 1..60),
    ) {
        let store = MemoryStore::default();
        let mut model = budget.model();
        let mut now = start;
        for (step, units) in steps {
            now += step;
            let units = 1 + units % budget.limit;
            let asked = one(budget.algorithm, budget.limit, budget.period, b"key", units);
            let answer = charge(&store, &[Charge { told: true, ..asked }], now);
            let admits = budget.charge(&mut model, units, now);
            let quotas = Quotas::from_iter([budget.quota(&model, now)]);
            prop_assert_eq!(answer, if admits {
                all(quotas)
            } else {
                let retry_after = Duration::from_nanos(budget.wait(&model, units, now));
                Charged::Drained { first: 0, retry_after, quotas }
            });
        }
    }

    #[test]
    fn no_window_admits_more_than_the_limit(
        limit in 1_u64..60,
        period in 1_u64..300,
        steps in prop::collection::vec((0_i64..40, 1_u64..8), 1..120),
    ) {
        let store = MemoryStore::default();
        let mut charged = Vec::new();
        let mut now = 0;
        for (step, units) in steps {
            now += step;
            let units = units.min(limit);
            if admits(&store, &[one(Algorithm::SlidingWindow, limit, period, b"key", units)], now) {
                charged.push((now, units));
            }
        }
        // A window that holds the most begins with some charge.
        for (start, _) in &charged {
            let window = charged.iter().filter(|(at, _)| (*start..start + period as i64).contains(at));
            prop_assert!(window.map(|(_, units)| units).sum::<u64>() <= limit);
        }
    }

    #[test]
    fn no_span_takes_more_from_a_bucket_than_it_holds_and_gets(
        limit in 1_u64..60,
        period in 1_u64..300,
        steps in prop::collection::vec((0_i64..40, 1_u64..8), 1..120),
    ) {
        let store = MemoryStore::default();
        let mut charged = Vec::new();
        let mut now = 0;
        for (step, units) in steps {
            now += step;
            let units = units.min(limit);
            if admits(&store, &[one(Algorithm::TokenBucket, limit, period, b"key", units)], now) {
                charged.push((now, units));
            }
        }
        for (index, (start, _)) in charged.iter().enumerate() {
            let mut taken = 0;
            for (end, units) in &charged[index..] {
                taken += units;
                let elapsed = (end - start) as u64;
                prop_assert!(taken * period <= limit * period + limit * elapsed);
            }
        }
    }

    #[test]
    fn the_wait_is_exact_at_any_size(
        algorithm in prop::sample::select(&ALGORITHMS[..]),
        limit in prop_oneof![1_u64..100, any::<u64>().prop_map(|limit| limit.max(1)), Just(u64::MAX)],
        period in prop_oneof![1_u64..1_000_000, 1..i64::MAX as u64 / 8],
        start in i64::MIN / 4..i64::MAX / 4,
        steps in prop::collection::vec((0.0..0.6_f64, 0.0..0.6_f64), 1..12),
    ) {
        let store = MemoryStore::default();
        let mut now = start;
        for (step, share) in steps {
            // Behind the last nanosecond there is no clock.
            let Some(later) = now.checked_add((step * period as f64) as i64) else { break };
            now = later;
            let units = ((share * limit as f64) as u64).clamp(1, limit);
            let asked = [one(algorithm, limit, period, b"key", units)];
            let Charged::Drained { retry_after, .. } = charge(&store, &asked, now) else { continue };
            let retry_after = retry_after.as_nanos() as i64;
            prop_assert!(retry_after > 0);
            let told = charge(&store, &[Charge { told: true, ..asked[0] }], now);
            let Charged::Drained { quotas, .. } = told else { panic!("it is still drained") };
            let Quota { remaining, reset } = *quotas.iter().next().expect("one is told");
            prop_assert!(remaining < units);
            let reset = reset.expect("not all are there").as_nanos() as i64;
            prop_assert!((1..=retry_after).contains(&reset));
            let Some(later) = now.checked_add(retry_after) else { break };
            prop_assert_eq!(charge(&store, &asked, later - 1), drained(0, 1));
            now = later;
            prop_assert!(admits(&store, &asked, now));
        }
    }
}

#[test]
fn a_wait_from_the_first_instant_of_all_is_told() {
    for algorithm in ALGORITHMS {
        for limit in [2, 20] {
            let store = MemoryStore::default();
            assert!(admits(&store, &[one(algorithm, limit, 320, b"key", limit)], 3200));
            let one_more = [one(algorithm, limit, 320, b"key", 1)];
            let Charged::Drained { retry_after, .. } = charge(&store, &one_more, 0) else {
                panic!("all units are taken");
            };
            let later = u64::try_from(retry_after.as_nanos()).unwrap();
            assert_eq!(
                charge(&store, &one_more, i64::MIN + 1),
                drained(0, later + i64::MAX as u64)
            );
        }
    }
}

#[test]
fn the_ends_of_time_are_times() {
    for algorithm in ALGORITHMS {
        for limit in [1, 16, 17, u64::MAX] {
            for period in [1, u64::MAX] {
                let store = MemoryStore::default();
                let all = [one(algorithm, limit, period, b"key", limit)];
                assert!(admits(&store, &all, i64::MIN));
                assert!(!admits(&store, &all, i64::MIN));
                let again = admits(&store, &all, i64::MAX);
                assert!(period == u64::MAX || again, "{algorithm:?} {limit} {period}");
                assert!(!admits(&store, &all, i64::MAX));
            }
        }
    }
}

#[test]
fn what_no_state_could_admit_makes_no_entry() {
    for algorithm in ALGORITHMS {
        for (limit, period, units) in [(0, 10, 0), (0, 10, 1), (5, 0, 1), (5, 10, 0), (5, 10, 6)] {
            let store = MemoryStore::default();
            let sound = one(algorithm, 1, 10, b"sound", 1);
            let unsound = one(algorithm, limit, period, b"key", units);
            assert_eq!(charge(&store, &[sound, unsound], 0), never(1));
            let endless = Limit { period: Duration::from_secs(u64::MAX), ..limited(1, 10) };
            let endless = of(budget("test", &[endless], algorithm), b"sound", 1);
            assert_eq!(charge(&store, &[sound, endless], 0), never(1));
            assert_eq!(store.entries(), 0);
        }
    }
}

#[test]
fn every_part_of_a_charge_tells_entries_apart() {
    let store = MemoryStore::default();
    let bucket = |name, key| of(budget(name, &[limited(1, 10)], Algorithm::TokenBucket), key, 1);
    let window = |limit, period| one(Algorithm::SlidingWindow, limit, period, b"key", limit);
    let others = [
        bucket("test", b"key"),
        bucket("other", b"key"),
        bucket("tes", b"tkey"),
        bucket("testkey", b""),
        bucket("test", b""),
        bucket("test", b"key\0"),
        window(1, 10),
        window(1, 11),
        window(17, 10),
    ];
    for other in others {
        assert!(admits(&store, &[other], 0));
    }
    for other in others {
        assert!(!admits(&store, &[other], 0));
    }
    assert_eq!(store.entries(), others.len());
}
