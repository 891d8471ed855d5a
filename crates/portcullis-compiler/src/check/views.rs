//! The views of resources: what they spread is written out, and views of nested objects are found.

use std::collections::HashMap;

use portcullis_syntax::ast::{self, ResourceClause, Shown, ViewPart};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::Report;
use super::names::{Names, distinct, resolve};
use super::types::Table;
use crate::plan::{Resource, ShownField, Type, View};

/// How deep views of nested objects may go, and views that spread each other.
const DEEPEST: usize = 32;
/// The most fields of a view, those of nested objects written out.
const MOST_FIELDS: usize = 10_000;
/// How many views one of them may spread, each counted as often as it is.
const MOST_SPREAD: usize = 256;

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
                let mut expansion = Expansion {
                    views: &views,
                    resource: index,
                    plans: &plans,
                    names,
                    fields: Vec::new(),
                    trail: Vec::new(),
                    spread: 0,
                };
                expansion.expand(view, report);
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
                    fields: expansion.fields.into_iter().map(|field| field.shown).collect(),
                }
            })
            .collect();
        if let Some(resource) = table.resources.get_mut(index) {
            resource.plan.views = lowered;
        }
    }
    let mut nesting = Nestings::new(table);
    for (index, found) in names.resources.iter().enumerate() {
        for (view, declared) in declared(found).iter().enumerate() {
            nesting.start = (index, view);
            nesting.way.clear();
            let fault = match nesting.of((index, view), 0) {
                // Told of the views that it goes in a circle through.
                Ok(_) | Err(Nesting::Circle(false)) => continue,
                Err(Nesting::Circle(true)) => {
                    let message = format!("view `{}` shows itself", declared.name.node);
                    Diagnostic::error(Code::Cycle, declared.name.span, message)
                        .label("through the views of nested objects")
                        .help("let one of them show less")
                }
                Err(Nesting::TooLarge) => {
                    let message = format!(
                        "with the views of nested objects written out, `{}` is deeper than {DEEPEST} \
                         levels or has more than {MOST_FIELDS} fields",
                        declared.name.node
                    );
                    Diagnostic::error(Code::TooLarge, declared.name.span, message)
                        .help("let one of them show less")
                }
            };
            report.add(fault);
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

/// A view that is being written out.
struct Expansion<'a, 'r> {
    views: &'r [&'a ast::View],
    resource: usize,
    plans: &'r [Resource],
    names: &'r Names<'a>,
    fields: Vec<Field>,
    /// The views that spread each other down to here.
    trail: Vec<&'a str>,
    /// How many were spread so far.
    spread: usize,
}

impl<'a> Expansion<'a, '_> {
    /// Adds what a view shows; what it spreads stands in the place of the spread.
    fn expand(&mut self, view: &'a ast::View, report: &mut Report) {
        self.trail.push(&view.name.node);
        for part in &view.parts {
            match part {
                ViewPart::Shown(shown) => {
                    field(shown, self.resource, self.plans, self.names, &mut self.fields, report)
                }
                ViewPart::Spread(name) => self.spread(name, report),
            }
        }
        self.trail.pop();
    }

    fn spread(&mut self, name: &'a ast::Name, report: &mut Report) {
        let views = self.views;
        let known = views.iter().map(|view| view.name.node.as_str());
        let Some(spread) = resolve("view", name, known, report).and_then(|index| views.get(index))
        else {
            return;
        };
        if self.trail.contains(&name.node.as_str()) {
            let message = format!("view `{}` spreads itself", name.node);
            report.add(
                Diagnostic::error(Code::Cycle, name.span, message).help("take the spread away"),
            );
            return;
        }
        // Views that spread two others each are a million after twenty of them.
        self.spread += 1;
        if self.trail.len() >= DEEPEST || self.spread > MOST_SPREAD {
            if self.spread <= MOST_SPREAD + 1 {
                let message = format!(
                    "a view spreads at most {MOST_SPREAD} others, and {DEEPEST} in each other"
                );
                report.add(Diagnostic::error(Code::TooLarge, name.span, message));
            }
            return;
        }
        self.expand(spread, report);
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

/// What keeps a view from being written out.
enum Nesting {
    TooLarge,
    /// It goes in a circle; whether back to the view that was asked for.
    Circle(bool),
}

/// A view, by its resource and its place there.
type Place = (usize, usize);

/// How many fields views have, and how deep they go, written out as the engine will.
struct Nestings<'a, 't> {
    table: &'a Table<'t>,
    /// Of those that are known: the levels below and the fields.
    known: HashMap<Place, (usize, usize)>,
    start: Place,
    /// The views that are being looked at.
    way: Vec<Place>,
}

impl<'a, 't> Nestings<'a, 't> {
    fn new(table: &'a Table<'t>) -> Nestings<'a, 't> {
        Nestings { table, known: HashMap::new(), start: (0, 0), way: Vec::new() }
    }

    fn of(&mut self, view: Place, depth: usize) -> Result<(usize, usize), Nesting> {
        if self.way.contains(&view) {
            return Err(Nesting::Circle(view == self.start));
        }
        let (levels, fields) = match self.known.get(&view) {
            Some(known) => *known,
            None => {
                // So deep does nothing go that is allowed; and this ends.
                if depth > DEEPEST {
                    return Err(Nesting::TooLarge);
                }
                self.way.push(view);
                let (mut levels, mut fields) = (0, 0_usize);
                let shown = shown_by(view, self.table);
                for nested in shown {
                    fields = fields.saturating_add(1);
                    if let Some(nested) = nested {
                        let (below, more) = self.of(nested, depth + 1)?;
                        levels = levels.max(below + 1);
                        fields = fields.saturating_add(more);
                    }
                }
                self.way.pop();
                self.known.insert(view, (levels, fields));
                (levels, fields)
            }
        };
        if depth + levels > DEEPEST || fields > MOST_FIELDS {
            return Err(Nesting::TooLarge);
        }
        Ok((levels, fields))
    }
}

/// The fields that a view shows: each is one, and may have the view of a nested object.
fn shown_by((resource, view): Place, table: &Table<'_>) -> Vec<Option<Place>> {
    let Some(plan) = table.resources.get(resource).map(|found| &found.plan) else {
        return Vec::new();
    };
    let fields = plan.views.get(view).map_or(&[] as &[_], |view| view.fields.as_slice());
    let shown = fields.iter().map(|field| {
        let kind = plan.attributes.get(field.attribute).map(|attribute| &attribute.kind);
        let inner = match kind {
            Some(Type::List(element)) => Some(&**element),
            kind => kind,
        };
        match (inner, field.view) {
            (Some(Type::Resource(of)), Some(view)) => Some((*of, view)),
            _ => None,
        }
    });
    shown.collect()
}
