//! API3:2023, broken object property level authorization.

use portcullis_compiler::plan::{BodyKind, Returned, Route};
use portcullis_lint::Owasp;

use super::{Gaps, Item, counted, routes};
use crate::document::{Mark, Table, Text};
use crate::matrix::Call;
use crate::sections::{fields, input};
use crate::subject::{Subject, open};

pub(super) fn item(subject: &Subject<'_>) -> Item {
    let plan = subject.plan;
    let mut table =
        Table::new("API3: what leaves and what comes in", &["Route", "Leaves", "The client sets"]);
    for (route, row) in plan.routes.iter().zip(&subject.matrix.routes) {
        if route.retired.is_some() {
            continue;
        }
        let may = subject.matrix.columns.iter().zip(&row.cells);
        let may = may.filter(|(_, cell)| cell.call != Call::MayNot).map(|(who, _)| *who);
        table.row([
            subject.route(route),
            Text::lines(
                route.returns.iter().map(|found| fields::shows(subject, route, &found.returned)),
            )
            .or("whatever the handler answers"),
            input::settable(subject, route, &may.collect::<Vec<_>>()),
        ]);
    }
    let views = open(plan).filter(|route| {
        let mut all = route.returns.iter();
        all.any(|found| !matches!(found.returned, Returned::Nothing | Returned::Opaque))
    });
    let secrets = plan.resources.iter().flat_map(|found| &found.attributes);
    let secrets = secrets.filter(|attribute| attribute.secret).count();
    let limited = open(plan).filter(|route| limits(route));
    let does = [
        counted(views.count(), "route", "the body is a view, and no other field is in it"),
        counted(secrets, "attribute", "`secret`, in no view: else the policy does not compile"),
        counted(
            limited.count(),
            "route",
            "a field that only some may set is refused from whoever else sends it",
        ),
        Some(Text::said("a handler never sees a field of the body that is not declared")),
    ];
    let raw = |route: &&Route| {
        matches!(route.body.as_ref().map(|body| &body.kind), Some(BodyKind::Raw { .. }))
    };
    let mut gaps = Gaps::default();
    gaps.at(
        Mark::Gap,
        "no `returns`: whatever the handler answers leaves",
        routes(subject, open(plan).filter(|route| route.returns.is_empty())),
    );
    gaps.at(
        Mark::Review,
        "`returns opaque`: whatever the handler answers leaves, for a reason that is stated",
        routes(subject, open(plan).filter(|route| fields::unheld(&route.returns))),
    );
    gaps.at(
        Mark::Review,
        "`body raw`: the bytes are handed on unread",
        routes(subject, open(plan).filter(raw)),
    );
    Item {
        risk: Owasp::PropertyAuthorization,
        what: "An answer holds fields that the caller should not see, or a request sets fields that the \
               caller should not set.",
        does: does.into_iter().flatten().collect(),
        gaps: gaps.0,
        table,
        without: "The policy has no routes that answer.",
        beyond: None,
    }
}

/// Whether not everybody may set every field of the body.
fn limits(route: &Route) -> bool {
    let mut found = false;
    if let Some(shape) = route.body.as_ref().and_then(|body| body.shape()) {
        input::collect(shape, "", &mut |_, field| found |= field.settable.is_some());
    }
    found
}
