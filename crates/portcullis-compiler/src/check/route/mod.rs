//! Routes: what the groups around them and the actions that they do ask is added to what they ask
//! themselves.

mod access;
mod fields;
mod headers;
mod inherited;
mod object;
mod pattern;
mod returns;
mod session;

use std::collections::HashMap;

use portcullis_syntax::ast::{self, ActionClause, Demand, RouteClause};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::Report;
use super::demand::{self, Asked};
use super::expression::{Bound, Callers, Scope};
use super::input::Declared;
use super::names::{Names, resolve};
use super::types::Table;
use crate::plan::{Operand, Place, Route, Type};
use inherited::{Inherited, flatten};
pub(super) use object::guards as visible_guards;
pub(super) use pattern::{METHODS, covers, method, well_formed};

/// A route, with what conditions may name on it.
pub(super) struct Checked<'a> {
    pub(super) plan: Route,
    entry: access::Entry,
    fields: fields::Fields<'a>,
    objects: Vec<Bound>,
}

impl<'a> Checked<'a> {
    pub(super) fn scope(&self) -> Scope<'_> {
        Scope {
            route: Some(self.plan.span),
            caller: callers(&self.entry),
            fields: self.fields.scope(),
            objects: &self.objects,
            ..Scope::default()
        }
    }

    /// What it takes, from where, and the clause that says so; no source is named for the body.
    pub(super) fn takes(&self) -> &[fields::Taken<'a>] {
        &self.fields.shapes
    }

    /// The fields of its body, where it takes one.
    pub(super) fn body(&self) -> Option<&[Declared]> {
        self.fields.body.as_deref()
    }
}

fn callers(entry: &access::Entry) -> Callers<'_> {
    Callers { accepted: entry.accepted(), presence: entry.presence() }
}

pub(super) fn check<'a>(
    names: &Names<'a>,
    table: &mut Table<'a>,
    report: &mut Report,
) -> Vec<Checked<'a>> {
    let mut seen: HashMap<(String, Vec<String>, bool), Span> = HashMap::new();
    let mut routes = Vec::new();
    for (inherited, found) in flatten(names, report) {
        let checked = one(&inherited, found, names, table, report);
        let route = &checked.plan;
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
        routes.push(checked);
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

    /// The method and the path.
    fn head(&self) -> Span {
        self.found.method.span.to(self.found.pattern.span)
    }

    fn demands(&self) -> impl Iterator<Item = &'a Demand> {
        self.found.clauses.iter().filter_map(|clause| match clause {
            RouteClause::Demand(demand) => Some(demand),
            _ => None,
        })
    }

    /// The actions that the route does, with the clauses that say so.
    fn actions(&self, table: &Table<'a>, report: &mut Report) -> Vec<(&'a ast::Action, Span)> {
        let mut actions: Vec<(&ast::Action, Span)> = Vec::new();
        for clause in &self.found.clauses {
            let RouteClause::Does { action, span } = clause else {
                continue;
            };
            let known = table.actions.iter().map(|action| action.name.node.as_str());
            let Some(found) = resolve("action", action, known, report)
                .and_then(|index| table.actions.get(index).copied())
            else {
                continue;
            };
            if let Some((_, first)) = actions.iter().find(|(known, _)| std::ptr::eq(*known, found))
            {
                report.add(
                    Diagnostic::error(
                        Code::Duplicate,
                        *span,
                        format!("`does {}` stands twice", action.node),
                    )
                    .label("again here")
                    .and(*first, "first here")
                    .help("keep one of them"),
                );
                continue;
            }
            actions.push((found, *span));
        }
        actions
    }
}

