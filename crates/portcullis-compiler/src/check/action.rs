//! `action`: decisions apart from HTTP.

use portcullis_syntax::ast::{self, ActionClause, Demand};
use portcullis_syntax::{Code, Diagnostic};

use super::Report;
use super::demand::{self, Asked};
use super::expression::{Bound, Callers, Scope};
use super::names::{Names, resolve};
use super::route::{mark_place, visible_guards};
use super::stage::Step;
use super::types::Table;
use crate::plan::{Action, Charge, Operand, StageChecks};

pub(super) fn check<'a>(
    names: &Names<'a>,
    table: &mut Table<'a>,
    report: &mut Report,
) -> Vec<Action> {
    names.actions.iter().map(|found| one(found, table, report)).collect()
}

fn one(found: &ast::Action, table: &mut Table<'_>, report: &mut Report) -> Action {
    let loads = found.clauses.iter().filter_map(|clause| match clause {
        ActionClause::Loads(loads) => Some((loads, loads.span)),
        _ => None,
    });
    let loads = report.once("loads", loads);
    if let Some(by) = loads.and_then(|loads| loads.by.first()) {
        report.add(
            Diagnostic::error(Code::Conflict, by.span, "an action is handed its object")
                .help("take `by …` away: a route that does the action says which"),
        );
    }
    let resource = loads.and_then(|loads| {
        let known = table.resources.iter().map(|found| found.plan.name.as_str());
        resolve("resource", &loads.resource, known, report)
    });
    let bounds: Vec<Bound> = resource
        .map(|resource| Bound { resource, object: 0, path: Vec::new() })
        .into_iter()
        .collect();
    let all: Vec<usize> = (0..table.credentials.len()).collect();
    // A caller of any credential may do it: what one of them lacks is optional.
    let caller = Callers { accepted: Some(&all), ..Callers::any() };
    let scope = Scope { caller, no_request: true, objects: &bounds, ..Scope::default() };
    let asked = Asked { scope, loaded: bounds.len() };
    let demands: Vec<&Demand> = found
        .clauses
        .iter()
        .filter_map(|clause| match clause {
            ActionClause::Demand(demand) => Some(demand),
            _ => None,
        })
        .collect();
    let needs = demand::needs(&demands, table, report);
    let (mut caller, mut object) = (StageChecks::default(), StageChecks::default());
    demand::guards(&demands, asked, table, report, |step, checks| {
        let found = if step == Step::Caller { &mut caller } else { &mut object };
        found.requires.extend(checks.requires);
        found.denies.extend(checks.denies);
    });
    if let Some(resource) = resource {
        object.requires.extend(visible_guards(resource, scope, table, report));
    }
    let allows = demand::allows_of(found);
    if let Some((step, group)) = demand::allows(&allows, asked, table, report) {
        let found = if step == Step::Caller { &mut caller } else { &mut object };
        found.allows.push(group);
    }
    // An action has no input: what all share is charged right after the caller is known.
    let charges = demand::charges(&demands, scope, table, report);
    // No answer tells of them.
    caller.charges.extend(charges.into_iter().map(|(_, charge)| Charge { told: false, ..charge }));
    if needs.is_empty() && allows.is_empty() {
        report.add(
            Diagnostic::error(
                Code::NoAccess,
                found.name.span,
                format!("action `{}` does not say who may do it", found.name.node),
            )
            .help("state `needs PERMISSION` or `allow when …`"),
        );
    }
    let objects: Vec<usize> = resource.into_iter().collect();
    for condition in caller.conditions().chain(object.conditions()) {
        condition.reads(&mut |operand| {
            if let Operand::Object(place) = operand {
                mark_place(place, &objects, table);
            }
        });
    }
    Action {
        name: found.name.node.clone(),
        span: found.name.span,
        takes_scopes: !needs.is_empty(),
        needs,
        loads: resource,
        caller,
        object,
    }
}
