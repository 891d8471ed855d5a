//! The store in memory against naive models, on a clock that the tests set.

mod capacity;
mod exact;
mod refunds;
mod several;

use std::time::Duration;

use super::{Algorithm, Charge, Charged, Limit, MemoryStore, Store};
use crate::Timestamp;

const ALGORITHMS: [Algorithm; 2] = [Algorithm::TokenBucket, Algorithm::SlidingWindow];

fn one<'a>(algorithm: Algorithm, limit: u64, period: u64, key: &'a [u8], units: u64) -> Charge<'a> {
    Charge { budget: "test", key, limits: limits(limit, period), fits: 0, algorithm, units }
}

/// One limit, whose burst is itself. A test may let it live on.
fn limits(units: u64, period: u64) -> &'static [Limit] {
    Box::leak(Box::new([Limit { units, period: Duration::from_nanos(period), burst: units }]))
}

fn charge(store: &MemoryStore, charges: &[Charge<'_>], now: i64) -> Charged {
    store.charge(charges, Timestamp::from_nanos(now)).wait().expect("memory can be reached")
}

fn admits(store: &MemoryStore, charges: &[Charge<'_>], now: i64) -> bool {
    charge(store, charges, now) == Charged::All
}

fn drained(first: usize, nanos: u64) -> Charged {
    Charged::Drained { first, retry_after: Duration::from_nanos(nanos) }
}
