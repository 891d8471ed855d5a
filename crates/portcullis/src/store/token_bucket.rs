//! A bucket of `limit` units that starts full and fills evenly, `limit` units per period.
//!
//! This is GCRA, whose theoretical arrival time is kept as a distance from the last charge: what
//! is owed, in units times nanoseconds of the period. In that measure a unit is worth the period
//! and each nanosecond pays back `limit`, so that nothing is ever divided and so nothing rounded,
//! but the wait at the end, which is rounded up.

use super::counter::{ALWAYS, NEVER, Rate};

#[derive(Debug, Clone)]
pub(super) struct TokenBucket {
    rate: Rate,
    latest: i64,
    owed: u128,
}

impl TokenBucket {
    pub(super) fn new(rate: Rate, floor: i64) -> TokenBucket {
        TokenBucket { rate, latest: floor, owed: 0 }
    }

    pub(super) fn available_at(&self, units: u64) -> i128 {
        let Some(rest) = self.rate.limit.checked_sub(units) else {
            return NEVER;
        };
        // Limit and period are both below 2^64, so that their product is below 2^128.
        let excess = self.owed.saturating_sub(u128::from(rest) * u128::from(self.rate.period));
        if excess == 0 {
            return ALWAYS;
        }
        let wait = excess.div_ceil(u128::from(self.rate.limit));
        i128::try_from(wait).map_or(NEVER, |wait| i128::from(self.latest).saturating_add(wait))
    }

    pub(super) fn charge(&mut self, units: u64, now: i64) {
        let now = now.max(self.latest);
        let elapsed = u128::from(now.abs_diff(self.latest));
        let owed = self.owed.saturating_sub(elapsed * u128::from(self.rate.limit));
        self.owed = owed.saturating_add(u128::from(units) * u128::from(self.rate.period));
        self.latest = now;
    }
}
