//! `headers`, as one profile has them: what is said there, and the hardened defaults of the rest.

use portcullis_syntax::ast::{self, HeadersClause, Name, ValueKind};
use portcullis_syntax::{Code, Diagnostic, Spanned};

use super::names::Names;
use super::profiles::pick_in;
use super::settings::Settings;
use super::{Report, csp};
use crate::plan::{Headers, RateLimit};

/// A header of every answer.
struct Header {
    /// In the language.
    name: &'static str,
    /// On the wire.
    wire: &'static str,
    /// The words for its values, and what each is on the wire. A text, where it has none.
    words: &'static [(&'static str, &'static str)],
    /// What is sent where the policy does not say.
    default: &'static str,
}

/// After the list of the OWASP Secure Headers Project, as it suits answers that no browser renders.
const HEADERS: &[Header] = &[
    Header {
        name: "content_type_options",
        wire: "x-content-type-options",
        words: &[("nosniff", "nosniff")],
        default: "nosniff",
    },
    Header {
        name: "frame_options",
        wire: "x-frame-options",
        words: &[("deny", "DENY"), ("same_origin", "SAMEORIGIN")],
        default: "DENY",
    },
    Header {
        name: "referrer_policy",
        wire: "referrer-policy",
        words: &[
            ("no_referrer", "no-referrer"),
            ("no_referrer_when_downgrade", "no-referrer-when-downgrade"),
            ("origin", "origin"),
            ("origin_when_cross_origin", "origin-when-cross-origin"),
            ("same_origin", "same-origin"),
            ("strict_origin", "strict-origin"),
            ("strict_origin_when_cross_origin", "strict-origin-when-cross-origin"),
            ("unsafe_url", "unsafe-url"),
        ],
        default: "no-referrer",
    },
    Header {
        name: "cross_origin_opener_policy",
        wire: "cross-origin-opener-policy",
        words: &[
            ("same_origin", "same-origin"),
            ("same_origin_allow_popups", "same-origin-allow-popups"),
            ("noopener_allow_popups", "noopener-allow-popups"),
            ("unsafe_none", "unsafe-none"),
        ],
        default: "same-origin",
    },
    Header {
        name: "cross_origin_embedder_policy",
        wire: "cross-origin-embedder-policy",
        words: &[
            ("require_corp", "require-corp"),
            ("credentialless", "credentialless"),
            ("unsafe_none", "unsafe-none"),
        ],
        default: "require-corp",
    },
    Header {
        name: "cross_origin_resource_policy",
        wire: "cross-origin-resource-policy",
        words: &[
            ("same_origin", "same-origin"),
            ("same_site", "same-site"),
            ("cross_origin", "cross-origin"),
        ],
        default: "same-origin",
    },
    Header {
        name: "permitted_cross_domain_policies",
        wire: "x-permitted-cross-domain-policies",
        words: &[
            ("none", "none"),
            ("master_only", "master-only"),
            ("by_content_type", "by-content-type"),
            ("all", "all"),
        ],
        default: "none",
    },
    Header {
        name: "dns_prefetch_control",
        wire: "x-dns-prefetch-control",
        words: &[("on", "on"), ("off", "off")],
        default: "off",
    },
    Header {
        name: "permissions_policy",
        wire: "permissions-policy",
        words: &[],
        // The features of the standard's registry that reach sensors, devices or money.
        default: "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
                  hid=(), magnetometer=(), microphone=(), midi=(), payment=(), \
                  publickey-credentials-get=(), serial=(), usb=()",
    },
];
/// How budgets are told.
const RATE_LIMIT: Header = Header {
    name: "rate_limit",
    wire: "ratelimit",
    words: &[("standard", "standard"), ("legacy", "legacy"), ("both", "both"), ("off", "off")],
    default: "standard",
};
/// The one that not every answer has.
const CACHE_CONTROL: &str = "cache_control";

const CSP: &str = "content-security-policy";
/// Nothing is loaded, and nobody frames it: no answer of an API is a page.
const CSP_OF_DATA: &str = "default-src 'none'; frame-ancestors 'none'";
/// The filter of old browsers has been a hole itself (OWASP Secure Headers Project).
const XSS_PROTECTION: (&str, &str) = ("x-xss-protection", "0");

/// What tells an attacker which software to look up, as the OWASP Secure Headers Project lists it.
const REMOVED: &[&str] = &[
    "server",
    "powered-by",
    "product",
    "sourcemap",
    "x-aspnet-version",
    "x-aspnetmvc-version",
    "x-cf-powered-by",
    "x-cms",
    "x-content-encoded-by",
    "x-framework",
    "x-generated-by",
    "x-generator",
    "x-php-version",
    "x-powered-by",
    "x-powered-by-plesk",
    "x-powered-cms",
    "x-redirect-by",
    "x-runtime",
    "x-server-powered-by",
    "x-sourcefiles",
    "x-sourcemap",
    "x-turbo-charged-by",
    "x-umbraco-version",
];
/// Lines of the engine's own, beside those of [`HEADERS`], and those that hold a message together.
const OWN: &[&str] = &[
    CSP,
    XSS_PROTECTION.0,
    "strict-transport-security",
    "x-request-id",
    "cache-control",
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
    "vary",
    "allow",
    "location",
    "retry-after",
    "www-authenticate",
    "ratelimit",
    "ratelimit-policy",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
];

