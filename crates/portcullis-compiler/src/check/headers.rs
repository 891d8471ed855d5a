//! `headers`, as one profile has them: checked whole, and refused until they are enforced.

use portcullis_syntax::ast::{self, HeadersClause, Name, ValueKind};
use portcullis_syntax::{Code, Diagnostic, Spanned};

use super::names::Names;
use super::profiles::pick_in;
use super::settings::Settings;
use super::{Report, csp};

/// A header that an answer may have, and the words that stand for its values; a text, where it has
/// none.
struct Header {
    name: &'static str,
    words: &'static [&'static str],
}

/// After the list of the OWASP Secure Headers Project.
const HEADERS: &[Header] = &[
    Header { name: "content_type_options", words: &["nosniff"] },
    Header { name: "frame_options", words: &["deny", "same_origin"] },
    Header {
        name: "referrer_policy",
        words: &[
            "no_referrer",
            "no_referrer_when_downgrade",
            "origin",
            "origin_when_cross_origin",
            "same_origin",
            "strict_origin",
            "strict_origin_when_cross_origin",
            "unsafe_url",
        ],
    },
    Header {
        name: "cross_origin_opener_policy",
        words: &["same_origin", "same_origin_allow_popups", "noopener_allow_popups", "unsafe_none"],
    },
    Header {
        name: "cross_origin_embedder_policy",
        words: &["require_corp", "credentialless", "unsafe_none"],
    },
    Header {
        name: "cross_origin_resource_policy",
        words: &["same_origin", "same_site", "cross_origin"],
    },
    Header {
        name: "permitted_cross_domain_policies",
        words: &["none", "master_only", "by_content_type", "all"],
    },
    Header { name: "dns_prefetch_control", words: &["on", "off"] },
    Header { name: "permissions_policy", words: &[] },
    Header { name: "cache_control", words: &[] },
];

pub(super) fn check(names: &Names<'_>, profile: &str, settings: &Settings, report: &mut Report) {
    let all = names.headers.iter().map(|found| (*found, found.keyword));
    let Some(found) = report.once("headers", all) else {
        return;
    };
    let clauses = found.clauses.as_slice();
    let csp = pick_in("csp", profile, clauses, report, |clause| match clause {
        HeadersClause::Csp(csp) => Some(csp),
        _ => None,
    });
    let remove = pick_in("remove", profile, clauses, report, |clause| match clause {
        HeadersClause::Remove(value) => Some(value),
        _ => None,
    });
    csp.into_iter().for_each(|csp| csp::check(csp, settings, report));
    if let Some(value) = remove {
        header_names("remove", value, settings, report);
    }
    let mut seen: Vec<&str> = Vec::new();
    for limited in clauses {
        let HeadersClause::Set { header, .. } = &limited.clause else {
            continue;
        };
        let name = header.node.as_str();
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        let value = pick_in(name, profile, clauses, report, |clause| match clause {
            HeadersClause::Set { header, value } if header.node == name => Some((header, value)),
            _ => None,
        });
        value.into_iter().for_each(|(header, value)| set(header, value, settings, report));
    }
    report.unsupported("headers", found.keyword);
}

fn set(header: &Name, value: &ast::Value, settings: &Settings, report: &mut Report) {
    let Some(known) = HEADERS.iter().find(|known| known.name == header.node) else {
        let fault = Diagnostic::error(
            Code::UnknownName,
            header.span,
            format!("no header is called `{}` here", header.node),
        );
        report.add(match header.node.as_str() {
            "strict_transport_security" => fault.help("write `hsts 365d` in `transport`"),
            "content_security_policy" => fault.help("write `csp { default_src [self] }`"),
            "xss_protection" => fault.help("take it away: it is always sent as `0`"),
            name => fault.did_you_mean(name, HEADERS.iter().map(|known| known.name)),
        });
        return;
    };
    if known.words.is_empty() {
        text(value, settings, report);
        return;
    }
    let words = || known.words.iter().copied();
    let expected = known.words.join("`, `");
    match &value.node {
        ValueKind::Name(word) if known.words.contains(&word.as_str()) => {}
        ValueKind::Name(word) => report.add(
            Diagnostic::error(
                Code::UnknownName,
                value.span,
                format!("`{}` has no value `{word}`", known.name),
            )
            .help(format!("it has `{expected}`"))
            .did_you_mean(word, words()),
        ),
        _ => report.add(
            Diagnostic::error(
                Code::TypeMismatch,
                value.span,
                format!("expected a word of `{}`, found a text", known.name),
            )
            .help(format!("it has `{expected}`, without quotes")),
        ),
    }
}

/// The value of a header that is any text: it must not reach into the next line.
fn text(value: &ast::Value, settings: &Settings, report: &mut Report) {
    let Some(text) = settings.text(value, report) else {
        return;
    };
    let sound = text.node.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    if !sound || text.node.trim().is_empty() {
        report.add(
            Diagnostic::error(Code::BadValue, text.span, "this cannot be the value of a header")
                .help("a header's value is visible ASCII on one line"),
        );
    }
}

/// A list of header names, each there once.
pub(super) fn header_names(
    what: &str,
    value: &ast::Value,
    settings: &Settings,
    report: &mut Report,
) -> Vec<Spanned<String>> {
    let expected = "a list of header names like `[\"X-Request-Id\"]`";
    let names = settings.texts(value, expected, report).unwrap_or_default();
    if matches!(&value.node, ValueKind::List(names) if names.is_empty()) {
        report.add(
            Diagnostic::error(Code::BadValue, value.span, format!("`{what} []` names no header"))
                .help("take it away, or name one"),
        );
    }
    let mut seen: Vec<&Spanned<String>> = Vec::new();
    for name in &names {
        if !is_token(&name.node) {
            report.add(
                Diagnostic::error(
                    Code::BadValue,
                    name.span,
                    format!("`{}` is not the name of a header", name.node.escape_debug()),
                )
                .help("a name has letters, digits and `-`"),
            );
        } else if let Some(first) =
            seen.iter().find(|first| first.node.eq_ignore_ascii_case(&name.node))
        {
            report.add(
                Diagnostic::error(
                    Code::Duplicate,
                    name.span,
                    format!("header `{}` stands twice", name.node),
                )
                .label("again here")
                .and(first.span, "first here")
                .help("keep one of them: names of headers have no case"),
            );
        }
        seen.push(name);
    }
    names
}

/// What the names of headers and cookies are made of (RFC 9110, section 5.6.2).
pub(super) fn is_token(name: &str) -> bool {
    let of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(of_token)
}
