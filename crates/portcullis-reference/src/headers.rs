//! The header lines of an answer.

use std::collections::BTreeMap;

use portcullis::Reason;
use portcullis_syntax::ast::{self, CorsClause, ErrorsClause, HeadersClause, ValueKind};
use portcullis_test::Exchange;

use crate::policy::Policy;
use crate::route::{Access, Route};
use crate::value::Value;
use crate::{cors, forwarded, transport};

pub(crate) type Lines = BTreeMap<String, String>;

/// The name in the language, the one on the wire, and the value where the policy does not say.
const HARDENED: [(&str, &str, &str); 9] = [
    ("content_type_options", "x-content-type-options", "nosniff"),
    ("frame_options", "x-frame-options", "DENY"),
    ("referrer_policy", "referrer-policy", "no-referrer"),
    ("cross_origin_opener_policy", "cross-origin-opener-policy", "same-origin"),
    ("cross_origin_embedder_policy", "cross-origin-embedder-policy", "require-corp"),
    ("cross_origin_resource_policy", "cross-origin-resource-policy", "same-origin"),
    ("permitted_cross_domain_policies", "x-permitted-cross-domain-policies", "none"),
    ("dns_prefetch_control", "x-dns-prefetch-control", "off"),
    ("permissions_policy", "permissions-policy", PERMISSIONS),
];
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), \
                           gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), \
                           payment=(), publickey-credentials-get=(), serial=(), usb=()";

/// Of a success of a route, whose caller is known or not.
pub(crate) fn of_success(
    policy: &Policy,
    exchange: &Exchange,
    route: &Route,
    is_known: bool,
) -> Lines {
    let mut lines = of_all(policy, exchange);
    lines.extend(shared(policy, exchange));
    let cache_control = set(policy, "cache_control").map(|value| policy.text(value));
    let cache_control = cache_control.or(is_known.then(|| "no-store".to_owned()));
    // Tokens are nobody else's, whatever the policy says of other answers.
    let cache_control = match route.session {
        Some(_) => Some("no-store".to_owned()),
        None => cache_control,
    };
    lines.extend(cache_control.map(|value| ("cache-control".to_owned(), value.trim().to_owned())));
    if route.access == Access::Optional {
        let vary = lines.remove("vary");
        let names: Vec<String> = vary.into_iter().chain(["Authorization".to_owned()]).collect();
        lines.insert("vary".to_owned(), names.join(", "));
    }
    lines
}

/// The status and the lines of a refusal.
pub(crate) fn of_refusal(policy: &Policy, exchange: &Exchange, reason: Reason) -> (u16, Lines) {
    let mut lines = of_all(policy, exchange);
    lines.extend(shared(policy, exchange));
    let mut say = |name: &str, value: &str| lines.insert(name.to_owned(), value.to_owned());
    say("cache-control", "no-store");
    say(
        "content-type",
        if is_simple(policy) { "application/json" } else { "application/problem+json" },
    );
    if let Some(location) = location(policy, exchange, reason) {
        say("location", &location);
        return (301, lines);
    }
    let status = status(policy, reason);
    let challenge = match (status, reason) {
        (
            401,
            Reason::InvalidCredential | Reason::ExpiredCredential | Reason::RevokedCredential,
        ) => Some("Bearer error=\"invalid_token\""),
        (401, Reason::StepUp) => Some("Bearer error=\"insufficient_user_authentication\""),
        (401, _) => Some("Bearer"),
        (403, Reason::MissingPermission) => Some("Bearer error=\"insufficient_scope\""),
        _ => None,
    };
    if let Some(challenge) = challenge {
        say("www-authenticate", challenge);
    }
    if (status, reason) == (405, Reason::MethodNotAllowed) {
        say("allow", &transport::allowed(policy, exchange).join(", "));
    }
    (status, lines)
}

/// Of a preflight that is granted.
pub(crate) fn of_preflight(policy: &Policy, exchange: &Exchange) -> Lines {
    let mut lines = of_all(policy, exchange);
    lines.insert("vary".to_owned(), VARY_OF_OPTIONS.to_owned());
    let mut say = |name: &str, value: String| lines.insert(name.to_owned(), value);
    let Some(origin) = grant(policy, exchange) else {
        return lines;
    };
    say("access-control-allow-origin", origin);
    if shares_credentials(policy) {
        say("access-control-allow-credentials", "true".to_owned());
    }
    let here = transport::allowed(policy, exchange);
    let mut methods = cors::methods(policy);
    methods.retain(|method| here.contains(method));
    if !methods.is_empty() {
        say("access-control-allow-methods", methods.join(", "));
    }
    let names = texts(policy, |clause| match clause {
        CorsClause::Headers(names) => Some(names),
        _ => None,
    });
    if !names.is_empty() {
        say("access-control-allow-headers", names.join(", "));
    }
    let max_age = policy.cors(|clause| match clause {
        CorsClause::MaxAge(age) => Some(age),
        _ => None,
    });
    if let Some(age) = max_age {
        say("access-control-max-age", (policy.duration(age) / 1_000_000_000).to_string());
    }
    lines
}

