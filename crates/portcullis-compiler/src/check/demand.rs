//! What groups, routes and actions ask alike: `needs`, `require`, `deny`, `budget`; and `allow`. Each
//! is put at the step at which it is decided.

use portcullis_syntax::ast::{self, ActionClause, Demand};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::Report;
use super::expression::{CallerPresence, Callers, Checker, Polarity, Scope};
use super::names::resolve;
use super::stage::{self, Step};
use super::types::Table;
use crate::plan::{
    Algorithm, Allow, Budget, Charge, ClaimType, Condition, Guard, GuardReason, Limit, Needed,
    Operand, RequestField, StageChecks, Type,
};

/// Where conditions are asked.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) scope: Scope<'a>,
    /// How many of the objects are loaded.
    pub(super) loaded: usize,
}

pub(super) fn needs(
    demands: &[&Demand],
    table: &mut Table<'_>,
    report: &mut Report,
) -> Vec<Needed> {
    let mut all: Vec<Needed> = Vec::new();
    let mut add = |needed: Needed| {
        if !all.iter().any(|known| known.any == needed.any) {
            all.push(needed);
        }
    };
    for demand in demands {
        let Demand::Needs(needs) = demand else {
            continue;
        };
        if needs.permissions.is_empty() {
            report.add(
                Diagnostic::error(Code::BadValue, needs.span, "`needs []` asks for nothing")
                    .help("name a permission, or write `signed_in`"),
            );
        }
        let found = needs.permissions.iter();
        let mut found = found
            .map(|name| (table.access.permission(name, report), name.span))
            .collect::<Vec<_>>();
        if needs.any {
            found.sort_unstable_by_key(|(index, _)| *index);
            found.dedup_by_key(|(index, _)| *index);
            add(Needed { any: found.iter().map(|(index, _)| *index).collect(), span: needs.span });
        } else {
            found.into_iter().for_each(|(index, span)| add(Needed { any: vec![index], span }));
        }
    }
    all
}

/// Hands over each `require` and `deny` with the step at which it is decided.
pub(super) fn guards(
    demands: &[&Demand],
    asked: Asked<'_>,
    table: &mut Table<'_>,
    report: &mut Report,
    mut put: impl FnMut(Step, StageChecks),
) {
    for demand in demands {
        let (guard, must_hold) = match demand {
            Demand::Require(guard) => (guard, true),
            Demand::Deny(guard) => (guard, false),
            Demand::Needs(_) | Demand::Budget(..) => continue,
        };
        let reason = guard.reason.as_ref().map_or(GuardReason::Forbidden, reason);
        let checker = Checker::new(table, asked.scope, report);
        let condition = if must_hold {
            checker.polarity(Polarity::Positive).requirement(&guard.condition)
        } else {
            checker.polarity(Polarity::Negative).condition(&guard.condition)
        };
        let Some(condition) = condition else {
            continue;
        };
        let step = stage::of_condition(&condition, asked.loaded);
        let found = vec![Guard { condition, reason, span: guard.span }];
        let checks = if must_hold {
            StageChecks { requires: found, ..StageChecks::default() }
        } else {
            StageChecks { denies: found, ..StageChecks::default() }
        };
        put(step, checks);
    }
}

/// The grammar has these words alone.
fn reason(name: &ast::Name) -> GuardReason {
    match name.node.as_str() {
        "not_found" => GuardReason::NotFound,
        "conflict" => GuardReason::Conflict,
        "step_up" => GuardReason::StepUp,
        _ => GuardReason::Forbidden,
    }
}

/// The `allow`s of an action.
pub(super) fn allows_of(action: &ast::Action) -> Vec<&ast::Allow> {
    let allows = action.clauses.iter().filter_map(|clause| match clause {
        ActionClause::Allow(allow) => Some(allow),
        _ => None,
    });
    allows.collect()
}

/// `allow`s that are one check, at the latest step that any of them needs.
pub(super) fn allows(
    found: &[&ast::Allow],
    asked: Asked<'_>,
    table: &mut Table<'_>,
    report: &mut Report,
) -> Option<(Step, Vec<Allow>)> {
    let mut allows = Vec::new();
    for allow in found {
        let mut checker = Checker::new(table, asked.scope, report).polarity(Polarity::Positive);
        let condition = checker.condition(&allow.condition);
        allows.extend(condition.map(|condition| Allow { condition, span: allow.span }));
    }
    let steps = allows.iter().map(|allow| stage::of_condition(&allow.condition, asked.loaded));
    Some((steps.max()?, allows))
}

/// What is charged, with the step at which its key is known.
pub(super) fn charges(
    demands: &[&Demand],
    scope: Scope<'_>,
    table: &mut Table<'_>,
    report: &mut Report,
) -> Vec<(Step, Charge)> {
    let all = demands.iter().filter_map(|demand| match demand {
        Demand::Budget(charged, span) => Some((charged, *span)),
        _ => None,
    });
    for (_, span) in all.clone().filter(|(charged, _)| charged.is_empty()) {
        let fault = Diagnostic::error(Code::BadValue, span, "`budget []` charges nothing");
        report.add(fault.help("name a budget, or take the clause away"));
    }
    // A budget counts before any object is loaded.
    let scope = Scope { objects: &[], ..scope };
    let mut seen: Vec<(usize, Span)> = Vec::new();
    let mut charges = Vec::new();
    for charged in all.flat_map(|(charged, _)| charged) {
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
        if let Some(found) = table.budgets.get_mut(budget) {
            found.charged = true;
        }
        charges.extend(charge(budget, charged, scope, table, report));
    }
    charges
}

