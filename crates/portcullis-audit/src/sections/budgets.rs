//! How often.

use std::collections::HashMap;

use portcullis_compiler::plan::{Algorithm, Charge, Limit, Route, Stage};
use portcullis_syntax::ast::{self, BudgetClause, Item};

use super::findings;
use crate::document::{Mark, Section, Table, Text};
use crate::subject::{Subject, charges, duration, open, several};

pub(crate) fn section(subject: &Subject<'_>) -> Section {
    let mut table = Table::new(
        "Budgets by route, at the stage that charges them",
        &["Route", "Caller stage", "Input stage"],
    );
    for route in open(subject.plan) {
        let at = |stage: Stage| {
            let charges = charges(route).filter(|(of, _)| *of == stage);
            Text::lines(charges.map(|(_, charge)| charged(subject, route, charge)))
        };
        let (caller, input) = (at(Stage::Caller), at(Stage::Input));
        let caller = match caller.is_empty() && input.is_empty() {
            true => Text::default().mark(Mark::Gap).words(" none is charged"),
            false => caller,
        };
        table.row([subject.route(route), caller, input]);
    }
    Section::new("budgets", "Budgets")
        .says(Text::said(
            "A budget is charged at the first stage that knows its key, after the other checks of that \
             stage. Where the store cannot be reached a request is refused with `store_unavailable`, unless \
             the budget says `unavailable admit` and nothing else on the route needs the store. “told”: the answer \
             tells the client what is left.",
        ))
        .table(declared(subject), "The policy has no budgets.")
        .table(table, "The policy has no routes that answer.")
}

fn declared(subject: &Subject<'_>) -> Table {
    let mut on: HashMap<usize, usize> = HashMap::new();
    for (_, charge) in open(subject.plan).flat_map(charges) {
        *on.entry(charge.budget).or_default() += 1;
    }
    let columns =
        ["Budget", "Limits", "Key", "Algorithm", "Refund", "Store unavailable", "Charged on"];
    let mut table = Table::new("Budgets", &columns);
    for (index, budget) in subject.plan.budgets.iter().enumerate() {
        let written = subject.items().find_map(|item| match item {
            Item::Budget(found) if found.name.node == budget.name => Some(found),
            _ => None,
        });
        let clauses = written.map_or(&[] as &[_], |found| found.clauses.as_slice());
        let name = Text::default().code(&budget.name);
        let name = match written {
            Some(found) => name.words(" ").place(subject.places.place(found.name.span)),
            None => name,
        };
        table.row([
            name,
            limits(subject, &budget.limits, budget.algorithm, clauses),
            written_key(subject, clauses, budget.ipv6_prefix),
            Text::said(match budget.algorithm {
                Algorithm::TokenBucket => "token bucket",
                Algorithm::SlidingWindow => "sliding window",
            }),
            Text::said(if budget.refund { "on success" } else { "none" }),
            match budget.unavailable_admits {
                true => Text::default()
                    .mark(Mark::Review)
                    .words(" goes on: ")
                    .then(findings::unavailable(subject, &budget.name)),
                false => Text::said("refused"),
            },
            Text::default().words(several(on.get(&index).copied().unwrap_or(0), "route")),
        ]);
    }
    table
}

/// The limits in their order, of which the first that fits holds.
fn limits(
    subject: &Subject<'_>,
    limits: &[Limit],
    algorithm: Algorithm,
    clauses: &[BudgetClause],
) -> Text {
    let conditions = clauses.iter().filter_map(|clause| match clause {
        BudgetClause::Limit { condition, .. } => Some(condition.as_ref()),
        _ => None,
    });
    Text::lines(limits.iter().zip(conditions).map(|(limit, condition)| {
        let period = duration(limit.period.as_secs());
        let text = Text::default().words(format!("{} per {period}", limit.units));
        let text = match algorithm == Algorithm::TokenBucket && limit.burst != limit.units {
            true => text.words(format!(", {} at once", limit.burst)),
            false => text,
        };
        match condition {
            Some(condition) => text.words(" when ").then(when(subject, condition)),
            None => text,
        }
    }))
}

/// A condition behind `when`, in its author's words.
pub(crate) fn when(subject: &Subject<'_>, condition: &ast::Condition) -> Text {
    let text = Text::default().code(subject.places.words(condition.when.span));
    match &condition.unless {
        Some(unless) => text.words(" unless ").code(subject.places.words(unless.span)),
        None => text,
    }
}

fn written_key(subject: &Subject<'_>, clauses: &[BudgetClause], ipv6: u8) -> Text {
    let parts = clauses.iter().find_map(|clause| match clause {
        BudgetClause::Key(parts, _) => Some(parts),
        _ => None,
    });
    let Some(parts) = parts else { return Text::said("one count for all") };
    let words = parts.iter().map(|part| subject.places.words(part.span)).collect::<Vec<_>>();
    let text = parted(words.iter().cloned());
    match words.iter().any(|part| part.contains("request.ip")) {
        true => text.words(format!("; IPv6 by /{ipv6}")),
        false => text,
    }
}

/// A budget as a route charges it.
fn charged(subject: &Subject<'_>, route: &Route, charge: &Charge) -> Text {
    let text = Text::default().code(subject.budget(charge)).words(": ");
    let text = text.then(key(subject, route, charge));
    let text = match charge.cost {
        0 | 1 => text,
        cost => text.words(format!("; costs {cost}")),
    };
    if charge.told { text.words("; told") } else { text }
}

/// What a charge is counted by on a route.
pub(crate) fn key(subject: &Subject<'_>, route: &Route, charge: &Charge) -> Text {
    if charge.key.is_empty() {
        return Text::said("one count for all");
    }
    let parts = charge.key.iter().map(|part| subject.operand(route, part));
    let text = parted(parts);
    match charge.without_caller {
        true => text.words("; refused credentials too"),
        false => text,
    }
}

/// The parts of a key, which together are one.
fn parted(parts: impl Iterator<Item = String>) -> Text {
    Text::joined(parts.map(|part| Text::default().code(part)), " + ")
}
