//! What a request to a route brings: `params`, `query`, `header` and `body`.

use portcullis_syntax::ast::{self, BodyKind, InputSource, RouteClause, Shape, Takes};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::super::Report;
use super::super::expression;
use super::super::input::{self, Declared, Known};
use super::super::names::{Names, resolve};
use super::super::transport;
use super::super::types::Table;
use super::inherited::Inherited;
use super::{Clauses, headers};
use crate::plan::{self, Body, FieldType, Parameter, Segment};

/// What a route takes: as it is written, from where, and the clause that says so. No source is named
/// for the body.
pub(super) type Taken<'a> = (&'a Shape, Option<InputSource>, Span);

/// The fields, by where they come from.
pub(super) struct Fields<'a> {
    pub(super) shapes: Vec<Taken<'a>>,
    /// The path's parameters in the order of the path, with the segment of each.
    params: Vec<(usize, Declared)>,
    /// The same, as conditions name them.
    named: Vec<Declared>,
    query: Option<Source>,
    header: Option<Source>,
    pub(super) body: Option<Vec<Declared>>,
    planned_body: Option<Body>,
}

/// What one source holds: of each clause a shape, and the fields of all.
#[derive(Default)]
struct Source {
    shapes: Vec<plan::Shape>,
    fields: Vec<Declared>,
}

