//! The views of resources: what they spread is written out, and views of nested objects are found.

use portcullis_syntax::ast::{self, ResourceClause, Shown, ViewPart};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::Report;
use super::names::{Names, distinct, resolve};
use super::types::Table;
use crate::plan::{Resource, ShownField, Type, View};

/// How deep views of nested objects may go.
const DEEPEST: usize = 32;

/// One field of a view, and where the text says so.
struct Field {
    shown: ShownField,
    span: Span,
}

pub(super) fn check(names: &Names<'_>, table: &mut Table<'_>, report: &mut Report) {
    let plans: Vec<Resource> = table.resources.iter().map(|found| found.plan.clone()).collect();
    for (index, found) in names.resources.iter().enumerate() {
        let views = declared(found);
        distinct("view", views.iter().map(|view| &view.name), report);
        let lowered = views
            .iter()
            .map(|view| {
                let mut fields = Vec::new();
                let trail = Vec::new();
                expand(view, &views, index, &plans, names, &mut fields, &trail, report);
                if view.parts.is_empty() {
                    report.add(
                        Diagnostic::error(
                            Code::Missing,
                            view.name.span,
                            format!("view `{}` shows nothing", view.name.node),
                        )
                        .help("name the attributes that may leave"),
                    );
                }
                View {
                    name: view.name.node.clone(),
                    fields: fields.into_iter().map(|field: Field| field.shown).collect(),
                }
            })
            .collect();
        if let Some(resource) = table.resources.get_mut(index) {
            resource.plan.views = lowered;
        }
    }
    for (index, found) in names.resources.iter().enumerate() {
        for (view, declared) in declared(found).iter().enumerate() {
            if is_bottomless((index, view), table) {
                report.add(
                    Diagnostic::error(
                        Code::Cycle,
                        declared.name.span,
                        format!("view `{}` shows itself", declared.name.node),
                    )
                    .label("through the views of nested objects")
                    .help("let one of them show less"),
                );
            }
        }
    }
}

fn declared(found: &ast::Resource) -> Vec<&ast::View> {
    let views = found.clauses.iter().filter_map(|clause| match clause {
        ResourceClause::View(view) => Some(view),
        _ => None,
    });
    views.collect()
}

/// Adds what a view shows to `fields`; what it spreads stands in the place of the spread.
#[allow(clippy::too_many_arguments, reason = "one walk, and all of it is needed at each step")]
fn expand<'a>(
    view: &'a ast::View,
    views: &[&'a ast::View],
    resource: usize,
    plans: &[Resource],
    names: &Names<'_>,
    fields: &mut Vec<Field>,
    trail: &[&str],
    report: &mut Report,
) {
    for part in &view.parts {
        match part {
            ViewPart::Shown(shown) => field(shown, resource, plans, names, fields, report),
            ViewPart::Spread(name) => {
                let known = views.iter().map(|view| view.name.node.as_str());
                let Some(spread) =
                    resolve("view", name, known, report).and_then(|index| views.get(index))
                else {
                    continue;
                };
                let mut trail = trail.to_vec();
                trail.push(&view.name.node);
                if trail.contains(&name.node.as_str()) {
                    report.add(
                        Diagnostic::error(
                            Code::Cycle,
                            name.span,
                            format!("view `{}` spreads itself", name.node),
                        )
                        .help("take the spread away"),
                    );
                    continue;
                }
                expand(spread, views, resource, plans, names, fields, &trail, report);
            }
        }
    }
}

