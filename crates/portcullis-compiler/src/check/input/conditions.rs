//! `settable when` and `check`: typed and lowered on every route that takes the input, where their
//! names may mean different things.

use portcullis_syntax::Span;
use portcullis_syntax::ast::{self, Constraint, InputSource, InputType, InputTypeKind, Shape};

use super::super::expression::{Checker, Fields, Scope};
use super::super::guard::Known;
use super::super::names::Names;
use super::super::route::Checked;
use super::super::types::Table;
use super::super::{Report, per_route};
use crate::plan::{self, Condition, FieldType, Route, Rule};

pub(in super::super) fn check<'a>(
    names: &Names<'a>,
    routes: &mut [Checked<'a>],
    table: &mut Table<'a>,
    report: &mut Report,
) {
    for found in &names.inputs {
        let asks = found.fields.iter().any(|field| settable(field).is_some());
        if !asks && found.checks.is_empty() {
            continue;
        }
        let takers = takers(found, names, routes);
        if takers.is_empty() {
            alone(found, table, report);
            continue;
        }
        let named = |shape: &plan::Shape| shape.name.as_ref() == Some(&found.name.node);
        for field in &found.fields {
            let Some(condition) = settable(field) else { continue };
            let lowered =
                on_each(&takers, routes, table, report, |checker| checker.condition(condition));
            fill(&takers, routes, lowered, named, |shape, condition| {
                set_settable(shape, field, condition);
            });
        }
        for (place, asked) in found.checks.iter().enumerate() {
            let lowered = on_each(&takers, routes, table, report, |checker| {
                checker.boolean(&asked.condition, &Known::default()).map(|(condition, _)| condition)
            });
            fill(&takers, routes, lowered, named, |shape, condition| {
                // Where a check's field is unknown that has been reported, and there is no plan.
                if let Some(check) = shape.checks.get_mut(place) {
                    check.condition = condition.clone();
                }
            });
        }
    }
    blocks(routes, table, report);
}

/// A route that takes an input, by its place among the routes, and from where: the body, where no
/// other source is named.
type Taker = (usize, Option<InputSource>);

fn takers(input: &ast::Input, names: &Names<'_>, routes: &[Checked<'_>]) -> Vec<Taker> {
    let mut takers: Vec<Taker> = Vec::new();
    for (index, route) in routes.iter().enumerate() {
        for (shape, source, _) in route.takes() {
            let taker = (index, *source);
            if !takers.contains(&taker) && reaches(shape, input, names) {
                takers.push(taker);
            }
        }
    }
    takers
}

/// Lowers a condition on each route.
fn on_each<'a>(
    takers: &[Taker],
    routes: &[Checked<'a>],
    table: &mut Table<'a>,
    report: &mut Report,
    lower: impl Fn(&mut Checker<'_, 'a>) -> Option<Condition>,
) -> Vec<Option<Condition>> {
    let scopes: Vec<(Span, Scope<'_>)> = takers
        .iter()
        .filter_map(|(index, source)| Some((routes.get(*index)?, source)))
        .map(|(route, source)| (route.plan.span, scope(route, source.is_none())))
        .collect();
    let mut lowered = Vec::new();
    per_route::check(&scopes, None, table, report, |checker| lowered.push(lower(checker)));
    lowered
}

/// Puts what a condition means on each route into the shapes of that route that it belongs to.
fn fill(
    takers: &[Taker],
    routes: &mut [Checked<'_>],
    lowered: Vec<Option<Condition>>,
    belongs: impl Fn(&plan::Shape) -> bool,
    put: impl Fn(&mut plan::Shape, &Condition),
) {
    for ((index, source), condition) in takers.iter().zip(lowered) {
        if let (Some(route), Some(condition)) = (routes.get_mut(*index), condition) {
            for shape in shapes(&mut route.plan, *source) {
                each(shape, &mut |shape| {
                    if belongs(shape) {
                        put(shape, &condition);
                    }
                });
            }
        }
    }
}

fn shapes(route: &mut Route, source: Option<InputSource>) -> Vec<&mut plan::Shape> {
    match source {
        None => route.body.as_mut().and_then(|body| body.shape_mut()).into_iter().collect(),
        Some(InputSource::Query) => route.query.iter_mut().collect(),
        Some(InputSource::Header) => route.header.iter_mut().collect(),
        // A path parameter has no condition of its own.
        Some(InputSource::Params) => Vec::new(),
    }
}

/// Calls `visit` with a shape and with all that are nested in it.
fn each(shape: &mut plan::Shape, visit: &mut dyn FnMut(&mut plan::Shape)) {
    fn of_rule(rule: &mut Rule, visit: &mut dyn FnMut(&mut plan::Shape)) {
        match &mut rule.kind {
            FieldType::Plain(_) => {}
            FieldType::List(element) => of_rule(element, visit),
            FieldType::Input(shape) => each(shape, visit),
        }
    }
    visit(shape);
    for field in &mut shape.fields {
        of_rule(&mut field.rule, visit);
    }
}

fn set_settable(shape: &mut plan::Shape, field: &ast::Field, condition: &Condition) {
    if let Some(found) = shape.fields.iter_mut().find(|found| found.name == field.name.node) {
        found.settable = Some(condition.clone());
    }
}

fn settable(field: &ast::Field) -> Option<&ast::Condition> {
    field.constraints.iter().find_map(|constraint| match constraint {
        Constraint::Settable(condition, _) => Some(condition),
        _ => None,
    })
}

/// An input that no route takes would read itself as a body.
fn alone<'a>(input: &'a ast::Input, table: &mut Table<'a>, report: &mut Report) {
    let fields = table.inputs.iter().find(|found| found.name == input.name.node);
    let fields = fields.map(|found| found.fields.clone()).unwrap_or_default();
    let fields = Fields { body: Some(&fields), ..Fields::default() };
    let scope = [(input.span, Scope { fields, ..Scope::default() })];
    for condition in input.fields.iter().filter_map(settable) {
        per_route::check(&scope, None, table, report, |checker| {
            checker.condition(condition);
        });
    }
    for asked in &input.checks {
        per_route::check(&scope, None, table, report, |checker| {
            checker.boolean(&asked.condition, &Known::default());
        });
    }
}

/// The conditions of blocks of fields, each of which stands in one clause.
fn blocks<'a>(routes: &mut [Checked<'a>], table: &mut Table<'a>, report: &mut Report) {
    for index in 0..routes.len() {
        let takes = routes.get(index).map_or_else(Vec::new, |route| route.takes().to_vec());
        for (shape, source, span) in takes {
            let Shape::Fields(fields) = shape else { continue };
            for field in fields {
                let Some(condition) = settable(field) else { continue };
                let taker = [(index, source)];
                let lowered =
                    on_each(&taker, routes, table, report, |checker| checker.condition(condition));
                let here = |shape: &plan::Shape| shape.name.is_none() && shape.span == span;
                fill(&taker, routes, lowered, here, |shape, condition| {
                    set_settable(shape, field, condition);
                });
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
pub(super) fn named(kind: &InputType) -> &str {
    match &kind.node {
        InputTypeKind::Named(name) => &name.node,
        InputTypeKind::List(element, _) => named(element),
    }
}
