//! Transport: scheme, host, path and method → route.

use std::borrow::Cow;

use portcullis_compiler::plan::Origins;

use crate::cors;
use crate::engine::Rules;
use crate::host;
use crate::path::{self, Target};
use crate::refusal::{Reason, Refusal};
use crate::request::{Mended, Places, Request, Way};
use crate::router::Found;

pub(crate) fn decide(rules: &Rules, request: &Request<'_>) -> Result<Way, Refusal> {
    let arrival = arrive(rules, request)?;
    let (route, params) = find(rules, &arrival, &request.method)?;
    of_our_pages(rules, request, route)?;
    let Arrival { target, host, lower } = arrival;
    let path_length = target
        .query
        .map_or(request.target.len(), |query| request.target.len().saturating_sub(query.len() + 1));
    let path = match target.path {
        Cow::Borrowed(_) => None,
        Cow::Owned(path) => Some(path),
    };
    // Both are bounded far below this.
    let clip = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
    let (path_length, host_length) = (clip(path_length), clip(host.len()));
    let host = (!lower).then(|| host.to_ascii_lowercase());
    let mended = (path.is_some() || host.is_some()).then(|| Box::new(Mended { path, host }));
    Ok(Way { mended, params, route, path_length, host_length })
}

/// A browser sends the cookie of a session whoever's page asks for it, as far as `SameSite` lets it: where a
/// cookie is set or read, pages of other origins have no business where no `cors` lists them.
fn of_our_pages(rules: &Rules, request: &Request<'_>, route: usize) -> Result<(), Refusal> {
    let session = rules.route(route).and_then(|route| route.session);
    let cookie = rules.plan.session.as_ref().and_then(|session| session.cookie.as_ref());
    // What anybody may read needs no cookie.
    let listed = rules.plan.cors.as_ref().is_some_and(|cors| cors.origins != Origins::Any);
    if let (Some((_, span)), Some(_), false) = (session, cookie, listed) {
        let host = request.host.as_deref().unwrap_or("");
        if request.origin().is_some_and(|origin| !cors::is_own(request, origin, host)) {
            return Err(Refusal::new(Reason::ForbiddenOrigin).at(&rules.plan, span));
        }
    }
    Ok(())
}

/// A request that may look for its route.
pub(crate) struct Arrival<'a> {
    target: Target<'a>,
    /// The host as it was sent, without its port.
    host: &'a str,
    /// Whether it was sent in lower case.
    lower: bool,
}

impl Arrival<'_> {
    /// The path, decoded.
    pub(crate) fn path(&self) -> &str {
        &self.target.path
    }
}

/// All that is asked before the route: the form of the request, scheme, host and origin.
#[inline]
pub(crate) fn arrive<'a>(rules: &Rules, request: &'a Request<'_>) -> Result<Arrival<'a>, Refusal> {
    let malformed = || Refusal::new(Reason::MalformedRequest);
    // Nearly every method is one of these.
    let common = matches!(&*request.method, "GET" | "POST" | "PUT" | "PATCH" | "DELETE");
    if !common && !path::is_token(&request.method) {
        return Err(malformed());
    }
    if request.wrong {
        return Err(malformed());
    }
    let target = path::parse(&request.target).map_err(|_| malformed())?;
    let transport = &rules.plan.transport;
    let host = request.host.as_deref().unwrap_or("");
    // Nearly every `Host` is to the letter one of the policy's, and those are hosts.
    let hosts = transport.hosts.as_deref();
    let known = hosts.is_some_and(|hosts| hosts.iter().any(|known| known == host));
    let name = match known {
        true => host,
        false => host::parse(host).map_err(|_| malformed())?.name(),
    };
    let ours =
        known || hosts.is_none_or(|hosts| hosts.iter().any(|host| name.eq_ignore_ascii_case(host)));
    if transport.https && !request.https {
        let place = transport.places.https;
        return Err(insecure(request, ours, name).at_clause(&rules.plan, place));
    }
    if !ours {
        let place = transport.places.hosts;
        return Err(Refusal::new(Reason::UnknownHost).at_clause(&rules.plan, place));
    }
    if let Some(cors) = &rules.plan.cors
        && !cors::admits(cors, request, host)
    {
        return Err(Refusal::new(Reason::ForbiddenOrigin).at(&rules.plan, cors.places.origins));
    }
    let lower = known || !name.bytes().any(|byte| byte.is_ascii_uppercase());
    Ok(Arrival { target, host: name, lower })
}

/// The route of a path and a method, and where its parameters stand.
#[inline]
pub(crate) fn find(
    rules: &Rules,
    arrival: &Arrival<'_>,
    method: &str,
) -> Result<(usize, Places), Refusal> {
    let (route, params) = match rules.router.find(arrival.path(), method) {
        Found::Route(route, params) => (route, params),
        Found::OtherMethods(methods) => return Err(Refusal::with_methods(methods)),
        Found::Nothing => return Err(Refusal::new(Reason::UnknownRoute)),
    };
    let Some(found) = rules.route(route) else {
        return Err(Refusal::service_fault());
    };
    if found.retired.is_some() {
        return Err(Refusal::new(Reason::Retired).at_clause(&rules.plan, found.retired));
    }
    Ok((route, params))
}

/// Plain HTTP: a safe request is sent to the same place over HTTPS, if the host is one of ours. An
/// unsafe one has already shown its body to the network and must not be taught to be repeated.
fn insecure(request: &Request<'_>, ours: bool, host: &str) -> Refusal {
    let safe = matches!(&*request.method, "GET" | "HEAD");
    if safe && ours {
        Refusal::with_location(format!("https://{}{}", host.to_ascii_lowercase(), request.target))
    } else {
        Refusal::new(Reason::InsecureTransport)
    }
}
