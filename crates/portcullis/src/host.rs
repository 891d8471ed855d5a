//! The `Host` of a request (RFC 9110, 7.2): a name or an address, and perhaps a port.

use std::net::Ipv6Addr;

/// The longest name of the DNS as text (RFC 1035, 2.3.4).
const MAX_NAME: usize = 253;

/// A host, its port apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Host<'a> {
    name: &'a str,
    port: Option<u16>,
}

/// The value is not a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed host")]
pub(crate) struct Malformed;

/// Reads `host` or `host:port`. An IPv6 address stands in brackets and keeps them.
pub(crate) fn parse(value: &str) -> Result<Host<'_>, Malformed> {
    let (name, port) = if value.starts_with('[') {
        let close = value.find(']').ok_or(Malformed)?;
        let (name, port) = value.split_at_checked(close + 1).ok_or(Malformed)?;
        let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        // The standard library's parser knows no zone, which RFC 9110 has no place for either.
        address.and_then(|text| text.parse::<Ipv6Addr>().ok()).ok_or(Malformed)?;
        match port {
            "" => (name, None),
            port => (name, Some(port.strip_prefix(':').ok_or(Malformed)?)),
        }
    } else {
        let (name, port) = match value.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (value, None),
        };
        if !is_name(name) {
            return Err(Malformed);
        }
        (name, port)
    };
    let port = port.map(|port| self::port(port).ok_or(Malformed)).transpose()?;
    Ok(Host { name, port })
}

impl<'a> Host<'a> {
    /// The host without its port, in the case in which it was sent.
    pub(crate) fn name(self) -> &'a str {
        self.name
    }

    /// The port, where there is one.
    pub(crate) fn port(self) -> Option<u16> {
        self.port
    }
}

/// A DNS name or an IPv4 address. A trailing dot would be a second spelling of one host.
fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.split('.').all(|label| {
            !label.is_empty()
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

fn port(port: &str) -> Option<u16> {
    // `u16`'s own parser would take a sign.
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| port.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Malformed, parse};

    #[test]
    fn hosts_are_read_without_their_port() {
        let cases = [
            ("shop.example", "shop.example"),
            ("Shop.Example:443", "Shop.Example"),
            ("localhost", "localhost"),
            ("localhost:00080", "localhost"),
            ("a-b.c1:0", "a-b.c1"),
            ("127.0.0.1:65535", "127.0.0.1"),
            ("[::1]", "[::1]"),
            ("[2001:DB8::1]:8080", "[2001:DB8::1]"),
            ("[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]"),
        ];
        for (value, name) in cases {
            assert_eq!(parse(value).map(|host| host.name()), Ok(name), "{value}");
        }
    }

    #[test]
    fn a_host_keeps_its_case_and_loses_its_port() {
        assert_eq!(parse("SHOP.example:8080").unwrap().name(), "SHOP.example");
        assert_eq!(parse("[2001:DB8::1]").unwrap().name(), "[2001:DB8::1]");
    }

    #[test]
    fn what_is_no_host_is_refused() {
        let label = "a".repeat(63);
        let longest = [label.as_str(); 4].join(".");
        assert_eq!(longest.len(), 255);
        let cases = [
            "",
            ":80",
            ".",
            "shop.example.",
            ".shop.example",
            "shop..example",
            "shop.example:",
            "shop.example:65536",
            "shop.example:+80",
            "shop.example:-1",
            "shop.example:8 0",
            "shop.example:80:80",
            "shop.example:http",
            "user@shop.example",
            "user:pw@shop.example",
            "shop.example,evil.example",
            "shop.example, evil.example",
            " shop.example",
            "shop.example ",
            "shop example",
            "shop_1.example",
            "shop.example/",
            "shop.example?x",
            "shop.example#x",
            "http://shop.example",
            "shop%2eexample",
            "shöp.example",
            "*.example",
            "shop.example\0",
            "::1",
            "[::1",
            "[]",
            "[::1]80",
            "[::1]:",
            "[::1]:x",
            "[fe80::1%25eth0]",
            "[fe80::1%eth0]",
            "[127.0.0.1]",
            "[v1.x]",
            "[[::1]]",
            longest.as_str(),
        ];
        for value in cases {
            assert_eq!(parse(value), Err(Malformed), "{value}");
        }
    }

    #[test]
    fn the_longest_name_is_taken() {
        let name = format!("{}.{}", [&*"a".repeat(63); 3].join("."), "a".repeat(61));
        assert_eq!(name.len(), 253);
        assert!(parse(&name).is_ok());
        assert_eq!(parse(&format!("{name}a")), Err(Malformed));
    }

    proptest! {
        #[test]
        fn random_text_never_panics(value in ".{0,60}") {
            let _ = parse(&value);
        }

        #[test]
        fn what_is_accepted_has_only_a_hosts_characters(value in "[a-z0-9.:\\[\\]_@, -]{0,12}") {
            if let Ok(host) = parse(&value) {
                prop_assert!(value.starts_with(host.name()));
                prop_assert!(!host.name().contains([' ', ',', '@', '_']));
            }
        }
    }
}
