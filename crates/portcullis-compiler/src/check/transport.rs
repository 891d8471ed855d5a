//! `transport`, as one profile has it.

use portcullis_syntax::ast::{self, Hosts, Name, Network, TransportClause};
use portcullis_syntax::{Code, Diagnostic, Span, Spanned};

use super::names::Names;
use super::settings::Settings;
use super::{Report, profiles};
use crate::plan::{Transport, TransportPlaces};

/// A body is at most this large where the policy says nothing.
const BODY_LIMIT: u64 = 64 * 1024;
/// No policy may let more than this into memory at once.
const BODY_CEILING: u64 = 1024 * 1024 * 1024;

/// A year in seconds.
const PRELOADED: u64 = 365 * 24 * 60 * 60;

/// The transport of one profile.
pub(super) fn check(
    names: &Names<'_>,
    profile: &str,
    settings: &Settings,
    report: &mut Report,
) -> Transport {
    let found = names.transports.iter().map(|found| (*found, found.keyword));
    let clauses =
        report.once("transport", found).map_or(&[] as &[_], |found| found.clauses.as_slice());
    let hsts = pick("hsts", profile, clauses, report, |clause| match clause {
        TransportClause::Hsts { max_age, subdomains, preload, .. } => {
            Some((max_age, *subdomains, *preload))
        }
        _ => None,
    });
    let proxies = pick("proxies", profile, clauses, report, |clause| match clause {
        TransportClause::Proxies { networks, span, .. } => Some((networks, *span)),
        _ => None,
    });
    let https = pick("https", profile, clauses, report, |clause| match clause {
        TransportClause::Https { mode, span, .. } => Some((mode, *span)),
        _ => None,
    });
    let listed = pick("hosts", profile, clauses, report, |clause| match clause {
        TransportClause::Hosts { hosts, span, .. } => Some((hosts, *span)),
        _ => None,
    });
    let limit = pick("body_limit", profile, clauses, report, |clause| match clause {
        TransportClause::BodyLimit { size, span, .. } => Some((size, *span)),
        _ => None,
    });
    Transport {
        https: https.is_none_or(|(mode, _)| is_required(mode, report)),
        hosts: match listed {
            Some((Hosts::Listed(hosts), _)) => Some(self::hosts(hosts, settings, report)),
            Some((Hosts::Any(_), _)) | None => None,
        },
        proxies: proxies
            .map_or_else(Vec::new, |(networks, _)| self::proxies(networks, settings, report)),
        hsts: hsts.and_then(|(max_age, subdomains, preload)| {
            self::hsts(max_age, subdomains, preload, settings, report)
        }),
        body_limit: limit.map_or(BODY_LIMIT, |(size, _)| body_limit(size, settings, report)),
        places: TransportPlaces {
            https: https.map(|(_, span)| span),
            hosts: listed.map(|(_, span)| span),
            proxies: proxies.map(|(_, span)| span),
            body_limit: limit.map(|(_, span)| span),
        },
    }
}

/// The profiles that `transport` names.
pub(super) fn named_profiles<'a>(names: &Names<'a>) -> impl Iterator<Item = &'a Name> {
    names.transports.iter().flat_map(|found| &found.clauses).flat_map(clause_profiles)
}

/// The clause of one kind that holds in a profile.
fn pick<'a, T>(
    what: &str,
    profile: &str,
    clauses: &'a [TransportClause],
    report: &mut Report,
    value: impl Fn(&'a TransportClause) -> Option<T>,
) -> Option<T> {
    let found = clauses
        .iter()
        .filter_map(|clause| Some((value(clause)?, clause_profiles(clause), clause_span(clause))));
    profiles::pick(what, profile, found, report)
}

fn is_required(mode: &Name, report: &mut Report) -> bool {
    if mode.node != "required" && mode.node != "off" {
        report.add(
            Diagnostic::error(
                Code::BadValue,
                mode.span,
                format!("`https` is `required` or `off`, not `{}`", mode.node),
            )
            .did_you_mean(&mode.node, ["required", "off"]),
        );
    }
    mode.node != "off"
}

