//! API1:2023, broken object level authorization.

use portcullis_compiler::plan::{
    Access, Allow, Comparison, Condition, Guard, GuardReason, Operand, Route, StageChecks,
};
use portcullis_syntax::Span;

use super::{Gaps, Item, counted, routes};
use crate::document::{Mark, Table, Text};
use crate::subject::{Subject, open, reads};

pub(super) fn item(subject: &Subject<'_>) -> Item {
    let plan = subject.plan;
    let mut table = Table::new(
        "API1: routes that speak of objects",
        &["Route", "Object", "Named by", "Decided by", "Relates caller and object"],
    );
    let all = || open(plan).filter(|route| route.objects().next().is_some());
    for route in all() {
        table.row([
            subject.route(route),
            object(subject, route),
            named(subject, route),
            decided(subject, route),
            Text::said(match relation(route) {
                Relation::Key => "yes, by the key",
                Relation::Clause => "yes",
                Relation::Created => "not asked: it is new",
                Relation::None => "no",
            }),
        ]);
    }
    let loads = all().filter(|route| !route.loads.is_empty());
    let lists = all().filter(|route| route.lists.is_some());
    let related = all().filter(|route| matches!(relation(route), Relation::Key | Relation::Clause));
    let visible = |checks: &StageChecks| checks.requires.iter().any(hides);
    let hidden = all().filter(|route| visible(&route.object) || visible(&route.rows));
    let does = [
        counted(
            related.count(),
            "route",
            "caller and object are related, by a clause or by the object's key",
        ),
        counted(
            loads.count(),
            "route",
            "the key of what is loaded is compared with the one that the request names",
        ),
        counted(
            lists.count(),
            "route",
            "each row of a list is decided by itself before it is shown",
        ),
        counted(hidden.count(), "route", "whoever may not know of the object is told `not_found`"),
    ];
    let unrelated = |route: &&Route| {
        matches!(relation(route), Relation::None) && matches!(route.access, Access::Credential(_))
    };
    let without = |route: &&Route| unrelated(route) && route.needs.is_empty() && !asks_role(route);
    let by_permission = |route: &&Route| unrelated(route) && !without(route);
    let public = |route: &&Route| {
        matches!(relation(route), Relation::None) && !matches!(route.access, Access::Credential(_))
    };
    let mut gaps = Gaps::default();
    gaps.at(
        Mark::Gap,
        "any caller may name any object: no clause relates the two, and none asks what the caller is",
        routes(subject, all().filter(without)),
    );
    gaps.at(
        Mark::Review,
        "one `allow` relates caller and object, and another lets in whoever it asks neither for that nor for a \
         role or a permission",
        routes(subject, all().filter(|route| is_loose(route))),
    );
    gaps.at(
        Mark::Review,
        "whoever has the permission or the role may name any object: no clause relates caller and object",
        routes(subject, all().filter(by_permission)),
    );
    gaps.at(
        Mark::Review,
        "`public`: everybody may name any object",
        routes(subject, all().filter(public)),
    );
    Item {
        id: "api1",
        title: "API1 Broken object level authorization",
        what: "By changing an id in a request, a caller reads or changes an object that is another's.",
        does: does.into_iter().flatten().collect(),
        gaps: gaps.0,
        table,
        without: "No route speaks of an object of the policy.",
        beyond: Some(
            "What a handler does with objects that it does not declare here, the policy cannot see.",
        ),
    }
}

/// What ties a caller to the object of a route.
enum Relation {
    /// The object is the one that an attribute of the caller names.
    Key,
    /// A clause that has to hold, or a `deny` of whom it does not hold.
    Clause,
    /// The object is about to be stored.
    Created,
    /// Nothing.
    None,
}

fn relation(route: &Route) -> Relation {
    let caller = |operand: &Operand| matches!(operand, Operand::Caller(_));
    let own = |key: &[Operand]| key.iter().any(|part| reads(part, &caller));
    let stages = [&route.object, &route.rows];
    if stages.into_iter().any(binds_in) {
        return Relation::Clause;
    }
    match (route.loads.as_slice(), &route.creates) {
        ([], Some(_)) => Relation::Created,
        ([], None) => Relation::None,
        (loads, _) if route.lists.is_none() && loads.iter().all(|load| own(&load.key)) => {
            Relation::Key
        }
        _ => Relation::None,
    }
}

fn binds_in(checks: &StageChecks) -> bool {
    let guards =
        |guards: &[Guard], wanted| guards.iter().any(|guard| binds(&guard.condition, wanted));
    let allows = checks.allows.iter().flatten().any(|allow| binds(&allow.condition, true));
    allows || guards(&checks.requires, true) || guards(&checks.denies, false)
}

