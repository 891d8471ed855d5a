//! `resource`: attributes, predicates and views.

use std::collections::HashMap;

use portcullis_syntax::ast::{self, ResourceClause};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::expression::{Bound, Callers, Checker, Scope};
use super::names::{Names, distinct};
use super::types::{self, Table};
use super::{Report, views};
use crate::plan::{Attribute, Resource, Type};

/// A resource with what only the compiler asks of it.
pub(super) struct Checked<'a> {
    pub(super) plan: Resource,
    /// Lowered wherever they are named: what they read stands elsewhere on each route.
    pub(super) predicates: Vec<Predicate<'a>>,
    /// Which of them has a name: each that is written out is looked up.
    pub(super) by_name: HashMap<&'a str, usize>,
    /// When an object may be known to exist, with the clause.
    pub(super) visible: Vec<(&'a ast::Condition, Span)>,
}

/// A predicate as written.
#[derive(Clone, Copy)]
pub(super) struct Predicate<'a> {
    pub(super) name: &'a ast::Name,
    pub(super) expression: &'a ast::Expression,
}

pub(super) fn check<'a>(names: &Names<'a>, table: &mut Table<'a>, report: &mut Report) {
    for found in &names.resources {
        let plan = Resource {
            name: found.name.node.clone(),
            attributes: attributes(found, names, table, report),
            key: Vec::new(),
            views: Vec::new(),
        };
        let predicates = found.clauses.iter().filter_map(|clause| match clause {
            ResourceClause::Predicate { name, condition, .. } => {
                Some(Predicate { name, expression: condition })
            }
            _ => None,
        });
        let visible = found.clauses.iter().filter_map(|clause| match clause {
            ResourceClause::Visible { condition, span } => Some((condition, *span)),
            _ => None,
        });
        let (predicates, visible): (Vec<Predicate<'_>>, _) =
            (predicates.collect(), visible.collect());
        let mut by_name = HashMap::new();
        for (index, predicate) in predicates.iter().enumerate() {
            by_name.entry(predicate.name.node.as_str()).or_insert(index);
        }
        table.resources.push(Checked { plan, predicates, by_name, visible });
    }
    for (index, found) in names.resources.iter().enumerate() {
        let key = key(found, index, table, report);
        if let Some(resource) = table.resources.get_mut(index) {
            resource.plan.key = key;
        }
    }
    views::check(names, table, report);
    for index in 0..names.resources.len() {
        conditions(index, table, report);
    }
}

/// `order.open` would be both.
fn two_meanings(plan: &Resource, predicates: &[Predicate<'_>], report: &mut Report) {
    for predicate in predicates {
        let name = predicate.name;
        if plan.attributes.iter().any(|attribute| attribute.name == name.node) {
            let message = format!("`{}.{}` is an attribute too", plan.name, name.node);
            report.add(
                Diagnostic::error(Code::Ambiguous, name.span, message).help("rename the predicate"),
            );
        }
    }
}

fn declared(found: &ast::Resource) -> impl Iterator<Item = &ast::Attribute> + Clone {
    found.clauses.iter().filter_map(|clause| match clause {
        ResourceClause::Attribute(attribute) => Some(attribute),
        _ => None,
    })
}

fn attributes(
    found: &ast::Resource,
    names: &Names<'_>,
    table: &Table<'_>,
    report: &mut Report,
) -> Vec<Attribute> {
    distinct("attribute", declared(found).map(|attribute| &attribute.name), report);
    declared(found)
        .map(|attribute| {
            let kind =
                types::attribute(&attribute.kind, &table.enumerations, &names.resources, report);
            let (kind, optional) = kind.unwrap_or((Type::String, false));
            Attribute {
                name: attribute.name.node.clone(),
                kind,
                optional,
                secret: attribute.secret.is_some(),
                read: attribute.key,
            }
        })
        .collect()
}

fn key(found: &ast::Resource, index: usize, table: &Table<'_>, report: &mut Report) -> Vec<usize> {
    let mut key = Vec::new();
    let Some(resource) = table.resources.get(index) else {
        return key;
    };
    for (slot, attribute) in declared(found).enumerate().filter(|(_, attribute)| attribute.key) {
        key.push(slot);
        let Some(plan) = resource.plan.attributes.get(slot) else {
            continue;
        };
        let whole = matches!(plan.kind, Type::String | Type::Int | Type::Uuid);
        if plan.optional || plan.secret || !whole {
            report.add(
                Diagnostic::error(
                    Code::BadValue,
                    attribute.kind.span,
                    format!("`{}` cannot be a key", plan.name),
                )
                .help("a key is a `string`, `int` or `uuid` that is always there and no secret"),
            );
        }
    }
    key
}

/// Checks the predicates and `visible` where they are declared, for any caller. Where a route
/// names them they are checked again, for the callers that it accepts.
fn conditions(index: usize, table: &mut Table<'_>, report: &mut Report) {
    let Some(resource) = table.resources.get(index) else {
        return;
    };
    let (predicates, visible) = (resource.predicates.clone(), resource.visible.clone());
    distinct("predicate", predicates.iter().map(|predicate| predicate.name), report);
    two_meanings(&resource.plan, &predicates, report);
    let bound = [Bound { resource: index, object: 0, path: Vec::new() }];
    let scope =
        Scope { caller: Callers::any(), of_object: true, objects: &bound, ..Scope::default() };
    for predicate in predicates {
        Checker::new(table, scope, report).predicate_itself(&bound[..], predicate);
    }
    for (condition, _) in visible {
        Checker::new(table, scope, report).condition(condition);
    }
}
