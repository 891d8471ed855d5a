//! `settable when` and `check`: their names and types, on every route that takes the input.

use portcullis_syntax::Span;
use portcullis_syntax::ast::{self, Constraint, InputType, InputTypeKind, Shape};

use super::expression::{Checker, Fields, Scope};
use super::guard::Known;
use super::input::Declared;
use super::names::Names;
use super::route::Checked;
use super::types::Table;
use super::{Report, per_route};

pub(super) fn check<'a>(
    names: &Names<'a>,
    routes: &[Checked<'a>],
    table: &mut Table<'a>,
    report: &mut Report,
) {
    // What an input that no route takes would read as a body.
    let alone: Vec<Vec<Declared>> = table.inputs.iter().map(|found| found.fields.clone()).collect();
    for (found, alone) in names.inputs.iter().zip(&alone) {
        let is_settable = |constraint: &Constraint| matches!(constraint, Constraint::Settable(..));
        let asks = found.fields.iter().flat_map(|field| &field.constraints).any(is_settable);
        if !asks && found.checks.is_empty() {
            continue;
        }
        let mut takers: Vec<(Span, Scope<'_>)> = Vec::new();
        for route in routes {
            let taken = route.takes().iter().filter(|(shape, _)| reaches(shape, found, names));
            takers.extend(taken.map(|(_, is_body)| (route.plan.span, scope(route, *is_body))));
        }
        if takers.is_empty() {
            let fields = Fields { body: Some(alone), ..Fields::default() };
            takers.push((found.span, Scope { fields, ..Scope::default() }));
        }
        for field in &found.fields {
            settable(field, &takers, table, report);
        }
        for asked in &found.checks {
            per_route::check(&takers, None, table, report, |checker: &mut Checker<'_, 'a>| {
                checker.boolean(&asked.condition, &Known::default());
            });
        }
    }
    for route in routes {
        for (shape, is_body) in route.takes() {
            if let Shape::Fields(fields) = shape {
                let taker = [(route.plan.span, scope(route, *is_body))];
                fields.iter().for_each(|field| settable(field, &taker, table, report));
            }
        }
    }
}

/// `body` is the body alone: what is no part of it cannot read it.
fn scope<'s>(route: &'s Checked<'_>, is_body: bool) -> Scope<'s> {
    let scope = Scope { objects: &[], ..route.scope() };
    let fields = if is_body { scope.fields } else { Fields { body: None, ..scope.fields } };
    Scope { fields, ..scope }
}

fn settable(
    field: &ast::Field,
    takers: &[(Span, Scope<'_>)],
    table: &mut Table<'_>,
    report: &mut Report,
) {
    for constraint in &field.constraints {
        if let Constraint::Settable(condition, _) = constraint {
            per_route::check(takers, None, table, report, |checker| {
                checker.condition(condition);
            });
        }
    }
}

/// Whether a shape is an input, or one that it is nested in.
fn reaches(shape: &Shape, input: &ast::Input, names: &Names<'_>) -> bool {
    let mut seen: Vec<&str> = Vec::new();
    let mut waiting: Vec<&str> = match shape {
        Shape::Named(name) => vec![&name.node],
        Shape::Fields(fields) => fields.iter().map(|field| named(&field.kind)).collect(),
    };
    while let Some(name) = waiting.pop() {
        if name == input.name.node {
            return true;
        }
        let nested = names.inputs.iter().find(|found| found.name.node == name);
        if let Some(nested) = nested.filter(|_| !seen.contains(&name)) {
            seen.push(name);
            waiting.extend(nested.fields.iter().map(|field| named(&field.kind)));
        }
    }
    false
}

/// The name of a type, or of the elements of a list.
fn named(kind: &InputType) -> &str {
    match &kind.node {
        InputTypeKind::Named(name) => &name.node,
        InputTypeKind::List(element, _) => named(element),
    }
}
