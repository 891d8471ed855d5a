//! How the conditions of a route relate its caller to its objects.

use std::collections::HashSet;

use portcullis_compiler::plan::{
    Comparison, Condition, Content, Operand, Place, Plan, Returned, Route, StageChecks, Type,
};

use crate::words::{is_secret, words};

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

/// Whether some clause of a route relates its caller to an object of it: an attribute of the one is
/// compared with one of the other, or with what the request brings as a proof; or the object is loaded
/// by what the caller is. What belongs to a related object is taken to be related too.
pub(crate) fn relates(plan: &Plan, route: &Route) -> bool {
    let objects = route.objects().collect::<Vec<_>>();
    // Who names another's id proves nothing by it: a code or a token is what only its owner was given.
    let proves = |place: &Place| {
        let resource = objects.get(place.object).and_then(|index| plan.resources.get(*index));
        let attribute = resource.and_then(|resource| resource.attributes.get(place.slot));
        attribute.is_some_and(|attribute| {
            place.nested.is_empty()
                && (is_secret(&attribute.name, &attribute.kind) || is_code(&attribute.name))
        })
    };
    let mut keys: Vec<&Operand> = Vec::new();
    for part in route.loads.iter().flat_map(|loads| &loads.key) {
        if parts(part).any(|part| matches!(part, Operand::Caller(_))) {
            return true;
        }
        keys.extend(parts(part));
    }
    let mut found = false;
    for condition in route.stages().flat_map(|(_, checks)| decided(checks)) {
        atoms(condition, &mut |atom| {
            let (Condition::Compare(_, left, right) | Condition::InList(left, right)) = atom else {
                return;
            };
            // What is less or more is a rule of the business: whoever proves something sends the same.
            let same = match atom {
                Condition::Compare(how, ..) => {
                    matches!(how, Comparison::Equal | Comparison::NotEqual)
                }
                _ => true,
            };
            found |= pairs(left, right).any(|(one, other)| match (one, other) {
                (Operand::Object(_), Operand::Caller(_)) => true,
                (Operand::Object(place), other) => same && is_sent(other) && proves(place),
                (Operand::Caller(_), other) => keys.contains(&other),
                _ => false,
            });
        });
    }
    found
}

/// The attributes, by resource and slot, that some route or action compares with one of the caller:
/// they say whose an object is.
pub(crate) fn owners(plan: &Plan) -> HashSet<(usize, usize)> {
    let mut found = HashSet::new();
    for route in &plan.routes {
        let objects = route.objects().collect::<Vec<_>>();
        for condition in route.stages().flat_map(|(_, checks)| decided(checks)) {
            owned(condition, &mut |place| {
                if let Some(resource) = objects.get(place.object) {
                    found.insert((*resource, place.slot));
                }
            });
        }
    }
    for action in &plan.actions {
        for condition in decided(&action.object) {
            owned(condition, &mut |place| {
                found.extend(action.loads.map(|resource| (resource, place.slot)));
            });
        }
    }
    found
}

fn owned<'c>(condition: &'c Condition, visit: &mut dyn FnMut(&'c Place)) {
    atoms(condition, &mut |atom| {
        let (Condition::Compare(Comparison::Equal | Comparison::NotEqual, left, right)
        | Condition::InList(left, right)) = atom
        else {
            return;
        };
        for (one, other) in pairs(left, right) {
            if let (Operand::Object(place), Operand::Caller(_)) = (one, other)
                && place.nested.is_empty()
            {
                visit(place);
            }
        }
    });
}

/// What the two sides of a comparison may be, either of them first.
fn pairs<'c>(
    left: &'c Operand,
    right: &'c Operand,
) -> impl Iterator<Item = (&'c Operand, &'c Operand)> {
    let both = move |(left, right): (&'c Operand, &'c Operand)| [(left, right), (right, left)];
    parts(left).flat_map(move |left| parts(right).map(move |right| (left, right))).flat_map(both)
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

/// Whether a name says that its value is handed to one person: `code`, `invitation_code`, `signature`.
fn is_code(name: &str) -> bool {
    words(name).iter().any(|word| ["code", "token", "signature", "nonce"].contains(&word.as_str()))
}

fn is_sent(operand: &Operand) -> bool {
    matches!(
        operand,
        Operand::Request(_)
            | Operand::Parameter(_)
            | Operand::Query(_)
            | Operand::Header(_)
            | Operand::Body(_)
    )
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
