//! `invariant`: the routes that it speaks of, and names and types on each of them.

use portcullis_syntax::ast::{self, Property};
use portcullis_syntax::{Code, Diagnostic};

use super::expression::Scope;
use super::guard::Known;
use super::names::{Names, resolve};
use super::route::{Checked, covers, method, well_formed};
use super::types::Table;
use super::{Report, per_route};
use crate::plan::{Content, Invariant, Returned, Route, Type, ViewOf};

pub(super) fn check(
    names: &Names<'_>,
    routes: &[Checked<'_>],
    table: &mut Table<'_>,
    report: &mut Report,
) -> Vec<Invariant> {
    let all = names.invariants.iter();
    all.map(|found| {
        one(found, routes, table, report);
        Invariant { title: found.title.node.clone(), span: found.title.span }
    })
    .collect()
}

fn one(found: &ast::Invariant, routes: &[Checked<'_>], table: &mut Table<'_>, report: &mut Report) {
    let Some(matched) = matched(found, routes, report) else {
        return;
    };
    let Some(matched) = with_property(&found.property.node, matched, routes, table, report) else {
        return;
    };
    if matched.is_empty() {
        let what = match &found.property.node {
            Property::Allowed => "the invariant speaks of no route".to_owned(),
            Property::Reveals { resource, field } => {
                format!("no route here shows `{}.{}`", resource.node, field.node)
            }
            Property::Writes(path) => format!("no route here takes `{}`", written(path)),
        };
        report.add(
            Diagnostic::error(Code::BadValue, found.property.span, what)
                .label("so it would hold whatever the policy says")
                .help("mend the property or the `on`, or take the invariant away"),
        );
    }
    implied(found, &matched, table, report);
}

/// The routes that `on` matches; nothing, where a pattern is at fault.
fn matched<'r>(
    found: &ast::Invariant,
    routes: &'r [Checked<'r>],
    report: &mut Report,
) -> Option<Vec<&'r Checked<'r>>> {
    // What is retired admits nobody.
    let open = || routes.iter().filter(|route| route.plan.retired.is_none());
    if found.on.is_empty() {
        return Some(open().collect());
    }
    let mut matched = Vec::new();
    let mut sound = true;
    for on in &found.on {
        let before = report.diagnostics.len();
        on.method.iter().for_each(|name| method(name, report));
        on.patterns.iter().chain(&on.except).for_each(|pattern| well_formed(pattern, report));
        if report.diagnostics.len() > before {
            sound = false;
            continue;
        }
        let of_method =
            |route: &Route| on.method.as_ref().is_none_or(|method| method.node == route.method);
        for pattern in &on.patterns {
            if !open().any(|route| of_method(&route.plan) && covers(pattern, &route.plan)) {
                report.add(unmatched(on, pattern, routes));
                sound = false;
            }
        }
        let excepted = |route: &Route| on.except.iter().any(|pattern| covers(pattern, route));
        matched.push(
            open()
                .filter(move |route| {
                    of_method(&route.plan)
                        && on.patterns.iter().any(|pattern| covers(pattern, &route.plan))
                        && !excepted(&route.plan)
                })
                .collect::<Vec<_>>(),
        );
    }
    let mut all: Vec<&Checked<'_>> = Vec::new();
    for route in matched.into_iter().flatten() {
        if !all.iter().any(|known| std::ptr::eq(*known, route)) {
            all.push(route);
        }
    }
    sound.then_some(all)
}

