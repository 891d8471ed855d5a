//! `returns`: what may leave, the first that fits.

use portcullis_syntax::ast::{self, RouteClause};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::super::Report;
use super::super::demand::Asked;
use super::super::expression::Checker;
use super::super::names::{distinct, resolve};
use super::super::stage::{self, Step};
use super::super::types::{self, Table};
use super::Clauses;
use crate::plan::{Content, EnvelopeField, Returned, Returns, Route, ViewOf};

pub(super) fn check(
    clauses: &Clauses<'_>,
    asked: Asked<'_>,
    route: &mut Route,
    table: &mut Table<'_>,
    report: &mut Report,
) {
    let all = clauses.all(|clause| match clause {
        RouteClause::Returns { returned, condition, span } => {
            Some(((returned, condition.as_ref()), *span))
        }
        _ => None,
    });
    let mut returns: Vec<Returns> = Vec::new();
    let mut always: Option<Span> = None;
    for ((found, condition), span) in all {
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
        let condition = condition
            .map(|condition| Checker::new(table, asked.scope, report).condition(condition));
        let Some(found) = returned(found, route, table, report) else {
            continue;
        };
        // A condition with a fault is not one that always holds.
        if condition != Some(None) {
            returns.push(Returns { returned: found, condition: condition.flatten(), span });
        }
    }
    if let (None, Some(last)) = (always, returns.last()) {
        report.add(
            Diagnostic::error(Code::Missing, last.span, "no `returns` fits when this one does not")
                .help("end with a `returns` that has no `when`"),
        );
    }
    alone(&returns, report);
    route.returns = returns;
    once_for_all(route, asked, report);
}

/// What the engine has not made cannot be told from what it has: where a handler may answer as it
/// likes, it always may.
fn alone(returns: &[Returns], report: &mut Report) {
    let is_opaque = |found: &&Returns| matches!(found.returned, Returned::Opaque);
    let other = returns.iter().find(|found| !is_opaque(found));
    if let (Some(opaque), Some(other)) = (returns.iter().find(is_opaque), other) {
        report.add(
            Diagnostic::error(
                Code::Conflict,
                opaque.span,
                "`returns opaque` stands beside another",
            )
            .and(other.span, "the net lets only what the engine has made leave here")
            .help("split the route, or show the other by an opaque answer too"),
        );
    }
}

/// Where a list is one thing among others, what is returned is chosen once, and no row can be asked.
fn once_for_all(route: &Route, asked: Asked<'_>, report: &mut Report) {
    if route.lists.is_none() || route.shown_by_row() {
        return;
    }
    for found in &route.returns {
        let asks_row = |condition| stage::of_condition(condition, asked.loaded) == Step::Row;
        if found.condition.as_ref().is_some_and(asks_row) {
            report.add(
                Diagnostic::error(Code::Conflict, found.span, "this `when` asks about a row")
                    .label("but an answer of several kinds is chosen once for all rows")
                    .help(
                        "return `[view]`s alone, or envelopes that differ in the view of their list \
                         alone; or ask about the caller or the request",
                    ),
            );
        }
    }
}

fn returned(
    found: &ast::Returned,
    route: &Route,
    table: &Table<'_>,
    report: &mut Report,
) -> Option<Returned> {
    Some(match found {
        ast::Returned::View(reference) => {
            Returned::View(view(reference, false, route, table, report)?)
        }
        ast::Returned::List(reference) => {
            Returned::List(view(reference, true, route, table, report)?)
        }
        ast::Returned::Nothing => Returned::Nothing,
        ast::Returned::Opaque(_) => Returned::Opaque,
        ast::Returned::Envelope(fields) => {
            Returned::Envelope(envelope(fields, route, table, report)?)
        }
    })
}

fn envelope(
    found: &[ast::EnvelopeField],
    route: &Route,
    table: &Table<'_>,
    report: &mut Report,
) -> Option<Vec<EnvelopeField>> {
    distinct("field", found.iter().map(|field| &field.name), report);
    let mut fields: Vec<(EnvelopeField, Span)> = Vec::new();
    let mut sound = true;
    for field in found {
        let Some((content, optional)) = content(field, route, table, report) else {
            sound = false;
            continue;
        };
        let wire = field.wire.as_ref().unwrap_or(&field.name);
        let again = fields
            .iter()
            .find(|(known, _)| known.wire == wire.node && known.name != field.name.node);
        if let Some((_, first)) = again {
            report.add(
                Diagnostic::error(
                    Code::Duplicate,
                    wire.span,
                    format!("two fields are called `{}` outside", wire.node),
                )
                .label("again here")
                .and(*first, "first here")
                .help("give one of them another name after `as`"),
            );
        }
        let (name, wire_name) = (field.name.node.clone(), wire.node.clone());
        fields.push((EnvelopeField { name, wire: wire_name, optional, content }, wire.span));
    }
    sound.then(|| fields.into_iter().map(|(field, _)| field).collect())
}

fn content(
    field: &ast::EnvelopeField,
    route: &Route,
    table: &Table<'_>,
    report: &mut Report,
) -> Option<(Content, bool)> {
    let optional = field.optional.is_some();
    Some(match &field.content {
        ast::Content::View(reference) => {
            (Content::View(view(reference, false, route, table, report)?), optional)
        }
        ast::Content::List(reference) => {
            (Content::List(view(reference, true, route, table, report)?), optional)
        }
        ast::Content::Plain(kind) if is_resource(kind, table) => {
            let message =
                format!("`{}` is a resource, which leaves by a view alone", text_of(kind));
            report.add(
                Diagnostic::error(Code::TypeMismatch, kind.span, message)
                    .help(format!("name one of its views: `{}.VIEW`", text_of(kind))),
            );
            return None;
        }
        ast::Content::Plain(kind) => {
            let (kind, optional) = types::attribute(kind, &table.enumerations, &[], report)?;
            (Content::Plain(kind), optional)
        }
    })
}

fn is_resource(kind: &ast::Type, table: &Table<'_>) -> bool {
    table.resources.iter().any(|found| found.plan.name == text_of(kind))
}

/// The name of a type, or of what a list of them holds.
fn text_of(kind: &ast::Type) -> &str {
    match &kind.node {
        ast::TypeKind::Named(name) => name,
        ast::TypeKind::List(inner) | ast::TypeKind::Optional(inner) => text_of(inner),
    }
}

fn view(
    reference: &ast::ViewRef,
    list: bool,
    route: &Route,
    table: &Table<'_>,
    report: &mut Report,
) -> Option<ViewOf> {
    let known = table.resources.iter().map(|found| found.plan.name.as_str());
    let resource = resolve("resource", &reference.resource, known, report)?;
    let views = table.resources.get(resource)?.plan.views.iter().map(|view| view.name.as_str());
    let view = resolve("view", &reference.view, views, report)?;
    let listed = route.lists.as_ref().map(|lists| lists.resource);
    let created = route.creates.as_ref().map(|creates| creates.resource);
    let single = route.loads.iter().map(|loads| loads.resource).chain(created);
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
    } else if !list && !single.into_iter().any(|known| known == resource) {
        let help = if listed == Some(resource) {
            format!("a list is returned in brackets: `[{name}.{}]`", reference.view.node)
        } else {
            format!("add `loads {name} by …` or `creates {name}`")
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
    Some(ViewOf { resource, view })
}
