//! The numbers by which the scripts count: whole, and small enough that a number of Lua is exact.

use std::time::Duration;

use portcullis::store::{Algorithm, Budget, Charge, Limit};
use redis::ScriptInvocation;
use sha2::{Digest as _, Sha256};

use crate::keys::half;

/// What no number of a bucket may exceed. Lua counts exactly up to 2^53.
const MOST: u64 = 1 << 51;

/// Up to so many units are counted one by one in a window, above in parts of the period: as in memory.
const EXACT: u64 = 16;
const PARTS: u64 = 32;

/// How a limit of a budget is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Measure {
    /// What a unit is worth.
    pub(crate) worth: u64,
    /// What each tick pays back.
    pub(crate) pay: u64,
    /// In microseconds.
    pub(crate) tick: u64,
}

impl Measure {
    /// The finest in which all that is ever owed of a budget is exact.
    pub(crate) fn of(limit: &Limit, most: u64) -> Measure {
        let period = micros(limit.period);
        let pay = limit.units.clamp(1, MOST);
        let mut tick = 1_u64;
        // A period of all that time can say has 2^64 microseconds: 20 steps at most.
        while period.div_ceil(tick).checked_mul(most.max(1)).is_none_or(|owed| owed > MOST) {
            let Some(coarser) = tick.checked_mul(10).filter(|coarser| *coarser <= period) else {
                break;
            };
            tick = coarser;
        }
        Measure { worth: period.div_ceil(tick).max(1), pay, tick }
    }

    fn fills_faster_than(self, other: Measure) -> bool {
        let rate = |one: Measure, two: Measure| {
            u128::from(one.pay) * u128::from(two.worth) * u128::from(two.tick)
        };
        rate(self, other) > rate(other, self)
    }
}

/// The numbers of one charge.
#[derive(Debug, Clone)]
pub(crate) struct Numbers {
    kind: &'static str,
    version: String,
    pub(crate) units: u64,
    pub(crate) limit: u64,
    pub(crate) burst: u64,
    most: u64,
    /// Of a bucket: its measure. Of a window: the length of its parts, how long a unit counts, and 1.
    pub(crate) measure: Measure,
    /// How many microseconds a unit takes at the slowest.
    slow: u64,
    told: bool,
    /// Of a bucket: the rate at which it fills fastest.
    fastest: Measure,
}

impl Numbers {
    /// Nothing where no state of the budget could ever admit it.
    pub(crate) fn of(charge: &Charge<'_>, told: bool) -> Option<Numbers> {
        let budget = charge.budget;
        let usable = |limit: &Limit| limit.units > 0 && limit.burst > 0 && !limit.period.is_zero();
        if !budget.limits().iter().all(usable) {
            return None;
        }
        let fits = budget.limits().get(charge.fits)?;
        let most_limit = budget.limits().iter().map(|limit| limit.units).max()?;
        let most_burst = budget.limits().iter().map(|limit| limit.burst).max()?.min(MOST);
        let slow =
            budget.limits().iter().map(|limit| micros(limit.period).div_ceil(limit.units)).max()?;
        let version = version(budget);
        let (limit, burst) = (fits.units.min(MOST), fits.burst.min(MOST));
        let numbers = match budget.algorithm() {
            Algorithm::TokenBucket => {
                let mut fastest = Measure::of(fits, most_burst);
                for limit in budget.limits() {
                    let measure = Measure::of(limit, most_burst);
                    if measure.fills_faster_than(fastest) {
                        fastest = measure;
                    }
                }
                Numbers {
                    kind: "b",
                    version,
                    units: charge.units,
                    limit,
                    burst,
                    most: most_burst,
                    measure: Measure::of(fits, most_burst),
                    slow,
                    told,
                    fastest,
                }
            }
            Algorithm::SlidingWindow => {
                let period = micros(fits.period);
                let (cut, span) = match most_limit <= EXACT {
                    true => (0, period),
                    false => (period.div_ceil(PARTS), period.div_ceil(PARTS).checked_mul(PARTS)?),
                };
                let measure = Measure { worth: cut, pay: span, tick: 1 };
                let most = most_limit.min(MOST);
                let units = charge.units;
                let fastest = measure;
                Numbers {
                    kind: "w",
                    version,
                    units,
                    limit,
                    burst,
                    most,
                    measure,
                    slow,
                    told,
                    fastest,
                }
            }
        };
        (1..=numbers.most_at_once()).contains(&charge.units).then_some(numbers)
    }

    /// How many units the limit ever has at once.
    pub(crate) fn most_at_once(&self) -> u64 {
        if self.kind == "b" { self.burst } else { self.limit }
    }

    /// The numbers as `charge_at` of `counter.lua` reads them.
    pub(crate) fn write(&self, call: &mut ScriptInvocation<'static>) {
        let Measure { worth, pay, tick } = self.measure;
        call.arg(self.kind).arg(&self.version);
        for number in [self.units, self.limit, self.burst, self.most, worth, pay, tick, self.slow] {
            call.arg(number);
        }
        call.arg(u8::from(self.told));
    }

    /// The same, and the rate that a refund goes by.
    pub(crate) fn write_refund(&self, call: &mut ScriptInvocation<'static>) {
        self.write(call);
        let Measure { worth, pay, tick } = self.fastest;
        call.arg(worth).arg(pay).arg(tick);
    }

    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// Whether both are of one version of one budget.
    pub(crate) fn is_version_of(&self, other: &Numbers) -> bool {
        self.version == other.version
    }

    pub(crate) fn is_told(&self) -> bool {
        self.told
    }
}

/// Begun microseconds: rounded up, so that no period is shorter than it says.
fn micros(period: Duration) -> u64 {
    u64::try_from(period.as_nanos().div_ceil(1000)).unwrap_or(MOST).clamp(1, MOST)
}

/// Tells apart what a name stood for before and after a policy was changed.
fn version(budget: &Budget) -> String {
    let mut hasher = Sha256::new();
    hasher.update(match budget.algorithm() {
        Algorithm::TokenBucket => b"b",
        Algorithm::SlidingWindow => b"w",
    });
    for limit in budget.limits() {
        hasher.update(limit.units.to_be_bytes());
        hasher.update(limit.burst.to_be_bytes());
        hasher.update(limit.period.as_nanos().to_be_bytes());
    }
    let mut version = half(hasher);
    version.truncate(8);
    version
}
