//! A unit counts for one period from when it was charged.
//!
//! Up to [`EXACT`] units are remembered one by one. Above, time is cut into parts of a
//! thirty-second of the period, and a unit counts until the part that begins at least one period
//! after it: up to one part too long and never too short, so that no window admits more.

use std::iter;

use smallvec::SmallVec;

use super::counter::{ALWAYS, NEVER, Rate};

/// The highest limit whose units are remembered one by one.
pub(super) const EXACT: u64 = 16;

/// Parts of a period.
const PARTS: u64 = 32;

/// A unit counts in its own part and the [`PARTS`] parts that follow.
const RING: usize = 33;

/// The window of a limit up to [`EXACT`].
#[derive(Debug, Clone)]
pub(super) struct ExactWindow {
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
#[derive(Debug, Clone)]
pub(super) struct PartWindow {
    period: u64,
    /// The newest part that was charged in, or that the entry began in.
    newest: i128,
    /// Units by the part they were charged in, modulo [`RING`].
    counts: [u64; RING],
}

impl PartWindow {
    pub(super) fn new(rate: Rate, floor: i64) -> PartWindow {
        let mut window = PartWindow { period: rate.period, newest: 0, counts: [0; RING] };
        window.newest = window.part_of(floor);
        window
    }

    pub(super) fn available_at(&self, units: u64, rate: Rate) -> i128 {
        let Some(rest) = rate.limit.checked_sub(units) else {
            return NEVER;
        };
        let total = self.counts.iter().fold(0_u64, |total, count| total.saturating_add(*count));
        let excess = total.saturating_sub(rest);
        if excess == 0 {
            return ALWAYS;
        }
        let ring = RING as i128;
        let mut gone = 0_u64;
        for part in self.newest - (ring - 1)..=self.newest {
            gone = gone.saturating_add(self.counts.get(slot_of(part)).copied().unwrap_or(0));
            if gone >= excess {
                return (part + ring) * self.length();
            }
        }
        NEVER
    }

    pub(super) fn charge(&mut self, units: u64, now: i64) {
        let part = self.part_of(now).max(self.newest);
        let passed = usize::try_from(part - self.newest).unwrap_or(usize::MAX).min(RING);
        for (_, part) in iter::zip(0..passed, self.newest + 1..) {
            if let Some(count) = self.counts.get_mut(slot_of(part)) {
                *count = 0;
            }
        }
        if let Some(count) = self.counts.get_mut(slot_of(part)) {
            *count = count.saturating_add(units);
        }
        self.newest = part;
    }

    /// As [`ExactWindow::refund`], part by part.
    pub(super) fn refund(&mut self, units: u64, charged_at: i64) {
        let from = self.part_of(charged_at);
        if from <= self.newest - RING as i128 {
            return;
        }
        let mut left = units;
        for part in from..=self.newest {
            if let Some(count) = self.counts.get_mut(slot_of(part)) {
                let taken = left.min(*count);
                *count -= taken;
                left -= taken;
            }
        }
    }

    fn length(&self) -> i128 {
        i128::from(self.period.div_ceil(PARTS))
    }

    fn part_of(&self, time: i64) -> i128 {
        i128::from(time).div_euclid(self.length())
    }
}

fn slot_of(part: i128) -> usize {
    usize::try_from(part.rem_euclid(RING as i128)).unwrap_or(0)
}
