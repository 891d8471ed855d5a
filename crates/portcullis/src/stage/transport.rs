//! Transport: scheme, host, path and method → route.

use std::borrow::Cow;

use crate::engine::Rules;
use crate::host;
use crate::path;
use crate::refusal::{Reason, Refusal};
use crate::request::{Mended, Request, Way};
use crate::router::Found;

pub(crate) fn decide(rules: &Rules, request: &Request<'_>) -> Result<Way, Refusal> {
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
    let (route, params) = match rules.router.find(&target.path, &request.method) {
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
    let path_length = target
        .query
        .map_or(request.target.len(), |query| request.target.len().saturating_sub(query.len() + 1));
    let path = match target.path {
        Cow::Borrowed(_) => None,
        Cow::Owned(path) => Some(path),
    };
    let upper = !known && name.bytes().any(|b| b.is_ascii_uppercase());
    let host = upper.then(|| name.to_ascii_lowercase());
    let mended = (path.is_some() || host.is_some()).then(|| Box::new(Mended { path, host }));
    // Both are bounded far below this.
    let clip = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
    let (path_length, host_length) = (clip(path_length), clip(name.len()));
    Ok(Way { mended, params, route, path_length, host_length })
}

/// Plain HTTP: a safe request is sent to the same place over HTTPS, if the host is one of ours. An
/// unsafe one has already shown its body to the network and must not be taught to be repeated.
fn insecure(request: &Request<'_>, ours: bool, host: &str) -> Refusal {
    let safe = matches!(&*request.method, "GET" | "HEAD");
    if safe && ours {
        Refusal::with_location(format!("https://{host}{}", request.target))
    } else {
        Refusal::new(Reason::InsecureTransport)
    }
}
