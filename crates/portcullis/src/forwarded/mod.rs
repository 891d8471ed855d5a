//! What trusted proxies say of the client: `Forwarded` (RFC 7239) and the `X-Forwarded-*` before it.
//!
//! Every proxy appends what it saw: the right end of a list was written by our own, the left end by
//! whoever likes to. So a list is walked from the right, and what stands to the left of the client
//! that is found is the client's own word, which nobody reads.

mod element;
mod node;

use std::borrow::Cow;
use std::net::IpAddr;

use portcullis_compiler::plan::Transport;

use self::element::Element;
use crate::engine::Rules;
use crate::refusal::{Reason, Refusal};
use crate::request::{Request, text};

/// More hops than any deployment has: who sends a longer list is up to something.
const MAX_ENTRIES: usize = 32;

/// A trusted proxy handed on what cannot be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed forwarding headers")]
struct Malformed;

/// Puts the client, its scheme and its host in the place of the proxy's, where the peer is a proxy of
/// the policy's. Doing it twice changes nothing more.
pub(crate) fn resolve(rules: &Rules, request: &mut Request<'_>) -> Result<(), Refusal> {
    let transport = &rules.plan.transport;
    if !is_proxy(transport, request.peer) {
        return Ok(());
    }
    let said = Said::of(transport, request).map_err(|Malformed| {
        let refusal = Refusal::new(Reason::MalformedRequest);
        refusal.at_clause(&rules.plan, transport.places.proxies)
    })?;
    request.peer = said.client;
    request.https = said.https;
    if let Some(host) = said.host {
        // It must have come with one itself (RFC 9112, 3.2).
        request.wrong |= request.host.is_none();
        request.host = Some(Cow::Owned(host));
    }
    Ok(())
}

/// Whether the client's connection is encrypted, as far as is known: not where a proxy is in doubt.
pub(crate) fn came_encrypted(rules: &Rules, request: &Request<'_>) -> bool {
    let transport = &rules.plan.transport;
    if !is_proxy(transport, request.peer) {
        return request.https;
    }
    Said::of(transport, request).is_ok_and(|said| said.https)
}

/// IPv4 in IPv6 is IPv4.
fn is_proxy(transport: &Transport, address: IpAddr) -> bool {
    transport.proxies.iter().any(|network| network.contains(address))
}

/// What the proxies say, taken together.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    client: IpAddr,
    https: bool,
    /// The host that the client asked for, where any of them says so.
    host: Option<String>,
}

impl Said {
    fn of(transport: &Transport, request: &Request<'_>) -> Result<Said, Malformed> {
        let x_for = x_list(request, "x-forwarded-for")?;
        let x_proto = x_list(request, "x-forwarded-proto")?;
        let x_host = x_list(request, "x-forwarded-host")?;
        let elements = elements(request)?;

        let addresses = x_for.iter().rev().map(|entry| node::of_list(entry));
        let by_list = walk(transport, addresses)?.map(|(client, _)| client);
        let nodes = elements
            .iter()
            .rev()
            .map(|element| element.client.as_deref().ok_or(Malformed).and_then(node::of_element));
        let by_elements = walk(transport, nodes)?;
        // Whoever sets one of the two and hands the client's other one on lets the client choose:
        // which of them is the proxy's own cannot be told.
        if let (Some(one), Some((other, _))) = (by_list, by_elements)
            && one != other
        {
            return Err(Malformed);
        }
        let client = by_list.or(by_elements.map(|(client, _)| client));
        let hops = by_elements.map_or(0, |(_, hops)| hops);
        let walked = elements.get(elements.len().saturating_sub(hops)..).unwrap_or_default();

        Ok(Said {
            client: client.unwrap_or(request.peer).to_canonical(),
            https: is_https(&x_proto, walked).unwrap_or(request.https),
            host: host(&x_host, walked)?,
        })
    }
}

/// The first address from the right that is no proxy, and how many entries it took; the last where all
/// are. An entry that is no address ends the walk: who is behind it is not known.
fn walk(
    transport: &Transport,
    from_the_right: impl Iterator<Item = Result<IpAddr, Malformed>>,
) -> Result<Option<(IpAddr, usize)>, Malformed> {
    let mut found = None;
    for (index, address) in from_the_right.enumerate() {
        let address = address?.to_canonical();
        found = Some((address, index + 1));
        if !is_proxy(transport, address) {
            break;
        }
    }
    Ok(found)
}

/// Whether the client came over HTTPS: only where everyone who says anything says so. The names carry
/// no address, so none of them can be put down to one hop, and a client's own must not help it.
fn is_https(x_proto: &[&str], walked: &[Element<'_>]) -> Option<bool> {
    let of_elements = walked.iter().filter_map(|element| element.proto.as_deref());
    let mut said = x_proto.iter().copied().chain(of_elements).peekable();
    said.peek()?;
    Some(said.all(|proto| proto.eq_ignore_ascii_case("https")))
}

/// The host that was asked for: what stands nearest to the client, and all of `X-Forwarded-Host`, of
/// which it cannot be told who wrote it.
fn host(x_host: &[&str], walked: &[Element<'_>]) -> Result<Option<String>, Malformed> {
    let of_elements = walked.iter().find_map(|element| element.host.as_deref());
    let mut said = x_host.iter().copied().chain(of_elements);
    let Some(host) = said.next() else {
        return Ok(None);
    };
    if said.any(|other| !other.eq_ignore_ascii_case(host)) {
        return Err(Malformed);
    }
    Ok(Some(host.to_owned()))
}

/// The entries of all lines of a header, in their order: several lines are one list (RFC 9110, 5.3).
fn x_list<'a>(request: &'a Request<'_>, name: &str) -> Result<Vec<&'a str>, Malformed> {
    let mut entries = Vec::new();
    for line in request.values(name) {
        let line = text(line).ok_or(Malformed)?;
        for entry in line.split(',') {
            if entries.len() == MAX_ENTRIES {
                return Err(Malformed);
            }
            entries.push(entry.trim_matches([' ', '\t']));
        }
    }
    Ok(entries)
}

/// The elements of all lines of `Forwarded`. Each line is whole: a quote that the client leaves open
/// must not swallow what the proxy writes behind it.
fn elements<'a>(request: &'a Request<'_>) -> Result<Vec<Element<'a>>, Malformed> {
    let mut elements = Vec::new();
    for line in request.values("forwarded") {
        element::parse(text(line).ok_or(Malformed)?, &mut elements)?;
    }
    Ok(elements)
}
