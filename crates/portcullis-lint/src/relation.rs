//! What the conditions of a route ask, and of which objects.

use std::collections::HashSet;

use portcullis_compiler::plan::{
    Condition, Content, Operand, Place, Plan, Returned, Route, StageChecks, Type,
};

use crate::ownership::{How, compared};

/// What decides whether a request is admitted: every condition but those of budgets and views.
pub(crate) fn decided(checks: &StageChecks) -> impl Iterator<Item = &Condition> {
    let guards = checks.requires.iter().chain(&checks.denies).map(|guard| &guard.condition);
    guards.chain(checks.allows.iter().flatten().map(|allow| &allow.condition))
}

/// Calls `visit` with each condition that is not made of others.
pub(crate) fn atoms<'c>(condition: &'c Condition, visit: &mut dyn FnMut(&'c Condition)) {
    match condition {
        Condition::All(all) | Condition::Any(all) => {
            all.iter().for_each(|inner| atoms(inner, visit));
        }
        Condition::Not(inner) => atoms(inner, visit),
        atom => visit(atom),
    }
}

/// The attributes, by resource and slot, that some route or action compares with one of the caller:
/// they say whose an object is.
pub(crate) fn owners(plan: &Plan) -> HashSet<(usize, usize)> {
    let mut found = HashSet::new();
    for route in &plan.routes {
        let objects = route.objects().collect::<Vec<_>>();
        for condition in route.stages().flat_map(|(_, checks)| decided(checks)) {
            for place in owned(condition) {
                found.extend(objects.get(place.object).map(|resource| (*resource, place.slot)));
            }
        }
    }
    for action in &plan.actions {
        for condition in decided(&action.object) {
            for place in owned(condition) {
                found.extend(action.loads.map(|resource| (resource, place.slot)));
            }
        }
    }
    found
}

/// What a condition compares with the caller of the objects themselves, and not for being less or more.
fn owned(condition: &Condition) -> Vec<&Place> {
    let mut places = Vec::new();
    atoms(condition, &mut |atom| {
        let same = compared(atom).into_iter().filter(|found| found.how != How::Ordered);
        places.extend(same.map(|found| found.place).filter(|place| place.nested.is_empty()));
    });
    places
}

/// A value, or the two of an `else`.
pub(crate) fn parts(operand: &Operand) -> impl Iterator<Item = &Operand> {
    let mut found = Vec::new();
    let mut waiting = vec![operand];
    while let Some(next) = waiting.pop() {
        match next {
            Operand::Else(first, second) => waiting.extend([&**second, &**first]),
            other => found.push(other),
        }
    }
    found.into_iter()
}

/// Whether some `allow`, `deny`, `require` or `visible` of a route speaks of what it loads or lists.
pub(crate) fn speaks_of_object(route: &Route) -> bool {
    [&route.object, &route.rows].into_iter().any(|checks| decided(checks).next().is_some())
}

/// The resources that some route or action has, and those nested in them.
pub(crate) fn had(plan: &Plan) -> HashSet<usize> {
    let of_routes = plan.routes.iter().flat_map(Route::objects);
    let of_actions = plan.actions.iter().filter_map(|action| action.loads);
    let shown = plan.routes.iter().flat_map(|route| &route.returns);
    let shown = shown.flat_map(|returns| match &returns.returned {
        Returned::View(of) | Returned::List(of) => vec![of.resource],
        Returned::Envelope(fields) => fields
            .iter()
            .filter_map(|field| match &field.content {
                Content::View(of) | Content::List(of) => Some(of.resource),
                Content::Plain(_) => None,
            })
            .collect(),
        Returned::Nothing | Returned::Opaque => Vec::new(),
    });
    let mut waiting = of_routes.chain(of_actions).chain(shown).collect::<Vec<_>>();
    let mut found = HashSet::new();
    while let Some(next) = waiting.pop() {
        if !found.insert(next) {
            continue;
        }
        let attributes = plan.resources.get(next).map(|resource| &resource.attributes);
        waiting.extend(
            attributes.into_iter().flatten().filter_map(|attribute| nested(&attribute.kind)),
        );
    }
    found
}

fn nested(kind: &Type) -> Option<usize> {
    match kind {
        Type::Resource(index) => Some(*index),
        Type::List(element) => nested(element),
        _ => None,
    }
}
