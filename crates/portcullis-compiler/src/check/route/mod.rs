//! Routes: what the groups around them ask is added to what they ask themselves.

mod checks;
mod inherited;
mod object;
mod pattern;
mod returns;

use std::collections::HashMap;

use portcullis_syntax::ast::{self, RouteClause};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::Report;
use super::expression::Scope;
use super::input;
use super::names::{Names, resolve};
use super::stage;
use super::types::Table;
use crate::plan::{Access, Claim, Field, Needed, Operand, Parameter, Route, Segment, StageChecks};
use checks::{allows, charges, denies};
use inherited::{Inherited, flatten};
use object::{lists, loads};

pub(super) fn check(names: &Names<'_>, table: &mut Table<'_>, report: &mut Report) -> Vec<Route> {
    let mut seen: HashMap<(String, Vec<String>, bool), Span> = HashMap::new();
    let mut routes = Vec::new();
    for (inherited, found) in flatten(names, report) {
        let route = one(&inherited, found, table, report);
        let shape = (route.method.clone(), pattern::shape(&route.segments), route.trailing_slash);
        let head = found.method.span.to(found.pattern.span);
        if let Some(first) = seen.get(&shape) {
            report.add(
                Diagnostic::error(
                    Code::RouteConflict,
                    head,
                    format!("`{} {}` is already a route", route.method, route.pattern),
                )
                .label("the same requests")
                .and(*first, "first here")
                .help("take one of them away, or change its method or path"),
            );
        } else {
            seen.insert(shape, head);
        }
        routes.push(route);
    }
    routes
}

/// What the clauses of a route said, before they are checked together.
struct Clauses<'a> {
    found: &'a ast::Route,
}

