//! Several budgets in one request.

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
