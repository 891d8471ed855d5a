//! The declarations of a policy, where the plan has not kept what the text says.

use std::collections::HashMap;

use portcullis_compiler::Compilation;
use portcullis_syntax::Span;
use portcullis_syntax::ast::{
    self, Attribute, BudgetClause, CredentialClause, Expression, ExpressionKind, Group,
    GroupClause, Item, OutboundClause, Path, ResourceClause, Route, Session, SessionClause, View,
};

/// The declarations of all files.
pub(crate) fn items(compilation: &Compilation) -> impl Iterator<Item = &Item> + Clone {
    compilation.files.iter().flat_map(|file| &file.items)
}

pub(crate) fn roles(compilation: &Compilation) -> impl Iterator<Item = &ast::Role> {
    items(compilation).filter_map(|item| match item {
        Item::Role(role) => Some(role),
        _ => None,
    })
}

pub(crate) fn resources(compilation: &Compilation) -> impl Iterator<Item = &ast::Resource> {
    items(compilation).filter_map(|item| match item {
        Item::Resource(resource) => Some(resource),
        _ => None,
    })
}

pub(crate) fn attributes(resource: &ast::Resource) -> impl Iterator<Item = &Attribute> {
    resource.clauses.iter().filter_map(|clause| match clause {
        ResourceClause::Attribute(attribute) => Some(attribute),
        _ => None,
    })
}

pub(crate) fn views(resource: &ast::Resource) -> impl Iterator<Item = &View> {
    resource.clauses.iter().filter_map(|clause| match clause {
        ResourceClause::View(view) => Some(view),
        _ => None,
    })
}

/// The routes and the groups around them, in the order of the text.
pub(crate) fn routes(compilation: &Compilation) -> Vec<&Route> {
    let mut found = Vec::new();
    for item in items(compilation) {
        match item {
            Item::Route(route) => found.push(route),
            Item::Group(group) => of_group(group, &mut found),
            _ => {}
        }
    }
    found
}

fn of_group<'a>(group: &'a Group, found: &mut Vec<&'a Route>) {
    for clause in &group.clauses {
        match clause {
            GroupClause::Route(route) => found.push(route),
            GroupClause::Group(inner) => of_group(inner, found),
            _ => {}
        }
    }
}

/// The whole text of each route, by what the plan calls its place: method and path.
pub(crate) fn whole(compilation: &Compilation) -> HashMap<Span, Span> {
    let routes = routes(compilation).into_iter();
    routes.map(|route| (route.method.span.to(route.pattern.span), route.span)).collect()
}

/// Whether a place lies within another.
pub(crate) fn within(place: Span, around: Span) -> bool {
    place.file == around.file && around.start <= place.start && place.end <= around.end
}

/// Calls `visit` with each path of an expression.
pub(crate) fn paths<'e>(expression: &'e Expression, visit: &mut dyn FnMut(&'e Path)) {
    use ExpressionKind as E;
    match &expression.node {
        E::And(all) | E::Or(all) | E::List(all) => all.iter().for_each(|one| paths(one, visit)),
        E::Not(inner) | E::Is(inner, _) | E::Can(inner, _) => paths(inner, visit),
        E::Exists(path) | E::Path(path) => visit(path),
        E::Else(left, right)
        | E::Compare(_, left, right)
        | E::In(left, right)
        | E::Within(left, right)
        | E::OlderThan(left, right) => {
            paths(left, visit);
            paths(right, visit);
        }
        E::Literal(_) => {}
    }
}

/// A clause of the credential of this name.
pub(crate) fn in_credential<T>(
    compilation: &Compilation,
    name: &str,
    pick: impl Fn(&CredentialClause) -> Option<T>,
) -> Option<T> {
    let mut clauses = items(compilation).flat_map(|item| match item {
        Item::Credential(found) if found.name.node == name => found.clauses.as_slice(),
        _ => &[],
    });
    clauses.find_map(pick)
}

/// A clause of the budget of this name.
pub(crate) fn in_budget<T>(
    compilation: &Compilation,
    name: &str,
    pick: impl Fn(&BudgetClause) -> Option<T>,
) -> Option<T> {
    let mut clauses = items(compilation).flat_map(|item| match item {
        Item::Budget(found) if found.name.node == name => found.clauses.as_slice(),
        _ => &[],
    });
    clauses.find_map(pick)
}

/// A clause of the outbound of this name.
pub(crate) fn in_outbound<T>(
    compilation: &Compilation,
    name: &str,
    pick: impl Fn(&OutboundClause) -> Option<T>,
) -> Option<T> {
    let mut clauses = items(compilation).flat_map(|item| match item {
        Item::Outbound(found) if found.name.node == name => found.clauses.as_slice(),
        _ => &[],
    });
    clauses.find_map(pick)
}

/// The session.
pub(crate) fn session(compilation: &Compilation) -> Option<&Session> {
    items(compilation).find_map(|item| match item {
        Item::Session(found) => Some(found),
        _ => None,
    })
}

/// Where the `refresh` of the session stands.
pub(crate) fn refresh(compilation: &Compilation) -> Option<Span> {
    session(compilation)?.clauses.iter().find_map(|clause| match clause {
        SessionClause::Refresh(refresh) => Some(refresh.span),
        _ => None,
    })
}
