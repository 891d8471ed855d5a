//! Routes: what the groups around them ask is added to what they ask themselves.

mod inherited;
mod pattern;
mod returns;

use std::collections::HashMap;

use portcullis_syntax::ast::{self, RouteClause};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::Report;
use super::expression::{Checker, Scope};
use super::input;
use super::names::{Names, resolve};
use super::stage;
use super::types::Table;
use crate::plan::{
    Access, Allow, Charge, Claim, Deny, DenyReason, Field, List, Load, Needed, Operand, Parameter,
    Route, Segment, Stage, StageChecks,
};
use inherited::{Inherited, flatten};

/// The most rows that one list may hand over.
const MOST_ROWS: i64 = 100_000;

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

fn loads(
    clauses: &Clauses<'_>,
    scope: Scope<'_>,
    table: &mut Table<'_>,
    report: &mut Report,
) -> Option<Load> {
    let all = clauses.all(|clause| match clause {
        RouteClause::Loads { resource, by, span } => Some(((resource, by, *span), *span)),
        _ => None,
    });
    for (_, span) in all.iter().skip(1) {
        report.unsupported(&ast::Unsupported { what: "a second loads".to_owned(), span: *span });
    }
    let ((name, by, span), _) = all.into_iter().next()?;
    let known = table.resources.iter().map(|found| found.plan.name.as_str());
    let resource = resolve("resource", name, known, report)?;
    let plan = table.resources.get(resource).map(|found| found.plan.clone())?;
    if by.is_empty() {
        report.add(
            Diagnostic::error(
                Code::Missing,
                span,
                format!("`loads {}` does not say which", plan.name),
            )
            .help("name the request's value after `by`: `by params.id`"),
        );
    } else if plan.key.is_empty() {
        report.add(
            Diagnostic::error(
                Code::Missing,
                name.span,
                format!("resource `{}` has no `key` to be loaded by", plan.name),
            )
            .help("write `key` before the attribute that names it"),
        );
    } else if by.len() != plan.key.len() {
        report.add(Diagnostic::error(
            Code::TypeMismatch,
            span,
            format!(
                "the key of `{}` has {} parts, here are {}",
                plan.name,
                plan.key.len(),
                by.len()
            ),
        ));
    }
    let mut key = Vec::new();
    for (path, slot) in by.iter().zip(&plan.key) {
        let Some(attribute) = plan.attributes.get(*slot) else {
            continue;
        };
        let expected = attribute.kind.clone();
        let mut checker = Checker { table, scope, report };
        key.extend(checker.read(path, Some(&expected), "a key"));
    }
    Some(Load { resource, key, span })
}

