//! `errors`, as one profile has them: checked whole, and refused until they are enforced.

use portcullis_syntax::ast::{ErrorsClause, Name};
use portcullis_syntax::{Code, Diagnostic, Spanned};

use super::Report;
use super::names::Names;
use super::profiles::pick_in;

const FORMATS: [&str; 2] = ["problem", "simple"];
/// The reasons for a refusal, in the order in which a stage reports them.
const REASONS: &[&str] = &[
    "malformed_request",
    "insecure_transport",
    "unknown_host",
    "forbidden_origin",
    "unknown_route",
    "method_not_allowed",
    "retired",
    "missing_credential",
    "invalid_credential",
    "expired_credential",
    "revoked_credential",
    "missing_permission",
    "body_too_large",
    "unsupported_media_type",
    "invalid_input",
    "service_fault",
    "not_found",
    "forbidden",
    "conflict",
    "step_up",
    "over_budget",
    "store_unavailable",
];

pub(super) fn check(names: &Names<'_>, profile: &str, report: &mut Report) {
    let all = names.errors.iter().map(|found| (*found, found.keyword));
    let Some(found) = report.once("errors", all) else {
        return;
    };
    let clauses = found.clauses.as_slice();
    let format = pick_in("format", profile, clauses, report, |clause| match clause {
        ErrorsClause::Format(name) => Some(name),
        ErrorsClause::Status { .. } => None,
    });
    format.into_iter().for_each(|name| self::format(name, report));
    let mut seen: Vec<&str> = Vec::new();
    for limited in clauses {
        let ErrorsClause::Status { reason, .. } = &limited.clause else {
            continue;
        };
        let name = reason.node.as_str();
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        let what = format!("status {name}");
        let found = pick_in(&what, profile, clauses, report, |clause| match clause {
            ErrorsClause::Status { reason, status } if reason.node == name => {
                Some((reason, status))
            }
            _ => None,
        });
        found.into_iter().for_each(|(reason, status)| self::status(reason, status, report));
    }
    report.unsupported("errors", found.keyword);
}

fn format(name: &Name, report: &mut Report) {
    if !FORMATS.contains(&name.node.as_str()) {
        report.add(
            Diagnostic::error(
                Code::UnknownName,
                name.span,
                format!("no format of errors is called `{}`", name.node),
            )
            .help("it is `problem` (RFC 9457) or `simple`")
            .did_you_mean(&name.node, FORMATS),
        );
    }
}

fn status(reason: &Name, status: &Spanned<i64>, report: &mut Report) {
    if !REASONS.contains(&reason.node.as_str()) {
        report.add(
            Diagnostic::error(
                Code::UnknownName,
                reason.span,
                format!("nothing is refused as `{}`", reason.node),
            )
            .did_you_mean(&reason.node, REASONS.iter().copied()),
        );
    }
    if !(400..=599).contains(&status.node) {
        report.add(
            Diagnostic::error(
                Code::BadValue,
                status.span,
                format!("{} is not the status of a refusal", status.node),
            )
            .help("a refusal has a status from 400 to 599"),
        );
    }
}