pub(super) fn check(
    names: &Names<'_>,
    profile: &str,
    settings: &Settings,
    report: &mut Report,
) -> Headers {
    let all = names.headers.iter().map(|found| (*found, found.keyword));
    let clauses = report.once("headers", all).map_or(&[] as &[_], |found| found.clauses.as_slice());
    let csp = pick_in("csp", profile, clauses, report, |clause| match clause {
        HeadersClause::Csp(csp) => Some(csp),
        _ => None,
    });
    let remove = pick_in("remove", profile, clauses, report, |clause| match clause {
        HeadersClause::Remove(value) => Some(value),
        _ => None,
    });
    let csp = csp.map(|csp| csp::check(csp, settings, report));
    let mut remove_too = remove.map_or_else(Vec::new, |value| removed(value, settings, report));
    remove_too.retain(|name| !REMOVED.contains(&name.as_str()));

    let mut said: Vec<(&str, Option<String>)> = Vec::new();
    for limited in clauses {
        let HeadersClause::Set { header, .. } = &limited.clause else {
            continue;
        };
        let name = header.node.as_str();
        if said.iter().any(|(seen, _)| *seen == name) {
            continue;
        }
        let value = pick_in(name, profile, clauses, report, |clause| match clause {
            HeadersClause::Set { header, value } if header.node == name => Some((header, value)),
            _ => None,
        });
        let value = value.and_then(|(header, value)| set(header, value, settings, report));
        said.push((name, value));
    }
    let mut of = |name: &str| {
        let found = said.iter_mut().find(|(seen, _)| *seen == name);
        found.and_then(|(_, value)| value.take())
    };
    let mut lines: Vec<(&'static str, String)> = HEADERS
        .iter()
        .map(|known| (known.wire, of(known.name).unwrap_or_else(|| known.default.to_owned())))
        .collect();
    lines.push((CSP, csp.unwrap_or_else(|| CSP_OF_DATA.to_owned())));
    lines.push((XSS_PROTECTION.0, XSS_PROTECTION.1.to_owned()));
    Headers {
        lines,
        cache_control: of(CACHE_CONTROL),
        remove: REMOVED.iter().map(|name| (*name).to_owned()).chain(remove_too).collect(),
        rate_limit: match of(RATE_LIMIT.name).as_deref() {
            Some("legacy") => RateLimit::Legacy,
            Some("both") => RateLimit::Both,
            Some("off") => RateLimit::Off,
            _ => RateLimit::Standard,
        },
    }
}

/// The names of the application's lines that do not leave, in lower case.
fn removed(value: &ast::Value, settings: &Settings, report: &mut Report) -> Vec<String> {
    let names = header_names("remove", value, settings, report);
    for name in &names {
        let wire = name.node.to_ascii_lowercase();
        let of_engine = HEADERS.iter().any(|known| known.wire == wire)
            || OWN.contains(&wire.as_str())
            || wire.starts_with("access-control-");
        if of_engine {
            report.add(
                Diagnostic::error(
                    Code::Conflict,
                    name.span,
                    format!("`{}` is a line of the engine's own", name.node),
                )
                .help("say what it is to be, where it has a clause of its own; it always leaves"),
            );
        }
    }
    names.into_iter().map(|name| name.node.to_ascii_lowercase()).collect()
}

/// The value on the wire.
fn set(
    header: &Name,
    value: &ast::Value,
    settings: &Settings,
    report: &mut Report,
) -> Option<String> {
    if header.node == CACHE_CONTROL {
        return text(value, settings, report);
    }
    let mut all = HEADERS.iter().chain([&RATE_LIMIT]);
    let Some(known) = all.find(|known| known.name == header.node) else {
        let fault = Diagnostic::error(
            Code::UnknownName,
            header.span,
            format!("no header is called `{}` here", header.node),
        );
        let own = [RATE_LIMIT.name, CACHE_CONTROL];
        let names = HEADERS.iter().map(|known| known.name).chain(own);
        report.add(match header.node.as_str() {
            "strict_transport_security" => fault.help("write `hsts 365d` in `transport`"),
            "content_security_policy" => fault.help("write `csp { default_src [self] }`"),
            "xss_protection" => fault.help("take it away: it is always sent as `0`"),
            name => fault.did_you_mean(name, names),
        });
        return None;
    };
    if known.words.is_empty() {
        return text(value, settings, report);
    }
    let words = || known.words.iter().map(|(word, _)| *word);
    let expected = words().collect::<Vec<_>>().join("`, `");
    let ValueKind::Name(word) = &value.node else {
        report.add(
            Diagnostic::error(
                Code::TypeMismatch,
                value.span,
                format!("expected a word of `{}`, found a text", known.name),
            )
            .help(format!("it has `{expected}`, without quotes")),
        );
        return None;
    };
    let found = known.words.iter().find(|(known, _)| known == word);
    if found.is_none() {
        report.add(
            Diagnostic::error(
                Code::UnknownName,
                value.span,
                format!("`{}` has no value `{word}`", known.name),
            )
            .help(format!("it has `{expected}`"))
            .did_you_mean(word, words()),
        );
    }
    found.map(|(_, wire)| (*wire).to_owned())
}

/// The value of a header that is any text: it must not reach into the next line.
fn text(value: &ast::Value, settings: &Settings, report: &mut Report) -> Option<String> {
    let text = settings.text(value, report)?;
    let sound = text.node.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    if !sound || text.node.trim().is_empty() {
        report.add(
            Diagnostic::error(Code::BadValue, text.span, "this cannot be the value of a header")
                .help("a header's value is visible ASCII on one line"),
        );
    }
    Some(text.node.trim().to_owned())
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
