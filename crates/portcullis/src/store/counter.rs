//! What one entry of a table counts: one key of one budget, by the budget's algorithm.

use serde::{Deserialize, Serialize};

use super::count::above_zero;
use super::sliding_window::{EXACT, ExactWindow, PartWindow};
use super::token_bucket::TokenBucket;
use super::{Algorithm, Limit};

/// An instant before all others.
pub(super) const ALWAYS: i128 = i128::MIN;

/// An instant after all others.
pub(super) const NEVER: i128 = i128::MAX;

/// So many units per period, and so many at once; none is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rate {
    #[serde(deserialize_with = "above_zero")]
    pub(super) limit: u64,
    #[serde(deserialize_with = "above_zero")]
    pub(super) burst: u64,
    /// In nanoseconds; all of [`crate::Timestamp`] lasts less than `u64` can say.
    #[serde(deserialize_with = "above_zero")]
    pub(super) period: u64,
}

/// The rates of a charge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rates {
    /// The one that holds for it.
    pub(super) fits: Rate,
    /// The one under which the budget fills most slowly: until then nothing may be forgotten.
    pub(super) slowest: Rate,
    /// The one under which it fills fastest: no more than that may still be owed.
    pub(super) fastest: Rate,
    /// The greatest limit, which says how units are remembered.
    pub(super) most: u64,
}

impl Rates {
    /// Those of a charge that `fits` holds for, where `all` are the budget's.
    pub(super) fn among(fits: Rate, all: &[Rate]) -> Rates {
        let mut rates = Rates { fits, slowest: fits, fastest: fits, most: fits.limit };
        for rate in all {
            if rate.is_slower_than(rates.slowest) {
                rates.slowest = *rate;
            }
            if rates.fastest.is_slower_than(*rate) {
                rates.fastest = *rate;
            }
            rates.most = rates.most.max(rate.limit);
        }
        rates
    }
}

impl Rate {
    fn is_slower_than(self, other: Rate) -> bool {
        u128::from(self.limit) * u128::from(other.period)
            < u128::from(other.limit) * u128::from(self.period)
    }

    /// Nothing if the limit could never admit anything.
    pub(super) fn of(limit: &Limit) -> Option<Rate> {
        let period = u64::try_from(limit.period.as_nanos()).ok().filter(|period| *period > 0)?;
        (limit.units > 0 && limit.burst > 0).then_some(Rate {
            limit: limit.units,
            burst: limit.burst,
            period,
        })
    }
}

/// The windows are boxed so that a table of buckets does not pay for their size.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Counter {
    Bucket(TokenBucket),
    Exact(Box<ExactWindow>),
    Parts(Box<PartWindow>),
}

impl Counter {
    /// One that nothing was charged to, and for which no time before `floor` is true.
    pub(super) fn new(algorithm: Algorithm, rates: &Rates, floor: i64) -> Counter {
        match algorithm {
            Algorithm::TokenBucket => Counter::Bucket(TokenBucket::new(rates.fits, floor)),
            Algorithm::SlidingWindow if rates.most <= EXACT => {
                Counter::Exact(Box::new(ExactWindow::new(rates.fits, floor)))
            }
            Algorithm::SlidingWindow => {
                Counter::Parts(Box::new(PartWindow::new(rates.fits, floor)))
            }
        }
    }

    /// From when on so many units can be charged, if none is in between: [`ALWAYS`] if at any
    /// time, [`NEVER`] if they exceed the limit. Any other instant is later than all charges, so
    /// that a clock that ran back can be compared with it as it is.
    pub(super) fn available_at(&self, units: u64, rate: Rate) -> i128 {
        match self {
            Counter::Bucket(bucket) => bucket.available_at(units, rate),
            Counter::Exact(window) => window.available_at(units, rate),
            Counter::Parts(window) => window.available_at(units, rate),
        }
    }

    /// How many units can be charged at a time: as many as [`Counter::available_at`] says are there.
    pub(super) fn remaining(&self, rate: Rate, now: i64) -> u64 {
        match self {
            Counter::Bucket(bucket) => bucket.remaining(rate, now),
            Counter::Exact(window) => window.remaining(rate, now),
            Counter::Parts(window) => window.remaining(rate, now),
        }
    }

    /// From when on nothing of what was charged counts any more.
    pub(super) fn full_at(&self, slowest: Rate) -> i128 {
        let all = match self {
            Counter::Bucket(_) => slowest.burst,
            Counter::Exact(_) | Counter::Parts(_) => slowest.limit,
        };
        self.available_at(all, slowest)
    }

    /// Charges units that [`Counter::available_at`] said are there. A time before that of the
    /// last charge is taken as that.
    pub(super) fn charge(&mut self, units: u64, rate: Rate, now: i64) {
        match self {
            Counter::Bucket(bucket) => bucket.charge(units, rate, now),
            Counter::Exact(window) => window.charge(units, now),
            Counter::Parts(window) => window.charge(units, now),
        }
    }

    /// Gives back units that were charged.
    pub(super) fn refund(&mut self, units: u64, rates: &Rates, charged_at: i64) {
        match self {
            Counter::Bucket(bucket) => bucket.refund(units, rates, charged_at),
            Counter::Exact(window) => window.refund(units, charged_at),
            Counter::Parts(window) => window.refund(units, charged_at),
        }
    }
}
