//! The transport stage: scheme, host, path and method, up to the one route that is meant.

use std::net::{IpAddr, Ipv6Addr};

use portcullis::Reason;
use portcullis_syntax::Span;
use portcullis_syntax::ast::{Hosts, Segment, TransportClause};
use portcullis_test::Exchange;

use crate::cors;
use crate::forwarded::{self, Client};
use crate::policy::Policy;
use crate::route::Route;
use crate::trace::{Clause, Outcome, Part};
use crate::value::Value;
use crate::{Refused, least};

/// A request that has found its route.
pub(crate) struct Arrival<'a> {
    pub(crate) route: &'a Route,
    /// HEAD reads as GET.
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) host: String,
    pub(crate) ip: IpAddr,
    /// The path parameters as sent, decoded.
    pub(crate) parameters: Vec<(String, String)>,
}

pub(crate) fn decide<'a>(policy: &'a Policy, exchange: &Exchange) -> Result<Arrival<'a>, Refused> {
    let record = &policy.recorder;
    let (client, path, host, port) = well_formed(policy, exchange)?;

    let mut reasons = Vec::new();
    let mut ask = |clause, span: Option<Span>, passes: bool, reason: Reason| {
        let against = (!passes).then_some(reason);
        record.decided(clause, span, Outcome::of(passes), against);
        reasons.extend(against);
    };
    let (required, said) = https_required(policy);
    ask(Clause::Https, said, !required || client.https, Reason::InsecureTransport);
    let (known, said) = host_is_known(policy, &host);
    ask(Clause::Hosts, said, known, Reason::UnknownHost);
    if policy.cors.is_some() && cors::origin(exchange).is_some() {
        let may = cors::is_admitted(policy, exchange, client.https, &host, port);
        ask(Clause::Origins, cors::origins_span(policy), may, Reason::ForbiddenOrigin);
    }
    let route = route(policy, &exchange.method, &path);
    let found = route.as_ref().ok().and_then(|route| route.span);
    record.decided(Clause::Route, found, Outcome::of(route.is_ok()), route.as_ref().err().copied());
    reasons.extend(route.as_ref().err());
    least(reasons)?;

    let route = route?;
    if let Some(span) = route.retired {
        record.decided(Clause::Retired, span, Outcome::Held, Some(Reason::Retired));
        return Err(Reason::Retired.into());
    }
    if route.session.is_some() && policy.session_cookie().is_some() {
        let mut pages = if policy.cors.is_some() { cors::origins(policy) } else { Vec::new() };
        pages.retain(|page| page != "*");
        pages.push(cors::own(client.https, &host, port));
        if let Some(origin) = cors::origin(exchange) {
            let may = pages.contains(&origin);
            let against = (!may).then_some(Reason::ForbiddenOrigin);
            let span = cors::origins_span(policy).or(route.span);
            record.decided(Clause::Origins, span, Outcome::of(may), against);
            least(against.into_iter().collect())?;
        }
    }
    let method = if exchange.method == "HEAD" { "GET" } else { &exchange.method };
    Ok(Arrival {
        route,
        method: method.to_owned(),
        parameters: parameters(&route.segments, &path),
        path: format!("/{}", path.join("/")),
        host,
        ip: client.ip,
    })
}

/// Who sent it, the segments of its path, its host and port, where a correct client sends such.
fn well_formed(
    policy: &Policy,
    exchange: &Exchange,
) -> Result<(Client, Vec<String>, String, Option<u16>), Reason> {
    let refused = |part| {
        let against = Some(Reason::MalformedRequest);
        policy.recorder.decided(Clause::WellFormed(part), None, Outcome::NotHeld, against);
        Reason::MalformedRequest
    };
    let client = forwarded::client(policy, exchange).ok_or_else(|| refused(Part::Proxies))?;
    let path = path(&exchange.target).ok_or_else(|| refused(Part::Target))?;
    let host = host(exchange, client.host.as_deref()).ok_or_else(|| refused(Part::Host))?;
    if !is_token(&exchange.method) {
        return Err(refused(Part::Method));
    }
    if has_duplicates(exchange) {
        return Err(refused(Part::Headers));
    }
    Ok((client, path, host.0, host.1))
}

