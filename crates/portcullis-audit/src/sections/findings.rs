//! What the linter says, and all that was decided with a reason: a reviewer has to read those.

use portcullis_compiler::plan::Route;
use portcullis_syntax::ast::{
    BudgetClause, Hosts, Item, Returned, RouteClause, TransportClause, Waiver,
};
use portcullis_syntax::{Severity, Span};

use crate::document::{Section, Table, Text};
use crate::subject::{Subject, head, several};

pub(crate) fn section(subject: &Subject<'_>) -> Section {
    let mut findings = subject.compilation.diagnostics.clone();
    let verdict = portcullis_lint::verdict(subject.compilation);
    findings.extend(verdict.open);
    findings.sort_by_key(|found| (found.severity, found.span()));
    let mut table = Table::new("Findings", &["Finding", "Level", "Rule", "Place"]);
    for found in &findings {
        table.row([
            quoting(&found.message),
            Text::default().words(found.severity.as_str()),
            Text::default().code(found.code.as_str()),
            found.span().map_or_else(Text::default, |span| {
                Text::default().place(subject.places.place(span))
            }),
        ]);
    }
    let counts = [Severity::Error, Severity::Warning, Severity::Note].into_iter();
    let counts = counts.filter_map(|severity| {
        let count = findings.iter().filter(|found| found.severity == severity).count();
        (count > 0).then(|| several(count, severity.as_str()))
    });
    let counts = counts.collect::<Vec<_>>().join(", ");
    let summary = match counts.is_empty() {
        true => Text::said("`portcullis lint` finds nothing."),
        false => Text::said("`portcullis lint` finds: ").words(counts).words("."),
    };
    let mut section = Section::new("findings", "Findings, waivers and reasons").says(summary);
    if !findings.is_empty() {
        section = section.table(table, "");
    }
    section
        .table(waivers(subject, &verdict.waivers), "No lint rule is waived.")
        .table(reasons(subject), "Nothing else in the policy is stated with a reason.")
        .table(invariants(subject), "The policy states no invariants.")
}

/// A message with the author's words in backticks; those hold none, or the message is not taken apart.
fn quoting(message: &str) -> Text {
    if message.matches('`').count() % 2 == 1 {
        return Text::default().words(message);
    }
    let parts = message.split('`').enumerate();
    parts.fold(
        Text::default(),
        |text, (index, part)| {
            if index % 2 == 0 { text.words(part) } else { text.code(part) }
        },
    )
}

fn waivers(subject: &Subject<'_>, all: &[&Waiver]) -> Table {
    let mut table = Table::new("Waivers: rules that are silenced", &["Rule", "Reason", "Place"]);
    for waiver in all {
        table.row([
            Text::default().code(&waiver.rule.node),
            Text::default().words(&waiver.reason.node),
            Text::default().place(subject.places.place(waiver.span)),
        ]);
    }
    table
}

/// What opens something and has to say why.
fn reasons(subject: &Subject<'_>) -> Table {
    let mut table =
        Table::new("Reasons that the policy gives", &["What", "Reason", "Where", "Place"]);
    let mut row = |what: &'static str, reason: &str, where_: Text, span: Span| {
        let place = Text::default().place(subject.places.place(span));
        table.row([Text::said(what), Text::default().words(reason), where_, place]);
    };
    for item in subject.items() {
        match item {
            Item::Transport(transport) => {
                for clause in &transport.clauses {
                    if let TransportClause::Hosts { hosts: Hosts::Any(why), span, .. } = clause {
                        row("`hosts any`", &why.node, Text::said("every route"), *span);
                    }
                }
            }
            Item::Budget(budget) => {
                for clause in &budget.clauses {
                    if let BudgetClause::Unavailable(why, span) = clause {
                        let where_ = Text::said("budget ").code(&budget.name.node);
                        row("`unavailable admit`", &why.node, where_, *span);
                    }
                }
            }
            _ => {}
        }
    }
    for route in &subject.plan.routes {
        for clause in subject.clauses(route) {
            if let RouteClause::Returns { returned: Returned::Opaque(why), span, .. } = clause {
                row("`returns opaque`", &why.node, Text::default().code(head(route)), *span);
            }
        }
    }
    table
}

fn invariants(subject: &Subject<'_>) -> Table {
    let caption = "Invariants: stated, checked for names and types, and not proved";
    let mut table = Table::new(caption, &["Invariant", "Place"]);
    for invariant in &subject.plan.invariants {
        let place = Text::default().place(subject.places.place(invariant.span));
        table.row([Text::default().words(&invariant.title), place]);
    }
    table
}

/// The reason of a route's `returns opaque`.
pub(crate) fn opaque(subject: &Subject<'_>, route: &Route) -> Text {
    let reason = subject.clauses(route).iter().find_map(|clause| match clause {
        RouteClause::Returns { returned: Returned::Opaque(why), .. } => Some(&why.node),
        _ => None,
    });
    reason.map_or_else(Text::default, |reason| Text::default().words(format!("“{reason}”")))
}

/// The reason for which a budget lets requests go on without the store.
pub(crate) fn unavailable(subject: &Subject<'_>, name: &str) -> Text {
    let clauses = subject.items().filter_map(|item| match item {
        Item::Budget(budget) if budget.name.node == name => Some(budget.clauses.as_slice()),
        _ => None,
    });
    let reason = clauses.flatten().find_map(|clause| match clause {
        BudgetClause::Unavailable(why, _) => Some(&why.node),
        _ => None,
    });
    reason.map_or_else(Text::default, |reason| Text::default().words(format!("“{reason}”")))
}
