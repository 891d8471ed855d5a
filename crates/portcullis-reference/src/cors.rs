//! Which pages may ask, and what a preflight is answered.

use portcullis::Reason;
use portcullis_syntax::Span;
use portcullis_syntax::ast::CorsClause;
use portcullis_test::{Answer, Exchange};

use crate::policy::Policy;
use crate::trace::{Clause, Outcome, Part};
use crate::transport::{self, header, is_token};
use crate::value::Value;
use crate::{Refused, least};

/// The page that sent the request, if a browser says so.
pub(crate) fn origin(exchange: &Exchange) -> Option<String> {
    header(exchange, "Origin").first().map(|origin| (*origin).to_owned())
}

/// Whether a request asks what another one may do.
pub(crate) fn is_preflight(policy: &Policy, exchange: &Exchange) -> bool {
    let came = |name: &str| !header(exchange, name).is_empty();
    policy.cors.is_some()
        && exchange.method == "OPTIONS"
        && came("Origin")
        && came("Access-Control-Request-Method")
}

/// Whether the page's origin is the one that was asked, or may ask.
pub(crate) fn is_admitted(
    policy: &Policy,
    exchange: &Exchange,
    https: bool,
    host: &str,
    port: Option<u16>,
) -> bool {
    let Some(origin) = origin(exchange).filter(|_| policy.cors.is_some()) else {
        return true;
    };
    let listed = origins(policy);
    if listed.iter().any(|known| known == "*" || *known == origin) {
        return true;
    }
    origin == own(https, host, port)
}

/// The origin of the service's own pages.
pub(crate) fn own(https: bool, host: &str, port: Option<u16>) -> String {
    match (https, port) {
        (true, None | Some(443)) => format!("https://{host}"),
        (false, None | Some(80)) => format!("http://{host}"),
        (true, Some(port)) => format!("https://{host}:{port}"),
        (false, Some(port)) => format!("http://{host}:{port}"),
    }
}

/// The answer to a preflight: what the request that it announces would be refused for at its first
/// stage, or what the page may not do.
pub(crate) fn preflight(policy: &Policy, exchange: &Exchange) -> Result<Answer, Refused> {
    let asked = header(exchange, "Access-Control-Request-Method")[0];
    let names = header(exchange, "Access-Control-Request-Headers");
    let names = names.iter().flat_map(|line| line.split(','));
    let names = names.map(|name| name.trim_matches([' ', '\t']).to_ascii_lowercase());
    let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
    if !is_token(asked) || names.len() > 64 || !names.iter().all(|name| is_token(name)) {
        let reason = Reason::MalformedRequest;
        policy.recorder.decided(
            Clause::WellFormed(Part::Preflight),
            None,
            Outcome::NotHeld,
            Some(reason),
        );
        return Err(reason.into());
    }

    let announced = Exchange { method: asked.to_owned(), ..exchange.clone() };
    let refused = transport::decide(policy, &announced).err().map(|refused| refused.reason);
    let earlier = refused.filter(|reason| *reason < Reason::ForbiddenOrigin);
    if let Some(reason) = earlier {
        return Err(reason.into());
    }
    let methods = methods(policy);
    let methods: Vec<&str> = methods.iter().map(String::as_str).collect();
    let may = methods.contains(&asked) || (asked == "HEAD" && methods.contains(&"GET"));
    let allowed = allowed_headers(policy);
    let networks =
        ["Access-Control-Request-Private-Network", "Access-Control-Request-Local-Network"];
    let inside = networks.iter().any(|name| !header(exchange, name).is_empty());
    let granted = may && !inside && names.iter().all(|name| allowed.contains(name));
    let against = (!granted).then_some(Reason::ForbiddenOrigin);
    let span = policy.cors.as_ref().map(|cors| cors.keyword);
    policy.recorder.decided(Clause::Preflight, span, Outcome::of(granted), against);
    least(against.into_iter().collect())?;
    match refused {
        Some(reason) => Err(reason.into()),
        None => Ok(Answer::Admitted { fields: None, rows: None }),
    }
}

pub(crate) fn origins(policy: &Policy) -> Vec<String> {
    let origins = policy.cors(|clause| match clause {
        CorsClause::Origins(origins) => Some(origins),
        _ => None,
    });
    origins.map_or_else(Vec::new, |origins| texts(policy.value(origins)))
}

/// Where they are written.
pub(crate) fn origins_span(policy: &Policy) -> Option<Span> {
    policy.cors(|clause| match clause {
        CorsClause::Origins(origins) => Some(origins.span),
        _ => None,
    })
}

pub(crate) fn methods(policy: &Policy) -> Vec<String> {
    let methods = policy.cors(|clause| match clause {
        CorsClause::Methods(methods) => Some(methods),
        _ => None,
    });
    methods.into_iter().flatten().map(|method| method.node.clone()).collect()
}

/// In lower case.
fn allowed_headers(policy: &Policy) -> Vec<String> {
    let names = policy.cors(|clause| match clause {
        CorsClause::Headers(names) => Some(names),
        _ => None,
    });
    let names = names.map_or_else(Vec::new, |names| texts(policy.value(names)));
    names.iter().map(|name| name.to_ascii_lowercase()).collect()
}

fn texts(value: Value) -> Vec<String> {
    let Value::List(values) = value else { panic!("{value:?} is no list") };
    let text = |value| match value {
        Value::Text(text) => text,
        other => panic!("{other:?} is no text"),
    };
    values.into_iter().map(text).collect()
}
