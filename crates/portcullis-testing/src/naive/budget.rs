//! Budgets, counted from a log of every unit that was ever charged.

use std::net::{IpAddr, Ipv6Addr};

use portcullis::Reason;
use portcullis_syntax::ast::{Budget, BudgetClause, Path};

use super::condition::{Stage, stage_of_path};
use super::policy::{Policy, Route};
use super::scope::{Fault, Scope};
use super::value::Value;

/// One unit that was charged.
pub(super) struct Charged {
    budget: String,
    key: Vec<Value>,
    at: i128,
}

/// Charges the budgets of a stage: all of them, or none where one lacks a unit.
pub(super) fn charge(
    log: &mut Vec<Charged>,
    policy: &Policy,
    route: &Route,
    stage: Stage,
    scope: &Scope<'_>,
) -> Result<(), Reason> {
    let mut charges: Vec<Charged> = Vec::new();
    for name in &route.budgets {
        let budget = policy.budget(name);
        let is_new = charges.iter().all(|charged| charged.budget != *name);
        if is_new && stage_of(policy, budget) == stage {
            let parts = key(budget).into_iter().map(|path| part(path, scope));
            let key = parts.collect::<Result<Vec<Value>, Fault>>()?;
            // Where a clock has gone back, time stands still.
            let before = of_entry(log, name, &key).last().copied();
            let at = before.unwrap_or(scope.now).max(scope.now);
            charges.push(Charged {
                budget: name.clone(),
                key,
                at,
            });
        }
    }
    let has_unit = |charge: &Charged| {
        let before = of_entry(log, &charge.budget, &charge.key);
        has_unit(policy.budget(&charge.budget), &before, charge.at)
    };
    if !charges.iter().all(has_unit) {
        return Err(Reason::OverBudget);
    }
    log.extend(charges);
    Ok(())
}

/// When units were charged to one budget under one key, in their order.
fn of_entry(log: &[Charged], budget: &str, key: &[Value]) -> Vec<i128> {
    let entry = log
        .iter()
        .filter(|charged| charged.budget == budget && charged.key == key);
    entry.map(|charged| charged.at).collect()
}

/// Whether a unit is left at `now`, after those charged `before`.
fn has_unit(budget: &Budget, before: &[i128], now: i128) -> bool {
    let (limit, period) = limit(budget);
    let sliding = budget.clauses.iter().any(|clause| match clause {
        BudgetClause::Algorithm(name, _) => name.node == "sliding_window",
        _ => false,
    });
    if !sliding {
        return bucket_has_unit(limit, period, before, now);
    }
    let counts = |at: &&i128| {
        if limit <= 16 {
            now - **at < period
        } else {
            // In 32nds of the period, each counted until it is over and a whole period more.
            let part = (period + 31) / 32;
            now.div_euclid(part) - at.div_euclid(part) <= 32
        }
    };
    (before.iter().filter(counts).count() as i128) < limit
}

/// A bucket of `limit` units that fills evenly within `period`. One unit is `period` parts, so that
/// one nanosecond adds `limit` of them and nothing is rounded.
fn bucket_has_unit(limit: i128, period: i128, before: &[i128], now: i128) -> bool {
    let capacity = limit * period;
    let Some(mut last) = before.first().copied() else {
        return true;
    };
    let mut level = capacity;
    for at in before {
        level = capacity.min(level + (at - last) * limit) - period;
        last = *at;
    }
    level + (now - last) * limit >= period
}

/// Units, and nanoseconds.
fn limit(budget: &Budget) -> (i128, i128) {
    let found = budget.clauses.iter().find_map(|clause| match clause {
        BudgetClause::Limit { units, period, .. } => Some((
            i128::from(units.node),
            i128::from(period.node) * 1_000_000_000,
        )),
        _ => None,
    });
    found.expect("compiled")
}

fn key(budget: &Budget) -> Vec<&Path> {
    let parts = budget.clauses.iter().filter_map(|clause| match clause {
        BudgetClause::Key(parts, _) => Some(parts),
        _ => None,
    });
    parts.flatten().map(|part| &part.path).collect()
}

/// The first stage that knows the whole key; where there is none, the end of the input stage.
fn stage_of(policy: &Policy, budget: &Budget) -> Stage {
    let stages = key(budget)
        .into_iter()
        .map(|path| stage_of_path(policy, None, path));
    stages.max().unwrap_or(Stage::Input)
}

fn part(path: &Path, scope: &Scope<'_>) -> Result<Value, Fault> {
    match scope.read(path)? {
        Value::Absent => Err(Fault),
        Value::Ip(IpAddr::V6(ip)) => Ok(Value::Ip(IpAddr::V6(network_of(ip)))),
        value => Ok(value),
    }
}

/// The /64 that an address is in: what one subscriber has, who may take any address of it.
fn network_of(ip: Ipv6Addr) -> Ipv6Addr {
    Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)
}
