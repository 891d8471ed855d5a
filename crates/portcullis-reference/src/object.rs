//! The object stage: the objects that the request names, and each row of a list or what is created.

use portcullis::Reason;
use portcullis_syntax::ast::{Path, ResourceClause};
use portcullis_test::{Facts, World};

use crate::comparison::equal;
use crate::condition::{self, Stage, is_met};
use crate::policy::Policy;
use crate::route::Route;
use crate::scope::{Fault, Object, Scope};
use crate::trace::{Clause, Outcome};
use crate::value::{Value, fact, typed};
use crate::{Refused, least};

/// What may be shown.
pub(crate) enum Shown<'a> {
    /// The handler's own answer, or the one object.
    One,
    /// The rows of a list that passed.
    Rows(Vec<Object<'a>>),
}

pub(crate) fn decide<'a>(
    policy: &'a Policy,
    route: &'a Route,
    scope: &mut Scope<'a>,
    world: &World,
) -> Result<Shown<'a>, Refused> {
    let record = &policy.recorder;
    loaded(policy, route, scope, world)?;
    if let Some((resource, span)) = &route.creates {
        let found = find(world, resource).ok_or(Reason::ServiceFault);
        let outcome = if found.is_ok() { Outcome::Held } else { Outcome::Absent };
        let clause = Clause::Creates { resource: resource.clone() };
        record.decided(clause, *span, outcome, found.as_ref().err().copied());
        let facts = found?;
        scope.objects.push(Object { resource, facts });
        condition::decide(policy, route, Stage::Row, scope)?;
    }
    let Some((resource, max, span)) = &route.lists else {
        return Ok(Shown::One);
    };
    let fits = world.rows.len() as u64 <= u64::try_from(*max).unwrap();
    let against = (!fits).then_some(Reason::ServiceFault);
    let clause = Clause::Lists { resource: resource.clone() };
    record.decided(clause, *span, Outcome::of(fits), against);
    least(against.into_iter().collect())?;
    let mut shown = Vec::new();
    for (index, row) in world.rows.iter().enumerate() {
        record.row(index);
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
pub(crate) fn loaded<'a>(
    policy: &'a Policy,
    route: &'a Route,
    scope: &mut Scope<'a>,
    world: &World,
) -> Result<(), Refused> {
    for loads in &route.loads {
        let resource = loads.resource.node.as_str();
        if let Some(facts) = find(world, resource) {
            scope.objects.push(Object { resource, facts });
        }
    }
    let mut reasons = Vec::new();
    for loads in &route.loads {
        let resource = loads.resource.node.clone();
        let (outcome, against) =
            match scope.objects.iter().find(|object| object.resource == resource) {
                None => (Outcome::Absent, Some(Reason::NotFound)),
                Some(object) => {
                    let is_the_one = is_the_one(policy, object, &loads.by, scope);
                    let wrong = !is_the_one.unwrap_or(false);
                    (is_the_one.into(), wrong.then_some(Reason::ServiceFault))
                }
            };
        policy.recorder.decided(Clause::Loads { resource }, loads.span, outcome, against);
        reasons.extend(against);
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
        ResourceClause::Visible { condition, span } => Some((condition, *span)),
        _ => None,
    });
    let alone =
        Scope { objects: vec![object.clone()], about: vec![object.resource], ..scope.clone() };
    let mut reasons = Vec::new();
    for (condition, span) in conditions {
        let met = is_met(condition, &alone);
        let against = match met {
            Ok(true) => None,
            Ok(false) => Some(Reason::NotFound),
            Err(fault) => Some(fault.into()),
        };
        policy.recorder.decided(Clause::Visible, span, met.into(), against);
        reasons.extend(against);
    }
    reasons
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
