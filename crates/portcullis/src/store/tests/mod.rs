//! The store in memory against naive models, on a clock that the tests set, to the nanosecond and at any size. What it
//! has in common with every other store is in `portcullis_testing::conformance`.

mod capacity;
mod exact;
mod resumed;
mod several;

use std::collections::BTreeMap;
use std::time::Duration;

use parking_lot::Mutex;

use super::{
    Algorithm, Budget, Charge, Charged, Limit, MemoryStore, Quota, Quotas, Receipt, Store,
};
use crate::Timestamp;

const ALGORITHMS: [Algorithm; 2] = [Algorithm::TokenBucket, Algorithm::SlidingWindow];

fn one<'a>(algorithm: Algorithm, limit: u64, period: u64, key: &'a [u8], units: u64) -> Charge<'a> {
    of(budget("test", &[limited(limit, period)], algorithm), key, units)
}

fn of<'a>(budget: &'a Budget, key: &'a [u8], units: u64) -> Charge<'a> {
    Charge { budget, key, fits: 0, units, told: false }
}

/// A budget that lives on, once for all cases that ask for it.
fn budget(name: &str, limits: &[Limit], algorithm: Algorithm) -> &'static Budget {
    static BUDGETS: Mutex<BTreeMap<String, &'static Budget>> = Mutex::new(BTreeMap::new());
    let make = || &*Box::leak(Box::new(Budget::new(name, limits, algorithm)));
    BUDGETS.lock().entry(format!("{name} {limits:?} {algorithm:?}")).or_insert_with(make)
}

/// A limit whose burst is itself.
fn limited(units: u64, period: u64) -> Limit {
    Limit { units, period: Duration::from_nanos(period), burst: units }
}

fn charge(store: &MemoryStore, charges: &[Charge<'_>], now: i64) -> Charged {
    let now = Timestamp::from_nanos(now);
    match store.charge(charges, now).wait().expect("memory can be reached") {
        Charged::All { quotas, receipt } => {
            assert_eq!(receipt, Receipt::at(now));
            all(quotas)
        }
        drained => drained,
    }
}

fn admits(store: &MemoryStore, charges: &[Charge<'_>], now: i64) -> bool {
    charge(store, charges, now) == admitted()
}

/// All were charged, and none of them is told.
fn admitted() -> Charged {
    all(Quotas::default())
}

/// All were charged, and of some it is told what is left.
fn all(quotas: Quotas) -> Charged {
    Charged::All { quotas, receipt: Receipt::at(Timestamp::from_nanos(0)) }
}

fn drained(first: usize, nanos: u64) -> Charged {
    let retry_after = Duration::from_nanos(nanos);
    Charged::Drained { first, retry_after, quotas: Quotas::default() }
}

/// Drained, and not to be had ever.
fn never(first: usize) -> Charged {
    Charged::Drained { first, retry_after: Duration::MAX, quotas: Quotas::default() }
}
