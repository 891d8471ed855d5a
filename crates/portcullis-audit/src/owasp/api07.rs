//! API7:2023, server side request forgery.

use portcullis_compiler::plan::{Body, Field, FieldType, Route, Rule, Scheme, Type};
use portcullis_lint::Owasp;

use super::{Gaps, Item, counted};
use crate::document::{Mark, Table, Text};
use crate::sections::input;
use crate::subject::{Subject, open};

pub(super) fn item(subject: &Subject<'_>) -> Item {
    let plan = subject.plan;
    let mut table = Table::new("API7: URLs that a client sends", &["Route", "Field", "Let out by"]);
    let (mut held, mut free) = (0, Vec::new());
    for route in open(plan) {
        for (path, field) in urls(route) {
            let through = through(&field.rule).and_then(|index| plan.outbounds.get(index));
            match through {
                Some(_) => held += 1,
                None => free.push(subject.placed(route).words(", ").code(&path)),
            }
            let through = through.map(|found| subject.named(&found.name, found.span));
            table.row([
                subject.route(route),
                Text::default().code(path),
                through.unwrap_or_else(|| Text::said("no outbound: it is a well-formed URL")),
            ]);
        }
    }
    let does = [
        counted(held, "field", "a URL is checked against an `outbound` when it comes in"),
        counted(
            plan.outbounds.len(),
            "outbound",
            "private, local and metadata addresses are refused, whatever an `outbound` says",
        ),
    ];
    let outbounds = |is: &dyn Fn(&portcullis_compiler::plan::Outbound) -> bool| {
        let found = plan.outbounds.iter().filter(|found| is(found));
        found.map(|found| subject.named(&found.name, found.span)).collect::<Vec<_>>()
    };
    let mut gaps = Gaps::default();
    gaps.at(
        Mark::Gap,
        "a URL comes in `through` no outbound: where the service fetches it, nothing says where to",
        free,
    );
    gaps.at(
        Mark::Review,
        "an outbound names no hosts: every public one may be fetched from",
        outbounds(&|found| found.hosts.is_none()),
    );
    gaps.at(
        Mark::Review,
        "an outbound fetches over plain HTTP",
        outbounds(&|found| found.schemes.contains(&Scheme::Http)),
    );
    gaps.at(
        Mark::Review,
        "an outbound follows redirects, each of which is checked too",
        outbounds(&|found| found.redirects > 0),
    );
    Item {
        risk: Owasp::ServerSideRequestForgery,
        what: "A client makes the service fetch a URL of its choice, and so reach what only the service can \
               reach.",
        does: does.into_iter().flatten().collect(),
        gaps: gaps.0,
        table,
        without: "No route takes a field of type `url`.",
        beyond: Some(
            "A URL in a field of type `string` or in raw bytes is a text to the policy. At the moment of \
             connecting the service has to ask the engine about the address.",
        ),
    }
}

/// The fields of a route that hold URLs, with where they come from.
fn urls(route: &Route) -> Vec<(String, &Field)> {
    let mut found = Vec::new();
    for field in route.params.iter().map(|parameter| &parameter.field) {
        if is_url(&field.rule) {
            found.push((format!("params.{}", field.wire), field));
        }
    }
    let query = route.query.iter().map(|shape| ("query", shape));
    let header = route.header.iter().map(|shape| ("header", shape));
    let body = route.body.as_ref().and_then(Body::shape).map(|shape| ("body", shape));
    for (source, shape) in query.chain(header).chain(body) {
        input::collect(shape, "", &mut |path, field| {
            if is_url(&field.rule) {
                found.push((format!("{source}.{path}"), field));
            }
        });
    }
    found
}

fn is_url(rule: &Rule) -> bool {
    match &rule.kind {
        FieldType::Plain(kind) => *kind == Type::Url,
        FieldType::List(element) => is_url(element),
        FieldType::Input(_) => false,
    }
}

fn through(rule: &Rule) -> Option<usize> {
    match &rule.kind {
        FieldType::List(element) => rule.constraints.through.or_else(|| through(element)),
        _ => rule.constraints.through,
    }
}