impl<'a> Clauses<'a> {
    fn all<T>(&self, value: impl Fn(&'a RouteClause) -> Option<(T, Span)>) -> Vec<(T, Span)> {
        self.found.clauses.iter().filter_map(value).collect()
    }
}

fn one(
    inherited: &Inherited<'_>,
    found: &ast::Route,
    table: &mut Table<'_>,
    report: &mut Report,
) -> Route {
    for clause in &found.clauses {
        if let RouteClause::Unsupported(found) = clause {
            report.unsupported(found);
        }
    }
    let clauses = Clauses { found };
    let (text, segments, trailing_slash) = pattern::join(inherited, found, report);
    pattern::method(&found.method, report);

    let public = clauses.all(|clause| match clause {
        RouteClause::Public(span) => Some((*span, *span)),
        _ => None,
    });
    let public = report.once("public", public);
    let access = access(inherited, &clauses, public, table, report);
    let claims: Option<Vec<Claim>> = match public {
        Some(_) => None,
        None => {
            Some(table.credentials.first().map_or_else(Vec::new, |found| found.plan.claims.clone()))
        }
    };
    let params = params(inherited, &clauses, &segments, table, report);
    let body = body(&clauses, found, table, report);

    let scope =
        Scope { caller: claims.as_deref(), params: &params, body: body.as_deref(), object: None };
    let loads = loads(&clauses, scope, table, report);
    let lists = lists(&clauses, table, report);
    if let (Some(loads), Some(lists)) = (&loads, &lists) {
        report.unsupported(&ast::Unsupported {
            what: "loads beside lists".to_owned(),
            span: lists.span.max(loads.span),
        });
    }
    let object =
        loads.as_ref().map(|loads| loads.resource).or(lists.as_ref().map(|lists| lists.resource));
    let scope = Scope { object, ..scope };

    let needs = needs(inherited, &clauses, table, report);
    let mut route = Route {
        method: found.method.node.clone(),
        pattern: text,
        segments,
        trailing_slash,
        span: found.method.span.to(found.pattern.span),
        access,
        needs,
        params: params.clone(),
        body: body.clone(),
        loads,
        lists,
        caller: StageChecks::default(),
        input: StageChecks::default(),
        object: StageChecks::default(),
        returns: Vec::new(),
    };
    denies(inherited, &clauses, scope, &mut route, table, report);
    let allowed = allows(&clauses, scope, &mut route, table, report);
    charges(inherited, &clauses, scope, &mut route, table, report);
    route.returns = returns::check(&clauses, scope, &route, table, report);
    mark_read(&route, table);

    let unsupported =
        found.clauses.iter().any(|clause| matches!(clause, RouteClause::Unsupported(_)));
    if public.is_none() && route.needs.is_empty() && !allowed && !unsupported {
        report.add(
            Diagnostic::error(
                Code::NoAccess,
                route.span,
                format!("`{} {}` does not say who may call it", route.method, route.pattern),
            )
            .help("state `needs PERMISSION`, `allow when …` or `public`"),
        );
    }
    route
}

fn access(
    inherited: &Inherited<'_>,
    clauses: &Clauses<'_>,
    public: Option<Span>,
    table: &Table<'_>,
    report: &mut Report,
) -> Access {
    let own = clauses.all(|clause| match clause {
        RouteClause::Accept(names, span) => Some(((names, *span), *span)),
        _ => None,
    });
    let own = report.once("accept", own);
    if let (Some(public), Some((_, accept))) = (public, own) {
        report.add(
            Diagnostic::error(Code::Conflict, accept, "a `public` route ignores credentials")
                .label("this one is never asked for")
                .and(public, "public by this")
                .help("keep one of them"),
        );
    }
    let mut accepted: Option<Vec<usize>> = None;
    let accepts = inherited.accepts.iter().copied().chain(own.map(|(names, _)| names.as_slice()));
    for names in accepts {
        let mut inner = Vec::new();
        for name in names {
            let known = table.credentials.iter().map(|found| found.plan.name.as_str());
            let Some(index) = resolve("credential", name, known, report) else {
                continue;
            };
            if accepted.as_ref().is_some_and(|outer| !outer.contains(&index)) {
                report.add(
                    Diagnostic::error(
                        Code::Conflict,
                        name.span,
                        format!("`{}` is not among what the group around accepts", name.node),
                    )
                    .help("a group can only be tightened; name it in the group's `accept` too"),
                );
            }
            inner.push(index);
        }
        accepted = Some(inner);
    }
    if public.is_some() {
        return Access::Public;
    }
    if accepted.is_none() {
        report.add(
            Diagnostic::error(
                Code::NoAccess,
                clauses.found.method.span.to(clauses.found.pattern.span),
                "no credential is accepted here",
            )
            .help("state `accept [CREDENTIAL]` here or in a group around, or `public`"),
        );
    }
    Access::Credential(accepted.unwrap_or_default())
}

fn params(
    inherited: &Inherited<'_>,
    clauses: &Clauses<'_>,
    segments: &[Segment],
    table: &Table<'_>,
    report: &mut Report,
) -> Vec<Parameter> {
    let own = clauses.all(|clause| match clause {
        RouteClause::Params(params) => {
            let (ast::Params::Named(_, span) | ast::Params::Fields(_, span)) = params;
            Some((params, *span))
        }
        _ => None,
    });
    let own = report.once("params", own);
    let mut declared: Vec<Field> = Vec::new();
    for params in inherited.params.iter().copied().chain(own) {
        declared.extend(match params {
            ast::Params::Named(name, _) => named_input(name, table, report).unwrap_or_default(),
            ast::Params::Fields(fields, _) => input::fields(fields, report),
        });
    }
    if let Some(ast::Params::Fields(fields, _)) = own {
        for field in fields {
            let of_path = |segment: &&Segment| matches!(segment, Segment::Parameter(name) | Segment::Rest(name) if *name == field.name.node);
            if segments.iter().find(of_path).is_none() {
                let known = segments.iter().filter_map(|segment| match segment {
                    Segment::Parameter(name) | Segment::Rest(name) => Some(name.as_str()),
                    Segment::Literal(_) => None,
                });
                report.add(
                    Diagnostic::error(
                        Code::UnknownName,
                        field.name.span,
                        format!("the path has no parameter `{}`", field.name.node),
                    )
                    .and(clauses.found.pattern.span, "this is the path")
                    .did_you_mean(&field.name.node, known),
                );
            }
        }
    }
    let place = clauses.found.pattern.span;
    let mut params = Vec::new();
    for (segment, name) in
        segments.iter().enumerate().filter_map(|(index, segment)| match segment {
            Segment::Parameter(name) | Segment::Rest(name) => Some((index, name)),
            Segment::Literal(_) => None,
        })
    {
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
        if field.optional || field.default.is_some() {
            report.add(
                Diagnostic::error(Code::BadValue, place, format!("`{name}` is never absent"))
                    .help("a path parameter has neither `?` nor `default`"),
            );
        }
        params.push(Parameter { segment, field: field.clone() });
    }
    params
}

fn named_input(name: &ast::Name, table: &Table<'_>, report: &mut Report) -> Option<Vec<Field>> {
    let index =
        resolve("input", name, table.inputs.iter().map(|found| found.name.as_str()), report)?;
    table.inputs.get(index).map(|found| found.fields.clone())
}

fn body(
    clauses: &Clauses<'_>,
    found: &ast::Route,
    table: &Table<'_>,
    report: &mut Report,
) -> Option<Vec<Field>> {
    let all = clauses.all(|clause| match clause {
        RouteClause::Body(body) => {
            let (ast::Body::Named(_, span) | ast::Body::Fields(_, span)) = body;
            Some(((body, *span), *span))
        }
        _ => None,
    });
    let (body, span) = report.once("body", all)?;
    if found.method.node == "GET" {
        report.add(
            Diagnostic::error(Code::Conflict, span, "a GET request has no body")
                .and(found.method.span, "GET by this")
                .help("take the body from a `POST`, `PUT` or `PATCH`"),
        );
    }
    match body {
        ast::Body::Named(name, _) => named_input(name, table, report).or_else(|| Some(Vec::new())),
        ast::Body::Fields(fields, _) => Some(input::fields(fields, report)),
    }
}

fn needs(
    inherited: &Inherited<'_>,
    clauses: &Clauses<'_>,
    table: &mut Table<'_>,
    report: &mut Report,
) -> Vec<Needed> {
    let own = clauses.found.clauses.iter().filter_map(|clause| match clause {
        RouteClause::Needs(needs) => Some(needs),
        _ => None,
    });
    let mut all: Vec<Needed> = Vec::new();
    for needs in inherited.needs.iter().copied().chain(own) {
        for permission in &needs.permissions {
            let index = table.access.permission(permission, report);
            if !all.iter().any(|needed| needed.permission == index) {
                all.push(Needed { permission: index, span: permission.span });
            }
        }
    }
    all
}

/// Marks the attributes that the route's conditions read: the application's type must have them.
fn mark_read(route: &Route, table: &mut Table<'_>) {
    let Some(resource) = route.resource().and_then(|index| table.resources.get_mut(index)) else {
        return;
    };
    let mut mark = |operand: &Operand| {
        if let Operand::Object(slot) = operand
            && let Some(attribute) = resource.plan.attributes.get_mut(*slot)
        {
            attribute.read = true;
        }
    };
    for condition in route.conditions() {
        stage::reads(condition, &mut mark);
    }
}
