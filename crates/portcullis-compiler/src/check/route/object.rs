//! The object that a route loads, and the ones that it lists.

use portcullis_syntax::ast::{self, RouteClause};
use portcullis_syntax::{Code, Diagnostic};

use super::super::Report;
use super::super::expression::{Checker, Scope};
use super::super::names::resolve;
use super::super::types::Table;
use super::Clauses;
use crate::plan::{List, Load};

/// The most rows that one list may hand over.
const MOST_ROWS: i64 = 100_000;

pub(super) fn loads(
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

pub(super) fn lists(clauses: &Clauses<'_>, table: &Table<'_>, report: &mut Report) -> Option<List> {
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
