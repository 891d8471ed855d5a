//! `outbound`: where the service may be made to fetch from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use portcullis_syntax::ast::{self, OutboundClause, ValueKind};
use portcullis_syntax::{Code, Diagnostic, Span, Spanned};

use super::names::Names;
use super::settings::Settings;
use super::{Report, transport};
use crate::plan::{HostPattern, Outbound, Scheme};

/// How many redirects are followed, each of them checked.
const MOST_REDIRECTS: u8 = 10;
const PORTS: [u16; 1] = [443];

pub(super) fn check(names: &Names<'_>, settings: &Settings, report: &mut Report) -> Vec<Outbound> {
    names.outbounds.iter().map(|found| one(found, settings, report)).collect()
}

fn one(found: &ast::Outbound, settings: &Settings, report: &mut Report) -> Outbound {
    let schemes = clause(found, "schemes", report, |clause| match clause {
        OutboundClause::Schemes(value, span) => Some((value, *span)),
        _ => None,
    });
    let schemes = schemes.map(|value| self::schemes(value, settings, report));
    let ports = clause(found, "ports", report, |clause| match clause {
        OutboundClause::Ports(value, span) => Some((value, *span)),
        _ => None,
    });
    let ports = ports.map(|value| self::ports(value, settings, report));
    let hosts = clause(found, "hosts", report, |clause| match clause {
        OutboundClause::Hosts(value, span) => Some((value, *span)),
        _ => None,
    });
    let hosts = hosts.map(|value| self::hosts(value, settings, report));
    let redirects = clause(found, "redirects", report, |clause| match clause {
        OutboundClause::Redirects(value, span) => Some((value, *span)),
        _ => None,
    });
    let redirects = redirects.map(|value| self::redirects(value, settings, report));
    Outbound {
        name: found.name.node.clone(),
        span: found.name.span,
        schemes: schemes.unwrap_or_else(|| vec![Scheme::Https]),
        ports: ports.unwrap_or_else(|| PORTS.to_vec()),
        hosts,
        redirects: redirects.unwrap_or(0),
    }
}

/// The value of the one clause of a kind. An empty list is a fault: it would let nothing out.
fn clause<'a>(
    found: &'a ast::Outbound,
    what: &str,
    report: &mut Report,
    pick: impl Fn(&'a OutboundClause) -> Option<(&'a ast::Value, Span)>,
) -> Option<&'a ast::Value> {
    let value = report.once(what, found.clauses.iter().filter_map(pick))?;
    if matches!(&value.node, ValueKind::List(values) if values.is_empty()) {
        report.add(
            Diagnostic::error(Code::BadValue, value.span, format!("`{what} []` lets nothing out"))
                .help(format!("name some, or take `{what}` away")),
        );
    }
    Some(value)
}

fn schemes(value: &ast::Value, settings: &Settings, report: &mut Report) -> Vec<Scheme> {
    let ValueKind::List(elements) = &value.node else {
        let texts = settings.texts(value, "a list of schemes like `[https]`", report);
        let texts = texts.unwrap_or_default();
        return texts.iter().filter_map(|scheme| self::scheme(scheme, report)).collect();
    };
    let mut schemes = Vec::new();
    for element in elements {
        let text = match &element.node {
            ValueKind::Name(name) if !settings.names().any(|known| known == name) => {
                Some(Spanned { node: name.clone(), span: element.span })
            }
            _ => settings.text(element, report),
        };
        schemes.extend(text.and_then(|text| scheme(&text, report)));
    }
    schemes
}

fn scheme(found: &Spanned<String>, report: &mut Report) -> Option<Scheme> {
    let known = Scheme::ALL.iter().find(|(name, _)| *name == found.node);
    if known.is_none() {
        report.add(
            Diagnostic::error(
                Code::BadValue,
                found.span,
                format!("the service cannot fetch by `{}`", found.node.escape_debug()),
            )
            .help("a scheme is `https` or `http`")
            .did_you_mean(&found.node, Scheme::ALL.map(|(name, _)| name)),
        );
    }
    known.map(|(_, scheme)| *scheme)
}

fn ports(value: &ast::Value, settings: &Settings, report: &mut Report) -> Vec<u16> {
    let elements = settings.list(value, "a list of ports like `[443]`", report);
    let mut ports = Vec::new();
    for element in elements.unwrap_or_default() {
        let Some(port) = settings.int(&element, report) else { continue };
        match u16::try_from(port.node) {
            Ok(number) if number > 0 => ports.push(number),
            _ => report.add(
                Diagnostic::error(
                    Code::BadValue,
                    port.span,
                    format!("{} is not a port", port.node),
                )
                .help("a port is from 1 to 65535"),
            ),
        }
    }
    ports
}

fn hosts(value: &ast::Value, settings: &Settings, report: &mut Report) -> Vec<HostPattern> {
    let hosts = settings.texts(value, "a list of hosts like `[\"images.example\"]`", report);
    let mut patterns = Vec::new();
    for host in hosts.unwrap_or_default() {
        match pattern(&host.node) {
            Ok(pattern) => patterns.push(pattern),
            Err(help) => report.add(
                Diagnostic::error(
                    Code::BadValue,
                    host.span,
                    format!("`{}` is not a host", host.node.escape_debug()),
                )
                .help(help),
            ),
        }
    }
    patterns
}

/// What a host of the policy means, or how to mend it.
fn pattern(host: &str) -> Result<HostPattern, &'static str> {
    const HOST: &str =
        "a host is a lower-case name without scheme, port or path, or `*.` and a name";
    let bracketed = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Some(address) = bracketed {
        let address = address.parse::<Ipv6Addr>().map_err(|_| HOST)?;
        return Ok(HostPattern::Address(IpAddr::from(address).to_canonical()));
    }
    if host == "*" {
        return Err("take `hosts` away: every public host is then allowed");
    }
    let name = host.strip_prefix("*.").unwrap_or(host);
    if name.starts_with('[') || !transport::is_host(name) {
        return Err(HOST);
    }
    let numeric = ends_in_a_number(name);
    match host.strip_prefix("*.") {
        Some(name) if !name.contains('.') => {
            Err("`*.` stands before a name of two parts or more, like `*.images.example`")
        }
        Some(_) if numeric => Err("`*.` stands before a name: no address is below another"),
        Some(name) => Ok(HostPattern::Below(name.to_owned())),
        None if numeric => match name.parse::<Ipv4Addr>() {
            Ok(address) => Ok(HostPattern::Address(address.into())),
            Err(_) => Err("an address is written as four numbers from 0 to 255"),
        },
        None => Ok(HostPattern::Name(name.to_owned())),
    }
}

/// Where the last part is a number, the whole is an IPv4 address to the readers of URLs, in one of
/// its spellings, or nothing at all (WHATWG URL, "ends in a number").
fn ends_in_a_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let hexadecimal =
        last.strip_prefix("0x").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_hexdigit()));
    hexadecimal || last.bytes().all(|b| b.is_ascii_digit())
}

fn redirects(value: &ast::Value, settings: &Settings, report: &mut Report) -> u8 {
    let Some(count) = settings.int(value, report) else { return 0 };
    match u8::try_from(count.node) {
        Ok(number) if number <= MOST_REDIRECTS => number,
        _ => {
            report.add(
                Diagnostic::error(
                    Code::BadValue,
                    count.span,
                    format!("from 0 to {MOST_REDIRECTS} redirects are followed"),
                )
                .help("each of them is checked like the first URL"),
            );
            0
        }
    }
}
