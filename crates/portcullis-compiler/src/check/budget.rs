//! `budget`. What its key and its conditions mean is checked on each route that names it.

use std::time::Duration;

use portcullis_syntax::ast::{self, BudgetClause};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::Report;
use super::expression::{Checker, Scope, mentions};
use super::names::Names;
use super::settings::Settings;
use super::types::Table;
use crate::plan::{Algorithm, Budget, Limit};

/// Units and seconds beyond this are a slip of the pen; below it no sum can overflow.
const MOST_UNITS: i64 = 1_000_000_000;
const LONGEST: u64 = 366 * 24 * 60 * 60;

/// An IPv6 address block of this length is one customer's (RFC 6177).
const IPV6_PREFIX: u8 = 64;

/// A budget with what is checked on each route that names it.
pub(super) struct Checked<'a> {
    pub(super) plan: Budget,
    pub(super) key: &'a [ast::KeyPart],
    /// When each limit fits.
    pub(super) limits: Vec<Option<&'a ast::Condition>>,
    /// `ipv6 /N`, which speaks of an address in the key.
    pub(super) ipv6: Option<Span>,
    /// Whether a route or an action names it.
    pub(super) charged: bool,
}

pub(super) fn check<'a>(
    names: &Names<'a>,
    settings: &Settings,
    report: &mut Report,
) -> Vec<Checked<'a>> {
    names.budgets.iter().map(|found| one(found, settings, report)).collect()
}

fn one<'a>(found: &'a ast::Budget, settings: &Settings, report: &mut Report) -> Checked<'a> {
    let clauses = &found.clauses;
    let pick = |report: &mut Report, what, value: fn(&'a BudgetClause) -> Option<Span>| {
        report.once(what, clauses.iter().filter_map(value).map(|span| ((), span))).is_some()
    };
    let algorithms = clauses.iter().filter_map(|clause| match clause {
        BudgetClause::Algorithm(name, span) => Some((name, *span)),
        _ => None,
    });
    let algorithm = report
        .once("algorithm", algorithms)
        .map_or(Algorithm::TokenBucket, |name| of_name(name, report));
    let (limits, conditions) = limits(found, algorithm, settings, report);
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
    let prefixes = clauses.iter().filter_map(|clause| match clause {
        BudgetClause::Ipv6(prefix, span) => Some(((prefix, *span), *span)),
        _ => None,
    });
    let (prefix, ipv6) = report.once("ipv6", prefixes).unzip();
    if let (Some(span), None) = (ipv6, key) {
        let fault = Diagnostic::error(Code::Conflict, span, "this budget has no `key`");
        report.add(fault.help("take `ipv6` away, or count by `request.ip`"));
    }
    if let Some(prefix) = prefix.filter(|prefix| prefix.node == 0) {
        report.add(
            Diagnostic::error(Code::BadValue, prefix.span, "`/0` counts all of IPv6 as one client")
                .help("leave the address out of the key instead"),
        );
    }
    let refund = pick(report, "refund on success", |clause| match clause {
        BudgetClause::Refund(span) => Some(*span),
        _ => None,
    });
    let unavailable_admits = pick(report, "unavailable", |clause| match clause {
        BudgetClause::Unavailable(_, span) => Some(*span),
        _ => None,
    });
    Checked {
        plan: Budget {
            name: found.name.node.clone(),
            limits,
            algorithm,
            ipv6_prefix: prefix.map_or(IPV6_PREFIX, |prefix| prefix.node),
            refund,
            unavailable_admits,
            clauses: clauses.iter().map(BudgetClause::span).collect(),
        },
        ipv6: ipv6.filter(|_| key.is_some()),
        key: key.map_or(&[], |(parts, _)| parts),
        limits: conditions,
        charged: false,
    }
}

