//! `returns`: what may leave, the first that fits.

use portcullis_syntax::ast::{self, Returned, RouteClause};
use portcullis_syntax::{Code, Diagnostic};

use super::super::Report;
use super::super::expression::{Checker, Scope};
use super::super::names::resolve;
use super::super::types::Table;
use super::Clauses;
use crate::plan::{Returns, Route};

pub(super) fn check(
    clauses: &Clauses<'_>,
    scope: Scope<'_>,
    route: &Route,
    table: &mut Table<'_>,
    report: &mut Report,
) -> Vec<Returns> {
    let all = clauses.all(|clause| match clause {
        RouteClause::Returns { returned, condition, span } => {
            Some(((returned, condition.as_ref()), *span))
        }
        _ => None,
    });
    let mut returns: Vec<Returns> = Vec::new();
    let mut always: Option<portcullis_syntax::Span> = None;
    for ((returned, condition), span) in all {
        if let Some(first) = always {
            report.add(
                Diagnostic::error(Code::Conflict, span, "this `returns` is never reached")
                    .and(first, "this one always fits")
                    .help("put the one without `when` last"),
            );
        }
        if condition.is_none() {
            always = Some(span);
        }
        let condition =
            condition.map(|condition| Checker { table, scope, report }.condition(condition));
        let Some((resource, view, list)) = shown(returned, route, table, report) else {
            continue;
        };
        // A condition with a fault is not one that always holds.
        if condition != Some(None) {
            let condition = condition.flatten();
            returns.push(Returns { resource, view, list, condition, span });
        }
    }
    if let (None, Some(last)) = (always, returns.last()) {
        report.add(
            Diagnostic::error(Code::Missing, last.span, "no `returns` fits when this one does not")
                .help("end with a `returns` that has no `when`"),
        );
    }
    returns
}

fn shown(
    returned: &Returned,
    route: &Route,
    table: &Table<'_>,
    report: &mut Report,
) -> Option<(usize, usize, bool)> {
    let (reference, list): (&ast::ViewRef, bool) = match returned {
        Returned::View(reference) => (reference, false),
        Returned::List(reference) => (reference, true),
    };
    let known = table.resources.iter().map(|found| found.plan.name.as_str());
    let resource = resolve("resource", &reference.resource, known, report)?;
    let views = table.resources.get(resource)?.plan.views.iter().map(|view| view.name.as_str());
    let view = resolve("view", &reference.view, views, report)?;
    let loaded = route.loads.as_ref().map(|loads| loads.resource);
    let listed = route.lists.as_ref().map(|lists| lists.resource);
    let name = &reference.resource.node;
    if list && listed != Some(resource) {
        report.add(
            Diagnostic::error(
                Code::TypeMismatch,
                reference.span,
                format!("the route lists no `{name}`"),
            )
            .help(format!("add `lists {name} max 100`, or return one without brackets")),
        );
    } else if !list && loaded != Some(resource) {
        let help = if listed == Some(resource) {
            format!("a list is returned in brackets: `returns [{name}.{}]`", reference.view.node)
        } else {
            format!("add `loads {name} by …`")
        };
        report.add(
            Diagnostic::error(
                Code::TypeMismatch,
                reference.span,
                format!("the route loads no `{name}`"),
            )
            .help(help),
        );
    }
    Some((resource, view, list))
}
