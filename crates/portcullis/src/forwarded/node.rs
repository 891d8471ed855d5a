//! Who a hop is: an address, perhaps with a port.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Malformed;

/// An entry of `X-Forwarded-For`, for which no standard speaks: proxies write addresses bare, and with
/// a port behind them, then IPv6 in brackets.
pub(super) fn of_list(entry: &str) -> Result<IpAddr, Malformed> {
    if let Ok(address) = entry.parse::<Ipv6Addr>() {
        return Ok(address.into());
    }
    let (address, port) = split(entry)?;
    port.is_none_or(is_port).then_some(address).ok_or(Malformed)
}

/// The `node` of an element of `Forwarded` (RFC 7239, 6): IPv6 stands in brackets, and a port may be
/// hidden behind a name. `unknown` and hidden nodes are nobody that a decision could be made about.
pub(super) fn of_element(node: &str) -> Result<IpAddr, Malformed> {
    let (address, port) = split(node)?;
    port.is_none_or(|port| is_port(port) || is_hidden(port)).then_some(address).ok_or(Malformed)
}

fn split(node: &str) -> Result<(IpAddr, Option<&str>), Malformed> {
    if let Some(rest) = node.strip_prefix('[') {
        let (address, rest) = rest.split_once(']').ok_or(Malformed)?;
        let address = address.parse::<Ipv6Addr>().map_err(|_| Malformed)?;
        return match rest {
            "" => Ok((address.into(), None)),
            rest => Ok((address.into(), Some(rest.strip_prefix(':').ok_or(Malformed)?))),
        };
    }
    let (address, port) = match node.split_once(':') {
        Some((address, port)) => (address, Some(port)),
        None => (node, None),
    };
    let address = address.parse::<Ipv4Addr>().map_err(|_| Malformed)?;
    Ok((address.into(), port))
}

fn is_port(port: &str) -> bool {
    matches!(port.len(), 1..=5) && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// RFC 7239, 6.3.
fn is_hidden(port: &str) -> bool {
    port.strip_prefix('_').is_some_and(|name| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    })
}
