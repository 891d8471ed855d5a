//! `transport`, once for each profile that the policy names.

use portcullis_syntax::ast::{Hosts, Name, TransportClause};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::Report;
use super::names::Names;
use crate::plan::Transport;

/// A body is at most this large where the policy says nothing.
const BODY_LIMIT: u64 = 64 * 1024;
/// No policy may let more than this into memory at once.
const BODY_CEILING: u64 = 1024 * 1024 * 1024;

/// The transport of each profile; at least one.
pub(super) fn check(names: &Names<'_>, report: &mut Report) -> Vec<(String, Transport)> {
    let found = names.transports.iter().map(|found| (*found, found.keyword));
    let clauses =
        report.once("transport", found).map_or(&[] as &[_], |found| found.clauses.as_slice());
    let mut profiles = Vec::new();
    for clause in clauses {
        if let TransportClause::Unsupported(found) = clause {
            report.unsupported(found);
        }
        check_values(clause, report);
        for profile in clause_profiles(clause) {
            if !profiles.contains(&profile.node) {
                profiles.push(profile.node.clone());
            }
        }
    }
    if profiles.is_empty() {
        profiles.push("default".to_owned());
    }
    profiles.sort();
    profiles.into_iter().map(|profile| (profile.clone(), of(&profile, clauses, report))).collect()
}

fn of(profile: &str, clauses: &[TransportClause], report: &mut Report) -> Transport {
    let https = pick("https", profile, clauses, report, |clause| match clause {
        TransportClause::Https { mode, .. } => Some(mode.node != "off"),
        _ => None,
    });
    let hosts = pick("hosts", profile, clauses, report, |clause| match clause {
        TransportClause::Hosts { hosts: Hosts::Any(_), .. } => Some(None),
        TransportClause::Hosts { hosts: Hosts::Listed(hosts), .. } => {
            Some(Some(hosts.iter().map(|host| host.node.clone()).collect()))
        }
        _ => None,
    });
    let body_limit = pick("body_limit", profile, clauses, report, |clause| match clause {
        TransportClause::BodyLimit { size, .. } => Some(size.node),
        _ => None,
    });
    Transport {
        https: https.unwrap_or(true),
        hosts: hosts.unwrap_or(None),
        body_limit: body_limit.unwrap_or(BODY_LIMIT),
    }
}

/// The clause of one kind that holds in a profile: one that names it, else one that names none.
fn pick<T>(
    what: &str,
    profile: &str,
    clauses: &[TransportClause],
    report: &mut Report,
    value: impl Fn(&TransportClause) -> Option<T>,
) -> Option<T> {
    let of_kind = |named: bool| {
        clauses
            .iter()
            .filter(move |clause| {
                let profiles = clause_profiles(clause);
                if named {
                    profiles.iter().any(|name| name.node == profile)
                } else {
                    profiles.is_empty()
                }
            })
            .filter_map(|clause| Some((value(clause)?, clause_span(clause))))
            .collect::<Vec<_>>()
    };
    let everywhere = report.once(what, of_kind(false));
    report.once(what, of_kind(true)).or(everywhere)
}

fn check_values(clause: &TransportClause, report: &mut Report) {
    match clause {
        TransportClause::Https { mode, .. } if mode.node != "required" && mode.node != "off" => {
            report.add(
                Diagnostic::error(
                    Code::BadValue,
                    mode.span,
                    format!("`https` is `required` or `off`, not `{}`", mode.node),
                )
                .did_you_mean(&mode.node, ["required", "off"]),
            );
        }
        TransportClause::Hosts { hosts: Hosts::Listed(hosts), span, .. } => {
            if hosts.is_empty() {
                report.add(
                    Diagnostic::error(Code::BadValue, *span, "`hosts []` refuses every request")
                        .help("name the hosts, or write `hosts any \"reason\"`"),
                );
            }
            for host in hosts.iter().filter(|host| !is_host(&host.node)) {
                report.add(
                    Diagnostic::error(
                        Code::BadValue,
                        host.span,
                        format!("`{}` is not a host", host.node),
                    )
                    .help(
                        "a host is a name or an address, lower-case, without scheme, port or path",
                    ),
                );
            }
        }
        TransportClause::BodyLimit { size, .. } if size.node > BODY_CEILING || size.node == 0 => {
            report.add(Diagnostic::error(
                Code::BadValue,
                size.span,
                "a body limit is at least 1KiB and at most 1GiB",
            ));
        }
        _ => {}
    }
}

/// What a `Host` header, lower-case and without its port, could be equal to.
fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return inner.parse::<std::net::Ipv6Addr>().is_ok();
    }
    host.len() <= 253
        && host.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
}

fn clause_profiles(clause: &TransportClause) -> &[Name] {
    match clause {
        TransportClause::Https { profiles, .. }
        | TransportClause::Hosts { profiles, .. }
        | TransportClause::BodyLimit { profiles, .. } => profiles,
        TransportClause::Waive(_) | TransportClause::Unsupported(_) => &[],
    }
}

fn clause_span(clause: &TransportClause) -> Span {
    match clause {
        TransportClause::Https { span, .. }
        | TransportClause::Hosts { span, .. }
        | TransportClause::BodyLimit { span, .. } => *span,
        TransportClause::Waive(waiver) => waiver.span,
        TransportClause::Unsupported(found) => found.span,
    }
}