fn unmatched(on: &ast::On, pattern: &ast::Pattern, routes: &[Checked<'_>]) -> Diagnostic {
    let shown = match &on.method {
        Some(method) => format!("{} {}", method.node, pattern.text),
        None => pattern.text.clone(),
    };
    let fault =
        Diagnostic::error(Code::UnknownName, pattern.span, format!("no route matches `{shown}`"));
    let other_method = routes.iter().find(|route| covers(pattern, &route.plan));
    match other_method {
        Some(route) if route.plan.retired.is_some() => {
            fault.and(route.plan.span, "this one is retired: it admits nobody")
        }
        Some(route) => fault.and(route.plan.span, "this one has another method"),
        None => fault
            .help("`*` is one segment, `**` any number of them, `{…}` a parameter of the route")
            .did_you_mean(&pattern.text, routes.iter().map(|route| route.plan.pattern.as_str())),
    }
}

/// Those of the routes that a property speaks of; nothing, where it is at fault itself.
fn with_property<'r>(
    property: &Property,
    mut matched: Vec<&'r Checked<'r>>,
    routes: &'r [Checked<'r>],
    table: &Table<'_>,
    report: &mut Report,
) -> Option<Vec<&'r Checked<'r>>> {
    match property {
        Property::Allowed => {}
        Property::Reveals { resource, field } => {
            let known = table.resources.iter().map(|found| found.plan.name.as_str());
            let resource = resolve("resource", resource, known, report)?;
            let plan = &table.resources.get(resource)?.plan;
            let known = plan.attributes.iter().map(|attribute| attribute.name.as_str());
            let kind = format!("attribute of `{}`", plan.name);
            let slot = resolve(&kind, field, known, report)?;
            if plan.attributes.get(slot).is_some_and(|attribute| attribute.secret) {
                report.add(
                    Diagnostic::error(
                        Code::BadValue,
                        field.span,
                        format!("`{}.{}` is secret", plan.name, field.node),
                    )
                    .label("no view ever shows it")
                    .help("take the invariant away: it holds of every policy that compiles"),
                );
                return None;
            }
            matched.retain(|route| {
                let views = route.plan.returns.iter().flat_map(|returns| views(&returns.returned));
                views.into_iter().any(|view| shows(view, resource, slot, table))
            });
        }
        Property::Writes(path) => {
            let field = field(path, report)?;
            let takes = |route: &Checked<'_>| {
                route.body().unwrap_or_default().iter().any(|known| known.name == field.node)
            };
            if !routes.iter().any(takes) {
                let known = routes.iter().flat_map(|route| route.body().unwrap_or_default());
                report.add(
                    Diagnostic::error(
                        Code::UnknownName,
                        field.span,
                        format!("no route's body has a field `{}`", field.node),
                    )
                    .did_you_mean(&field.node, known.map(|field| field.name.as_str())),
                );
                return None;
            }
            matched.retain(|route| takes(route));
        }
    }
    Some(matched)
}

/// The field after `body.`
fn field<'a>(path: &'a ast::Path, report: &mut Report) -> Option<&'a ast::Name> {
    match path.segments.as_slice() {
        [body, field] if body.node == "body" => return Some(field),
        [body, _, ..] if body.node == "body" => {
            report.unsupported(&format!("writes {}", written(path)), path.span);
        }
        _ => report.add(
            Diagnostic::error(
                Code::BadValue,
                path.span,
                format!("`{}` is nothing that a client writes", written(path)),
            )
            .help("name a field of the body: `writes body.total`"),
        ),
    }
    None
}

fn written(path: &ast::Path) -> String {
    path.segments.iter().map(|name| name.node.as_str()).collect::<Vec<_>>().join(".")
}

fn views(returned: &Returned) -> Vec<ViewOf> {
    match returned {
        Returned::View(view) | Returned::List(view) => vec![*view],
        Returned::Envelope(fields) => fields
            .iter()
            .filter_map(|field| match field.content {
                Content::View(view) | Content::List(view) => Some(view),
                Content::Plain(_) => None,
            })
            .collect(),
        Returned::Nothing | Returned::Opaque => Vec::new(),
    }
}

/// Whether a view, or one nested in it, shows an attribute.
fn shows(view: ViewOf, resource: usize, slot: usize, table: &Table<'_>) -> bool {
    let mut seen: Vec<ViewOf> = Vec::new();
    let mut waiting = vec![view];
    while let Some(view) = waiting.pop() {
        if seen.contains(&view) {
            continue;
        }
        seen.push(view);
        let Some(of) = table.resources.get(view.resource) else {
            continue;
        };
        for field in of.plan.views.get(view.view).into_iter().flat_map(|view| &view.fields) {
            if view.resource == resource && field.attribute == slot {
                return true;
            }
            let kind = of.plan.attributes.get(field.attribute).map(|attribute| &attribute.kind);
            let nested = match kind {
                Some(Type::List(element)) => Some(element.as_ref()),
                kind => kind,
            };
            if let (Some(Type::Resource(resource)), Some(view)) = (nested, field.view) {
                waiting.push(ViewOf { resource: *resource, view });
            }
        }
    }
    false
}

/// Checks the condition on every route. What may be absent needs no guard: a comparison with what is
/// not there is false to the prover.
fn implied(
    found: &ast::Invariant,
    matched: &[&Checked<'_>],
    table: &mut Table<'_>,
    report: &mut Report,
) {
    let routes: Vec<_> = matched
        .iter()
        .map(|route| (route.plan.span, Scope { assumed: true, ..route.scope() }))
        .collect();
    let help = "limit the invariant with `on … except …` to routes that have it";
    per_route::check(&routes, Some(help), table, report, |checker| {
        checker.boolean(&found.implied, &Known::default());
    });
}
