//! The `Host` of a request.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A host without its port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Host<'h> {
    name: &'h str,
}

/// It is no host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

impl<'h> Host<'h> {
    /// As it came.
    pub(crate) fn name(self) -> &'h str {
        self.name
    }

    /// Whether it is a host of the policy, which is written in lower case.
    pub(crate) fn is(self, known: &str) -> bool {
        self.name.eq_ignore_ascii_case(known)
    }
}

/// Parses `host` or `host:port`: a name, an IPv4 address or an IPv6 address in brackets.
pub(crate) fn parse(value: &str) -> Result<Host<'_>, Malformed> {
    let (name, port) = match value.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']').ok_or(Malformed)?;
            address.parse::<Ipv6Addr>().map_err(|_| Malformed)?;
            (value.get(..address.len() + 2).ok_or(Malformed)?, port)
        }
        None => {
            let end = value.find(':').unwrap_or(value.len());
            let (name, port) = value.split_at(end);
            if !is_name(name) {
                return Err(Malformed);
            }
            (name, port)
        }
    };
    match port.strip_prefix(':') {
        None if port.is_empty() => Ok(Host { name }),
        Some(digits) if is_port(digits) => Ok(Host { name }),
        _ => Err(Malformed),
    }
}

fn is_port(digits: &str) -> bool {
    digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u16>().is_ok()
}

fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    name.len() <= 253 && (name.split('.').all(label) || name.parse::<Ipv4Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_or_addresses_with_a_port_or_without() {
        for (value, name) in [
            ("shop.example", "shop.example"),
            ("Shop.Example:8080", "Shop.Example"),
            ("127.0.0.1:1", "127.0.0.1"),
            ("[::1]:80", "[::1]"),
            ("[2001:db8::1]", "[2001:db8::1]"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(parse(value).unwrap().name(), name);
        }
        assert!(parse("SHOP.example").unwrap().is("shop.example"));
    }

    #[test]
    fn all_else_is_refused() {
        for value in [
            "",
            ":80",
            "a:",
            "a:b",
            "a:65536",
            "a:-1",
            "a:+1",
            "a b",
            "a,b",
            "u@h",
            "a/b",
            "a..b",
            "a.",
            ".a",
            "a_b",
            "[::1",
            "::1",
            "[::1]x",
            "[127.0.0.1]",
            "é",
            "a:1:2",
            "a%00",
        ] {
            assert_eq!(parse(value), Err(Malformed), "{value}");
        }
    }
}
