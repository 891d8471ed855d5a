//! What the groups around a route ask.

use portcullis_syntax::Span;
use portcullis_syntax::ast::{self, GroupClause};

use super::super::Report;
use super::super::names::Names;

/// What is asked by the groups around, the outermost first.
#[derive(Clone, Default)]
pub(super) struct Inherited<'a> {
    pub(super) patterns: Vec<&'a ast::Pattern>,
    pub(super) accepts: Vec<&'a [ast::Name]>,
    pub(super) needs: Vec<&'a ast::Needs>,
    pub(super) denies: Vec<(&'a ast::Condition, Option<&'a ast::Name>, Span)>,
    pub(super) budgets: Vec<&'a [ast::Charged]>,
    pub(super) params: Vec<&'a ast::Params>,
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
            GroupClause::Accept(names, span) => accepts.push((names.as_slice(), *span)),
            GroupClause::Needs(needs) => inherited.needs.push(needs),
            GroupClause::Deny { condition, reason, span } => {
                inherited.denies.push((condition, reason.as_ref(), *span));
            }
            GroupClause::Budget(charged, _) => inherited.budgets.push(charged),
            GroupClause::Params(params) => inherited.params.push(params),
            GroupClause::Unsupported(found) => report.unsupported(found),
            GroupClause::Route(_) | GroupClause::Group(_) | GroupClause::Waive(_) => {}
        }
    }
    inherited.accepts.extend(report.once("accept", accepts));
    for clause in &group.clauses {
        match clause {
            GroupClause::Route(route) => routes.push((inherited.clone(), route)),
            GroupClause::Group(inner) => descend(inner, &inherited, routes, report),
            _ => {}
        }
    }
}