/// The values of every header of that name, without the white space around them (RFC 9110, 5.5).
pub(crate) fn header<'a>(exchange: &'a Exchange, name: &str) -> Vec<&'a str> {
    let named = exchange.headers.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.trim_matches([' ', '\t'])).collect()
}

/// The decoded segments of a target's path, or nothing where the target is not normal. A path that
/// ends in `/` has an empty last segment; `/` is that alone.
fn path(target: &str) -> Option<Vec<String>> {
    let strange = |byte: u8| byte <= 0x20 || byte >= 0x7f || byte == b'#' || byte == b'\\';
    if target.len() > 8192 || target.bytes().any(strange) {
        return None;
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    percent_decoded(query)?;
    let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    let inner = &segments[..segments.len() - 1];
    if inner.contains(&"") || segments.contains(&".") || segments.contains(&"..") {
        return None;
    }
    segments.into_iter().map(decoded_segment).collect()
}

fn decoded_segment(segment: &str) -> Option<String> {
    if segment.contains(';') {
        return None;
    }
    let decoded = percent_decoded(segment)?;
    if decoded.iter().any(|(byte, encoded)| *encoded && is_refused_encoded(*byte)) {
        return None;
    }
    String::from_utf8(decoded.into_iter().map(|(byte, _)| byte).collect()).ok()
}

fn is_refused_encoded(byte: u8) -> bool {
    byte < 0x20 || byte == 0x7f || b"/.\\%;".contains(&byte)
}

/// Each byte, and whether it was sent as `%` and two digits.
fn percent_decoded(text: &str) -> Option<Vec<(u8, bool)>> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            decoded.push((u8::try_from(high * 16 + low).ok()?, true));
        } else {
            decoded.push((byte, false));
        }
    }
    Some(decoded)
}

/// RFC 9110, 5.6.2.
pub(crate) fn is_token(text: &str) -> bool {
    let tchar = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(tchar)
}

fn has_duplicates(exchange: &Exchange) -> bool {
    let once = [
        "Authorization",
        "Content-Type",
        "Content-Encoding",
        "Content-Length",
        "Origin",
        "Access-Control-Request-Method",
    ];
    once.iter().any(|name| header(exchange, name).len() > 1)
}

/// The one `Host`, or what a proxy says in its place, in lower case, and its port.
fn host(exchange: &Exchange, forwarded: Option<&str>) -> Option<(String, Option<u16>)> {
    let [value] = header(exchange, "Host")[..] else {
        return None;
    };
    let value = forwarded.unwrap_or(value);
    let (host, rest) = if value.starts_with('[') {
        let end = value.find(']')? + 1;
        value[1..end - 1].parse::<Ipv6Addr>().ok()?;
        value.split_at(end)
    } else {
        let (host, rest) = value.split_at(value.find(':').unwrap_or(value.len()));
        let in_label = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if host.split('.').any(|label| label.is_empty() || !label.chars().all(in_label)) {
            return None;
        }
        (host, rest)
    };
    let port = match rest.strip_prefix(':') {
        Some(port) if port.bytes().all(|b| b.is_ascii_digit()) => Some(port.parse::<u16>().ok()?),
        Some(_) => return None,
        None if rest.is_empty() => None,
        None => return None,
    };
    Some((host.to_ascii_lowercase(), port))
}

/// The host of a request, if it is one of the policy's.
pub(crate) fn known_host(policy: &Policy, exchange: &Exchange) -> Option<String> {
    let client = forwarded::client(policy, exchange)?;
    let (host, _) = host(exchange, client.host.as_deref())?;
    host_is_known(policy, &host).0.then_some(host)
}

/// The methods that a path has, in the order of the alphabet; HEAD with GET.
pub(crate) fn allowed(policy: &Policy, exchange: &Exchange) -> Vec<String> {
    let Some(path) = path(&exchange.target) else { return Vec::new() };
    let all = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
    let all = all.into_iter().filter(|method| route(policy, method, &path).is_ok());
    all.map(str::to_owned).collect()
}

