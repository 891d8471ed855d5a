//! API1:2023, broken object level authorization.

use portcullis_compiler::plan::{Access, Allow, Guard, GuardReason, Route, StageChecks};
use portcullis_lint::Owasp;
use portcullis_lint::ownership::{Tie, demands, is_loose, tie};
use portcullis_syntax::Span;

use super::{Gaps, Item, counted, routes};
use crate::document::{Mark, Table, Text};
use crate::subject::{Subject, open};

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
            Text::said(match relation(subject, route) {
                Tie::Key => "yes, by the key",
                Tie::Clause => "yes",
                Tie::Created => "not asked: it is new",
                Tie::Partly => "in one of several ways",
                Tie::Apart => "no: all but the caller's own",
                Tie::None => "no",
            }),
        ]);
    }
    let loads = all().filter(|route| !route.loads.is_empty());
    let lists = all().filter(|route| route.lists.is_some());
    let related = all().filter(|route| matches!(relation(subject, route), Tie::Key | Tie::Clause));
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
    let untied =
        |route: &Route| matches!(relation(subject, route), Tie::Partly | Tie::Apart | Tie::None);
    let unrelated = |route: &&Route| untied(route) && matches!(route.access, Access::Credential(_));
    let without = |route: &&Route| unrelated(route) && route.needs.is_empty() && !asks_role(route);
    let by_permission = |route: &&Route| unrelated(route) && !without(route);
    let public = |route: &&Route| untied(route) && !matches!(route.access, Access::Credential(_));
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
        routes(subject, all().filter(|route| is_loose(subject.plan, route))),
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
        risk: Owasp::ObjectAuthorization,
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

/// What ties a caller to the objects of a route. The rows of a list are the handler's to choose: how something else
/// was loaded says nothing of them.
fn relation(subject: &Subject<'_>, route: &Route) -> Tie {
    match tie(subject.plan, route) {
        Tie::Key if route.lists.is_some() => Tie::None,
        tie => tie,
    }
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
