//! What is left of the budgets that whoever asks may know of: `RateLimit` and `RateLimit-Policy`
//! (draft-ietf-httpapi-ratelimit-headers-10), and the `X-RateLimit-*` that came before them.

use std::num::NonZeroU32;
use std::time::Duration;

use portcullis_compiler::plan::{Budget, Limit, Plan, RateLimit};

use crate::stage::charges::Standing;

/// The greatest integer of a structured field (RFC 9651, 3.3.1).
const GREATEST: u64 = 999_999_999_999_999;

/// One budget, as it is told.
pub(crate) struct Told<'a> {
    pub(crate) name: &'a str,
    pub(crate) limit: u64,
    /// In seconds.
    pub(crate) window: NonZeroU32,
    pub(crate) remaining: u64,
    /// In seconds; nothing where all is there.
    pub(crate) reset: Option<NonZeroU32>,
}

/// The lines; none where nothing is told.
pub(crate) fn lines(plan: &Plan, standings: &[Standing]) -> Vec<(&'static str, String)> {
    let told: Vec<Told<'_>> =
        standings.iter().filter_map(|standing| Told::of(plan, standing)).collect();
    let (standard, legacy) = match plan.headers.rate_limit {
        RateLimit::Standard => (true, false),
        RateLimit::Legacy => (false, true),
        RateLimit::Both => (true, true),
        RateLimit::Off => (false, false),
    };
    let mut lines = Vec::new();
    if standard && !told.is_empty() {
        lines.push(("ratelimit-policy", list(told.iter().map(Told::policy))));
        lines.push(("ratelimit", list(told.iter().map(Told::state))));
    }
    // These can tell of one alone: that of which least is left.
    let least = told.iter().min_by_key(|told| told.remaining);
    if let Some(least) = least.filter(|_| legacy) {
        lines.push(("x-ratelimit-limit", least.limit.to_string()));
        lines.push(("x-ratelimit-remaining", least.remaining.to_string()));
        lines.push(("x-ratelimit-reset", least.reset.map_or(0, NonZeroU32::get).to_string()));
    }
    lines
}

impl<'a> Told<'a> {
    fn of(plan: &'a Plan, standing: &Standing) -> Option<Told<'a>> {
        let budget: &Budget = plan.budgets.get(usize::from(standing.budget))?;
        let limit: &Limit = budget.limits.get(usize::from(standing.limit))?;
        Some(Told {
            name: &budget.name,
            limit: limit.units.min(GREATEST),
            window: seconds(limit.period),
            remaining: standing.remaining.min(GREATEST),
            reset: standing.reset,
        })
    }

    /// `"name";q=units;w=seconds`. The name is an identifier, in which nothing is to be escaped.
    pub(crate) fn policy(&self) -> String {
        format!("\"{}\";q={};w={}", self.name, self.limit, self.window)
    }

    /// `"name";r=units;t=seconds`, without `t` where all is there: there is nothing to wait for.
    pub(crate) fn state(&self) -> String {
        let reset = self.reset.map(|reset| format!(";t={reset}")).unwrap_or_default();
        format!("\"{}\";r={}{reset}", self.name, self.remaining)
    }
}

pub(crate) fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

/// Rounded up: who waits for so long does not come too early. No period is longer than a year; a store
/// that says so says never.
pub(crate) fn seconds(duration: Duration) -> NonZeroU32 {
    let begun = u64::from(duration.subsec_nanos() > 0);
    let seconds = duration.as_secs().saturating_add(begun).min(366 * 86_400);
    u32::try_from(seconds).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN)
}
