//! What is left of the budgets that whoever asks may know of: `RateLimit` and `RateLimit-Policy`
//! (draft-ietf-httpapi-ratelimit-headers-10), and the `X-RateLimit-*` that came before them.

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
    pub(crate) window: u64,
    pub(crate) remaining: u64,
    /// In seconds; nothing where all is there.
    pub(crate) reset: Option<u64>,
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
        lines.push(("x-ratelimit-reset", least.reset.unwrap_or(0).to_string()));
    }
    lines
}

impl<'a> Told<'a> {
    fn of(plan: &'a Plan, standing: &Standing) -> Option<Told<'a>> {
        let budget: &Budget = plan.budgets.get(standing.budget)?;
        let limit: &Limit = budget.limits.get(standing.limit)?;
        Some(Told {
            name: &budget.name,
            limit: limit.units.min(GREATEST),
            window: seconds(limit.period),
            remaining: standing.quota.remaining.min(GREATEST),
            reset: standing.quota.reset.map(seconds),
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
pub(crate) fn seconds(duration: Duration) -> u64 {
    let seconds = duration.as_nanos().div_ceil(1_000_000_000).clamp(1, 366 * 86_400);
    u64::try_from(seconds).unwrap_or(GREATEST)
}