/// What answers over HTTPS say of the next ones.
pub(crate) fn hsts(policy: &Policy) -> Option<String> {
    let (max_age, subdomains, preload) = policy.transport(|clause| match clause {
        TransportClause::Hsts { max_age, subdomains, preload, profiles, .. } => {
            Some(((max_age, subdomains.is_some(), preload.is_some()), profiles))
        }
        _ => None,
    })?;
    let seconds = policy.duration(max_age) / 1_000_000_000;
    let mut value = format!("max-age={seconds}");
    value.push_str(if subdomains { "; includeSubDomains" } else { "" });
    value.push_str(if preload { "; preload" } else { "" });
    Some(value)
}

/// And the clause that says so.
fn https_required(policy: &Policy) -> (bool, Option<Span>) {
    let said = policy.transport(|clause| match clause {
        TransportClause::Https { mode, profiles, span } => {
            Some(((mode.node.as_str(), *span), profiles))
        }
        _ => None,
    });
    (said.is_none_or(|(mode, _)| mode != "off"), said.map(|(_, span)| span))
}

/// And the clause that says so.
fn host_is_known(policy: &Policy, host: &str) -> (bool, Option<Span>) {
    let said = policy.transport(|clause| match clause {
        TransportClause::Hosts { hosts, profiles, span } => Some(((hosts, *span), profiles)),
        _ => None,
    });
    let known = match said {
        None | Some((Hosts::Any(_), _)) => true,
        Some((Hosts::Listed(hosts), _)) => match policy.value(hosts) {
            Value::List(hosts) => hosts.contains(&Value::Text(host.to_owned())),
            other => panic!("{other:?} is no list"),
        },
    };
    (known, said.map(|(_, span)| span))
}

/// The route of a method and a path: first the best pattern, whatever its method, then the method.
fn route<'a>(policy: &'a Policy, method: &str, path: &[String]) -> Result<&'a Route, Reason> {
    let mut fitting: Vec<&Route> = Vec::new();
    fitting.extend(policy.routes.iter().filter(|route| matches(route, path)));
    let Some(best) = fitting.iter().map(|route| shape(route)).max() else {
        return Err(Reason::UnknownRoute);
    };
    fitting.retain(|route| shape(route) == best);
    let of_method = |method: &str| fitting.iter().find(|route| route.method == method).copied();
    let found = match method {
        "HEAD" => of_method("GET"),
        "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" => of_method(method),
        _ => None,
    };
    found.ok_or(Reason::MethodNotAllowed)
}

/// How good a pattern is, from left to right. Patterns that match one path and have one shape are
/// the same pattern, names apart.
fn shape(route: &Route) -> Vec<u8> {
    let rank = |segment: &Segment| match segment {
        Segment::Literal(_) => 3,
        Segment::Parameter(_) => 2,
        Segment::Rest(_) => 1,
        Segment::Wildcard | Segment::Wildcards => panic!("a wildcard stands in `on` only"),
    };
    route.segments.iter().map(rank).collect()
}

fn matches(route: &Route, path: &[String]) -> bool {
    let mut path = path;
    for segment in &route.segments {
        let Some((first, others)) = path.split_first() else {
            return false;
        };
        match segment {
            Segment::Rest(_) => return !path.join("/").is_empty(),
            Segment::Literal(literal) if literal != first => return false,
            _ if first.is_empty() => return false,
            _ => path = others,
        }
    }
    // What is left of `/a/` after `a` is the empty segment behind the slash; of `/a`, nothing. The
    // path `/` has one segment more than its pattern, which has none.
    if route.segments.is_empty() || route.trailing_slash { path == [""] } else { path.is_empty() }
}

fn parameters(segments: &[Segment], path: &[String]) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    for (at, segment) in segments.iter().enumerate() {
        match segment {
            Segment::Parameter(name) => parameters.push((name.clone(), path[at].clone())),
            Segment::Rest(name) => parameters.push((name.clone(), path[at..].join("/"))),
            Segment::Literal(_) | Segment::Wildcard | Segment::Wildcards => {}
        }
    }
    parameters
}