impl Fields<'_> {
    pub(super) fn scope(&self) -> expression::Fields<'_> {
        expression::Fields {
            params: &self.named,
            query: self.query.as_ref().map(|found| found.fields.as_slice()),
            header: self.header.as_ref().map(|found| found.fields.as_slice()),
            body: self.body.as_deref(),
        }
    }

    pub(super) fn planned_params(&self) -> Vec<Parameter> {
        let parameter = |(segment, field): &(usize, Declared)| Parameter {
            segment: *segment,
            field: field.plan.clone(),
        };
        self.params.iter().map(parameter).collect()
    }

    pub(super) fn planned_query(&self) -> Vec<plan::Shape> {
        self.query.as_ref().map(|found| found.shapes.clone()).unwrap_or_default()
    }

    pub(super) fn planned_header(&self) -> Vec<plan::Shape> {
        self.header.as_ref().map(|found| found.shapes.clone()).unwrap_or_default()
    }

    pub(super) fn planned_body(&self) -> Option<Body> {
        self.planned_body.clone()
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
    let all = inherited.takes.iter().copied().chain(own.iter().copied());
    let mut shapes: Vec<_> =
        all.clone().map(|takes| (&takes.shape, Some(takes.source), takes.span)).collect();
    let taken = |source: InputSource, report: &mut Report| {
        let mut found: Option<Source> = None;
        for takes in all.clone().filter(|takes| takes.source == source) {
            let (shape, fields) = shape(&takes.shape, takes.span, names, table, report);
            holds(Some(source), &shape, takes.span, report);
            let known = found.get_or_insert_default();
            distinct(source, &known.fields, &fields, report);
            known.fields.extend(fields);
            known.shapes.push(shape);
        }
        found
    };
    let declared = taken(InputSource::Params, report).unwrap_or_default();
    let query = taken(InputSource::Query, report);
    let mut header = taken(InputSource::Header, report);
    header.iter_mut().for_each(|found| headers::name(&mut found.shapes, report));
    for (source, found) in [(InputSource::Query, &query), (InputSource::Header, &header)] {
        found.iter().for_each(|found| called_alike(source, &found.shapes, report));
    }
    of_the_path(&own, segments, clauses, table, report);
    let params = params(&declared.fields, segments, clauses, report);
    let mut fields = Fields {
        named: params.iter().map(|(_, field)| field.clone()).collect(),
        params,
        query,
        header,
        body: None,
        planned_body: None,
        shapes: Vec::new(),
    };
    body(clauses, names, table, &mut fields, &mut shapes, report);
    Fields { shapes, ..fields }
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

/// Two fields of one source with one name outside would be one to the client.
fn called_alike(source: InputSource, shapes: &[plan::Shape], report: &mut Report) {
    let all: Vec<_> = shapes.iter().flat_map(|shape| &shape.fields).collect();
    for (index, field) in all.iter().enumerate() {
        let alike = |first: &&&plan::Field| match source {
            InputSource::Header => first.wire.eq_ignore_ascii_case(&field.wire),
            _ => first.wire == field.wire,
        };
        let first = all.iter().take(index).find(alike);
        // Those of one name have been reported by it.
        let Some(first) = first.filter(|first| first.name != field.name) else { continue };
        let message = format!("two fields of `{}` are called `{}`", source.as_str(), field.wire);
        report.add(
            Diagnostic::error(Code::Duplicate, field.span, message)
                .label("again here")
                .and(first.span, "first here")
                .help("give one of them another name after `as`"),
        );
    }
}

/// The fields of a clause, and what the plan has of them.
fn shape(
    found: &Shape,
    span: Span,
    names: &Names<'_>,
    table: &Table<'_>,
    report: &mut Report,
) -> (plan::Shape, Vec<Declared>) {
    match found {
        Shape::Named(name) => {
            let known = table.inputs.iter().map(|found| found.name.as_str());
            // One that is nested in itself has been reported, and is not among those checked.
            let declared = names.inputs.iter().any(|input| input.name.node == name.node);
            let found = table.inputs.iter().find(|found| found.name == name.node);
            if found.is_none() && !declared {
                resolve("input", name, known, report);
            }
            match found {
                Some(found) => (found.shape.clone(), found.fields.clone()),
                None => (input::shape(None, &[], span), Vec::new()),
            }
        }
        Shape::Fields(fields) => {
            let known = Known {
                settings: &table.settings,
                enumerations: &table.enumerations,
                inputs: &names.inputs,
                checked: &table.inputs,
                outbounds: &names.outbounds,
            };
            let fields = input::fields(fields, known, report);
            (input::shape(None, &fields, span), fields)
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
    let is_retired = |clause: &RouteClause| matches!(clause, RouteClause::Retired(_));
    let retired = clauses.found.clauses.iter().any(is_retired);
    for (segment, name) in named.filter_map(|(index, segment)| Some((index, name_of(segment)?))) {
        let Some(field) = declared.iter().find(|field| field.name == *name) else {
            // Nobody gets so far that it is read.
            if retired {
                continue;
            }
            let kind = match segments.get(segment) {
                Some(Segment::Rest(_)) => "string max 1000",
                _ => "uuid",
            };
            report.add(
                Diagnostic::error(
                    Code::Missing,
                    place,
                    format!("no `params` says what `{name}` is"),
                )
                .help(format!("add `params {{ {name}: {kind} }}` with its type")),
            );
            continue;
        };
        if field.optional || field.plan.default.is_some() {
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
    fields: &mut Fields<'a>,
    shapes: &mut Vec<Taken<'a>>,
    report: &mut Report,
) {
    let all = clauses.all(|clause| match clause {
        RouteClause::Body(body) => Some((body, body.span)),
        _ => None,
    });
    let Some(found): Option<&'a ast::Body> = report.once("body", all) else {
        return;
    };
    let method = &clauses.found.method;
    if method.node == "GET" {
        report.add(
            Diagnostic::error(Code::Conflict, found.span, "a GET request has no body")
                .and(method.span, "GET by this")
                .help("take the body from a `POST`, `PUT` or `PATCH`"),
        );
    }
    let span = found.span;
    let kind = match &found.kind {
        BodyKind::Json(written) => {
            let (shape, declared) = shape(written, span, names, table, report);
            shapes.push((written, None, span));
            fields.body = Some(declared);
            plan::BodyKind::Json(shape)
        }
        BodyKind::Form(written) => {
            let (shape, declared) = shape(written, span, names, table, report);
            holds(None, &shape, span, report);
            shapes.push((written, None, span));
            fields.body = Some(declared);
            plan::BodyKind::Form(shape)
        }
        BodyKind::Raw { max, types } => match raw(max, types.as_ref(), table, report) {
            Some(kind) => kind,
            None => return,
        },
    };
    fields.planned_body = Some(Body { kind, span });
}

/// What a source of texts cannot hold.
fn holds(source: Option<InputSource>, shape: &plan::Shape, span: Span, report: &mut Report) {
    let (what, lists) = match source {
        Some(InputSource::Params) => ("a path", false),
        Some(InputSource::Header) => ("a header", false),
        Some(InputSource::Query) => ("a query string", true),
        None => ("a form", true),
    };
    let mut cannot = |why: String, place: Span, help: &str| {
        report.add(
            Diagnostic::error(Code::Conflict, place, why).and(span, "taken by this").help(help),
        );
    };
    for field in &shape.fields {
        let name = &field.name;
        let nested = |rule: &plan::Rule| matches!(rule.kind, FieldType::Input(_));
        let list = match &field.rule.kind {
            FieldType::List(element) => Some(&element.kind),
            _ => None,
        };
        if nested(&field.rule) || list.is_some_and(|kind| !matches!(kind, FieldType::Plain(_))) {
            let why = format!("`{name}` is an object, and {what} holds none");
            cannot(why, field.span, "take it in a JSON body");
        } else if list.is_some() && !lists {
            let why = format!("`{name}` is a list, and {what} holds one value");
            cannot(why, field.span, "take it in the query string or in the body");
        }
        if field.rule.or_null {
            let why = format!("`{name}` is `or null`, and {what} has no `null`");
            cannot(why, field.span, "take the `or null` away");
        }
        if source != Some(InputSource::Params) {
            continue;
        }
        if field.settable.is_some() {
            let why = format!("`{name}` stands in every path: it is always set");
            cannot(why, field.span, "ask it with `require when …` on the route");
        }
        if field.wire != *name {
            let why = format!("the path itself calls `{name}` so");
            cannot(why, field.span, "take the `as` away");
        }
    }
    if source == Some(InputSource::Params) {
        for check in &shape.checks {
            let why = "path parameters have no `check`".to_owned();
            cannot(why, check.span, "ask it with `require when …` on the route");
        }
        if shape.present.is_some() || shape.unknown_refused {
            let why = "path parameters have no `rules`: all of them are always there".to_owned();
            cannot(why, shape.span, "take the `rules` away, or write the parameters out");
        }
    }
}

/// `body raw max 20MiB types ["image/png"]`
fn raw(
    max: &ast::Value,
    types: Option<&ast::Value>,
    table: &Table<'_>,
    report: &mut Report,
) -> Option<plan::BodyKind> {
    let settings = &table.settings;
    let size = settings.size(max, report);
    if let Some(size) = &size {
        transport::body_size(size, report);
    }
    let what = "a list of media types like `[\"image/png\"]`";
    let listed = types.map(|types| settings.texts(types, what, report));
    for kind in listed.iter().flatten().flatten() {
        if !is_media_type(&kind.node) {
            report.add(
                Diagnostic::error(
                    Code::BadValue,
                    kind.span,
                    format!("`{}` is not a media type", kind.node.escape_debug()),
                )
                .help("a media type is `type/subtype` in lower case, without parameters or `*`"),
            );
        }
    }
    if let Some(types) = types.filter(|_| matches!(&listed, Some(Some(types)) if types.is_empty()))
    {
        report.add(
            Diagnostic::error(Code::BadValue, types.span, "`types []` takes nothing")
                .help("name some, or take `types` away"),
        );
    }
    let types = listed.map_or(Some(Vec::new()), |types| types)?;
    let types = types.into_iter().map(|kind| kind.node).collect();
    Some(plan::BodyKind::Raw { max: size?.node, types })
}

/// `type/subtype` (RFC 9110, section 8.3.1).
fn is_media_type(text: &str) -> bool {
    let part = |part: &str| {
        super::super::headers::is_token(part)
            && !part.contains('*')
            && !part.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    text.split_once('/').is_some_and(|(kind, subtype)| part(kind) && part(subtype))
}
