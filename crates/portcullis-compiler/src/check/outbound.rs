//! `outbound`: checked whole, and refused until it is enforced.

use portcullis_syntax::ast::{self, OutboundClause, ValueKind};
use portcullis_syntax::{Code, Diagnostic, Span, Spanned};

use super::names::Names;
use super::settings::Settings;
use super::{Report, transport};

const SCHEMES: [&str; 2] = ["https", "http"];
/// How many redirects are followed, each of them checked.
const MOST_REDIRECTS: i64 = 10;

pub(super) fn check(names: &Names<'_>, settings: &Settings, report: &mut Report) {
    for found in &names.outbounds {
        one(found, settings, report);
        report.unsupported("outbound", found.keyword);
    }
}

fn one(found: &ast::Outbound, settings: &Settings, report: &mut Report) {
    type Pick = fn(&OutboundClause) -> Option<(&ast::Value, Span)>;
    type Check = fn(&ast::Value, &Settings, &mut Report);
    let kinds: [(&str, Pick, Check); 4] = [
        (
            "schemes",
            |clause| match clause {
                OutboundClause::Schemes(value, span) => Some((value, *span)),
                _ => None,
            },
            schemes,
        ),
        (
            "ports",
            |clause| match clause {
                OutboundClause::Ports(value, span) => Some((value, *span)),
                _ => None,
            },
            ports,
        ),
        (
            "hosts",
            |clause| match clause {
                OutboundClause::Hosts(value, span) => Some((value, *span)),
                _ => None,
            },
            hosts,
        ),
        (
            "redirects",
            |clause| match clause {
                OutboundClause::Redirects(value, span) => Some((value, *span)),
                _ => None,
            },
            redirects,
        ),
    ];
    for (what, pick, check) in kinds {
        let value = report.once(what, found.clauses.iter().filter_map(pick));
        if let Some(value) = value {
            if matches!(&value.node, ValueKind::List(values) if values.is_empty()) {
                report.add(
                    Diagnostic::error(
                        Code::BadValue,
                        value.span,
                        format!("`{what} []` lets nothing out"),
                    )
                    .help(format!("name some, or take `{what}` away")),
                );
            }
            check(value, settings, report);
        }
    }
}

fn schemes(value: &ast::Value, settings: &Settings, report: &mut Report) {
    let texts = |value: &ast::Value, report: &mut Report| {
        settings.texts(value, "a list of schemes like `[https]`", report).unwrap_or_default()
    };
    let ValueKind::List(elements) = &value.node else {
        texts(value, report).iter().for_each(|scheme| self::scheme(scheme, report));
        return;
    };
    for element in elements {
        match &element.node {
            ValueKind::Name(name) if settings.names().any(|known| known == name) => {
                let found = settings.text(element, report);
                found.iter().for_each(|scheme| self::scheme(scheme, report));
            }
            ValueKind::Name(name) => {
                scheme(&Spanned { node: name.clone(), span: element.span }, report);
            }
            _ => {
                let found = settings.text(element, report);
                found.iter().for_each(|scheme| self::scheme(scheme, report));
            }
        }
    }
}

fn scheme(found: &Spanned<String>, report: &mut Report) {
    if !SCHEMES.contains(&found.node.as_str()) {
        report.add(
            Diagnostic::error(
                Code::BadValue,
                found.span,
                format!("the service cannot fetch by `{}`", found.node.escape_debug()),
            )
            .help("a scheme is `https` or `http`")
            .did_you_mean(&found.node, SCHEMES),
        );
    }
}

fn ports(value: &ast::Value, settings: &Settings, report: &mut Report) {
    let elements = settings.list(value, "a list of ports like `[443]`", report);
    for element in elements.unwrap_or_default() {
        let port = settings.int(&element, report);
        if let Some(port) = port.filter(|port| !(1..=65_535).contains(&port.node)) {
            report.add(
                Diagnostic::error(
                    Code::BadValue,
                    port.span,
                    format!("{} is not a port", port.node),
                )
                .help("a port is from 1 to 65535"),
            );
        }
    }
}

fn hosts(value: &ast::Value, settings: &Settings, report: &mut Report) {
    let hosts = settings.texts(value, "a list of hosts like `[\"images.example\"]`", report);
    for host in hosts.unwrap_or_default() {
        let name = host.node.strip_prefix("*.");
        let help = match name {
            _ if host.node == "*" => "take `hosts` away: every public host is then allowed",
            Some(name) if transport::is_host(name) && !name.contains('.') => {
                "`*.` stands before a name of two parts or more, like `*.images.example`"
            }
            Some(name) if transport::is_host(name) => continue,
            None if transport::is_host(&host.node) => continue,
            _ => "a host is a lower-case name without scheme, port or path, or `*.` and a name",
        };
        report.add(
            Diagnostic::error(
                Code::BadValue,
                host.span,
                format!("`{}` is not a host", host.node.escape_debug()),
            )
            .help(help),
        );
    }
}

fn redirects(value: &ast::Value, settings: &Settings, report: &mut Report) {
    let count = settings.int(value, report);
    if let Some(count) = count.filter(|count| !(0..=MOST_REDIRECTS).contains(&count.node)) {
        report.add(
            Diagnostic::error(
                Code::BadValue,
                count.span,
                format!("from 0 to {MOST_REDIRECTS} redirects are followed"),
            )
            .help("each of them is checked like the first URL"),
        );
    }
}
