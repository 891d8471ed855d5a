//! API4:2023, unrestricted resource consumption.

use portcullis_compiler::plan::Route;
use portcullis_lint::Owasp;
use portcullis_lint::ownership::Key;

use super::{Gaps, Item, counted, routes};
use crate::document::{Mark, Table, Text};
use crate::sections::input;
use crate::subject::{Subject, charges, open, size};

pub(super) fn item(subject: &Subject<'_>) -> Item {
    let plan = subject.plan;
    let mut table =
        Table::new("API4: what bounds each route", &["Route", "Budgets", "Body", "Rows of a list"]);
    for route in open(plan) {
        let budgets = charges(route).map(|(_, charge)| {
            let text = Text::default().code(subject.budget(charge));
            if charge.cost > 1 { text.words(format!(" (costs {})", charge.cost)) } else { text }
        });
        table.row([
            subject.route(route),
            Text::joined(budgets, ", ").or("none"),
            input::body(subject, route),
            route.lists.as_ref().map_or_else(Text::default, |list| {
                Text::said("at most ").words(list.max.to_string())
            }),
        ]);
    }
    let charged = |route: &&Route| charges(route).next().is_some();
    let listed = open(plan).filter(|route| route.lists.is_some());
    let does = [
        counted(
            open(plan).filter(charged).count(),
            "route",
            "budgets are charged before the handler runs",
        ),
        counted(listed.count(), "route", "a list has at most so many rows"),
        Some(
            Text::said("bodies are at most ")
                .words(size(plan.transport.body_limit))
                .words(", unless a route says otherwise"),
        ),
        Some(Text::said("every text and every list that comes in has an upper bound")),
    ];
    let by_all = |route: &&Route| charges(route).all(|(_, charge)| charge.key.is_empty());
    let chosen = |route: &&Route| {
        charges(route).any(|(_, charge)| !charge.key.is_empty()) && !counts_who_asks(route)
    };
    let goes_on = |route: &&Route| {
        charges(route).any(|(_, charge)| {
            plan.budgets.get(charge.budget).is_some_and(|found| found.unavailable_admits)
        })
    };
    let mut gaps = Gaps::default();
    gaps.at(
        Mark::Gap,
        "no budget is charged",
        routes(subject, open(plan).filter(|route| !charged(route))),
    );
    gaps.at(
        Mark::Gap,
        "all callers share one count: a single one can use it up for the others",
        routes(subject, open(plan).filter(charged).filter(by_all)),
    );
    gaps.at(
        Mark::Gap,
        "every key has a part that the client chooses: a new value is a new count",
        routes(subject, open(plan).filter(charged).filter(chosen)),
    );
    gaps.at(
        Mark::Review,
        "a budget goes on without the store, for a reason that is stated",
        routes(subject, open(plan).filter(goes_on)),
    );
    Item {
        risk: Owasp::ResourceConsumption,
        what: "Requests that are many, large or costly use up what the service, or who pays for it, has.",
        does: does.into_iter().flatten().collect(),
        gaps: gaps.0,
        table,
        without: "The policy has no routes that answer.",
        beyond: Some(
            "The time that a handler takes, and how many requests run at once, are the service's to bound.",
        ),
    }
}

/// Whether a route charges a budget that is each caller's or each address's own.
pub(super) fn counts_who_asks(route: &Route) -> bool {
    charges(route).any(|(_, charge)| Key::of(route, charge).is_of_client())
}
