//! At which stage a condition is decided, and what a stage's conditions say.

use portcullis::Reason;
use portcullis_syntax::ast::{Condition, Expression, Path};

use super::expression::{parts, predicate};
use super::policy::{Policy, Route};
use super::scope::{Fault, Scope, resource_at};
use super::{Refused, least};

/// The stages at which conditions are decided: the object stage in two, what is loaded and then
/// what is listed or created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Caller,
    Input,
    Object,
    Row,
}

/// When the object of each resource is known.
type Known<'a> = Vec<(&'a str, Stage)>;

pub(super) fn known(route: &Route) -> Known<'_> {
    let loaded = route.loads.iter().map(|(resource, _)| (resource.as_str(), Stage::Object));
    loaded.chain(route.subject().map(|resource| (resource, Stage::Row))).collect()
}

/// What the conditions of a stage have against the request.
pub(super) fn reasons(
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
            match held {
                Ok(held) if held == guard.must_hold => {}
                Ok(_) => reasons.push(guard.reason),
                Err(fault) => reasons.push(fault.into()),
            }
        }
    }
    // All `allow`s of a group are one check, and one that cannot be asked spoils it.
    for group in &route.allows {
        let of_allows = group.iter().map(|allow| stage_of(policy, &known, allow)).max();
        if of_allows == Some(stage) {
            let answers = group.iter().map(|allow| holds(allow, scope));
            match answers.collect::<Result<Vec<bool>, Fault>>() {
                Ok(answers) if answers.contains(&true) => {}
                Ok(_) => reasons.push(Reason::Forbidden),
                Err(fault) => reasons.push(fault.into()),
            }
        }
    }
    reasons
}

pub(super) fn decide(
    policy: &Policy,
    route: &Route,
    stage: Stage,
    scope: &Scope<'_>,
) -> Result<(), Refused> {
    least(reasons(policy, route, stage, scope))
}

/// Whether a condition holds and nothing sets it aside.
pub(super) fn holds(condition: &Condition, scope: &Scope<'_>) -> Result<bool, Fault> {
    let set_aside = |unless: &Option<Expression>| match unless {
        Some(unless) => scope.holds(unless),
        None => Ok(false),
    };
    Ok(scope.holds(&condition.when)? && !set_aside(&condition.unless)?)
}

/// Whether what is required holds, or something sets the requirement aside.
pub(super) fn is_met(condition: &Condition, scope: &Scope<'_>) -> Result<bool, Fault> {
    if scope.holds(&condition.when)? {
        return Ok(true);
    }
    match &condition.unless {
        Some(unless) => scope.holds(unless),
        None => Ok(false),
    }
}

/// The latest stage that any input of a condition needs.
pub(super) fn stage_of(policy: &Policy, known: &Known<'_>, condition: &Condition) -> Stage {
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
pub(super) fn stage_of_path(policy: &Policy, known: &Known<'_>, path: &Path) -> Stage {
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
