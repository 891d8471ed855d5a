//! API5:2023, broken function level authorization.

use portcullis_compiler::plan::{Access, Route, SessionVerb};
use portcullis_lint::Owasp;

use super::{Gaps, Item, counted, routes};
use crate::document::{Mark, Table, Text};
use crate::matrix::{Call, Row, Who};
use crate::sections::{callers, matrix};
use crate::subject::{Subject, open, writes};

pub(super) fn item(subject: &Subject<'_>) -> Item {
    let plan = subject.plan;
    let mut table =
        Table::new("API5: who may call what", &["Route", "Asks for", "May", "May if", "May not"]);
    for (route, row) in plan.routes.iter().zip(&subject.matrix.routes) {
        let of = |is: fn(&Call) -> bool| {
            let cells = subject.matrix.columns.iter().zip(&row.cells);
            let found = cells.filter(|(_, cell)| is(&cell.call)).map(|(who, _)| *who);
            callers(subject, &found.collect::<Vec<_>>()).or("nobody")
        };
        table.row([
            subject.route(route),
            matrix::asks(subject, route),
            of(|call| *call == Call::May),
            of(|call| matches!(call, Call::If(_))),
            of(|call| *call == Call::MayNot),
        ]);
    }
    let needs = open(plan).filter(|route| !route.needs.is_empty());
    let does = [
        counted(needs.count(), "route", "a permission is needed"),
        counted(
            plan.roles.len(),
            "role",
            "a role grants what it lists and inherits, an unknown one nothing",
        ),
        Some(Text::said("a route that does not say who may call it does not compile")),
    ];
    let at = |is: &dyn Fn(&Route, &Row) -> bool| {
        let found = plan.routes.iter().zip(&subject.matrix.routes);
        let found = found.filter(|(route, row)| writes(route) && is(route, row));
        routes(subject, found.map(|(route, _)| route))
    };
    let may = |row: &Row, who: Who| {
        let mut cells = subject.matrix.columns.iter().zip(&row.cells);
        cells.any(|(column, cell)| *column == who && cell.call != Call::MayNot)
    };
    let enters = |route: &Route| {
        matches!(route.session_verb(), Some(SessionVerb::Issues | SessionVerb::Renews))
    };
    let leaves = |route: &Route| route.session_verb() == Some(SessionVerb::Ends);
    let mut gaps = Gaps::default();
    gaps.at(
        Mark::Review,
        "whoever has no credential may call it, and it is no read and no way into a session",
        at(&|route, row| may(row, Who::Anonymous) && !enters(route)),
    );
    gaps.at(
        Mark::Review,
        "whoever has a good credential may call it, with no role at all, and it is no read",
        at(&|route, row| {
            matches!(route.access, Access::Credential(_)) && may(row, Who::NoRole) && !leaves(route)
        }),
    );
    Item {
        risk: Owasp::FunctionAuthorization,
        what: "A caller uses a function that is meant for others, such as one for administrators.",
        does: does.into_iter().flatten().collect(),
        gaps: gaps.0,
        table,
        without: "The policy has no routes.",
        beyond: None,
    }
}
