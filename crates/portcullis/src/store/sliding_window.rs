//! A unit counts for one period from when it was charged: exactly for small limits, in parts of the
//! period above. A unit may count up to one part longer, never shorter, so that no window of the
//! period's length ever holds more than the limit.

use smallvec::SmallVec;

use super::Terms;

/// Up to this limit every unit's own time is kept.
pub(super) const EXACT: i128 = 16;
/// Into so many parts a period is cut above.
const PARTS: i128 = 32;
/// The parts of the period and the one that is going on.
const RING: usize = 33;

/// The time of each unit that counts, the oldest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Exact {
    charged: SmallVec<[i64; 16]>,
}

impl Exact {
    fn counting<'a>(&'a self, terms: &'a Terms, now: i64) -> impl Iterator<Item = i64> + 'a {
        let counts = move |at: &i64| i128::from(now) - i128::from(*at) < terms.period;
        self.charged.iter().copied().filter(counts)
    }

    pub(super) fn is_full(&self, terms: &Terms, now: i64) -> bool {
        self.counting(terms, now).next().is_none()
    }

    pub(super) fn wait(&self, terms: &Terms, now: i64, units: u64) -> i128 {
        let used = i128::try_from(self.counting(terms, now).count()).unwrap_or(i128::MAX);
        let over = used + i128::from(units) - terms.limit;
        let Some(last) = usize::try_from(over).ok().and_then(|over| over.checked_sub(1)) else {
            return 0;
        };
        // More units than the limit never fit; a period is all that can be promised.
        self.counting(terms, now)
            .nth(last)
            .map_or(terms.period, |at| i128::from(at) + terms.period - i128::from(now))
    }

    pub(super) fn charge(&mut self, terms: &Terms, now: i64, units: u64) {
        self.charged.retain(|at| i128::from(now) - i128::from(*at) < terms.period);
        self.charged.extend((0..units).map(|_| now));
    }
}

/// How many units were charged in each part of the period.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parts {
    /// The part that was going on at the last charge.
    latest: i128,
    /// By the part's number, modulo the ring.
    counts: [u32; RING],
}

impl Parts {
    pub(super) fn new() -> Parts {
        Parts { latest: i128::from(i64::MIN), counts: [0; RING] }
    }

    fn length(terms: &Terms) -> i128 {
        (terms.period + PARTS - 1) / PARTS
    }

    fn part(terms: &Terms, now: i64) -> i128 {
        i128::from(now).div_euclid(Self::length(terms))
    }

    /// The parts that still count, the oldest first, with their units.
    fn counting(&self, current: i128) -> impl Iterator<Item = (i128, i128)> + '_ {
        let oldest = (current - PARTS).max(self.latest - PARTS);
        (oldest..=self.latest).filter_map(|part| {
            let count = self.counts.get(slot(part)).copied()?;
            (count > 0).then_some((part, i128::from(count)))
        })
    }

    pub(super) fn is_full(&self, terms: &Terms, now: i64) -> bool {
        self.counting(Self::part(terms, now)).next().is_none()
    }

    pub(super) fn wait(&self, terms: &Terms, now: i64, units: u64) -> i128 {
        let current = Self::part(terms, now);
        let used: i128 = self.counting(current).map(|(_, count)| count).sum();
        let mut over = used + i128::from(units) - terms.limit;
        if over <= 0 {
            return 0;
        }
        for (part, count) in self.counting(current) {
            over -= count;
            if over <= 0 {
                return (part + PARTS + 1) * Self::length(terms) - i128::from(now);
            }
        }
        terms.period
    }

    pub(super) fn charge(&mut self, terms: &Terms, now: i64, units: u64) {
        let current = Self::part(terms, now);
        let passed = usize::try_from(current - self.latest).unwrap_or(0).min(RING);
        for step in 1..=passed {
            let part = current - i128::try_from(passed - step).unwrap_or(0);
            if let Some(count) = self.counts.get_mut(slot(part)) {
                *count = 0;
            }
        }
        self.latest = self.latest.max(current);
        if let Some(count) = self.counts.get_mut(slot(current)) {
            *count = count.saturating_add(u32::try_from(units).unwrap_or(u32::MAX));
        }
    }
}

fn slot(part: i128) -> usize {
    usize::try_from(part.rem_euclid(33)).unwrap_or(0)
}
