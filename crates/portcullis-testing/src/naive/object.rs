//! The object stage: the objects that the request names, and each row of a list or what is created.

use portcullis::Reason;
use portcullis_syntax::ast::{Condition, Path, ResourceClause};
use portcullis_test::{Facts, World};

use super::comparison::equal;
use super::condition::{self, Stage, is_met};
use super::policy::{Policy, Route};
use super::scope::{Fault, Object, Scope};
use super::value::{Value, fact, typed};
use super::{Refused, least};

/// What may be shown.
pub(super) enum Shown<'a> {
    /// The handler's own answer, or the one object.
    One,
    /// The rows of a list that passed.
    Rows(Vec<Object<'a>>),
}

pub(super) fn decide<'a>(
    policy: &'a Policy,
    route: &'a Route,
    scope: &mut Scope<'a>,
    world: &World,
) -> Result<Shown<'a>, Refused> {
    loaded(policy, route, scope, world)?;
    if let Some(resource) = &route.creates {
        let facts = find(world, resource).ok_or(Reason::ServiceFault)?;
        scope.objects.push(Object { resource, facts });
        condition::decide(policy, route, Stage::Row, scope)?;
    }
    let Some((resource, max)) = &route.lists else {
        return Ok(Shown::One);
    };
    if world.rows.len() as u64 > u64::try_from(*max).unwrap() {
        return Err(Reason::ServiceFault.into());
    }
    let mut shown = Vec::new();
    for row in &world.rows {
        let row = Object { resource, facts: row.clone() };
        let mut of_row = scope.clone();
        of_row.objects.push(row.clone());
        let mut reasons = condition::reasons(policy, route, Stage::Row, &of_row);
        reasons.extend(hidden(policy, &row, scope));
        if reasons.contains(&Reason::ServiceFault) {
            return Err(Reason::ServiceFault.into());
        }
        if reasons.is_empty() {
            shown.push(row);
        }
    }
    Ok(Shown::Rows(shown))
}

/// The objects that are loaded, all together.
pub(super) fn loaded<'a>(
    policy: &'a Policy,
    route: &'a Route,
    scope: &mut Scope<'a>,
    world: &World,
) -> Result<(), Refused> {
    for (resource, _) in &route.loads {
        if let Some(facts) = find(world, resource) {
            scope.objects.push(Object { resource, facts });
        }
    }
    let mut reasons = Vec::new();
    for (resource, by) in &route.loads {
        match scope.objects.iter().find(|object| object.resource == resource) {
            None => reasons.push(Reason::NotFound),
            Some(object) => {
                if !is_the_one(policy, object, by, scope).unwrap_or(false) {
                    reasons.push(Reason::ServiceFault);
                }
            }
        }
    }
    // Where one is absent, nothing can be asked of them.
    if scope.objects.len() == route.loads.len() {
        reasons.extend(condition::reasons(policy, route, Stage::Object, scope));
        for object in &scope.objects {
            reasons.extend(hidden(policy, object, scope));
        }
    }
    least(reasons)
}

fn find(world: &World, resource: &str) -> Option<Facts> {
    let (_, facts) = world.objects.iter().find(|(given, _)| given == resource)?;
    facts.clone()
}

/// What its resource has against an object being known of.
fn hidden(policy: &Policy, object: &Object<'_>, scope: &Scope<'_>) -> Vec<Reason> {
    let conditions = policy.resource(object.resource).clauses.iter();
    let conditions = conditions.filter_map(|clause| match clause {
        ResourceClause::Visible { condition, .. } => Some(condition),
        _ => None,
    });
    let alone =
        Scope { objects: vec![object.clone()], about: vec![object.resource], ..scope.clone() };
    let asked = conditions.map(|condition: &Condition| is_met(condition, &alone));
    asked
        .filter_map(|met| match met {
            Ok(true) => None,
            Ok(false) => Some(Reason::NotFound),
            Err(fault) => Some(fault.into()),
        })
        .collect()
}

/// Whether the object has the key that the request names; that of an action is handed over.
fn is_the_one(
    policy: &Policy,
    object: &Object<'_>,
    by: &[Path],
    scope: &Scope<'_>,
) -> Result<bool, Fault> {
    let clauses = &policy.resource(object.resource).clauses;
    let keys = clauses.iter().filter_map(|clause| match clause {
        ResourceClause::Attribute(attribute) if attribute.key => Some(attribute),
        _ => None,
    });
    for (key, path) in keys.zip(by) {
        let named: Value = scope.read(path)?;
        let given = typed(policy, fact(&object.facts, &key.name.node), &key.kind.node)?;
        if !equal(&given, &named)? {
            return Ok(false);
        }
    }
    Ok(true)
}
