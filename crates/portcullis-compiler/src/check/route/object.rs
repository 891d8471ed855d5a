//! The objects of a route: those that it loads, lists or creates, and who may know of them.

use portcullis_syntax::ast::{self, ActionClause, RouteClause};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::super::Report;
use super::super::demand::Asked;
use super::super::expression::{Bound, Checker, Polarity, Scope};
use super::super::names::resolve;
use super::super::stage::Step;
use super::super::types::Table;
use super::Clauses;
use crate::plan::{Create, Guard, GuardReason, List, Load, Route};

/// The most rows that one list may hand over.
const MOST_ROWS: i64 = 100_000;
/// How many objects one route may load.
const MOST_LOADED: usize = 2;

pub(super) fn loads(
    clauses: &Clauses<'_>,
    scope: Scope<'_>,
    table: &mut Table<'_>,
    report: &mut Report,
) -> Vec<Load> {
    let all = clauses.all(|clause| match clause {
        RouteClause::Loads(loads) => Some((loads, loads.span)),
        _ => None,
    });
    for (_, span) in all.iter().skip(MOST_LOADED) {
        report.add(
            Diagnostic::error(
                Code::TooLarge,
                *span,
                format!("a route loads at most {MOST_LOADED} objects"),
            )
            .help("let a nested object carry what the conditions need"),
        );
    }
    all.into_iter().filter_map(|(found, _)| load(found, scope, table, report)).collect()
}

fn load(
    found: &ast::Loads,
    scope: Scope<'_>,
    table: &mut Table<'_>,
    report: &mut Report,
) -> Option<Load> {
    let ast::Loads { resource: name, by, span } = found;
    let resource = named(name, table, report)?;
    let plan = table.resources.get(resource).map(|found| found.plan.clone())?;
    if by.is_empty() {
        report.add(
            Diagnostic::error(
                Code::Missing,
                *span,
                format!("`loads {}` does not say which", plan.name),
            )
            .help("name the request's value after `by`: `by params.id`"),
        );
    } else if plan.key.is_empty() {
        report.add(
            Diagnostic::error(
                Code::Missing,
                name.span,
                format!("resource `{}` has no `key` to be loaded by", plan.name),
            )
            .help("write `key` before the attribute that names it"),
        );
    } else if by.len() != plan.key.len() {
        report.add(Diagnostic::error(
            Code::TypeMismatch,
            *span,
            format!(
                "the key of `{}` has {} parts, here are {}",
                plan.name,
                plan.key.len(),
                by.len()
            ),
        ));
    }
    let mut key = Vec::new();
    for (path, slot) in by.iter().zip(&plan.key) {
        let Some(attribute) = plan.attributes.get(*slot) else {
            continue;
        };
        let expected = attribute.kind.clone();
        let mark = report.mark();
        key.extend(Checker::new(table, scope, report).read(path, Some(&expected)));
        let help = "load by a value that is always there";
        report.explain(mark, help, |fault| fault);
    }
    Some(Load { resource, key, span: *span })
}

fn named(name: &ast::Name, table: &Table<'_>, report: &mut Report) -> Option<usize> {
    let known = table.resources.iter().map(|found| found.plan.name.as_str());
    resolve("resource", name, known, report)
}

pub(super) fn lists(clauses: &Clauses<'_>, table: &Table<'_>, report: &mut Report) -> Option<List> {
    let all = clauses.all(|clause| match clause {
        RouteClause::Lists { resource, max, span } => Some(((resource, max, *span), *span)),
        _ => None,
    });
    let (name, max, span) = report.once("lists", all)?;
    let resource = named(name, table, report);
    let max = table.settings.int(max, report)?;
    if !(1..=MOST_ROWS).contains(&max.node) {
        report.add(Diagnostic::error(
            Code::BadValue,
            max.span,
            format!("a list has from 1 to {MOST_ROWS} rows"),
        ));
    }
    Some(List { resource: resource?, max: usize::try_from(max.node).unwrap_or(1), span })
}

pub(super) fn creates(
    clauses: &Clauses<'_>,
    table: &Table<'_>,
    report: &mut Report,
) -> Option<Create> {
    let all = clauses.all(|clause| match clause {
        RouteClause::Creates { resource, span } => Some(((resource, *span), *span)),
        _ => None,
    });
    let (name, span) = report.once("creates", all)?;
    Some(Create { resource: named(name, table, report)?, span })
}

