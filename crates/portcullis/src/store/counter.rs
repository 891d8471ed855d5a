//! What one entry of a table counts: one key of one budget, by the budget's algorithm.

use super::sliding_window::{EXACT, ExactWindow, PartWindow};
use super::token_bucket::TokenBucket;
use super::{Algorithm, Charge};

/// An instant before all others.
pub(super) const ALWAYS: i128 = i128::MIN;

/// An instant after all others.
pub(super) const NEVER: i128 = i128::MAX;

/// So many units per period; neither is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate {
    pub(super) limit: u64,
    /// In nanoseconds; all of [`crate::Timestamp`] lasts less than `u64` can say.
    pub(super) period: u64,
}

impl Rate {
    /// The charge's rate, or nothing if no state of its budget could ever admit it.
    pub(super) fn of(charge: &Charge<'_>) -> Option<Rate> {
        let period = u64::try_from(charge.period.as_nanos()).ok().filter(|period| *period > 0)?;
        (1..=charge.limit).contains(&charge.units).then_some(Rate { limit: charge.limit, period })
    }
}

/// The windows are boxed so that a table of buckets does not pay for their size.
#[derive(Debug)]
pub(super) enum Counter {
    Bucket(TokenBucket),
    Exact(Box<ExactWindow>),
    Parts(Box<PartWindow>),
}

impl Counter {
    /// One that nothing was charged to, and for which no time before `floor` is true.
    pub(super) fn new(algorithm: Algorithm, rate: Rate, floor: i64) -> Counter {
        match algorithm {
            Algorithm::TokenBucket => Counter::Bucket(TokenBucket::new(rate, floor)),
            Algorithm::SlidingWindow if rate.limit <= EXACT => {
                Counter::Exact(Box::new(ExactWindow::new(rate, floor)))
            }
            Algorithm::SlidingWindow => Counter::Parts(Box::new(PartWindow::new(rate, floor))),
        }
    }

    /// From when on so many units can be charged, if none is in between: [`ALWAYS`] if at any
    /// time, [`NEVER`] if they exceed the limit. Any other instant is later than all charges, so
    /// that a clock that ran back can be compared with it as it is.
    pub(super) fn available_at(&self, units: u64) -> i128 {
        match self {
            Counter::Bucket(bucket) => bucket.available_at(units),
            Counter::Exact(window) => window.available_at(units),
            Counter::Parts(window) => window.available_at(units),
        }
    }

    /// Charges units that [`Counter::available_at`] said are there. A time before that of the
    /// last charge is taken as that.
    pub(super) fn charge(&mut self, units: u64, now: i64) {
        match self {
            Counter::Bucket(bucket) => bucket.charge(units, now),
            Counter::Exact(window) => window.charge(units, now),
            Counter::Parts(window) => window.charge(units, now),
        }
    }
}
