//! Transport: scheme, host, path and method → route.

use std::borrow::Cow;

use crate::engine::Rules;
use crate::host;
use crate::path;
use crate::refusal::{Reason, Refusal};
use crate::request::{Mended, Request, Routed};
use crate::router::Found;

pub(crate) fn decide<'r>(rules: &Rules, request: Request<'r>) -> Result<Routed<'r>, Refusal> {
    let malformed = || Refusal::new(Reason::MalformedRequest);
    if !path::is_token(&request.method) {
        return Err(malformed());
    }
    if request.wrong {
        return Err(malformed());
    }
    let target = path::parse(&request.target).map_err(|_| malformed())?;
    let found = host::parse(request.host.as_deref().unwrap_or("")).map_err(|_| malformed())?;

    let transport = &rules.plan.transport;
    if transport.https && !request.https {
        return Err(insecure(&request, transport.hosts.as_deref(), found.name()));
    }
    if let Some(hosts) = &transport.hosts
        && !hosts.iter().any(|host| found.is(host))
    {
        return Err(Refusal::new(Reason::UnknownHost));
    }
    let (route, params) = match rules.router.find(&target.path, &request.method) {
        Found::Route(route, params) => (route, params),
        Found::OtherMethods(methods) => return Err(Refusal::with_methods(methods)),
        Found::Nothing => return Err(Refusal::new(Reason::UnknownRoute)),
    };
    let path_length = target
        .query
        .map_or(request.target.len(), |query| request.target.len().saturating_sub(query.len() + 1));
    let path = match target.path {
        Cow::Borrowed(_) => None,
        Cow::Owned(path) => Some(path),
    };
    let lower = found.name().bytes().any(|b| b.is_ascii_uppercase());
    let host = lower.then(|| found.name().to_ascii_lowercase());
    let mended = (path.is_some() || host.is_some()).then(|| Box::new(Mended { path, host }));
    // Both are bounded far below this.
    let clip = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
    let (path_length, host_length) = (clip(path_length), clip(found.name().len()));
    Ok(Routed { request, mended, params, route, path_length, host_length })
}

/// Plain HTTP: a safe request is sent to the same place over HTTPS, if the host is one of ours. An
/// unsafe one has already shown its body to the network and must not be taught to be repeated.
fn insecure(request: &Request<'_>, hosts: Option<&[String]>, host: &str) -> Refusal {
    let safe = matches!(&*request.method, "GET" | "HEAD");
    let ours = hosts.is_none_or(|hosts| hosts.iter().any(|known| host.eq_ignore_ascii_case(known)));
    if safe && ours {
        Refusal::with_location(format!("https://{host}{}", request.target))
    } else {
        Refusal::new(Reason::InsecureTransport)
    }
}
