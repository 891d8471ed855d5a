//! Shares of hot budgets, which this node counts by itself for a while.
//!
//! A share is a part of the budget's rate and of its burst. While a node has it, Redis pays nobody else back at that part
//! of the rate, and nobody else has that part of the burst. So all nodes together never have more than the bucket; a node
//! that dies takes its share with it until the lease is over, and nobody has more for it.
//!
//! All times here are microseconds of a clock that never runs back, and a lease begins before it was asked for: it is over
//! here before it is over there.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};
use portcullis::store::{Algorithm, Charge};
use redis::ScriptInvocation;

use crate::keys::Keys;
use crate::measure::Numbers;

/// A share is for so long.
pub(crate) const LASTS: u64 = 6_000_000;

/// It is renewed when so much of that is left, or less: others may want more of it.
const RENEWED: u64 = 4_000_000;

/// How long a key is watched before there is a share of it.
const WATCHED: u64 = 400_000;

/// Where one of so many units was not there, the share is too small.
const MISSED: u64 = 32;

/// Between two times of asking for one, at least.
const ASKING: u64 = 1_000_000;

/// A share is no less than this over what was wanted lately.
const HEADROOM: f64 = 1.25;

/// What a node wants at once: what comes in a tenth of a second, and so many more. With these, what comes by chance
/// overflows a share of this headroom once in several hundred times.
const AT_ONCE: f64 = 0.1;
const BY_CHANCE: f64 = 24.0;

/// A budget of fewer units a second is asked about each time.
const HOT: u64 = 1000;

/// A key that is charged less often, in units a second, has no share.
const WORTH: f64 = 2.0;

/// How many keys are watched at most.
const MOST: usize = 1024;

/// After Redis said that nothing is left, it is not asked again for so long, and by a node that has a share for four times
/// as long.
const HOLD_OFF: u64 = 250_000;

#[derive(Default)]
pub(crate) struct Leases {
    hot: RwLock<HashMap<String, Arc<Hot>>>,
    questions: AtomicU64,
}

/// One key that this node charges.
pub(crate) struct Hot {
    key: String,
    numbers: Numbers,
    /// In microseconds.
    period: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Units per period; 0 where there is no lease.
    share: u64,
    /// Units at once.
    at_once: u64,
    /// What is there, in units times the period.
    level: u128,
    /// When that was so.
    at: u64,
    expires: u64,
    asked_at: u64,
    /// Until when Redis is not asked, and how long it said to wait.
    refused_until: u64,
    /// How many units that was said of.
    refused: u64,
    /// Units that were asked for since the last beat.
    asked: u64,
    /// Units that were asked for, and those that were not there, since the share was asked for.
    wanted: u64,
    missed: u64,
    began: u64,
    beat_at: u64,
    /// Units a second, lately.
    rate: f64,
}

/// What came of a charge.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Local {
    Charged,
    /// Nothing is left, and Redis has just said so too: for so many microseconds.
    Drained(u64),
    /// Redis has to be asked.
    Ask,
}

/// A lease that is to be asked for.
pub(crate) struct Wish {
    hot: Arc<Hot>,
    wanted: u64,
    have: u64,
    at_once: u64,
    asked_at: u64,
    /// Which question of this node it is.
    question: u64,
}

/// Whether a budget may be leased: of one limit, that is high, and of which nothing is told or given back.
fn may_be(charge: &Charge<'_>) -> Option<u64> {
    let [limit] = charge.budget.limits() else { return None };
    let period = u64::try_from(limit.period.as_nanos().div_ceil(1000)).ok()?;
    let hot = u128::from(limit.units) * 1_000_000 >= u128::from(HOT) * u128::from(period);
    let plain = !charge.told && !charge.budget.refunds();
    (charge.budget.algorithm() == Algorithm::TokenBucket && hot && plain).then_some(period)
}

impl Leases {
    /// What is known of a charge's key, if it may be leased.
    pub(crate) fn hot(
        &self,
        charge: &Charge<'_>,
        key: &str,
        numbers: &Numbers,
        now: u64,
    ) -> Option<Arc<Hot>> {
        let period = may_be(charge)?;
        if let Some(hot) = self.hot.read().get(key) {
            // After a policy was changed its old share is of another bucket.
            return (hot.numbers.is_version_of(numbers)).then(|| Arc::clone(hot));
        }
        let mut all = self.hot.write();
        if all.len() >= MOST {
            return None;
        }
        let made = || {
            let (key, numbers) = (key.to_owned(), numbers.clone());
            let state = Mutex::new(State { began: now, beat_at: now, ..State::default() });
            Arc::new(Hot { key, numbers, period, state })
        };
        Some(Arc::clone(all.entry(key.to_owned()).or_insert_with(made)))
    }

    /// The number of the next question: later ones have higher numbers.
    pub(crate) fn question(&self) -> u64 {
        self.questions.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Which leases are to be asked for, renewed or given up at this beat.
    pub(crate) fn wishes(&self, now: u64) -> Vec<Wish> {
        let mut wishes = Vec::new();
        let mut idle = Vec::new();
        for hot in self.hot.read().values() {
            if !hot.wish(now, &mut wishes) {
                idle.push(hot.key.clone());
            }
        }
        if !idle.is_empty() {
            let mut all = self.hot.write();
            idle.iter().for_each(|key| drop(all.remove(key)));
        }
        wishes
    }

    /// No share is to be gone by any more.
    pub(crate) fn drop_all(&self) {
        self.hot.write().clear();
    }

    pub(crate) fn len(&self, now: u64) -> usize {
        self.hot.read().values().filter(|hot| hot.state.lock().has_share(now)).count()
    }
}

impl State {
    fn has_share(&self, now: u64) -> bool {
        self.share > 0 && now < self.expires
    }