/// The value of the header (RFC 6797, 6.1), and of `preload` what the browsers' shared list asks.
fn hsts(
    max_age: &ast::Value,
    subdomains: Option<Span>,
    preload: Option<Span>,
    settings: &Settings,
    report: &mut Report,
) -> Option<String> {
    let max_age = settings.duration(max_age, report)?;
    if let Some(preload) = preload {
        if max_age.node < PRELOADED {
            report.add(
                Diagnostic::error(Code::Conflict, max_age.span, "`preload` takes `365d` or more")
                    .and(preload, "asked for here")
                    .help("write `hsts 365d subdomains preload`, or take `preload` away"),
            );
        }
        if subdomains.is_none() {
            report.add(
                Diagnostic::error(Code::Conflict, preload, "`preload` holds for subdomains too")
                    .help("write `subdomains preload`, or take `preload` away"),
            );
        }
    }
    let mut value = format!("max-age={}", max_age.node);
    for (word, stands) in [("; includeSubDomains", subdomains), ("; preload", preload)] {
        if stands.is_some() {
            value.push_str(word);
        }
    }
    Some(value)
}

fn proxies(value: &ast::Value, settings: &Settings, report: &mut Report) -> Vec<Network> {
    let what = "a list of networks like `[10.0.0.0/8]`";
    let networks = settings.networks(value, what, report).unwrap_or_default();
    for network in &networks {
        if network.node.prefix() == 0 {
            report.add(
                Diagnostic::error(
                    Code::BadValue,
                    network.span,
                    "every peer would be believed about the client",
                )
                .label("this is the whole Internet")
                .help("name the networks of your proxies alone"),
            );
        }
    }
    networks.into_iter().map(|network| network.node).collect()
}

fn hosts(value: &ast::Value, settings: &Settings, report: &mut Report) -> Vec<String> {
    let hosts = settings.texts(value, "a list of hosts like `[\"shop.example\"]`", report);
    let hosts = hosts.unwrap_or_default();
    if matches!(&value.node, ast::ValueKind::List(hosts) if hosts.is_empty()) {
        report.add(
            Diagnostic::error(Code::BadValue, value.span, "`hosts []` refuses every request")
                .help("name the hosts, or write `hosts any \"reason\"`"),
        );
    }
    for host in hosts.iter().filter(|host| !is_host(&host.node)) {
        report.add(
            Diagnostic::error(Code::BadValue, host.span, format!("`{}` is not a host", host.node))
                .help("a host is a name or an address, lower-case, without scheme, port or path"),
        );
    }
    hosts.into_iter().map(|host| host.node).collect()
}

fn body_limit(value: &ast::Value, settings: &Settings, report: &mut Report) -> u64 {
    let Some(size) = settings.size(value, report) else {
        return BODY_LIMIT;
    };
    body_size(&size, report);
    size.node
}

/// Whether so much may be let into memory at once.
pub(super) fn body_size(size: &Spanned<u64>, report: &mut Report) {
    if size.node > BODY_CEILING || size.node == 0 {
        report.add(Diagnostic::error(
            Code::BadValue,
            size.span,
            "a body limit is at least 1KiB and at most 1GiB",
        ));
    }
}

/// What a `Host` header, lower-case and without its port, could be equal to.
pub(super) fn is_host(host: &str) -> bool {
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
        | TransportClause::Hsts { profiles, .. }
        | TransportClause::Hosts { profiles, .. }
        | TransportClause::Proxies { profiles, .. }
        | TransportClause::BodyLimit { profiles, .. } => profiles,
        TransportClause::Waive(_) => &[],
    }
}

fn clause_span(clause: &TransportClause) -> Span {
    match clause {
        TransportClause::Https { span, .. }
        | TransportClause::Hsts { span, .. }
        | TransportClause::Hosts { span, .. }
        | TransportClause::Proxies { span, .. }
        | TransportClause::BodyLimit { span, .. } => *span,
        TransportClause::Waive(waiver) => waiver.span,
    }
}
