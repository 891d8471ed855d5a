//! At which stage a condition is decided, and what a stage's conditions say.

use portcullis::Reason;
use portcullis_syntax::ast::{Condition, Expression, Path};

use super::expression::{parts, predicate};
use super::policy::{Policy, Route};
use super::scope::{Fault, Scope};
use super::{Refused, least};

/// The stages at which conditions are decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Caller,
    Input,
    Object,
}

/// What the conditions of a stage have against the request.
pub(super) fn reasons(
    policy: &Policy,
    route: &Route,
    stage: Stage,
    scope: &Scope<'_>,
) -> Vec<Reason> {
    let resource = route.resource();
    let mut reasons = Vec::new();
    for (condition, reason) in &route.denies {
        if stage_of(policy, resource, condition) == stage {
            match holds(condition, scope) {
                Ok(true) => reasons.push(*reason),
                Ok(false) => {}
                Err(fault) => reasons.push(fault.into()),
            }
        }
    }
    // All `allow`s are one check, and one that cannot be asked spoils it.
    let of_allows = route
        .allows
        .iter()
        .map(|allow| stage_of(policy, resource, allow))
        .max();
    if of_allows == Some(stage) {
        let answers = route.allows.iter().map(|allow| holds(allow, scope));
        match answers.collect::<Result<Vec<bool>, Fault>>() {
            Ok(answers) if answers.contains(&true) => {}
            Ok(_) => reasons.push(Reason::Forbidden),
            Err(fault) => reasons.push(fault.into()),
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

/// The latest stage that any input of a condition needs.
fn stage_of(policy: &Policy, resource: Option<&str>, condition: &Condition) -> Stage {
    let when = stage_of_expression(policy, resource, &condition.when);
    let unless = condition
        .unless
        .as_ref()
        .map(|e| stage_of_expression(policy, resource, e));
    when.max(unless.unwrap_or(Stage::Caller))
}

fn stage_of_expression(policy: &Policy, resource: Option<&str>, of: &Expression) -> Stage {
    let (inner, path) = parts(of);
    let inner = inner
        .into_iter()
        .map(|part| stage_of_expression(policy, resource, part));
    inner
        .chain(path.map(|path| stage_of_path(policy, resource, path)))
        .max()
        .unwrap_or(Stage::Caller)
}

/// The stage at which what a path names is known.
pub(super) fn stage_of_path(policy: &Policy, resource: Option<&str>, path: &Path) -> Stage {
    let names: Vec<&str> = path
        .segments
        .iter()
        .map(|name| name.node.as_str())
        .collect();
    match names[..] {
        ["caller" | "request" | "now", ..] => Stage::Caller,
        ["params" | "body", ..] => Stage::Input,
        [_, name] | [name] => match predicate(policy, resource, name) {
            Some(condition) => stage_of_expression(policy, resource, condition),
            None if names.len() == 2 => Stage::Object,
            // A value of an enum.
            None => Stage::Caller,
        },
        _ => panic!("a path of one or two names"),
    }
}