    /// Adds what has come of the share until now.
    fn fill(&mut self, period: u64, now: u64) {
        let most = u128::from(self.at_once) * u128::from(period);
        let elapsed = u128::from(now.saturating_sub(self.at));
        self.level = (self.level + elapsed * u128::from(self.share)).min(most);
        self.at = self.at.max(now);
    }
}

impl Hot {
    /// Charges so many units to this node's share.
    pub(crate) fn charge(&self, units: u64, now: u64) -> Local {
        let mut state = self.state.lock();
        state.asked = state.asked.saturating_add(units);
        state.wanted = state.wanted.saturating_add(units);
        if state.has_share(now) {
            state.fill(self.period, now);
            let worth = u128::from(units) * u128::from(self.period);
            if let Some(left) = state.level.checked_sub(worth) {
                state.level = left;
                return Local::Charged;
            }
        }
        state.missed = state.missed.saturating_add(units);
        match state.refused_until.checked_sub(now) {
            // What is fewer may be there.
            Some(wait) if wait > 0 && units >= state.refused => Local::Drained(wait),
            _ => Local::Ask,
        }
    }

    /// Gives back what was charged a moment ago: another budget of the same request had not enough.
    pub(crate) fn give_back(&self, units: u64) {
        let mut state = self.state.lock();
        let most = u128::from(state.at_once) * u128::from(self.period);
        state.level = (state.level + u128::from(units) * u128::from(self.period)).min(most);
    }

    /// Whether this node has a share.
    pub(crate) fn has_share(&self, now: u64) -> bool {
        self.state.lock().has_share(now)
    }

    /// Redis said that so many are not there.
    pub(crate) fn refused(&self, units: u64, wait: u64, now: u64) {
        let mut state = self.state.lock();
        let least = if state.has_share(now) { 4 * HOLD_OFF } else { HOLD_OFF };
        state.refused = units;
        state.refused_until = now.saturating_add(wait.clamp(least, 4 * HOLD_OFF));
    }

    /// Adds what is to be asked for; no where nobody charges this any more.
    fn wish(self: &Arc<Hot>, now: u64, wishes: &mut Vec<Wish>) -> bool {
        let mut state = self.state.lock();
        let elapsed = now.saturating_sub(state.beat_at).max(1);
        // The share of a second that a beat is.
        let lately = std::mem::take(&mut state.asked) as f64 * 1e6 / elapsed as f64;
        // Of a second, or of all that there was until now where that is less.
        let known = now.saturating_sub(state.began).clamp(WATCHED, 1_000_000);
        let weight = (elapsed as f64 / known as f64).min(1.0);
        state.rate += (lately - state.rate) * weight;
        state.beat_at = now;
        let has_share = state.has_share(now);
        if state.rate < WORTH {
            if has_share {
                // It is not gone by from before Redis hears of it.
                let have = std::mem::take(&mut state.share);
                let (hot, asked_at) = (Arc::clone(self), now);
                wishes.push(Wish { hot, wanted: 0, have, at_once: 0, asked_at, question: 0 });
            }
            return state.rate >= 0.01;
        }
        // A number of units: the ends of the range are never met.
        let units = |number: f64| number.ceil().clamp(1.0, 1e15) as u64;
        let wanted =
            units(state.rate * HEADROOM * self.period as f64 / 1e6).min(self.numbers.limit);
        // It is watched for a while before it is judged by what came in it.
        let watched = now.saturating_sub(state.began) >= WATCHED;
        let due = !has_share
            || wanted.saturating_mul(2) < state.share
            || state.expires.saturating_sub(now) <= RENEWED
            || (wanted > state.share && state.missed >= (state.wanted / MISSED).max(8));
        if due && watched && (state.asked_at == 0 || now.saturating_sub(state.asked_at) >= ASKING) {
            state.asked_at = now;
            (state.wanted, state.missed) = (0, 0);
            let (have, at_once) =
                (if has_share { state.share } else { 0 }, units(state.rate * AT_ONCE + BY_CHANCE));
            let hot = Arc::clone(self);
            wishes.push(Wish { hot, wanted, have, at_once, asked_at: now, question: 0 });
        }
        true
    }
}

impl Wish {
    /// The same, asked for now. A lease that is over by now is not renewed: it begins.
    pub(crate) fn at(self, question: u64, now: u64) -> Wish {
        let over = self.wanted > 0 && !self.hot.has_share(now);
        Wish { asked_at: now, question, have: if over { 0 } else { self.have }, ..self }
    }

    /// Writes the rest of a call of `lease.lua`.
    pub(crate) fn write(&self, call: &mut ScriptInvocation<'static>, keys: &Keys, node: &str) {
        let Hot { key, numbers, .. } = &*self.hot;
        call.key(key);
        for name in keys.shares(key, numbers.version()) {
            call.key(name);
        }
        numbers.write(call);
        call.arg(node).arg(self.wanted).arg(self.have).arg(LASTS).arg(self.at_once);
        call.arg(self.question);
    }

    /// Takes what was granted.
    pub(crate) fn granted(&self, share: u64, at_once: u64) {
        if self.wanted == 0 {
            return;
        }
        let mut state = self.hot.state.lock();
        if self.have == 0 {
            state.at_once = at_once;
            state.level = u128::from(at_once) * u128::from(self.hot.period);
            state.at = self.asked_at;
        }
        // Until it was asked for the share was another.
        state.fill(self.hot.period, self.asked_at);
        let more = at_once.saturating_sub(state.at_once);
        state.level += u128::from(more) * u128::from(self.hot.period);
        state.at_once += more;
        state.share = share;
        state.expires = self.asked_at.saturating_add(LASTS);
        if share > 0 {
            state.refused_until = 0;
        }
    }
}

#[cfg(test)]
mod tests;
