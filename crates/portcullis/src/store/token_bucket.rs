//! A bucket of `limit` units that fills evenly within the period: the generic cell rate algorithm
//! (ITU-T I.371), kept as one instant.
//!
//! All times are scaled by `limit`, so that the interval between two units is a whole number and
//! nothing is ever rounded in a caller's favour.

use super::Terms;

/// When the bucket will be full again, scaled.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TokenBucket {
    full_at: i128,
}

impl TokenBucket {
    pub(super) fn new() -> TokenBucket {
        TokenBucket { full_at: i128::MIN / 2 }
    }

    pub(super) fn is_full(&self, terms: &Terms, now: i64) -> bool {
        self.full_at <= scaled(terms, now)
    }

    /// How many nanoseconds until the bucket holds the units; 0 where it does.
    pub(super) fn wait(&self, terms: &Terms, now: i64, units: u64) -> i128 {
        let now = scaled(terms, now);
        let after = self.full_at.max(now) + i128::from(units) * terms.period;
        let short = after - now - terms.limit * terms.period;
        if short <= 0 { 0 } else { (short + terms.limit - 1) / terms.limit }
    }

    pub(super) fn charge(&mut self, terms: &Terms, now: i64, units: u64) {
        self.full_at = self.full_at.max(scaled(terms, now)) + i128::from(units) * terms.period;
    }
}

fn scaled(terms: &Terms, now: i64) -> i128 {
    i128::from(now) * terms.limit
}
