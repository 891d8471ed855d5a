//! `cors`, as one profile has it.

use std::borrow::Cow;

use portcullis_syntax::ast::{self, CorsClause, Name, ValueKind};
use portcullis_syntax::{Code, Diagnostic, Spanned};

use super::Report;
use super::headers::header_names;
use super::names::{Names, distinct};
use super::profiles::{pick, pick_in};
use super::settings::Settings;
use crate::plan::{Cors, CorsPlaces, Origins};

/// What a page may ask for; the engine answers `OPTIONS` itself.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

pub(super) fn check(
    names: &Names<'_>,
    profile: &str,
    settings: &Settings,
    report: &mut Report,
) -> Option<Cors> {
    let all = names.cors.iter().map(|found| (*found, found.keyword));
    let found = report.once("cors", all)?;
    if !found.clauses.iter().any(|limited| matches!(limited.clause, CorsClause::Origins(_))) {
        report.add(
            Diagnostic::error(Code::Missing, found.keyword, "`cors` names no origin")
                .help("add `origins [\"https://app.example\"]`, or take `cors` away"),
        );
    }
    let clauses = found.clauses.as_slice();
    let origins = pick_in("origins", profile, clauses, report, |clause| match clause {
        CorsClause::Origins(value) => Some(value),
        _ => None,
    });
    let methods = pick_in("methods", profile, clauses, report, |clause| match clause {
        CorsClause::Methods(names) => Some(names),
        _ => None,
    });
    let headers = pick_in("headers", profile, clauses, report, |clause| match clause {
        CorsClause::Headers(value) => Some(value),
        _ => None,
    });
    let expose = pick_in("expose", profile, clauses, report, |clause| match clause {
        CorsClause::Expose(value) => Some(value),
        _ => None,
    });
    let max_age = pick_in("max_age", profile, clauses, report, |clause| match clause {
        CorsClause::MaxAge(value) => Some(value),
        _ => None,
    });
    let credentials = clauses.iter().filter_map(|limited| match limited.clause {
        CorsClause::Credentials => Some((limited.span, limited.profiles.as_slice(), limited.span)),
        _ => None,
    });
    let credentials = pick("credentials", profile, credentials, report);

    let (listed, every) =
        origins.map_or_else(Default::default, |value| self::origins(value, settings, report));
    if let (Some(every), Some(credentials)) = (&every, credentials) {
        report.add(
            Diagnostic::error(
                Code::Conflict,
                every.span,
                "`\"*\"` and `credentials` exclude each other",
            )
            .label("every page of the web")
            .and(credentials, "would speak for whoever is signed in")
            .help("name the origins that may"),
        );
    }
    methods.into_iter().for_each(|names| self::methods(names, report));
    let mut named = |what, value: Option<&ast::Value>| {
        value.map_or_else(Vec::new, |value| self::headers(what, value, settings, report))
    };
    let (headers_named, exposed) = (named("headers", headers), named("expose", expose));
    Some(Cors {
        // Where a profile has no `origins` of its own, no other origin's page may do anything there.
        origins: if every.is_some() { Origins::Any } else { Origins::Listed(listed) },
        methods: methods.into_iter().flatten().map(|name| name.node.clone()).collect(),
        headers: headers_named,
        expose: exposed,
        credentials: credentials.is_some(),
        max_age: max_age.and_then(|value| settings.duration(value, report)).map(|age| age.node),
        places: CorsPlaces {
            origins: origins.map_or(found.keyword, |value| value.span),
            methods: methods
                .and_then(|names| names.first())
                .map_or(found.keyword, |first| first.span),
            headers: headers.map_or(found.keyword, |value| value.span),
        },
    })
}

/// The names of headers. `*` is none: a browser would take it for all of them.
fn headers(
    what: &str,
    value: &ast::Value,
    settings: &Settings,
    report: &mut Report,
) -> Vec<String> {
    let names = header_names(what, value, settings, report);
    for every in names.iter().filter(|name| name.node == "*") {
        report.add(
            Diagnostic::error(Code::BadValue, every.span, "`*` is not a header")
                .help("name each header"),
        );
    }
    names.into_iter().map(|name| name.node).collect()
}

/// The origins, and the `"*"` that stands for every one of them.
fn origins(
    value: &ast::Value,
    settings: &Settings,
    report: &mut Report,
) -> (Vec<String>, Option<Spanned<String>>) {
    let what = "a list of origins like `[\"https://app.example\"]`";
    let origins = settings.texts(value, what, report).unwrap_or_default();
    if matches!(&value.node, ValueKind::List(origins) if origins.is_empty()) {
        report.add(
            Diagnostic::error(Code::BadValue, value.span, "`origins []` lets no page read answers")
                .help("name an origin, or take `cors` away"),
        );
    }
    for origin in origins.iter().filter(|origin| origin.node != "*") {
        if let Some(help) = fault(&origin.node) {
            report.add(
                Diagnostic::error(
                    Code::BadValue,
                    origin.span,
                    format!("`{}` is not an origin", origin.node),
                )
                .help(help),
            );
        }
    }
    let every = origins.iter().find(|origin| origin.node == "*").cloned();
    if let Some(every) = &every
        && let Some(other) = origins.iter().find(|origin| origin.node != "*")
    {
        report.add(
            Diagnostic::error(Code::Conflict, other.span, "`\"*\"` leaves no other origin")
                .and(every.span, "every origin by this")
                .help("keep one of them"),
        );
    }
    (origins.into_iter().map(|origin| origin.node).collect(), every)
}

/// The longest name of a host (RFC 1035, 2.3.4).
const LONGEST_HOST: usize = 253;

/// Why no `Origin` of a browser is ever equal to a text: it is written as the WHATWG's URL standard
/// serialises origins (RFC 6454, 6.2).
fn fault(origin: &str) -> Option<Cow<'static, str>> {
    if origin == "null" {
        return Some("`null` is sent by every sandboxed page: name an `https` origin".into());
    }
    let rest = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    let Some(rest) = rest else {
        return Some("an origin begins with `https://` or `http://`".into());
    };
    if rest.contains(['/', '?', '#']) {
        return Some("an origin ends after the host and port, without `/` or a path".into());
    }
    if rest.contains('*') {
        return Some("name each origin; `\"*\"` stands for all of them and only alone".into());
    }
    let is_name =
        |host: &str| host.len() <= LONGEST_HOST && !host.starts_with('.') && !host.contains("..");
    let read = url::Url::parse(origin).ok().filter(|url| url.port() != Some(0));
    let read = read.filter(|url| url.host_str().is_some_and(is_name));
    match read.map(|url| url.origin().ascii_serialization()) {
        Some(written) if written == origin => None,
        Some(written) => Some(format!("browsers write it `{written}`").into()),
        None => Some("a host is a name or an address, and a port from 1 to 65535".into()),
    }
}

fn methods(names: &[Name], report: &mut Report) {
    distinct("method", names, report);
    for name in names.iter().filter(|name| !METHODS.contains(&name.node.as_str())) {
        let help = match name.node.as_str() {
            "OPTIONS" => "take it away: the engine answers `OPTIONS` itself",
            _ => "a method is GET, HEAD, POST, PUT, PATCH or DELETE",
        };
        report.add(
            Diagnostic::error(
                Code::BadValue,
                name.span,
                format!("no page can ask for the method `{}`", name.node),
            )
            .help(help)
            .did_you_mean(&name.node, METHODS),
        );
    }
}
