//! `deny`, `allow` and `budget`, each put at the stage at which it is decided.

use portcullis_syntax::ast::{self, RouteClause};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::super::Report;
use super::super::expression::{Checker, Scope};
use super::super::names::resolve;
use super::super::stage;
use super::super::types::Table;
use super::Clauses;
use super::inherited::Inherited;
use crate::plan::{Allow, Charge, Deny, DenyReason, Route, Stage, StageChecks};

pub(super) fn denies(
    inherited: &Inherited<'_>,
    clauses: &Clauses<'_>,
    scope: Scope<'_>,
    route: &mut Route,
    table: &mut Table<'_>,
    report: &mut Report,
) {
    let own = clauses.found.clauses.iter().filter_map(|clause| match clause {
        RouteClause::Deny { condition, reason, span } => Some((condition, reason.as_ref(), *span)),
        _ => None,
    });
    let all = inherited.denies.iter().copied().chain(own).collect::<Vec<_>>();
    for (condition, reason, span) in all {
        let reason = reason.map_or(Some(DenyReason::Forbidden), |name| deny_reason(name, report));
        let condition = Checker { table, scope, report }.condition(condition);
        if let (Some(condition), Some(reason)) = (condition, reason) {
            let stage = stage::of_condition(&condition);
            checks(route, stage).denies.push(Deny { condition, reason, span });
        }
    }
}

fn deny_reason(name: &ast::Name, report: &mut Report) -> Option<DenyReason> {
    match name.node.as_str() {
        "conflict" => return Some(DenyReason::Conflict),
        "step_up" | "not_found" => report
            .unsupported(&ast::Unsupported { what: format!("as {}", name.node), span: name.span }),
        _ => report.add(
            Diagnostic::error(
                Code::UnknownName,
                name.span,
                format!("a `deny` cannot refuse with `{}`", name.node),
            )
            .help("it may end in `as conflict`")
            .did_you_mean(&name.node, ["conflict", "step_up", "not_found"]),
        ),
    }
    None
}

/// All `allow`s are one check, at the latest stage that any of them needs.
pub(super) fn allows(
    clauses: &Clauses<'_>,
    scope: Scope<'_>,
    route: &mut Route,
    table: &mut Table<'_>,
    report: &mut Report,
) -> bool {
    let all = clauses.all(|clause| match clause {
        RouteClause::Allow { condition, span } => Some((condition, *span)),
        _ => None,
    });
    let stated = !all.is_empty();
    let mut allows = Vec::new();
    for (condition, span) in all {
        let condition = Checker { table, scope, report }.condition(condition);
        allows.extend(condition.map(|condition| Allow { condition, span }));
    }
    let stage = allows.iter().map(|allow| stage::of_condition(&allow.condition)).max();
    if let Some(stage) = stage {
        checks(route, stage).allows = allows;
    }
    stated
}

pub(super) fn charges(
    inherited: &Inherited<'_>,
    clauses: &Clauses<'_>,
    scope: Scope<'_>,
    route: &mut Route,
    table: &mut Table<'_>,
    report: &mut Report,
) {
    let own = clauses.found.clauses.iter().filter_map(|clause| match clause {
        RouteClause::Budget(charged, _) => Some(charged.as_slice()),
        _ => None,
    });
    let all = inherited.budgets.iter().copied().chain(own).flatten().collect::<Vec<_>>();
    let mut seen: Vec<(usize, Span)> = Vec::new();
    for charged in all {
        let known = table.budgets.iter().map(|found| found.plan.name.as_str());
        let Some(budget) = resolve("budget", &charged.budget, known, report) else {
            continue;
        };
        if let Some((_, first)) = seen.iter().find(|(known, _)| *known == budget) {
            report.add(
                Diagnostic::error(
                    Code::Duplicate,
                    charged.budget.span,
                    format!("budget `{}` is charged twice here", charged.budget.node),
                )
                .label("again here")
                .and(*first, "first here")
                .help("name it once: in the group, or in the route"),
            );
            continue;
        }
        seen.push((budget, charged.budget.span));
        let parts = table.budgets.get(budget).map_or(&[] as &[_], |found| found.key);
        let mut key = Vec::new();
        for part in parts {
            // A budget counts before any object is loaded.
            let scope = Scope { object: None, ..scope };
            let mut checker = Checker { table, scope, report };
            key.extend(checker.read(&part.path, None, "a key"));
        }
        let stage = key.iter().map(stage::of_operand).max().unwrap_or(Stage::Input);
        if key.len() == parts.len() {
            checks(route, stage).charges.push(Charge { budget, key, span: charged.budget.span });
        } else {
            report.add(
                Diagnostic::error(
                    Code::Conflict,
                    charged.budget.span,
                    format!("the key of `{}` cannot be known on this route", charged.budget.node),
                )
                .help("give the route another budget, or the budget another key"),
            );
        }
    }
}

fn checks(route: &mut Route, stage: Stage) -> &mut StageChecks {
    match stage {
        Stage::Transport | Stage::Caller => &mut route.caller,
        Stage::Input => &mut route.input,
        Stage::Object | Stage::Response => &mut route.object,
    }
}
