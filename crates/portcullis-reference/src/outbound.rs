//! `outbound`: whether a URL may be fetched, by tables of its own.
//!
//! The text is compared with what it should be: scheme, `://`, host, port, as they were read.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use portcullis_syntax::ast::{self, OutboundClause};
use url::{Host, Url};

use crate::policy::Policy;
use crate::value::Value;

/// No address that anybody may be sent to.
const CLOSED_V4: &str = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 \
    172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 \
    192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 \
    240.0.0.0/4 168.63.129.16/32 192.80.8.124/32";

/// All of IPv6 but 2000::/3, and what is special in there.
const CLOSED_V6: &str = "::/3 4000::/2 8000::/1 2001::/23 2001:db8::/32 2002::/16 \
    2620:4f:8000::/48 3fff::/20";

const CLOSED_NAMES: &str = "localhost test invalid localdomain local intranet private corp home lan \
    internal mail home.arpa onion alt svc metadata.goog metadata.tencentyun.com \
    metadata.packet.net metadata.platformequinix.com";

/// Whether a URL may be fetched through an outbound of the policy.
pub(crate) fn accepts(policy: &Policy, name: &str, text: &str) -> bool {
    let mut outbounds = policy.outbounds.iter();
    let outbound = outbounds.find(|outbound| outbound.name.node == name).expect("compiled");
    let Ok(url) = Url::parse(text) else { return false };
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else { return false };
    is_plain(text, &url, &host, port)
        && listed(policy, outbound, Clause::Schemes).iter().any(|one| is_text(one, url.scheme()))
        && listed(policy, outbound, Clause::Ports).iter().any(|one| is_int(one, port))
        && is_open(&host)
        && is_named(policy, outbound, &host)
}

/// Whether every reader of the text sees what was read.
fn is_plain(text: &str, url: &Url, host: &Host<&str>, port: u16) -> bool {
    let characters =
        text.chars().all(|c| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c));
    let mut escapes = text.split('%').skip(1);
    let escaped = escapes
        .all(|rest| rest.len() >= 2 && rest.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit));
    if text.len() > 2048 || !characters || !escaped {
        return false;
    }
    let head = format!("{}://", url.scheme());
    if !text.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(&head)) {
        return false;
    }
    let rest = &text[head.len()..];
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (mut authority, tail) = rest.split_at(end);
    if tail.starts_with(['?', '#']) && tail.contains('@') {
        return false;
    }
    if let Some(without) = authority.strip_suffix(&format!(":{port}")) {
        // Not the last group of an IPv6 address, which has its bracket behind it.
        authority = without;
    }
    match host {
        Host::Domain(name) => authority.eq_ignore_ascii_case(name),
        Host::Ipv4(address) => authority == address.to_string(),
        Host::Ipv6(address) => {
            let inner = authority.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            inner.and_then(|inner| inner.parse::<Ipv6Addr>().ok()).as_ref() == Some(address)
        }
    }
}

/// Whether a host is in the public network, as far as can be seen of it.
fn is_open(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            let parts: Vec<&str> = name.split('.').collect();
            let part = |part: &&str| {
                !part.is_empty()
                    && part.len() <= 63
                    && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            };
            let closed = |closed: &str| format!(".{name}").ends_with(&format!(".{closed}"));
            name.len() <= 253
                && parts.len() >= 2
                && parts.iter().all(part)
                && !CLOSED_NAMES.split_whitespace().any(closed)
        }
        Host::Ipv4(address) => is_open_v4(*address),
        Host::Ipv6(address) => is_open_v6(*address),
    }
}

fn is_open_v4(address: Ipv4Addr) -> bool {
    let mut closed = CLOSED_V4.split_whitespace();
    !closed.any(|range| range.parse::<Ipv4Net>().unwrap().contains(&address))
}

fn is_open_v6(address: Ipv6Addr) -> bool {
    let groups = address.segments();
    let [high, low] = [groups[6].to_be_bytes(), groups[7].to_be_bytes()];
    let inner = Ipv4Addr::new(high[0], high[1], low[0], low[1]);
    match groups {
        // Mapped, and the Well-Known Prefix of NAT64: the inner address alone decides.
        [0, 0, 0, 0, 0, 0xffff, _, _] | [0x64, 0xff9b, 0, 0, 0, 0, _, _] => {
            return is_open_v4(inner);
        }
        // ISATAP.
        [.., 0 | 0x200, 0x5efe, _, _] if !is_open_v4(inner) => return false,
        _ => {}
    }
    let mut closed = CLOSED_V6.split_whitespace();
    !closed.any(|range| range.parse::<Ipv6Net>().unwrap().contains(&address))
}

/// Whether the policy names a host, or none at all.
fn is_named(policy: &Policy, outbound: &ast::Outbound, host: &Host<&str>) -> bool {
    let hosts = listed(policy, outbound, Clause::Hosts);
    if !outbound.clauses.iter().any(|clause| matches!(clause, OutboundClause::Hosts(..))) {
        return true;
    }
    hosts.iter().any(|pattern| {
        let Value::Text(pattern) = pattern else { return false };
        match host {
            Host::Domain(name) => match pattern.strip_prefix('*') {
                Some(behind) => name.ends_with(behind) && name.len() > behind.len(),
                None => name == pattern,
            },
            Host::Ipv4(address) => as_v6(pattern) == Some(address.to_ipv6_mapped()),
            Host::Ipv6(address) => as_v6(pattern) == Some(*address),
        }
    })
}

/// The address of a pattern, one of IPv4 as it is written in IPv6.
fn as_v6(pattern: &str) -> Option<Ipv6Addr> {
    match pattern.parse::<Ipv4Addr>() {
        Ok(address) => Some(address.to_ipv6_mapped()),
        Err(_) => pattern.trim_matches(['[', ']']).parse().ok(),
    }
}

#[derive(Clone, Copy)]
enum Clause {
    Schemes,
    Ports,
    Hosts,
}

/// What stands in a clause; what holds in its place, where it is left out.
fn listed(policy: &Policy, outbound: &ast::Outbound, wanted: Clause) -> Vec<Value> {
    for clause in &outbound.clauses {
        let value = match (wanted, clause) {
            (Clause::Schemes, OutboundClause::Schemes(value, _))
            | (Clause::Ports, OutboundClause::Ports(value, _))
            | (Clause::Hosts, OutboundClause::Hosts(value, _)) => value,
            _ => continue,
        };
        let Value::List(values) = policy.value(value) else { panic!("a list has compiled") };
        return values;
    }
    match wanted {
        Clause::Schemes => vec![Value::Text("https".to_owned())],
        Clause::Ports => vec![Value::Int(443)],
        Clause::Hosts => Vec::new(),
    }
}

fn is_text(value: &Value, text: &str) -> bool {
    matches!(value, Value::Text(value) if value == text)
}

fn is_int(value: &Value, int: u16) -> bool {
    matches!(value, Value::Int(value) if i128::from(*value) == i128::from(int))
}
