//! API6:2023, unrestricted access to sensitive business flows.

use portcullis_compiler::plan::{GuardReason, Route};
use portcullis_lint::Owasp;

use super::api04::counts_who_asks;
use super::{Gaps, Item, counted, routes};
use crate::document::{Mark, Table, Text};
use crate::sections::budgets;
use crate::subject::{Subject, charges, open, writes};

pub(super) fn item(subject: &Subject<'_>) -> Item {
    let plan = subject.plan;
    let mut table = Table::new(
        "API6: routes that change something",
        &["Route", "Counted by", "Most costly charge", "Fresh sign-in"],
    );
    let all = || open(plan).filter(|route| writes(route));
    for route in all() {
        let keys = charges(route).filter(|(_, charge)| !charge.key.is_empty());
        let keys = keys.map(|(_, charge)| {
            let name = Text::default().code(subject.budget(charge)).words(": ");
            name.then(budgets::key(subject, route, charge))
        });
        let cost = charges(route).map(|(_, charge)| charge.cost).max();
        table.row([
            subject.route(route),
            Text::lines(keys).or("nobody in particular"),
            cost.map_or_else(|| Text::said("none"), |cost| Text::default().words(cost.to_string())),
            Text::said(if steps_up(route) { "asked for (`step_up`)" } else { "not asked for" }),
        ]);
    }
    let counts = all().filter(|route| counts_who_asks(route));
    let costly = all().filter(|route| charges(route).any(|(_, charge)| charge.cost > 1));
    let does = [
        counted(counts.count(), "route", "what changes something is counted by who asks"),
        counted(costly.count(), "route", "what changes something costs more than one unit"),
        counted(
            all().filter(|route| steps_up(route)).count(),
            "route",
            "a fresh or stronger sign-in is asked for",
        ),
        counted(plan.actions.len(), "action", "decided apart from HTTP, as for jobs"),
    ];
    let mut gaps = Gaps::default();
    gaps.at(
        Mark::Review,
        "it changes something, and is not counted by who asks",
        routes(subject, all().filter(|route| !counts_who_asks(route))),
    );
    Item {
        risk: Owasp::BusinessFlows,
        what: "A flow that is harmless once, such as buying or signing up, is run by a machine so often that \
               it hurts the business.",
        does: does.into_iter().flatten().collect(),
        gaps: gaps.0,
        table,
        without: "No route changes anything.",
        beyond: Some(
            "Which flows are sensitive the policy cannot know: read the table with the business in mind.",
        ),
    }
}

fn steps_up(route: &Route) -> bool {
    route.stages().any(|(_, checks)| {
        let mut guards = checks.requires.iter().chain(&checks.denies);
        guards.any(|guard| guard.reason == GuardReason::StepUp)
    })
}
