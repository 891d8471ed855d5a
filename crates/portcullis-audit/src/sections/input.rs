//! What a request may bring.

use std::collections::BTreeMap;

use portcullis_compiler::plan::{Body, BodyKind, Field, FieldType, Route, Shape};

use super::callers;
use crate::decide::Viewpoint;
use crate::document::{Section, Table, Text};
use crate::matrix::{Call, Who};
use crate::subject::{Subject, head, open, size};

pub(crate) fn section(subject: &Subject<'_>) -> Section {
    let columns = ["Route", "Path", "Query", "Headers", "Body", "Fields the client may set"];
    let mut routes = Table::new("What a request may bring, by route", &columns);
    for (route, row) in subject.plan.routes.iter().zip(&subject.matrix.routes) {
        if route.retired.is_some() {
            continue;
        }
        let parameters = route.params.iter().map(|parameter| parameter.field.wire.as_str());
        let may = subject.matrix.columns.iter().zip(&row.cells);
        let may = may.filter(|(_, cell)| cell.call != Call::MayNot).map(|(who, _)| *who);
        routes.row([
            subject.route(route),
            Text::names(parameters).or("none"),
            wires(&route.query).or("none"),
            wires(&route.header).or("none"),
            body(subject, route),
            settable(subject, route, &may.collect::<Vec<_>>()),
        ]);
    }
    Section::new("input", "Input")
        .says(Text::said(
            "A handler gets what is declared here, checked and normalised, and nothing else: what is not \
             declared is dropped, or refused where `unknown refuse` stands. Every text and every list has an \
             upper bound, or the policy does not compile. A body comes only where one is declared.",
        ))
        .table(routes, "The policy has no routes that answer.")
        .table(declared(subject), "The policy takes no fields.")
}

fn wires(shapes: &[Shape]) -> Text {
    Text::names(shapes.iter().flat_map(|shape| &shape.fields).map(|field| field.wire.as_str()))
}

/// The kind of a route's body, and how large it may be.
pub(crate) fn body(subject: &Subject<'_>, route: &Route) -> Text {
    let Some(body) = &route.body else { return Text::said("none may come") };
    let limit = size(subject.plan.transport.body_limit);
    match &body.kind {
        BodyKind::Json(shape) => named("JSON", shape).words(format!(", at most {limit}")),
        BodyKind::Form(shape) => named("a form", shape).words(format!(", at most {limit}")),
        BodyKind::Raw { max, types } => {
            let what = match types.is_empty() {
                true => Text::said("bytes of any kind"),
                false => Text::said("bytes of ").then(Text::names(types)),
            };
            what.words(format!(", not looked into, at most {}", size(*max)))
        }
    }
}

fn named(kind: &str, shape: &Shape) -> Text {
    let text = Text::default().words(kind);
    match &shape.name {
        Some(name) => text.words(" ").code(name),
        None => text,
    }
}

/// The fields of the body that a client sets, and of those that not everybody may set, who may.
pub(crate) fn settable(subject: &Subject<'_>, route: &Route, may: &[Who]) -> Text {
    let Some(shape) = route.body.as_ref().and_then(Body::shape) else { return Text::said("none") };
    let mut free = Vec::new();
    let mut limited = Vec::new();
    collect(shape, "", &mut |path, field| match &field.settable {
        None => free.push(path),
        Some(condition) => {
            let (mut sure, mut maybe) = (Vec::new(), Vec::new());
            for who in may {
                let view = Viewpoint::at(subject.plan, route, *who);
                match view.and_then(|view| view.holds(condition)) {
                    Some(true) => sure.push(*who),
                    Some(false) => {}
                    None => maybe.push(*who),
                }
            }
            let sure = callers(subject, &sure);
            let maybe = match maybe.is_empty() {
                true => Text::default(),
                false => callers(subject, &maybe).words(" where its condition holds"),
            };
            let who = [sure, maybe].into_iter().filter(|text| !text.is_empty());
            let who = Text::joined(who, "; ").or("nobody who may call this");
            limited.push(Text::default().code(path).words(" only by ").then(who));
        }
    });
    let free = Text::names(free);
    let all = [free].into_iter().filter(|text| !text.is_empty()).chain(limited);
    let all = Text::lines(all);
    if shape.unknown_refused { all.words("; others are refused") } else { all }
}

/// Every field, those of nested inputs by their path.
pub(crate) fn collect<'s>(shape: &'s Shape, path: &str, each: &mut impl FnMut(String, &'s Field)) {
    for field in &shape.fields {
        let path = match path {
            "" => field.wire.clone(),
            path => format!("{path}.{}", field.wire),
        };
        let nested = nested(&field.rule.kind);
        each(path.clone(), field);
        if let Some(shape) = nested {
            collect_nested(shape, &path, each);
        }
    }
}

fn collect_nested<'s>(shape: &'s Shape, path: &str, each: &mut dyn FnMut(String, &'s Field)) {
    collect(shape, path, &mut |path, field| each(path, field));
}

fn nested(kind: &FieldType) -> Option<&Shape> {
    match kind {
        FieldType::Plain(_) => None,
        FieldType::Input(shape) => Some(shape),
        FieldType::List(rule) => nested(&rule.kind),
    }
}

/// Every field once, where it is declared, in its author's words.
fn declared(subject: &Subject<'_>) -> Table {
    let mut table =
        Table::new("Fields as they are declared", &["Field", "Of", "Declared as", "Place"]);
    // By place: an input that several routes take is read once.
    let mut fields = BTreeMap::new();
    for route in open(subject.plan) {
        let of = |source: &str, shape: &Shape| match &shape.name {
            Some(name) => Text::said("input ").code(name),
            None => Text::default().words(format!("{source} of ")).code(head(route)),
        };
        for parameter in &route.params {
            let whose = Text::said("path of ").code(head(route));
            let wire = parameter.field.wire.clone();
            fields.entry(parameter.field.span).or_insert((wire, whose));
        }
        let body = route.body.as_ref().and_then(Body::shape);
        let shapes = route.query.iter().map(|shape| ("query", shape));
        let shapes = shapes.chain(route.header.iter().map(|shape| ("headers", shape)));
        for (source, shape) in shapes.chain(body.map(|shape| ("body", shape))) {
            collect(shape, "", &mut |path, field| {
                fields.entry(field.span).or_insert_with(|| (path, of(source, shape)));
            });
        }
    }
    for (span, (wire, of)) in fields {
        table.row([
            Text::default().code(wire),
            of,
            Text::default().code(subject.places.words(span)),
            Text::default().place(subject.places.place(span)),
        ]);
    }
    table
}