/// Checks what a budget means that nothing charges, as far as it does not depend on a route.
pub(super) fn uncharged<'a>(table: &mut Table<'a>, report: &mut Report) {
    let uncharged = table.budgets.iter().filter(|budget| !budget.charged);
    let uncharged: Vec<_> = uncharged.map(|budget| (budget.key, budget.limits.clone())).collect();
    let scope = Scope { assumed: true, ..Scope::default() };
    for (key, limits) in uncharged {
        for path in key.iter().flat_map(|part| &part.alternatives).filter(|path| !of_input(path)) {
            Checker::new(table, scope, report).read(path, None);
        }
        for condition in limits.into_iter().flatten() {
            let both = [Some(&condition.when), condition.unless.as_ref()];
            if !both.into_iter().flatten().any(|condition| mentions(condition, &of_input)) {
                Checker::new(table, scope, report).condition(condition);
            }
        }
    }
}

/// Whether a path names what routes declare, each for itself.
fn of_input(path: &ast::Path) -> bool {
    let sources = ["params", "query", "header", "body"];
    match path.segments.as_slice() {
        [first, _, ..] => sources.contains(&first.node.as_str()),
        _ => false,
    }
}

/// The limits and when each fits. There is at least one, and the last one always fits: where none
/// did, the budget would not be one.
fn limits<'a>(
    found: &'a ast::Budget,
    algorithm: Algorithm,
    settings: &Settings,
    report: &mut Report,
) -> (Vec<Limit>, Vec<Option<&'a ast::Condition>>) {
    let mut limits: Vec<Limit> = Vec::new();
    let mut conditions = Vec::new();
    let mut always: Option<Span> = None;
    let mut last: Option<Span> = None;
    for clause in &found.clauses {
        let BudgetClause::Limit { units, period, burst, condition, span } = clause else {
            continue;
        };
        if let Some(first) = always {
            report.add(
                Diagnostic::error(Code::Conflict, *span, "this `limit` is never reached")
                    .and(first, "this one always fits")
                    .help(match condition {
                        Some(_) => "put the one without `when` last",
                        None => "keep one of them, or say `when` the first holds",
                    }),
            );
        }
        if condition.is_none() {
            always = Some(*span);
        }
        last = Some(*span);
        let count = units_of(units, "a limit", settings, report);
        let seconds = settings.duration(period, report).map_or(1, |found| found.node);
        if !(1..=LONGEST).contains(&seconds) {
            report.add(Diagnostic::error(Code::BadValue, period.span, "a period is at most 366d"));
        }
        if let Some(burst) = burst
            && algorithm == Algorithm::SlidingWindow
        {
            report.add(
                Diagnostic::error(Code::Conflict, burst.span, "a `sliding_window` has no `burst`")
                    .label("any part of the window may hold the whole limit")
                    .help("take it away, or count by `token_bucket`"),
            );
        }
        if let Some(first) = limits.first().filter(|first| first.period.as_secs() != seconds)
            && algorithm == Algorithm::SlidingWindow
        {
            report.add(
                Diagnostic::error(
                    Code::Conflict,
                    period.span,
                    format!(
                        "another limit of this `sliding_window` is per {}s",
                        first.period.as_secs()
                    ),
                )
                .label("one window has one length")
                .help("give the limits one period, or make two budgets of them"),
            );
        }
        let burst = burst.as_ref().map(|burst| units_of(burst, "a burst", settings, report));
        limits.push(Limit {
            units: count,
            period: Duration::from_secs(seconds),
            burst: burst.unwrap_or(count),
        });
        conditions.push(condition.as_ref());
    }
    match (last, always) {
        (None, _) => report.add(
            Diagnostic::error(
                Code::Missing,
                found.name.span,
                format!("budget `{}` states no `limit`", found.name.node),
            )
            .help("add `limit 100 per 1m`"),
        ),
        (Some(last), None) => report.add(
            Diagnostic::error(Code::Missing, last, "no `limit` fits when this one does not")
                .help("end with a `limit` that has no `when`"),
        ),
        _ => {}
    }
    (limits, conditions)
}

fn units_of(value: &ast::Value, what: &str, settings: &Settings, report: &mut Report) -> u64 {
    let Some(units) = settings.int(value, report) else {
        return 1;
    };
    if !(1..=MOST_UNITS).contains(&units.node) {
        report.add(Diagnostic::error(
            Code::BadValue,
            units.span,
            format!("{what} is from 1 to {MOST_UNITS} units"),
        ));
    }
    u64::try_from(units.node).unwrap_or(1).max(1)
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
