//! A unit counts for one period from when it was charged.
//!
//! Up to [`EXACT`] units are remembered one by one. Above, time is cut into parts of a
//! thirty-second of the period, and a unit counts until the part that begins at least one period
//! after it: up to one part too long and never too short, so that no window admits more.

use std::iter;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::count::{above_zero, numbers};
use super::counter::{ALWAYS, NEVER, Rate};

/// The highest limit whose units are remembered one by one.
pub(super) const EXACT: u64 = 16;

/// Parts of a period.
const PARTS: u64 = 32;

/// A unit counts in its own part and the [`PARTS`] parts that follow.
const RING: usize = 33;

/// The window of a limit up to [`EXACT`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExactWindow {
    #[serde(deserialize_with = "above_zero")]
    period: u64,
    latest: i64,
    /// When each unit was charged, the oldest first; none that has ceased to count at `latest`.
    charged: SmallVec<[i64; EXACT as usize]>,
}

impl ExactWindow {
    pub(super) fn new(rate: Rate, floor: i64) -> ExactWindow {
        ExactWindow { period: rate.period, latest: floor, charged: SmallVec::new() }
    }

    pub(super) fn available_at(&self, units: u64, rate: Rate) -> i128 {
        let Some(rest) = rate.limit.checked_sub(units) else {
            return NEVER;
        };
        let excess = (self.charged.len() as u64).saturating_sub(rest);
        let Some(last) = excess.checked_sub(1) else {
            return ALWAYS;
        };
        let last = usize::try_from(last).ok().and_then(|last| self.charged.get(last));
        last.map_or(NEVER, |charged| i128::from(*charged) + i128::from(self.period))
    }

    /// How many units can be charged at a time.
    pub(super) fn remaining(&self, rate: Rate, now: i64) -> u64 {
        let counts =
            |charged: &i64| i128::from(*charged) + i128::from(self.period) > i128::from(now);
        let count = self.charged.iter().filter(|charged| counts(charged)).count();
        rate.limit.saturating_sub(count as u64)
    }

    pub(super) fn charge(&mut self, units: u64, now: i64) {
        let now = now.max(self.latest);
        let period = self.period;
        self.charged.retain(|charged| now.abs_diff(*charged) < period);
        let units = usize::try_from(units).unwrap_or(usize::MAX).min(EXACT as usize);
        self.charged.extend(iter::repeat_n(now, units));
        self.latest = now;
    }

    /// A clock that ran back has charged later than it says, and no earlier: the first units from
    /// then on are the ones that cease to count first.
    pub(super) fn refund(&mut self, units: u64, charged_at: i64) {
        // Once it has ceased to count, what is charged since then is another's.
        if self.latest.abs_diff(charged_at) >= self.period && self.latest > charged_at {
            return;
        }
        let mut left = units;
        self.charged.retain(|charged| {
            let taken = left > 0 && *charged >= charged_at;
            left -= u64::from(taken);
            !taken
        });
    }
}

/// The window of a limit above [`EXACT`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartWindow {
    /// Of one part, in nanoseconds.
    #[serde(deserialize_with = "above_zero")]
    length: i64,
    /// The newest part that was charged in, or that the entry began in.
    newest: i64,
    /// The sum of all counts: to add them up takes longer than the rest of a charge.
    total: u64,
    /// Units by the part they were charged in, modulo [`RING`].
    #[serde(with = "numbers")]
    counts: [u64; RING],
}

impl PartWindow {
    pub(super) fn new(rate: Rate, floor: i64) -> PartWindow {
        // A thirty-second of what `u64` can say is less than what `i64` can, and never 0.
        let length = i64::try_from(rate.period.div_ceil(PARTS)).unwrap_or(i64::MAX);
        PartWindow { length, newest: floor.div_euclid(length), total: 0, counts: [0; RING] }
    }

    pub(super) fn available_at(&self, units: u64, rate: Rate) -> i128 {
        let Some(rest) = rate.limit.checked_sub(units) else {
            return NEVER;
        };
        let excess = self.total.saturating_sub(rest);
        if excess == 0 {
            return ALWAYS;
        }
        let mut gone = 0_u64;
        for (part, count) in self.counted() {
            gone = gone.saturating_add(count);
            if gone >= excess {
                return (i128::from(part) + RING as i128) * i128::from(self.length);
            }
        }
        NEVER
    }

    /// How many units can be charged at a time.
    pub(super) fn remaining(&self, rate: Rate, now: i64) -> u64 {
        // Those that do not count at that time any more come first, and mostly there are none.
        let last = now.div_euclid(self.length).saturating_sub(RING as i64);
        let gone = self.counted().take_while(|(part, _)| *part <= last);
        let count = gone.fold(self.total, |count, (_, gone)| count.saturating_sub(gone));
        rate.limit.saturating_sub(count)
    }

    pub(super) fn charge(&mut self, units: u64, now: i64) {
        let part = now.div_euclid(self.length).max(self.newest);
        // A part further on than a whole ring leaves none of it.
        for part in (self.newest..part).take(RING) {
            if let Some(count) = self.counts.get_mut(slot_of(part.wrapping_add(1))) {
                self.total = self.total.saturating_sub(*count);
                *count = 0;
            }
        }
        if let Some(count) = self.counts.get_mut(slot_of(part)) {
            *count = count.saturating_add(units);
            self.total = self.total.saturating_add(units);
        }
        self.newest = part;
    }

    /// As [`ExactWindow::refund`], part by part.
    pub(super) fn refund(&mut self, units: u64, charged_at: i64) {
        let from = charged_at.div_euclid(self.length);
        if i128::from(from) <= i128::from(self.newest) - RING as i128 {
            return;
        }
        let mut left = units;
        for part in self.parts_from(from) {
            if let Some(count) = self.counts.get_mut(slot_of(part)) {
                let taken = left.min(*count);
                *count -= taken;
                left -= taken;
                self.total = self.total.saturating_sub(taken);
            }
        }
    }

    /// The parts that count, the oldest first, each with its units.
    fn counted(&self) -> impl Iterator<Item = (i64, u64)> {
        let parts = self.parts_from(i64::MIN);
        // One after the other in the ring: to work out each slot would take longer than all the rest.
        let (behind, from) =
            self.counts.split_at_checked(slot_of(*parts.start())).unwrap_or_default();
        parts.zip(from.iter().chain(behind).copied())
    }

    /// The parts that count and are not before one, the oldest first.
    fn parts_from(&self, first: i64) -> RangeInclusive<i64> {
        first.max(self.newest.saturating_sub(RING as i64 - 1))..=self.newest
    }
}

fn slot_of(part: i64) -> usize {
    usize::try_from(part.rem_euclid(RING as i64)).unwrap_or(0)
}
