//! What a stage charges, and what came of it.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};

use portcullis_compiler::plan::{Budget, Charge};
use portcullis_syntax::Span;
use smallvec::SmallVec;

use crate::Timestamp;
use crate::answers::rate_limit::seconds;
use crate::condition::{Seen, World};
use crate::engine::Rules;
use crate::refusal::{Reason, Refusal};
use crate::store::{self, Answer, Charged, Quotas, Receipt, Unavailable};

/// The store's answers to giving back.
pub(crate) type Refunds = SmallVec<[Answer<Result<(), Unavailable>>; 2]>;

/// The key of one charge: parts with their kind and length, so that no two keys are equal.
type Key = SmallVec<[u8; 64]>;

/// What is to be charged, with keys of its own, so that it can be given back later.
pub(crate) struct Bill {
    entries: SmallVec<[Entry; 2]>,
    given_back: AtomicBool,
    degraded: bool,
}

struct Entry {
    budget: usize,
    key: Key,
    /// The limit that fits, by index.
    limit: usize,
    cost: u64,
    told: bool,
    span: Span,
    /// Nothing where it was not charged.
    receipt: Option<Receipt>,
}

/// Where a request stands with a budget that its answer tells of. Every proof carries some: it is small.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// How many units could be charged now.
    pub(crate) remaining: u64,
    /// In how many seconds there is one more.
    pub(crate) reset: Option<NonZeroU32>,
    /// The budget, by index.
    pub(crate) budget: u16,
    /// Its limit that fits, by index.
    pub(crate) limit: u16,
}

/// In the order in which they were charged.
pub(crate) type Standings = SmallVec<[Standing; 2]>;