fn charge(
    budget: usize,
    charged: &ast::Charged,
    scope: Scope<'_>,
    table: &mut Table<'_>,
    report: &mut Report,
) -> Option<(Step, Charge)> {
    let found = table.budgets.get(budget)?;
    let (parts, conditions, ipv6) = (found.key, found.limits.clone(), found.ipv6);
    let cost = cost(charged, &found.plan, report);
    let mark = report.mark();
    let mut key = Vec::new();
    for part in parts {
        key.extend(Checker::new(table, scope, report).first_of(&part.alternatives));
    }
    if key.len() != parts.len() {
        let help = "say what is counted instead, as in `caller.id else request.ip`, or charge \
                    another budget here";
        report.explain(mark, help, |fault| fault.and(charged.budget.span, "charged here"));
        return None;
    }
    if let Some(ipv6) = ipv6.filter(|_| !key.iter().any(|part| is_address(part, table))) {
        report.add(
            Diagnostic::error(Code::Conflict, ipv6, "no address is in this key")
                .and(charged.budget.span, "as it is here")
                .help("take `ipv6` away, or count by `request.ip`"),
        );
    }
    // Told by what is written: where no caller can be, the key has forgotten that it names one, and the
    // credential of a session may be refused all the same.
    let names_caller =
        |path: &ast::Path| path.segments.first().is_some_and(|first| first.node == "caller");
    let without_caller = parts.iter().any(|part| part.alternatives.len() > 1)
        && parts.iter().any(|part| part.alternatives.iter().any(names_caller))
        && parts
            .iter()
            .all(|part| part.alternatives.last().is_some_and(|last| !names_caller(last)));
    // Such a budget counts requests too whose credential was refused: its limits are asked of nobody.
    let presence = match (scope.caller.presence, without_caller) {
        (CallerPresence::Always, true) => CallerPresence::Maybe,
        (presence, _) => presence,
    };
    let scope = Scope { caller: Callers { presence, ..scope.caller }, ..scope };
    let mut limits = Vec::new();
    for condition in conditions {
        limits.push(match condition {
            Some(condition) => Some(Checker::new(table, scope, report).condition(condition)?),
            None => None,
        });
    }
    let of_limits = limits.iter().flatten().map(|found: &Condition| stage::of_condition(found, 0));
    let of_key = key.iter().map(|part| stage::of_operand(part, 0)).max();
    // What all share is drained last, so that few requests drain it that are refused anyway.
    let step = of_limits.max().max(of_key.or(Some(Step::Input)))?;
    let without_caller = without_caller && step == Step::Caller;
    let span = charged.budget.span;
    let told = table.tells_budgets && !key.is_empty() && key.iter().all(is_of_who_asks);
    Some((step, Charge { budget, key, limits, cost, without_caller, told, span }))
}

fn cost(charged: &ast::Charged, budget: &Budget, report: &mut Report) -> u64 {
    let Some(cost) = &charged.cost else {
        return 1;
    };
    let units = u64::try_from(cost.node).unwrap_or(0);
    let at_once = |limit: &Limit| match budget.algorithm {
        Algorithm::TokenBucket => limit.burst,
        Algorithm::SlidingWindow => limit.units,
    };
    let least = budget.limits.iter().map(at_once).min();
    if units == 0 {
        report.add(Diagnostic::error(Code::BadValue, cost.span, "a cost is at least 1"));
    } else if let Some(least) = least.filter(|least| units > *least) {
        report.add(
            Diagnostic::error(
                Code::BadValue,
                cost.span,
                format!("`{}` never has {units} units at once", budget.name),
            )
            .label(format!("at most {least}"))
            .help("raise its limit or its `burst`, or lower the cost"),
        );
    }
    units.max(1)
}

fn is_address(operand: &Operand, table: &Table<'_>) -> bool {
    match operand {
        Operand::Request(RequestField::Ip) => true,
        Operand::Caller(slot) => {
            let kind = table.caller.get(*slot).map(|attribute| &attribute.kind);
            kind == Some(&ClaimType::Plain(Type::Ip))
        }
        Operand::Else(first, second) => is_address(first, table) || is_address(second, table),
        // An input of type `ip` is refused by its own name until it is enforced.
        Operand::Parameter(_) | Operand::Query(_) | Operand::Header(_) | Operand::Body(_) => true,
        _ => false,
    }
}

/// Whether a part of a key is of whoever asks, and so what is counted under it is no other's: by a
/// `body.email` anybody could ask after the owner's attempts.
fn is_of_who_asks(operand: &Operand) -> bool {
    match operand {
        Operand::Caller(_) | Operand::Request(RequestField::Ip) => true,
        Operand::Else(first, second) => is_of_who_asks(first) && is_of_who_asks(second),
        _ => false,
    }
}