/// Whether a condition that has to be `wanted` is so only where caller and object belong together, or for
/// whoever has a role or a permission: `deny when self` keeps callers from their own object, and from no
/// other's.
fn binds(condition: &Condition, wanted: bool) -> bool {
    let caller = |operand: &Operand| matches!(operand, Operand::Caller(_));
    let object = |operand: &Operand| matches!(operand, Operand::Object(_));
    let both = |one: &Operand, other: &Operand| {
        (reads(one, &caller) && reads(other, &object))
            || (reads(one, &object) && reads(other, &caller))
    };
    match condition {
        Condition::All(parts) if wanted => parts.iter().any(|part| binds(part, wanted)),
        Condition::Any(parts) if !wanted => parts.iter().any(|part| binds(part, wanted)),
        // One part is enough, as is one of several `allow`s: none may let in just anybody.
        Condition::All(parts) | Condition::Any(parts) => {
            let asked = |part: &Condition| binds(part, wanted) || demands(part, wanted);
            parts.iter().any(|part| binds(part, wanted)) && parts.iter().all(asked)
        }
        Condition::Not(inner) => binds(inner, !wanted),
        Condition::Compare(comparison, one, other) => {
            let fits = match comparison {
                Comparison::Equal => wanted,
                Comparison::NotEqual => !wanted,
                _ => true,
            };
            fits && both(one, other)
        }
        Condition::InList(one, other) => wanted && both(one, other),
        _ => false,
    }
}

/// Whether of the `allow`s of which one is enough some relate caller and object, and some ask nothing of the
/// caller.
fn is_loose(route: &Route) -> bool {
    [&route.object, &route.rows].into_iter().flat_map(|checks| &checks.allows).any(|group| {
        let related = |allow: &Allow| binds(&allow.condition, true);
        let asked = |allow: &Allow| related(allow) || demands(&allow.condition, true);
        group.iter().any(related) && !group.iter().all(asked)
    })
}

/// Whether every caller has to be of some role, or has to have some permission, beside `needs`.
fn asks_role(route: &Route) -> bool {
    let asks =
        |guards: &[Guard], wanted| guards.iter().any(|guard| demands(&guard.condition, wanted));
    route.stages().any(|(_, checks)| {
        let asked = |group: &Vec<Allow>| group.iter().all(|allow| demands(&allow.condition, true));
        asks(&checks.requires, true)
            || asks(&checks.denies, false)
            || checks.allows.iter().any(asked)
    })
}

/// Whether a condition that has to be `wanted` is so only for whoever has some role or permission: `deny
/// when caller is banned` asks for none.
fn demands(condition: &Condition, wanted: bool) -> bool {
    match condition {
        Condition::Is(_) | Condition::Can(_) => wanted,
        Condition::All(parts) if wanted => parts.iter().any(|part| demands(part, wanted)),
        Condition::Any(parts) if !wanted => parts.iter().any(|part| demands(part, wanted)),
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().all(|part| demands(part, wanted))
        }
        Condition::Not(inner) => demands(inner, !wanted),
        _ => false,
    }
}

fn hides(guard: &Guard) -> bool {
    guard.reason == GuardReason::NotFound
}

fn object(subject: &Subject<'_>, route: &Route) -> Text {
    let loads = route.loads.iter().map(|load| ("loads ", load.resource));
    let lists = route.lists.iter().map(|list| ("lists ", list.resource));
    let creates = route.creates.iter().map(|create| ("creates ", create.resource));
    Text::lines(
        loads
            .chain(lists)
            .chain(creates)
            .map(|(verb, resource)| Text::said(verb).code(subject.resource(resource))),
    )
}

fn named(subject: &Subject<'_>, route: &Route) -> Text {
    let keys = route
        .loads
        .iter()
        .map(|load| Text::names(load.key.iter().map(|part| subject.operand(route, part))));
    let lists =
        route.lists.iter().map(|list| Text::said("at most ").words(format!("{} rows", list.max)));
    Text::lines(keys.chain(lists))
}

/// The clauses that read the object.
fn decided(subject: &Subject<'_>, route: &Route) -> Text {
    let clauses = [&route.object, &route.rows].into_iter().flat_map(spans);
    Text::lines(clauses.map(|span| subject.clause(span))).or("no clause")
}

fn spans(checks: &StageChecks) -> impl Iterator<Item = Span> {
    let guards = checks.requires.iter().chain(&checks.denies).map(|guard| guard.span);
    guards.chain(checks.allows.iter().flatten().map(|allow| allow.span))
}