fn lists(clauses: &Clauses<'_>, table: &Table<'_>, report: &mut Report) -> Option<List> {
    let all = clauses.all(|clause| match clause {
        RouteClause::Lists { resource, max, span } => Some(((resource, max, *span), *span)),
        _ => None,
    });
    let (name, max, span) = report.once("lists", all)?;
    let known = table.resources.iter().map(|found| found.plan.name.as_str());
    let resource = resolve("resource", name, known, report)?;
    if !(1..=MOST_ROWS).contains(&max.node) {
        report.add(Diagnostic::error(
            Code::BadValue,
            max.span,
            format!("a list has from 1 to {MOST_ROWS} rows"),
        ));
    }
    Some(List { resource, max: usize::try_from(max.node).unwrap_or(1), span })
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

fn denies(
    inherited: &Inherited<'_>,
    clauses: &Clauses<'_>,
    scope: Scope<'_>,
    route: &mut Route,
    table: &mut Table<'_>,
    report: &mut Report,
) {
    let own = clauses.found.clauses.iter().filter_map(|clause| match clause {
        RouteClause::Deny { condition, reason, span } => Some((condition, reason.as_ref(), *span)),
        _ => None,
    });
    let all = inherited.denies.iter().copied().chain(own).collect::<Vec<_>>();
    for (condition, reason, span) in all {
        let reason = reason.map_or(Some(DenyReason::Forbidden), |name| deny_reason(name, report));
        let condition = Checker { table, scope, report }.condition(condition);
        if let (Some(condition), Some(reason)) = (condition, reason) {
            let stage = stage::of_condition(&condition);
            checks(route, stage).denies.push(Deny { condition, reason, span });
        }
    }
}

fn deny_reason(name: &ast::Name, report: &mut Report) -> Option<DenyReason> {
    match name.node.as_str() {
        "conflict" => return Some(DenyReason::Conflict),
        "step_up" | "not_found" => report
            .unsupported(&ast::Unsupported { what: format!("as {}", name.node), span: name.span }),
        _ => report.add(
            Diagnostic::error(
                Code::UnknownName,
                name.span,
                format!("a `deny` cannot refuse with `{}`", name.node),
            )
            .help("it may end in `as conflict`")
            .did_you_mean(&name.node, ["conflict", "step_up", "not_found"]),
        ),
    }
    None
}

/// All `allow`s are one check, at the latest stage that any of them needs.
fn allows(
    clauses: &Clauses<'_>,
    scope: Scope<'_>,
    route: &mut Route,
    table: &mut Table<'_>,
    report: &mut Report,
) -> bool {
    let all = clauses.all(|clause| match clause {
        RouteClause::Allow { condition, span } => Some((condition, *span)),
        _ => None,
    });
    let stated = !all.is_empty();
    let mut allows = Vec::new();
    for (condition, span) in all {
        let condition = Checker { table, scope, report }.condition(condition);
        allows.extend(condition.map(|condition| Allow { condition, span }));
    }
    let stage = allows.iter().map(|allow| stage::of_condition(&allow.condition)).max();
    if let Some(stage) = stage {
        checks(route, stage).allows = allows;
    }
    stated
}

fn charges(
    inherited: &Inherited<'_>,
    clauses: &Clauses<'_>,
    scope: Scope<'_>,
    route: &mut Route,
    table: &mut Table<'_>,
    report: &mut Report,
) {
    let own = clauses.found.clauses.iter().filter_map(|clause| match clause {
        RouteClause::Budget(charged, _) => Some(charged.as_slice()),
        _ => None,
    });
    let all = inherited.budgets.iter().copied().chain(own).flatten().collect::<Vec<_>>();
    let mut seen: Vec<(usize, Span)> = Vec::new();
    for charged in all {
        let known = table.budgets.iter().map(|found| found.plan.name.as_str());
        let Some(budget) = resolve("budget", &charged.budget, known, report) else {
            continue;
        };
        if let Some((_, first)) = seen.iter().find(|(known, _)| *known == budget) {
            report.add(
                Diagnostic::error(
                    Code::Duplicate,
                    charged.budget.span,
                    format!("budget `{}` is charged twice here", charged.budget.node),
                )
                .label("again here")
                .and(*first, "first here")
                .help("name it once: in the group, or in the route"),
            );
            continue;
        }
        seen.push((budget, charged.budget.span));
        let parts = table.budgets.get(budget).map_or(&[] as &[_], |found| found.key);
        let mut key = Vec::new();
        for part in parts {
            // A budget counts before any object is loaded.
            let scope = Scope { object: None, ..scope };
            let mut checker = Checker { table, scope, report };
            key.extend(checker.read(&part.path, None, "a key"));
        }
        let stage = match key.iter().map(stage::of_operand).max() {
            Some(stage) => stage,
            None => Stage::Input,
        };
        if key.len() == parts.len() {
            checks(route, stage).charges.push(Charge { budget, key, span: charged.budget.span });
        } else {
            report.add(
                Diagnostic::error(
                    Code::Conflict,
                    charged.budget.span,
                    format!("the key of `{}` cannot be known on this route", charged.budget.node),
                )
                .help("give the route another budget, or the budget another key"),
            );
        }
    }
}

fn checks(route: &mut Route, stage: Stage) -> &mut StageChecks {
    match stage {
        Stage::Transport | Stage::Caller => &mut route.caller,
        Stage::Input => &mut route.input,
        Stage::Object | Stage::Response => &mut route.object,
    }
}

/// Marks the attributes that the route's conditions read: the application's type must have them.
fn mark_read(route: &Route, table: &mut Table<'_>) {
    let resource = route
        .loads
        .as_ref()
        .map(|loads| loads.resource)
        .or(route.lists.as_ref().map(|lists| lists.resource));
    let Some(resource) = resource.and_then(|index| table.resources.get_mut(index)) else {
        return;
    };
    let mut mark = |operand: &Operand| {
        if let Operand::Object(slot) = operand
            && let Some(attribute) = resource.plan.attributes.get_mut(*slot)
        {
            attribute.read = true;
        }
    };
    let checks = [&route.caller, &route.input, &route.object];
    for condition in checks
        .iter()
        .flat_map(|checks| {
            let denies = checks.denies.iter().map(|deny| &deny.condition);
            denies.chain(checks.allows.iter().map(|allow| &allow.condition))
        })
        .chain(route.returns.iter().filter_map(|returns| returns.condition.as_ref()))
    {
        stage::reads(condition, &mut mark);
    }
}