fn field(
    shown: &Shown,
    resource: usize,
    plans: &[Resource],
    names: &Names<'_>,
    fields: &mut Vec<Field>,
    report: &mut Report,
) {
    let Some(plan) = plans.get(resource) else {
        return;
    };
    let known = plan.attributes.iter().map(|attribute| attribute.name.as_str());
    let Some(slot) = resolve("attribute", &shown.name, known, report) else {
        return;
    };
    let Some(attribute) = plan.attributes.get(slot) else {
        return;
    };
    if attribute.secret {
        let place = names.resources.get(resource).and_then(|found| secret_of(found, &shown.name));
        let mut fault = Diagnostic::error(
            Code::Secret,
            shown.name.span,
            format!("`{}` is secret and cannot leave", shown.name.node),
        )
        .label("shown here")
        .help("take it out of the view");
        if let Some(secret) = place {
            fault = fault.and(secret, "secret by this");
        }
        report.add(fault);
        return;
    }
    let Some(view) = nested(shown, &attribute.kind, names, plans, report) else {
        return;
    };
    let wire = shown.wire.as_ref().unwrap_or(&shown.name);
    let again =
        fields.iter().find(|field| field.shown.wire == wire.node || field.shown.attribute == slot);
    if let Some(first) = again {
        report.add(
            Diagnostic::error(
                Code::Duplicate,
                wire.span,
                format!("`{}` is shown twice", wire.node),
            )
            .label("again here")
            .and(first.span, "first here")
            .help("keep one of them"),
        );
        return;
    }
    let shown = ShownField { attribute: slot, wire: wire.node.clone(), view };
    fields.push(Field { shown, span: wire.span });
}

fn secret_of(found: &ast::Resource, name: &ast::Name) -> Option<Span> {
    found.clauses.iter().find_map(|clause| match clause {
        ResourceClause::Attribute(attribute) if attribute.name.node == name.node => {
            attribute.secret
        }
        _ => None,
    })
}

/// The view of a nested object: `Some(None)` for a plain value, nothing after a fault.
fn nested(
    shown: &Shown,
    kind: &Type,
    names: &Names<'_>,
    plans: &[Resource],
    report: &mut Report,
) -> Option<Option<usize>> {
    let inner = match kind {
        Type::List(element) => element,
        kind => kind,
    };
    match (inner, &shown.view) {
        (Type::Resource(index), Some(view)) => {
            let views = names.resources.get(*index).map(|found| declared(found));
            let views = views.unwrap_or_default();
            let known = views.iter().map(|view| view.name.node.as_str());
            resolve("view", view, known, report).map(Some)
        }
        (Type::Resource(index), None) => {
            let of = plans.get(*index).map_or("", |plan| plan.name.as_str());
            report.add(
                Diagnostic::error(
                    Code::Missing,
                    shown.name.span,
                    format!("`{}` is shown by no view of `{of}`", shown.name.node),
                )
                .label("all of it would leave")
                .help(format!("name one of its views: `{}.VIEW`", shown.name.node)),
            );
            None
        }
        (_, Some(view)) => {
            report.add(
                Diagnostic::error(
                    Code::TypeMismatch,
                    view.span,
                    format!("`{}` is no object and has no views", shown.name.node),
                )
                .help(format!("write `{}`", shown.name.node)),
            );
            None
        }
        (_, None) => Some(None),
    }
}

/// Whether a view shows itself through the views of nested objects.
fn is_bottomless(start: (usize, usize), table: &Table<'_>) -> bool {
    let mut reached = Vec::new();
    let mut waiting = vec![(start, 0)];
    while let Some(((resource, view), depth)) = waiting.pop() {
        let Some(plan) = table.resources.get(resource).map(|found| &found.plan) else {
            continue;
        };
        let fields = plan.views.get(view).map_or(&[] as &[_], |view| view.fields.as_slice());
        for field in fields {
            let kind = plan.attributes.get(field.attribute).map(|attribute| &attribute.kind);
            let inner = match kind {
                Some(Type::List(element)) => Some(&**element),
                kind => kind,
            };
            let (Some(Type::Resource(of)), Some(view)) = (inner, field.view) else {
                continue;
            };
            let next = (*of, view);
            if next == start || depth >= DEEPEST {
                return true;
            }
            if !reached.contains(&next) {
                reached.push(next);
                waiting.push((next, depth + 1));
            }
        }
    }
    false
}
