//! `errors`, as one profile has them.

use portcullis_syntax::ast::{ErrorsClause, Name};
use portcullis_syntax::{Code, Diagnostic, Spanned};

use super::Report;
use super::names::Names;
use super::profiles::pick_in;
use crate::Reason;
use crate::plan::{ErrorFormat, Errors};

pub(super) fn check(names: &Names<'_>, profile: &str, report: &mut Report) -> Errors {
    let all = names.errors.iter().map(|found| (*found, found.keyword));
    let Some(found) = report.once("errors", all) else {
        return Errors::default();
    };
    let clauses = found.clauses.as_slice();
    let format = pick_in("format", profile, clauses, report, |clause| match clause {
        ErrorsClause::Format(name) => Some(name),
        ErrorsClause::Status { .. } => None,
    });
    let format = format.and_then(|name| self::format(name, report)).unwrap_or_default();
    let mut statuses = Vec::new();
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
        statuses.extend(found.and_then(|(reason, status)| self::status(reason, status, report)));
    }
    Errors { format, statuses }
}

fn format(name: &Name, report: &mut Report) -> Option<ErrorFormat> {
    let found = ErrorFormat::ALL.iter().copied().find(|known| known.as_str() == name.node);
    if found.is_none() {
        report.add(
            Diagnostic::error(
                Code::UnknownName,
                name.span,
                format!("no format of errors is called `{}`", name.node),
            )
            .help("it is `problem` (RFC 9457) or `simple`")
            .did_you_mean(&name.node, ErrorFormat::ALL.iter().map(|known| known.as_str())),
        );
    }
    found
}

fn status(reason: &Name, status: &Spanned<i64>, report: &mut Report) -> Option<(Reason, u16)> {
    let found = Reason::of_name(&reason.node);
    if found.is_none() {
        report.add(
            Diagnostic::error(
                Code::UnknownName,
                reason.span,
                format!("nothing is refused as `{}`", reason.node),
            )
            .did_you_mean(&reason.node, Reason::ALL.iter().map(|known| known.as_str())),
        );
    }
    let sent = u16::try_from(status.node).ok().filter(|sent| (400..600).contains(sent));
    if sent.is_none() {
        report.add(
            Diagnostic::error(
                Code::BadValue,
                status.span,
                format!("{} is not the status of a refusal", status.node),
            )
            .help("a refusal has a status from 400 to 599"),
        );
    }
    found.zip(sent)
}