impl Bill {
    /// What is charged of `planned`, under the limits that fit.
    pub(crate) fn new<'p>(
        planned: impl IntoIterator<Item = &'p Charge>,
        world: &World<'p>,
        rules: &Rules,
    ) -> Result<Bill, Refusal> {
        let mut entries = SmallVec::new();
        for planned in planned {
            let budget = budget(rules, planned.budget)?;
            let mut key = Key::new();
            for part in &planned.key {
                let value = world.read(part).map_err(|_| Refusal::service_fault())?;
                encode(value, budget.ipv6_prefix, &mut key).ok_or_else(Refusal::service_fault)?;
            }
            entries.push(Entry {
                budget: planned.budget,
                key,
                limit: limit(planned, world)?,
                cost: planned.cost,
                told: planned.told,
                span: planned.span,
                receipt: None,
            });
        }
        Ok(Bill { entries, given_back: AtomicBool::new(false), degraded: false })
    }

    /// Whether it is to be given back: once, however often a success is reported.
    pub(crate) fn give_back(&self) -> bool {
        !self.given_back.swap(true, Ordering::Relaxed)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The first of its budgets, where the store that they share was away and the request goes on all the same.
    pub(crate) fn degraded<'r>(&self, rules: &'r Rules) -> Option<&'r Budget> {
        let entry = self.entries.first().filter(|_| self.degraded)?;
        budget(rules, entry.budget).ok()
    }

    /// What is given back once the application reports success. What was admitted uncharged is not.
    pub(crate) fn refundable(mut self, rules: &Rules) -> Option<Box<Bill>> {
        self.entries.retain(|entry| {
            entry.receipt.is_some() && budget(rules, entry.budget).is_ok_and(|budget| budget.refund)
        });
        (!self.is_empty()).then(|| Box::new(self))
    }

    /// What two stages charged.
    pub(crate) fn joined(first: Option<Box<Bill>>, second: Option<Box<Bill>>) -> Option<Box<Bill>> {
        match (first, second) {
            (Some(mut first), Some(second)) => {
                first.entries.extend(second.entries);
                Some(first)
            }
            (first, second) => first.or(second),
        }
    }

    /// Asks the store to charge all of it.
    pub(crate) fn charge(
        &self,
        rules: &Rules,
        now: Timestamp,
    ) -> Result<Answer<Result<Charged, Unavailable>>, Refusal> {
        Bill::with(&self.entries, rules, |charges| rules.store.charge(charges, now))
    }

    /// Asks the store to give all of it back: once for each stage that charged.
    pub(crate) fn refund(&self, rules: &Rules) -> Refunds {
        let alike = self.entries.chunk_by(|one, next| one.receipt == next.receipt);
        let refunds = alike.filter_map(|entries| {
            let receipt = entries.first()?.receipt?;
            Bill::with(entries, rules, |charges| rules.store.refund(charges, &receipt)).ok()
        });
        refunds.collect()
    }

    /// Calls `ask` with the charges.
    fn with<T>(
        entries: &[Entry],
        rules: &Rules,
        ask: impl FnOnce(&[store::Charge<'_>]) -> T,
    ) -> Result<T, Refusal> {
        let mut charges: SmallVec<[store::Charge<'_>; 4]> = SmallVec::new();
        for entry in entries {
            let counted = rules.budgets.get(entry.budget).ok_or_else(Refusal::service_fault)?;
            charges.push(store::Charge {
                budget: counted,
                key: &entry.key,
                fits: entry.limit,
                units: entry.cost,
                told: entry.told,
            });
        }
        Ok(ask(&charges))
    }

    /// What a store's answer means for the request, and what is to be told of it.
    pub(crate) fn settle(
        &mut self,
        answer: Result<Charged, Unavailable>,
        rules: &Rules,
        standings: &mut Standings,
    ) -> Result<(), Refusal> {
        match answer {
            Ok(Charged::All { quotas, receipt }) => {
                self.entries.iter_mut().for_each(|entry| entry.receipt = Some(receipt));
                self.degraded = receipt.degraded;
                self.tell(&quotas, standings);
                Ok(())
            }
            Ok(Charged::Drained { first, retry_after, quotas }) => {
                self.tell(&quotas, standings);
                let refusal = Refusal::with_retry_after(retry_after);
                Err(match self.entries.get(first) {
                    Some(entry) => refusal.at(&rules.plan, entry.span),
                    None => refusal,
                })
            }
            Err(Unavailable) => {
                // One budget that does not say otherwise needs the store.
                let needs = self.entries.iter().find(|entry| {
                    !budget(rules, entry.budget).is_ok_and(|budget| budget.unavailable_admits)
                });
                match needs {
                    None => {
                        self.degraded = true;
                        Ok(())
                    }
                    Some(entry) => {
                        Err(Refusal::new(Reason::StoreUnavailable).at(&rules.plan, entry.span))
                    }
                }
            }
        }
    }

    /// A store that did not tell of each is not heard.
    fn tell(&self, quotas: &Quotas, standings: &mut Standings) {
        let told = self.entries.iter().filter(|entry| entry.told);
        if quotas.iter().len() == told.clone().count() {
            standings.extend(told.zip(quotas.iter()).filter_map(|(entry, quota)| {
                Some(Standing {
                    remaining: quota.remaining,
                    reset: quota.reset.map(seconds),
                    budget: entry.budget.try_into().ok()?,
                    limit: entry.limit.try_into().ok()?,
                })
            }));
        }
    }
}

fn budget(rules: &Rules, index: usize) -> Result<&Budget, Refusal> {
    rules.plan.budgets.get(index).ok_or_else(Refusal::service_fault)
}

/// The first limit that fits.
fn limit<'p>(planned: &'p Charge, world: &World<'p>) -> Result<usize, Refusal> {
    for (limit, condition) in planned.limits.iter().enumerate() {
        let fits = match condition {
            None => true,
            Some(condition) => world.holds(condition).map_err(|_| Refusal::service_fault())?,
        };
        if fits {
            return Ok(limit);
        }
    }
    // The compiler asks for a last one that always fits.
    Err(Refusal::service_fault())
}

fn encode(value: Seen<'_>, ipv6_prefix: u8, key: &mut Key) -> Option<()> {
    let fixed = |key: &mut Key, tag: u8, bytes: &[u8]| {
        key.push(tag);
        key.extend_from_slice(bytes);
    };
    match value {
        Seen::Absent => key.push(0),
        Seen::Bool(value) => fixed(key, 1, &[u8::from(value)]),
        Seen::Int(value) => fixed(key, 2, &value.to_be_bytes()),
        Seen::Text(text) => {
            key.push(3);
            key.extend_from_slice(&u64::try_from(text.len()).ok()?.to_be_bytes());
            key.extend_from_slice(text.as_bytes());
        }
        Seen::Uuid(value) => fixed(key, 4, &value.to_be_bytes()),
        Seen::Time(value) => fixed(key, 5, &value.to_be_bytes()),
        Seen::Duration(value) => fixed(key, 6, &value.to_be_bytes()),
        Seen::Member(value) => fixed(key, 7, &u64::try_from(value).ok()?.to_be_bytes()),
        Seen::Ip(IpAddr::V4(address)) => fixed(key, 8, &address.octets()),
        Seen::Ip(IpAddr::V6(address)) => {
            // An address block of this length is one customer's.
            let shift = 128_u32.saturating_sub(u32::from(ipv6_prefix));
            let block = address.to_bits() & u128::MAX.checked_shl(shift).unwrap_or(0);
            fixed(key, 9, &Ipv6Addr::from_bits(block).octets());
        }
        Seen::Number(_) | Seen::Network(_) | Seen::Listed(_) | Seen::Handed(..) | Seen::Object => {
            return None;
        }
    }
    Some(())
}
