//! A bucket of `burst` units that starts full and fills evenly, `limit` units per period.
//!
//! This is GCRA, whose theoretical arrival time is kept as a distance from the last charge: what
//! is owed, in units times nanoseconds of the period. In that measure a unit is worth the period
//! and each nanosecond pays back `limit`, so that nothing is ever divided and so nothing rounded,
//! but the wait at the end, which is rounded up. What is owed stays owed where another limit fits
//! the next request; only where that has another period it is measured anew, rounded up.

use serde::{Deserialize, Serialize};

use super::count::above_zero;
use super::counter::{ALWAYS, NEVER, Rate, Rates};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenBucket {
    /// The measure of what is owed.
    #[serde(deserialize_with = "above_zero")]
    period: u64,
    latest: i64,
    owed: u128,
}

impl TokenBucket {
    pub(super) fn new(rate: Rate, floor: i64) -> TokenBucket {
        TokenBucket { period: rate.period, latest: floor, owed: 0 }
    }

    pub(super) fn available_at(&self, units: u64, rate: Rate) -> i128 {
        let Some(rest) = rate.burst.checked_sub(units) else {
            return NEVER;
        };
        // Burst and period are both below 2^64, so that their product is below 2^128.
        let excess = self.owed_in(rate).saturating_sub(u128::from(rest) * u128::from(rate.period));
        if excess == 0 {
            return ALWAYS;
        }
        let wait = excess.div_ceil(u128::from(rate.limit));
        i128::try_from(wait).map_or(NEVER, |wait| i128::from(self.latest).saturating_add(wait))
    }

    /// How many units can be charged at a time.
    pub(super) fn remaining(&self, rate: Rate, now: i64) -> u64 {
        let elapsed = u128::from(now.max(self.latest).abs_diff(self.latest));
        let owed = self.owed_in(rate).saturating_sub(elapsed * u128::from(rate.limit));
        let period = u128::from(rate.period);
        let left = (u128::from(rate.burst) * period).saturating_sub(owed) / period;
        u64::try_from(left).unwrap_or(rate.burst)
    }

    pub(super) fn charge(&mut self, units: u64, rate: Rate, now: i64) {
        let now = now.max(self.latest);
        let elapsed = u128::from(now.abs_diff(self.latest));
        let owed = self.owed_in(rate).saturating_sub(elapsed * u128::from(rate.limit));
        self.owed = owed.saturating_add(u128::from(units) * u128::from(rate.period));
        self.period = rate.period;
        self.latest = now;
    }

    /// What came back since the charge is taken to have come back to it, and as fast as it ever
    /// does, so that no other charge is given back in its place.
    pub(super) fn refund(&mut self, units: u64, rates: &Rates, charged_at: i64) {
        let Rates { fits, fastest, .. } = *rates;
        let elapsed = u128::from(self.latest.max(charged_at).abs_diff(charged_at));
        let charged = u128::from(units) * u128::from(fits.period);
        let back = elapsed.saturating_mul(u128::from(fastest.limit));
        let left = charged.saturating_sub(measured(back, fastest.period, fits.period));
        self.owed = self.owed_in(fits).saturating_sub(left);
        self.period = fits.period;
    }

    fn owed_in(&self, rate: Rate) -> u128 {
        measured(self.owed, self.period, rate.period)
    }
}

/// An amount in units times one period, in units times another; rounded up.
fn measured(amount: u128, old: u64, new: u64) -> u128 {
    if old == new || amount == 0 {
        return amount;
    }
    let (old, new) = (u128::from(old), u128::from(new));
    match amount.checked_mul(new) {
        Some(product) => product.div_ceil(old),
        None => amount.div_ceil(old).saturating_mul(new),
    }
}
