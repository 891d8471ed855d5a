//! Counting without Redis, for budgets that say `unavailable admit`: each node a share of the limit.
//!
//! It is kept warm: whatever Redis says is left of a key, this node has at most its share of that left. And what it admits
//! by itself it tells Redis before it goes by it again, so that a connection that comes and goes gives nobody
//! more.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use portcullis::Timestamp;
use portcullis::store::{
    Algorithm, Answer, Budget, Charge, Charged, Limit, MemoryStore, Quota, Quotas, Receipt, Store,
    Unavailable,
};

use crate::measure::Numbers;

/// A window of more than these units is cut into parts.
const CUT: u64 = 64;

/// A receipt of what was charged here.
pub(crate) const COUNTER: u32 = 1;

/// How many keys are remembered for Redis: it is away for as long as they take to settle. Whoever is beyond has to wait.
const MOST: usize = 20_000;

#[derive(Default)]
pub(crate) struct Fallback {
    memory: MemoryStore,
    unsettled: Mutex<HashMap<String, Debt>>,
}

/// What was admitted of one key.
#[derive(Clone)]
pub(crate) struct Debt {
    pub(crate) key: String,
    /// Those of a charge, of all the units.
    pub(crate) numbers: Numbers,
    pub(crate) at: Timestamp,
}

/// A charge that outlasts its request.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) name: String,
    budget: Budget,
    key: Vec<u8>,
    fits: usize,
    units: u64,
    told: bool,
    numbers: Numbers,
}

impl Kept {
    pub(crate) fn of(charge: &Charge<'_>, name: String, numbers: Numbers) -> Kept {
        Kept {
            name,
            budget: charge.budget.clone(),
            key: charge.key.to_owned(),
            fits: charge.fits,
            units: charge.units,
            told: charge.told,
            numbers,
        }
    }

    /// The budget of which each of so many nodes has a share. No share is smaller than one unit, nor than what is asked
    /// for at once.
    fn shared(&self, nodes: u32) -> Budget {
        let share = |units: u64| (units / u64::from(nodes.max(1))).max(self.units).max(1);
        let limits = self.budget.limits().iter().map(|limit| Limit {
            units: share(limit.units),
            burst: share(limit.burst),
            period: limit.period,
        });
        let mut limits: Vec<_> = limits.collect();
        if self.budget.algorithm() == Algorithm::SlidingWindow
            && let Some(first) = limits.first().copied()
        {
            // Whatever the share is, a window is cut alike, and goes on counting.
            limits.push(Limit { units: first.units.max(CUT), ..first });
        }
        Budget::new(self.budget.name(), &limits, self.budget.algorithm())
    }

    fn charge<'a>(&'a self, budget: &'a Budget, units: u64, told: bool) -> Charge<'a> {
        Charge { budget, key: &self.key, fits: self.fits, units, told }
    }
}

impl Fallback {
    /// Charges all, or none, to what this node has of them.
    pub(crate) fn charge(
        &self,
        kept: &[Kept],
        nodes: u32,
        now: Timestamp,
    ) -> Result<Charged, Unavailable> {
        if let Some(first) = self.unknown_beyond(kept) {
            let (retry_after, quotas) = (Duration::from_secs(1), Quotas::default());
            return Ok(Charged::Drained { first, retry_after, quotas });
        }
        let budgets: Vec<_> = kept.iter().map(|kept| kept.shared(nodes)).collect();
        let charges = kept.iter().zip(&budgets);
        let charges: Vec<_> =
            charges.map(|(kept, budget)| kept.charge(budget, kept.units, kept.told)).collect();
        let Answer::Ready(charged) = self.memory.charge(&charges, now) else {
            return Err(Unavailable);
        };
        Ok(match charged? {
            Charged::All { quotas, receipt } => {
                kept.iter().for_each(|kept| self.owe(kept, now));
                Charged::All {
                    quotas,
                    receipt: Receipt { counter: COUNTER, degraded: true, ..receipt },
                }
            }
            drained => drained,
        })
    }

    /// The first that Redis could not be told of: nobody would know that it was admitted.
    fn unknown_beyond(&self, kept: &[Kept]) -> Option<usize> {
        let unsettled = self.unsettled.lock();
        let full = unsettled.len().saturating_add(kept.len()) > MOST;
        kept.iter().position(|kept| full && !unsettled.contains_key(&kept.name))
    }

    /// Gives back what was charged here.
    pub(crate) fn refund(&self, kept: &[Kept], nodes: u32, receipt: &Receipt) {
        let budgets: Vec<_> = kept.iter().map(|kept| kept.shared(nodes)).collect();
        let charges = kept.iter().zip(&budgets);
        let charges: Vec<_> =
            charges.map(|(kept, budget)| kept.charge(budget, kept.units, false)).collect();
        drop(self.memory.refund(&charges, receipt));
        let mut unsettled = self.unsettled.lock();
        for kept in kept {
            if let Some(debt) = unsettled.get_mut(&kept.name) {
                debt.numbers.units = debt.numbers.units.saturating_sub(kept.units);
            }
        }
    }

    /// Notes what Redis says is left of a key after a charge of this node.
    pub(crate) fn warm(&self, kept: &Kept, quota: &Quota, nodes: u32, now: Timestamp) {
        let budget = kept.shared(nodes);
        let most = |budget: &Budget| {
            let limit = budget.limits().get(kept.fits)?;
            Some(match budget.algorithm() {
                Algorithm::TokenBucket => limit.burst,
                Algorithm::SlidingWindow => limit.units,
            })
        };
        let (Some(whole), Some(own)) = (most(&kept.budget), most(&budget)) else { return };
        let target =
            u128::from(quota.remaining).saturating_mul(u128::from(own)) / u128::from(whole.max(1));
        let target = u64::try_from(target).unwrap_or(own);
        // What there is here is told with a charge alone.
        let probe = [kept.charge(&budget, 1, true)];
        let Answer::Ready(Ok(Charged::All { quotas, receipt })) = self.memory.charge(&probe, now)
        else {
            return;
        };
        let left = quotas.iter().next().map_or(0, |quota| quota.remaining);
        match left.checked_sub(target) {
            Some(0) => (),
            Some(surplus) => drop(self.memory.charge(&[kept.charge(&budget, surplus, false)], now)),
            None => drop(self.memory.refund(&probe, &receipt)),
        }
    }

    fn owe(&self, kept: &Kept, now: Timestamp) {
        let mut unsettled = self.unsettled.lock();
        if let Some(debt) = unsettled.get_mut(&kept.name) {
            debt.numbers.units = debt.numbers.units.saturating_add(kept.units);
            debt.at = now;
        } else {
            let (key, numbers) = (kept.name.clone(), kept.numbers.clone());
            unsettled.insert(kept.name.clone(), Debt { key, numbers, at: now });
        }
    }

    /// Some of what Redis has not been told of.
    pub(crate) fn unsettled(&self, most: usize) -> Vec<Debt> {
        // Those that were given back are taken off with the rest.
        self.unsettled.lock().values().take(most).cloned().collect()
    }

    /// Redis has been told of these.
    pub(crate) fn settled(&self, debts: &[Debt]) {
        let mut unsettled = self.unsettled.lock();
        for settled in debts {
            // Meanwhile there may have come more.
            let Some(debt) = unsettled.get_mut(&settled.key) else { continue };
            debt.numbers.units = debt.numbers.units.saturating_sub(settled.numbers.units);
            if debt.numbers.units == 0 {
                unsettled.remove(&settled.key);
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.unsettled.lock().len()
    }
}
