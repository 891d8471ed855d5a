//! `resource`: attributes, predicates and views.

use portcullis_syntax::ast::{self, ResourceClause};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::Report;
use super::expression::{Checker, Scope};
use super::guard::Known;
use super::names::{Names, distinct, resolve};
use super::types::{self, Table};
use crate::plan::{Attribute, Condition, Resource, ShownField, Type, View};

/// A resource with what only the compiler asks of it.
pub(super) struct Checked {
    pub(super) plan: Resource,
    pub(super) predicates: Vec<Predicate>,
}

/// A predicate, lowered where it is declared.
pub(super) struct Predicate {
    pub(super) name: String,
    /// What it asks; nothing where that was faulty and has been reported.
    pub(super) condition: Option<Condition>,
    /// Whether it speaks of the caller.
    pub(super) names_caller: bool,
}

pub(super) fn check(names: &Names<'_>, table: &mut Table<'_>, report: &mut Report) {
    for found in &names.resources {
        let plan = Resource {
            name: found.name.node.clone(),
            attributes: attributes(found, names, table, report),
            key: Vec::new(),
            views: Vec::new(),
        };
        table.resources.push(Checked { plan, predicates: Vec::new() });
    }
    for (index, found) in names.resources.iter().enumerate() {
        let key = key(found, index, table, report);
        let views = views(found, index, table, report);
        let predicates = predicates(found, index, table, report);
        if let Some(resource) = table.resources.get_mut(index) {
            resource.plan.key = key;
            resource.plan.views = views;
            resource.predicates = predicates;
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
    for clause in &found.clauses {
        if let ResourceClause::Unsupported(found) = clause {
            report.unsupported(found);
        }
    }
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

fn views(found: &ast::Resource, index: usize, table: &Table<'_>, report: &mut Report) -> Vec<View> {
    let declared_views = found.clauses.iter().filter_map(|clause| match clause {
        ResourceClause::View(view) => Some(view),
        _ => None,
    });
    distinct("view", declared_views.clone().map(|view| &view.name), report);
    let attributes =
        table.resources.get(index).map_or(&[] as &[_], |found| found.plan.attributes.as_slice());
    let places = declared(found).map(|attribute| attribute.secret).collect::<Vec<_>>();
    declared_views.map(|found| view(found, attributes, &places, report)).collect()
}

fn view(
    found: &ast::View,
    attributes: &[Attribute],
    secrets: &[Option<Span>],
    report: &mut Report,
) -> View {
    found.unsupported.iter().for_each(|found| report.unsupported(found));
    if found.fields.is_empty() && found.unsupported.is_empty() {
        report.add(
            Diagnostic::error(
                Code::Missing,
                found.name.span,
                format!("view `{}` shows nothing", found.name.node),
            )
            .help("name the attributes that may leave"),
        );
    }
    let mut fields: Vec<ShownField> = Vec::new();
    let mut spans: Vec<Span> = Vec::new();
    for shown in &found.fields {
        let known = attributes.iter().map(|attribute| attribute.name.as_str());
        let Some(slot) = resolve("attribute", &shown.name, known, report) else {
            continue;
        };
        if attributes.get(slot).is_some_and(|attribute| attribute.secret) {
            let mut fault = Diagnostic::error(
                Code::Secret,
                shown.name.span,
                format!("`{}` is secret and cannot leave", shown.name.node),
            )
            .label("shown here")
            .help("take it out of the view");
            if let Some(secret) = secrets.get(slot).copied().flatten() {
                fault = fault.and(secret, "secret by this");
            }
            report.add(fault);
            continue;
        }
        let wire = shown.wire.as_ref().unwrap_or(&shown.name);
        let again =
            fields.iter().position(|field| field.wire == wire.node || field.attribute == slot);
        if let Some(first) = again.and_then(|again| spans.get(again)) {
            report.add(
                Diagnostic::error(
                    Code::Duplicate,
                    wire.span,
                    format!("`{}` is shown twice", wire.node),
                )
                .label("again here")
                .and(*first, "first here")
                .help("keep one of them"),
            );
            continue;
        }
        spans.push(wire.span);
        fields.push(ShownField { attribute: slot, wire: wire.node.clone() });
    }
    View { name: found.name.node.clone(), fields }
}

fn predicates(
    found: &ast::Resource,
    index: usize,
    table: &mut Table<'_>,
    report: &mut Report,
) -> Vec<Predicate> {
    let all = found.clauses.iter().filter_map(|clause| match clause {
        ResourceClause::Predicate { name, condition, .. } => Some((name, condition)),
        _ => None,
    });
    distinct("predicate", all.clone().map(|(name, _)| name), report);
    let claims = table.credentials.first().map(|found| found.plan.claims.clone());
    all.map(|(name, expression)| {
        if predicate_named(expression, found) {
            report.add(
                Diagnostic::error(
                    Code::Cycle,
                    expression.span,
                    "a predicate cannot be made of predicates",
                )
                .help("write out what it asks"),
            );
            return Predicate { name: name.node.clone(), condition: None, names_caller: false };
        }
        let scope = Scope {
            caller: Some(claims.as_deref().unwrap_or(&[])),
            params: &[],
            body: None,
            object: Some(index),
        };
        let checked = Checker { table, scope, report }.boolean(expression, &Known::default());
        Predicate {
            name: name.node.clone(),
            condition: checked.map(|(condition, _)| condition),
            names_caller: names_caller(expression),
        }
    })
    .collect()
}

/// Whether an expression names a predicate of the resource where a condition stands.
fn predicate_named(expression: &ast::Expression, resource: &ast::Resource) -> bool {
    use ast::ExpressionKind as E;
    match &expression.node {
        E::And(all) | E::Or(all) => all.iter().any(|inner| predicate_named(inner, resource)),
        E::Not(inner) => predicate_named(inner, resource),
        E::Path(path) => {
            let name = match path.segments.as_slice() {
                [name] => name,
                [of, name] if of.node == resource.name.node => name,
                _ => return false,
            };
            resource.clauses.iter().any(|clause| {
                matches!(clause, ResourceClause::Predicate { name: known, .. } if known.node == name.node)
            })
        }
        _ => false,
    }
}

fn names_caller(expression: &ast::Expression) -> bool {
    use ast::ExpressionKind as E;
    let of_path =
        |path: &ast::Path| path.segments.first().is_some_and(|name| name.node == "caller");
    match &expression.node {
        E::And(all) | E::Or(all) | E::List(all) => all.iter().any(names_caller),
        E::Not(inner) | E::Is(inner, _) | E::Can(inner, _) => names_caller(inner),
        E::Exists(path) | E::Path(path) => of_path(path),
        E::Else(left, right)
        | E::Compare(_, left, right)
        | E::In(left, right)
        | E::Within(left, right)
        | E::OlderThan(left, right) => names_caller(left) || names_caller(right),
        E::Literal(_) => false,
    }
}