/// The objects under the names of their resources, which are all different: conditions could not
/// tell two of one resource apart.
pub(super) fn bound(
    loads: &[Load],
    lists: Option<&List>,
    creates: Option<&Create>,
    table: &Table<'_>,
    report: &mut Report,
) -> Vec<Bound> {
    if let (Some(lists), Some(creates)) = (lists, creates) {
        report.add(
            Diagnostic::error(Code::Conflict, creates.span, "a route that lists creates nothing")
                .and(lists.span, "it lists by this")
                .help("make two routes of it"),
        );
    }
    let loaded = loads.iter().map(|loads| (loads.resource, loads.span));
    let listed = lists.map(|lists| (lists.resource, lists.span));
    let created = creates.map(|creates| (creates.resource, creates.span));
    let mut bounds: Vec<Bound> = Vec::new();
    let mut places: Vec<Span> = Vec::new();
    for (resource, span) in loaded.chain(listed.or(created)) {
        let again = bounds.iter().position(|bound| bound.resource == resource);
        if let Some(first) = again.and_then(|again| places.get(again)) {
            let name = table.resources.get(resource).map_or("", |found| &found.plan.name);
            report.add(
                Diagnostic::error(
                    Code::Ambiguous,
                    span,
                    format!("the route has two objects of `{name}`"),
                )
                .label("conditions could not tell them apart")
                .and(*first, "the other one")
                .help("let one of them be of another resource"),
            );
        }
        bounds.push(Bound { resource, object: bounds.len(), path: Vec::new() });
        places.push(span);
    }
    bounds
}

/// The object that an action decides about is one of the route's: those of which that is so.
pub(super) fn done<'a>(
    actions: Vec<(&'a ast::Action, Span)>,
    bounds: &[Bound],
    table: &Table<'_>,
    report: &mut Report,
) -> Vec<(&'a ast::Action, Span)> {
    let mut sound = Vec::new();
    for (action, span) in actions {
        let before = report.mark();
        let loaded = action.clauses.iter().filter_map(|clause| match clause {
            ActionClause::Loads(loads) => Some(&loads.resource),
            _ => None,
        });
        for name in loaded {
            let known = bounds.iter().filter_map(|bound| table.resources.get(bound.resource));
            if !known.into_iter().any(|found| found.plan.name == name.node) {
                report.add(
                    Diagnostic::error(
                        Code::Missing,
                        span,
                        format!(
                            "`{}` decides about a `{}`, which the route does not load",
                            action.name.node, name.node
                        ),
                    )
                    .help(format!("add `loads {} by …`", name.node)),
                );
            }
        }
        if report.mark() == before {
            sound.push((action, span));
        }
    }
    sound
}

/// Adds what the resources say of who may know that an object exists. It is asked once the object
/// is known, whatever it reads: before that, its refusal would say something of the caller. It is
/// not asked of what is about to be stored.
pub(super) fn visible(
    route: &mut Route,
    asked: Asked<'_>,
    table: &mut Table<'_>,
    report: &mut Report,
) {
    for bound in asked.scope.objects {
        let loaded = bound.object < asked.loaded;
        if !loaded && route.creates.is_some() {
            continue;
        }
        let step = if loaded { Step::Object } else { Step::Row };
        let scope = Scope { objects: std::slice::from_ref(bound), ..asked.scope };
        step.of(route).requires.extend(guards(bound.resource, scope, table, report));
    }
}

/// What a resource says of who may know of its objects.
pub(in crate::check) fn guards(
    resource: usize,
    scope: Scope<'_>,
    table: &mut Table<'_>,
    report: &mut Report,
) -> Vec<Guard> {
    let visible = table.resources.get(resource).map(|found| found.visible.clone());
    let mut guards = Vec::new();
    for (condition, span) in visible.unwrap_or_default() {
        // The request's fields are not the resource's to name.
        let scope = Scope { fields: Default::default(), ..scope };
        let mut checker = Checker::new(table, scope, report).polarity(Polarity::Positive);
        let condition = checker.requirement(condition);
        guards.extend(condition.map(|condition| Guard {
            condition,
            reason: GuardReason::NotFound,
            span,
        }));
    }
    guards
}
