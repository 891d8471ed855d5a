//! What a request to a route brings: `params`, `query`, `header` and `body`.

use portcullis_syntax::ast::{self, BodyKind, InputSource, RouteClause, Shape, Takes};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::super::Report;
use super::super::expression;
use super::super::input::{self, Declared, Known};
use super::super::names::{Names, resolve};
use super::super::types::Table;
use super::Clauses;
use super::inherited::Inherited;
use crate::plan::{Parameter, Segment};

/// The fields, by where they come from.
pub(super) struct Fields<'a> {
    /// As they are written, and whether it is the body.
    pub(super) shapes: Vec<(&'a Shape, bool)>,
    /// The path's parameters in the order of the path, with the segment of each.
    params: Vec<(usize, Declared)>,
    /// The same, as conditions name them.
    named: Vec<Declared>,
    query: Option<Vec<Declared>>,
    header: Option<Vec<Declared>>,
    pub(super) body: Option<Vec<Declared>>,
    /// The clause that says so.
    pub(super) body_span: Option<Span>,
}

impl Fields<'_> {
    pub(super) fn scope(&self) -> expression::Fields<'_> {
        expression::Fields {
            params: &self.named,
            query: self.query.as_deref(),
            header: self.header.as_deref(),
            body: self.body.as_deref(),
        }
    }

    pub(super) fn planned_params(&self) -> Vec<Parameter> {
        let params = self.params.iter().filter_map(|(segment, field)| {
            Some(Parameter { segment: *segment, field: field.plan.clone()? })
        });
        params.collect()
    }
}

pub(super) fn check<'a>(
    inherited: &Inherited<'a>,
    clauses: &Clauses<'a>,
    segments: &[Segment],
    names: &Names<'_>,
    table: &Table<'_>,
    report: &mut Report,
) -> Fields<'a> {
    let own: Vec<&'a Takes> = clauses
        .all(|clause| match clause {
            RouteClause::Takes(takes) => Some((takes, takes.span)),
            _ => None,
        })
        .into_iter()
        .map(|(takes, _)| takes)
        .collect();
    for source in [InputSource::Params, InputSource::Query, InputSource::Header] {
        let of = own.iter().filter(|takes| takes.source == source);
        report.once(source.as_str(), of.map(|takes| ((), takes.span)));
    }
    let mut shapes: Vec<_> =
        inherited.takes.iter().chain(&own).map(|takes| (&takes.shape, false)).collect();
    let body_span = clauses.all(|clause| match clause {
        RouteClause::Body(body) => Some(((), body.span)),
        _ => None,
    });
    let body_span = body_span.first().map(|(_, span)| *span);
    let body = body(clauses, names, table, report);
    shapes.extend(body.as_ref().map(|(shape, _)| (*shape, true)));
    let taken = |source: InputSource, report: &mut Report| {
        let all = inherited.takes.iter().copied().chain(own.iter().copied());
        let mut found = None;
        for takes in all.filter(|takes| takes.source == source) {
            if source != InputSource::Params {
                report.unsupported(source.as_str(), takes.span);
            }
            let fields = shape(&takes.shape, names, table, report);
            let all = found.get_or_insert_with(Vec::new);
            distinct(source, all, &fields, report);
            all.extend(fields);
        }
        found
    };
    let declared = taken(InputSource::Params, report).unwrap_or_default();
    let query = taken(InputSource::Query, report);
    let header = taken(InputSource::Header, report);
    of_the_path(&own, segments, clauses, table, report);
    let params = params(&declared, segments, clauses, report);
    Fields {
        named: params.iter().map(|(_, field)| field.clone()).collect(),
        params,
        query,
        header,
        body: body.map(|(_, fields)| fields),
        body_span,
        shapes,
    }
}

/// What a group declares, its routes do not declare again: one of the two would hold for nothing.
fn distinct(source: InputSource, known: &[Declared], more: &[Declared], report: &mut Report) {
    for field in more {
        let Some(first) = known.iter().find(|known| known.name == field.name) else { continue };
        let message = format!("`{}.{}` is declared twice", source.as_str(), field.name);
        report.add(
            Diagnostic::error(Code::Duplicate, field.span, message)
                .label("again here")
                .and(first.span, "first here")
                .help("declare it once: in the group, or in its routes"),
        );
    }
}