fn one<'a>(
    inherited: &Inherited<'a>,
    found: &'a ast::Route,
    names: &Names<'a>,
    table: &mut Table<'a>,
    report: &mut Report,
) -> Checked<'a> {
    let clauses = Clauses { found };
    let (text, segments, trailing_slash) = pattern::join(inherited, found, report);
    pattern::method(&found.method, report);
    let retired = clauses.all(|clause| match clause {
        RouteClause::Retired(span) => Some((*span, *span)),
        _ => None,
    });
    let retired = report.once("retired", retired);
    let entry = access::check(inherited, &clauses, retired.is_some(), table, report);
    let actions = clauses.actions(table, report);

    let fields = fields::check(inherited, &clauses, &segments, names, table, report);
    let scope = Scope {
        route: Some(clauses.head()),
        caller: callers(&entry),
        fields: fields.scope(),
        ..Scope::default()
    };
    let loads = object::loads(&clauses, scope, table, report);
    let lists = object::lists(&clauses, table, report);
    let creates = object::creates(&clauses, table, report);
    let bounds = object::bound(&loads, lists.as_ref(), creates.as_ref(), table, report);
    // What an action asks of an object that is not there has no meaning of its own.
    let actions = object::done(actions, &bounds, table, report);
    let scope = Scope { objects: &bounds, ..scope };

    let mut route = Route {
        method: found.method.node.clone(),
        pattern: text,
        segments,
        trailing_slash,
        span: clauses.head(),
        retired,
        access: entry.access.clone(),
        accept: entry.accept,
        takes_scopes: false,
        needs: Vec::new(),
        params: fields.planned_params(),
        query: fields.planned_query(),
        header: fields.planned_header(),
        body: fields.planned_body(),
        loads,
        lists,
        creates,
        caller: Default::default(),
        input: Default::default(),
        object: Default::default(),
        rows: Default::default(),
        returns: Vec::new(),
        session: session::verb(&clauses, names, report),
    };
    let of_actions = actions.iter().flat_map(|(action, _)| &action.clauses);
    let of_actions = of_actions.filter_map(|clause| match clause {
        ActionClause::Demand(demand) => Some(demand),
        _ => None,
    });
    let demands: Vec<&Demand> =
        inherited.demands.iter().copied().chain(clauses.demands()).chain(of_actions).collect();
    route.needs = demand::needs(&demands, table, report);
    route.takes_scopes = entry.takes_scopes() || !route.needs.is_empty();
    let asked = Asked { scope, loaded: route.loads.len() };
    demand::guards(&demands, asked, table, report, |step, checks| {
        let found = step.of(&mut route);
        found.requires.extend(checks.requires);
        found.denies.extend(checks.denies);
    });
    object::visible(&mut route, asked, table, report);
    let own: Vec<&ast::Allow> = clauses
        .all(|clause| match clause {
            RouteClause::Allow(allow) => Some((allow, allow.span)),
            _ => None,
        })
        .into_iter()
        .map(|(allow, _)| allow)
        .collect();
    let mut allowed = false;
    for group in
        [own].into_iter().chain(actions.iter().map(|(action, _)| demand::allows_of(action)))
    {
        allowed |= !group.is_empty();
        if let Some((step, group)) = demand::allows(&group, asked, table, report) {
            step.of(&mut route).allows.push(group);
        }
    }
    for (step, charge) in demand::charges(&demands, scope, table, report) {
        step.of(&mut route).charges.push(charge);
    }
    returns::check(&clauses, asked, &mut route, table, report);
    session::check(&route, names, report);
    mark_read(&route, table);

    // What a faulty action would have asked nobody knows.
    let does =
        clauses.found.clauses.iter().filter(|clause| matches!(clause, RouteClause::Does { .. }));
    let faulty = does.count() > actions.len();
    if retired.is_none() && !entry.is_stated() && route.needs.is_empty() && !allowed && !faulty {
        report.add(
            Diagnostic::error(
                Code::NoAccess,
                route.span,
                format!("`{} {}` does not say who may call it", route.method, route.pattern),
            )
            .help("state `needs PERMISSION`, `allow when …`, `signed_in` or `public`"),
        );
    }
    Checked { plan: route, entry, fields, objects: bounds }
}

/// Marks the attributes that the route's conditions read: the application's type must have them.
fn mark_read(route: &Route, table: &mut Table<'_>) {
    let objects: Vec<usize> = route.objects().collect();
    for condition in route.conditions() {
        condition.reads(&mut |operand| {
            if let Operand::Object(place) = operand {
                mark_place(place, &objects, table);
            }
        });
    }
}

/// Marks what a place reads, and the nested objects on the way to it.
pub(super) fn mark_place(place: &Place, objects: &[usize], table: &mut Table<'_>) {
    let mut resource = objects.get(place.object).copied();
    for slot in [place.slot].iter().chain(&place.nested) {
        let Some(attribute) = resource
            .and_then(|index| table.resources.get_mut(index))
            .and_then(|found| found.plan.attributes.get_mut(*slot))
        else {
            return;
        };
        attribute.read = true;
        resource = match attribute.kind {
            Type::Resource(index) => Some(index),
            _ => None,
        };
    }
}
