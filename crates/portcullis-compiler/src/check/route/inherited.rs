//! What the groups around a route ask.

use portcullis_syntax::ast::{self, Demand, GroupClause, Takes};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::super::Report;
use super::super::names::Names;

/// What is asked by the groups around, the outermost first.
#[derive(Clone, Default)]
pub(super) struct Inherited<'a> {
    pub(super) patterns: Vec<&'a ast::Pattern>,
    /// Each with its clause.
    pub(super) accepts: Vec<(&'a [ast::Name], Span)>,
    pub(super) demands: Vec<&'a Demand>,
    pub(super) takes: Vec<&'a Takes>,
}

/// All routes with what is around each. Nesting is bounded by the grammar.
pub(super) fn flatten<'a>(
    names: &Names<'a>,
    report: &mut Report,
) -> Vec<(Inherited<'a>, &'a ast::Route)> {
    let mut routes =
        names.routes.iter().map(|route| (Inherited::default(), *route)).collect::<Vec<_>>();
    for group in &names.groups {
        descend(group, &Inherited::default(), &mut routes, report);
    }
    routes
}

fn descend<'a>(
    group: &'a ast::Group,
    around: &Inherited<'a>,
    routes: &mut Vec<(Inherited<'a>, &'a ast::Route)>,
    report: &mut Report,
) {
    let mut inherited = around.clone();
    inherited.patterns.push(&group.pattern);
    let mut accepts = Vec::new();
    for clause in &group.clauses {
        match clause {
            GroupClause::Accept(names, span) => accepts.push(((names.as_slice(), *span), *span)),
            GroupClause::Demand(demand) => inherited.demands.push(demand),
            GroupClause::Takes(takes) => inherited.takes.push(takes),
            GroupClause::Route(_) | GroupClause::Group(_) | GroupClause::Waive(_) => {}
        }
    }
    inherited.accepts.extend(report.once("accept", accepts));
    let before = routes.len();
    for clause in &group.clauses {
        match clause {
            GroupClause::Route(route) => routes.push((inherited.clone(), route)),
            GroupClause::Group(inner) => descend(inner, &inherited, routes, report),
            _ => {}
        }
    }
    // What stands around no route is checked by none, and holds for none: not in another group with
    // the same path either. A group within says it of itself.
    let groups = group.clauses.iter().any(|clause| matches!(clause, GroupClause::Group(_)));
    if routes.len() == before && !groups {
        report.add(
            Diagnostic::error(Code::Missing, group.pattern.span, "no route stands in this group")
                .label("so nothing that it asks is asked of anybody")
                .help("move the routes that it is for into it, or take the group away"),
        );
    }
}