fn shape(
    found: &Shape,
    names: &Names<'_>,
    table: &Table<'_>,
    report: &mut Report,
) -> Vec<Declared> {
    match found {
        Shape::Named(name) => {
            let known = table.inputs.iter().map(|found| found.name.as_str());
            resolve("input", name, known, report)
                .and_then(|index| table.inputs.get(index))
                .map_or_else(Vec::new, |found| found.fields.clone())
        }
        Shape::Fields(fields) => {
            let known = Known {
                settings: &table.settings,
                enumerations: &table.enumerations,
                inputs: &names.inputs,
                outbounds: &names.outbounds,
            };
            input::fields(fields, known, report)
        }
    }
}

/// A parameter that the route itself declares is one of its path.
fn of_the_path(
    own: &[&Takes],
    segments: &[Segment],
    clauses: &Clauses<'_>,
    table: &Table<'_>,
    report: &mut Report,
) {
    let params = own.iter().filter(|takes| takes.source == InputSource::Params);
    let known = || segments.iter().filter_map(name_of);
    for takes in params {
        let fields: Vec<(&str, Span)> = match &takes.shape {
            Shape::Fields(fields) => {
                fields.iter().map(|field| (field.name.node.as_str(), field.name.span)).collect()
            }
            Shape::Named(name) => {
                let input = table.inputs.iter().find(|input| input.name == name.node);
                let fields = input.into_iter().flat_map(|input| &input.fields);
                fields.map(|field| (field.name.as_str(), name.span)).collect()
            }
        };
        for (field, span) in fields {
            if !known().any(|name| name == field) {
                let message = format!("the path has no parameter `{field}`");
                report.add(
                    Diagnostic::error(Code::UnknownName, span, message)
                        .and(clauses.found.pattern.span, "this is the path")
                        .did_you_mean(field, known()),
                );
            }
        }
    }
}

fn name_of(segment: &Segment) -> Option<&str> {
    match segment {
        Segment::Parameter(name) | Segment::Rest(name) => Some(name),
        Segment::Literal(_) => None,
    }
}

fn params(
    declared: &[Declared],
    segments: &[Segment],
    clauses: &Clauses<'_>,
    report: &mut Report,
) -> Vec<(usize, Declared)> {
    let place = clauses.found.pattern.span;
    let mut params = Vec::new();
    let named = segments.iter().enumerate();
    for (segment, name) in named.filter_map(|(index, segment)| Some((index, name_of(segment)?))) {
        let Some(field) = declared.iter().find(|field| field.name == *name) else {
            report.add(
                Diagnostic::error(
                    Code::Missing,
                    place,
                    format!("no `params` says what `{name}` is"),
                )
                .help(format!("add `params {{ {name}: uuid }}` with its type")),
            );
            continue;
        };
        let defaulted = field.plan.as_ref().is_some_and(|field| field.default.is_some());
        if field.optional || defaulted {
            report.add(
                Diagnostic::error(Code::BadValue, place, format!("`{name}` is never absent"))
                    .help("a path parameter has neither `?` nor `default`"),
            );
        }
        params.push((segment, field.clone()));
    }
    params
}

fn body<'a>(
    clauses: &Clauses<'a>,
    names: &Names<'_>,
    table: &Table<'_>,
    report: &mut Report,
) -> Option<(&'a Shape, Vec<Declared>)> {
    let all = clauses.all(|clause| match clause {
        RouteClause::Body(body) => Some((body, body.span)),
        _ => None,
    });
    let found: &'a ast::Body = report.once("body", all)?;
    let method = &clauses.found.method;
    if method.node == "GET" {
        report.add(
            Diagnostic::error(Code::Conflict, found.span, "a GET request has no body")
                .and(method.span, "GET by this")
                .help("take the body from a `POST`, `PUT` or `PATCH`"),
        );
    }
    match &found.kind {
        BodyKind::Json(found) => Some((found, shape(found, names, table, report))),
        BodyKind::Form(form) => {
            report.unsupported("body form", found.span);
            Some((form, shape(form, names, table, report)))
        }
        BodyKind::Raw { max, types } => {
            raw(found.span, max, types.as_ref(), table, report);
            None
        }
    }
}

fn raw(
    span: Span,
    max: &ast::Value,
    types: Option<&ast::Value>,
    table: &Table<'_>,
    report: &mut Report,
) {
    table.settings.size(max, report);
    if let Some(types) = types {
        table.settings.texts(types, "a list of media types like `[\"image/png\"]`", report);
    }
    report.unsupported("body raw", span);
}
