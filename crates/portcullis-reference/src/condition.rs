//! At which stage a condition is decided, and what a stage's conditions say.

use portcullis::Reason;
use portcullis_syntax::ast::{Allow, Condition, Expression, Path};

use crate::expression::{parts, predicate};
use crate::policy::Policy;
use crate::route::Route;
use crate::scope::{Fault, Scope, resource_at};
use crate::trace::Clause;
use crate::{Refused, least};

/// The stages at which conditions are decided: the object stage in two, what is loaded and then
/// what is listed or created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Caller,
    Input,
    Object,
    Row,
}

/// When the object of each resource is known.
type Known<'a> = Vec<(&'a str, Stage)>;

pub(crate) fn known(route: &Route) -> Known<'_> {
    let loaded = route.loads.iter().map(|loads| (loads.resource.node.as_str(), Stage::Object));
    loaded.chain(route.subject().map(|resource| (resource, Stage::Row))).collect()
}

/// What the conditions of a stage have against the request.
pub(crate) fn reasons(
    policy: &Policy,
    route: &Route,
    stage: Stage,
    scope: &Scope<'_>,
) -> Vec<Reason> {
    let known = known(route);
    let mut reasons = Vec::new();
    for guard in &route.guards {
        if stage_of(policy, &known, &guard.condition) == stage {
            let held = if guard.must_hold {
                is_met(&guard.condition, scope)
            } else {
                holds(&guard.condition, scope)
            };
            let against = match held {
                Ok(held) if held == guard.must_hold => None,
                Ok(_) => Some(guard.reason),
                Err(fault) => Some(fault.into()),
            };
            let clause = if guard.must_hold { Clause::Require } else { Clause::Deny };
            policy.recorder.decided(clause, guard.span, held.into(), against);
            reasons.extend(against);
        }
    }
    // All `allow`s of a group are one check, and one that cannot be asked spoils it.
    for group in &route.allows {
        let of_allows = group.iter().map(|allow| stage_of(policy, &known, &allow.condition)).max();
        if of_allows == Some(stage) {
            reasons.extend(of_group(policy, group, scope));
        }
    }
    reasons
}

/// What `allow`s that are one check have against the request.
fn of_group(policy: &Policy, group: &[Allow], scope: &Scope<'_>) -> Option<Reason> {
    let record = &policy.recorder;
    let mut asked = Vec::new();
    for allow in group {
        let held = holds(&allow.condition, scope);
        asked.push((allow, held, record.put_by()));
        if held.is_err() {
            break;
        }
    }
    let faulted = asked.iter().any(|(_, held, _)| held.is_err());
    let against = match asked.iter().any(|(_, held, _)| *held == Ok(true)) {
        _ if faulted => Some(Reason::ServiceFault),
        true => None,
        false => Some(Reason::Forbidden),
    };
    for (allow, held, open) in asked {
        record.take_up(open);
        // Where one could not be asked, it is that one which spoils the check.
        let against = against.filter(|_| held.is_err() || !faulted);
        record.decided(Clause::Allow, allow.span, held.into(), against);
    }
    against
}

pub(crate) fn decide(
    policy: &Policy,
    route: &Route,
    stage: Stage,
    scope: &Scope<'_>,
) -> Result<(), Refused> {
    least(reasons(policy, route, stage, scope))
}

/// Whether a condition holds and nothing sets it aside.
pub(crate) fn holds(condition: &Condition, scope: &Scope<'_>) -> Result<bool, Fault> {
    let set_aside = |unless: &Option<Expression>| match unless {
        Some(unless) => scope.holds(unless),
        None => Ok(false),
    };
    Ok(scope.holds(&condition.when)? && !set_aside(&condition.unless)?)
}

/// Whether what is required holds, or something sets the requirement aside.
pub(crate) fn is_met(condition: &Condition, scope: &Scope<'_>) -> Result<bool, Fault> {
    if scope.holds(&condition.when)? {
        return Ok(true);
    }
    match &condition.unless {
        Some(unless) => scope.holds(unless),
        None => Ok(false),
    }
}

/// The latest stage that any input of a condition needs.
pub(crate) fn stage_of(policy: &Policy, known: &Known<'_>, condition: &Condition) -> Stage {
    let when = stage_of_expression(policy, known, &condition.when);
    let unless = condition.unless.as_ref().map(|e| stage_of_expression(policy, known, e));
    when.max(unless.unwrap_or(Stage::Caller))
}

fn stage_of_expression(policy: &Policy, known: &Known<'_>, of: &Expression) -> Stage {
    let (inner, path) = parts(of);
    let inner = inner.into_iter().map(|part| stage_of_expression(policy, known, part));
    inner.chain(path.map(|path| stage_of_path(policy, known, path))).max().unwrap_or(Stage::Caller)
}

/// The stage at which what a path names is known.
pub(crate) fn stage_of_path(policy: &Policy, known: &Known<'_>, path: &Path) -> Stage {
    let (first, rest) = path.segments.split_first().expect("a path has a name");
    match (first.node.as_str(), rest) {
        ("caller" | "request" | "now", _) => Stage::Caller,
        ("params" | "query" | "header" | "body", _) => Stage::Input,
        (name, []) => {
            let of = known.iter().find_map(|(resource, stage)| {
                Some((predicate(policy, resource, name)?, *resource, *stage))
            });
            match of {
                Some((condition, resource, stage)) => {
                    stage_of_expression(policy, &vec![(resource, stage)], condition)
                }
                // A value of an enum, or a setting.
                None => Stage::Caller,
            }
        }
        (name, [nested @ .., last]) => {
            let (resource, stage) =
                *known.iter().find(|(resource, _)| *resource == name).expect("compiled");
            let inner = resource_at(policy, resource, nested).expect("compiled");
            match predicate(policy, inner, &last.node) {
                Some(condition) => stage_of_expression(policy, &vec![(inner, stage)], condition),
                None => stage,
            }
        }
    }
}