/// Of every answer.
fn of_all(policy: &Policy, exchange: &Exchange) -> Lines {
    let mut lines = Lines::new();
    for (name, wire, default) in HARDENED {
        let value = set(policy, name).map(|value| match &value.node {
            // Of the words only these are not written as they are called.
            ValueKind::Name(word) if name != "permissions_policy" => match word.as_str() {
                "deny" => "DENY".to_owned(),
                "same_origin" if name == "frame_options" => "SAMEORIGIN".to_owned(),
                word => word.replace('_', "-"),
            },
            _ => policy.text(value).trim().to_owned(),
        });
        lines.insert(wire.to_owned(), value.unwrap_or_else(|| default.to_owned()));
    }
    let csp = policy.headers(|clause| match clause {
        HeadersClause::Csp(csp) => Some(csp),
        _ => None,
    });
    let csp = csp.map_or_else(
        || "default-src 'none'; frame-ancestors 'none'".to_owned(),
        |csp| {
            csp.directives
                .iter()
                .map(|found| directive(policy, found))
                .collect::<Vec<_>>()
                .join("; ")
        },
    );
    lines.insert("content-security-policy".to_owned(), csp);
    lines.insert("x-xss-protection".to_owned(), "0".to_owned());
    let https = forwarded::client(policy, exchange).is_some_and(|client| client.https);
    if let Some(hsts) = transport::hsts(policy).filter(|_| https) {
        lines.insert("strict-transport-security".to_owned(), hsts);
    }
    lines
}

fn directive(policy: &Policy, found: &ast::Directive) -> String {
    let name = found.name.node.replace('_', "-");
    let sources = found.sources.iter().flat_map(|sources| match &sources.node {
        ValueKind::List(sources) => sources.as_slice(),
        _ => std::slice::from_ref(sources),
    });
    let sources = sources.map(|source| match &source.node {
        ValueKind::Name(word) if policy.is_setting(word) => policy.text(source),
        ValueKind::Name(word) if name == "sandbox" => word.replace('_', "-"),
        ValueKind::Name(word) => format!("'{}'", word.replace('_', "-")),
        _ => policy.text(source),
    });
    [name.clone()].into_iter().chain(sources).collect::<Vec<_>>().join(" ")
}

const VARY_OF_OPTIONS: &str =
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

/// What any answer but a granted preflight's says of sharing.
fn shared(policy: &Policy, exchange: &Exchange) -> Lines {
    let mut lines = Lines::new();
    let mut say = |name: &str, value: &str| lines.insert(name.to_owned(), value.to_owned());
    if policy.cors.is_some() && exchange.method == "OPTIONS" {
        say("vary", VARY_OF_OPTIONS);
        return lines;
    }
    let any = cors::origins(policy).iter().any(|origin| origin == "*");
    if policy.reads_origin || (policy.cors.is_some() && !any) {
        say("vary", "Origin");
    }
    if policy.cors.is_none() {
        return lines;
    }
    let Some(origin) = grant(policy, exchange) else {
        return lines;
    };
    say("access-control-allow-origin", &origin);
    if shares_credentials(policy) {
        say("access-control-allow-credentials", "true");
    }
    let exposed = texts(policy, |clause| match clause {
        CorsClause::Expose(names) => Some(names),
        _ => None,
    });
    if !exposed.is_empty() {
        say("access-control-expose-headers", &exposed.join(", "));
    }
    lines
}

/// Whose page may read the answer: `*`, or the one that asked, if it is one of `origins`.
fn grant(policy: &Policy, exchange: &Exchange) -> Option<String> {
    let origins = cors::origins(policy);
    if origins.iter().any(|origin| origin == "*") {
        return Some("*".to_owned());
    }
    let asked = transport::header(exchange, "Origin");
    let [one] = asked[..] else { return None };
    origins.into_iter().find(|origin| origin == one)
}

fn shares_credentials(policy: &Policy) -> bool {
    let said = policy.cors(|clause| matches!(clause, CorsClause::Credentials).then_some(()));
    said.is_some()
}

fn texts<'a>(
    policy: &'a Policy,
    read: impl Fn(&'a CorsClause) -> Option<&'a ast::Value>,
) -> Vec<String> {
    match policy.cors(read).map(|names| policy.value(names)) {
        None => Vec::new(),
        Some(Value::List(names)) => {
            let text = |name| match name {
                Value::Text(name) => name,
                other => panic!("{other:?} is no text"),
            };
            names.into_iter().map(text).collect()
        }
        Some(other) => panic!("{other:?} is no list"),
    }
}

fn set<'a>(policy: &'a Policy, name: &str) -> Option<&'a ast::Value> {
    policy.headers(|clause| match clause {
        HeadersClause::Set { header, value } if header.node == name => Some(value),
        _ => None,
    })
}

/// The word that a clause of `headers` says.
pub(crate) fn word<'a>(policy: &'a Policy, name: &str) -> Option<&'a str> {
    match &set(policy, name)?.node {
        ValueKind::Name(word) => Some(word),
        _ => None,
    }
}

fn is_simple(policy: &Policy) -> bool {
    let format = policy.errors(|clause| match clause {
        ErrorsClause::Format(format) => Some(format.node.as_str()),
        ErrorsClause::Status { .. } => None,
    });
    format == Some("simple")
}

fn status(policy: &Policy, reason: Reason) -> u16 {
    let given = policy.errors(|clause| match clause {
        ErrorsClause::Status { reason: of, status } if of.node == reason.as_str() => {
            Some(u16::try_from(status.node).expect("compiled"))
        }
        _ => None,
    });
    given.unwrap_or(reason.status())
}

/// Where a safe request over plain HTTP is sent on to.
fn location(policy: &Policy, exchange: &Exchange, reason: Reason) -> Option<String> {
    if reason != Reason::InsecureTransport || !["GET", "HEAD"].contains(&exchange.method.as_str()) {
        return None;
    }
    let host = transport::known_host(policy, exchange)?;
    Some(format!("https://{host}{}", exchange.target))
}
