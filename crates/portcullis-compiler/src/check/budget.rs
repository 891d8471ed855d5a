//! `budget`. What its key means is checked on each route that names it.

use portcullis_syntax::ast::{self, BudgetClause};
use portcullis_syntax::{Code, Diagnostic};

use super::Report;
use super::names::Names;
use crate::plan::{Algorithm, Budget};

/// Units and seconds beyond this are a slip of the pen; below it no sum can overflow.
const MOST_UNITS: i64 = 1_000_000_000;
const LONGEST: u64 = 366 * 24 * 60 * 60;

/// A budget with the key as written.
pub(super) struct Checked<'a> {
    pub(super) plan: Budget,
    pub(super) key: &'a [ast::KeyPart],
}

pub(super) fn check<'a>(names: &Names<'a>, report: &mut Report) -> Vec<Checked<'a>> {
    names.budgets.iter().map(|found| one(found, report)).collect()
}

fn one<'a>(found: &'a ast::Budget, report: &mut Report) -> Checked<'a> {
    let clauses = &found.clauses;
    let mut unsupported = false;
    for clause in clauses {
        if let BudgetClause::Unsupported(found) = clause {
            report.unsupported(found);
            unsupported = true;
        }
    }
    let limits = clauses.iter().filter_map(|clause| match clause {
        BudgetClause::Limit { units, period, span } => Some(((units, period), *span)),
        _ => None,
    });
    let limit = report.once("limit", limits);
    let keys = clauses.iter().filter_map(|clause| match clause {
        BudgetClause::Key(parts, span) => Some(((parts.as_slice(), *span), *span)),
        _ => None,
    });
    let key = report.once("key", keys);
    if let Some((&[], span)) = key {
        report.add(
            Diagnostic::error(Code::BadValue, span, "a key of nothing is shared by all")
                .help("name what the budget is counted by, or leave `key` out"),
        );
    }
    let algorithms = clauses.iter().filter_map(|clause| match clause {
        BudgetClause::Algorithm(name, span) => Some((name, *span)),
        _ => None,
    });
    let algorithm = report.once("algorithm", algorithms);
    if limit.is_none() && !unsupported {
        report.add(
            Diagnostic::error(
                Code::Missing,
                found.name.span,
                format!("budget `{}` states no `limit`", found.name.node),
            )
            .help("add `limit 100 per 1m`"),
        );
    }
    if let Some((units, _)) = limit
        && !(1..=MOST_UNITS).contains(&units.node)
    {
        report.add(Diagnostic::error(
            Code::BadValue,
            units.span,
            format!("a limit is from 1 to {MOST_UNITS} units"),
        ));
    }
    if let Some((_, period)) = limit
        && !(1..=LONGEST).contains(&period.node)
    {
        report.add(Diagnostic::error(Code::BadValue, period.span, "a period is at most 366d"));
    }
    Checked {
        plan: Budget {
            name: found.name.node.clone(),
            limit: limit.and_then(|(units, _)| u64::try_from(units.node).ok()).unwrap_or(1),
            period: limit.map_or(1, |(_, period)| period.node),
            algorithm: algorithm.map_or(Algorithm::TokenBucket, |name| of_name(name, report)),
        },
        key: key.map_or(&[], |(parts, _)| parts),
    }
}

fn of_name(name: &ast::Name, report: &mut Report) -> Algorithm {
    match name.node.as_str() {
        "token_bucket" => Algorithm::TokenBucket,
        "sliding_window" => Algorithm::SlidingWindow,
        _ => {
            report.add(
                Diagnostic::error(
                    Code::UnknownName,
                    name.span,
                    format!("no algorithm is called `{}`", name.node),
                )
                .help("it is `token_bucket` or `sliding_window`")
                .did_you_mean(&name.node, ["token_bucket", "sliding_window"]),
            );
            Algorithm::TokenBucket
        }
    }
}
