//! The object stage: the object that the request names, or each row of a list.

use portcullis::Reason;
use portcullis_syntax::ast::{Path, ResourceClause};
use portcullis_test::{Facts, World};

use super::comparison::equal;
use super::condition::{self, Stage};
use super::policy::{Policy, Route};
use super::scope::{Fault, Scope};
use super::value::{Value, fact, typed};
use super::{Refused, least};

/// What may be shown.
pub(super) enum Shown {
    /// The handler's own answer, or the one object.
    One,
    /// The rows of a list that passed.
    Rows(Vec<Facts>),
}

pub(super) fn decide(
    policy: &Policy,
    route: &Route,
    scope: &mut Scope<'_>,
    world: &World,
) -> Result<Shown, Refused> {
    if let Some((resource, by)) = &route.loads {
        let World::Object(object) = world else {
            return Err(Reason::ServiceFault.into());
        };
        scope.object = object.clone().ok_or(Reason::NotFound)?;
        let mut reasons = condition::reasons(policy, route, Stage::Object, scope);
        if !is_the_one(policy, resource, by, scope).unwrap_or(false) {
            reasons.push(Reason::ServiceFault);
        }
        least(reasons)?;
    }
    let Some((_, max)) = &route.lists else {
        return Ok(Shown::One);
    };
    let World::Rows(rows) = world else {
        return Err(Reason::ServiceFault.into());
    };
    if rows.len() as u64 > u64::try_from(*max).unwrap() {
        return Err(Reason::ServiceFault.into());
    }
    let mut shown = Vec::new();
    for row in rows {
        scope.object.clone_from(row);
        let reasons = condition::reasons(policy, route, Stage::Object, scope);
        if reasons.contains(&Reason::ServiceFault) {
            return Err(Reason::ServiceFault.into());
        }
        if reasons.is_empty() {
            shown.push(row.clone());
        }
    }
    Ok(Shown::Rows(shown))
}

/// Whether the object has the key that the request names.
fn is_the_one(
    policy: &Policy,
    resource: &str,
    by: &[Path],
    scope: &Scope<'_>,
) -> Result<bool, Fault> {
    let clauses = &policy.resource(resource).clauses;
    let keys = clauses.iter().filter_map(|clause| match clause {
        ResourceClause::Attribute(attribute) if attribute.key => Some(attribute),
        _ => None,
    });
    for (key, path) in keys.zip(by) {
        let named: Value = scope.read(path)?;
        let given = typed(policy, fact(&scope.object, &key.name.node), &key.kind.node)?;
        if !equal(&given, &named)? {
            return Ok(false);
        }
    }
    Ok(true)
}
