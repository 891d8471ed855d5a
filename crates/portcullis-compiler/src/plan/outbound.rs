//! Where the service may be made to fetch from.

use std::net::IpAddr;

use portcullis_syntax::Span;

/// An outbound. What no outbound ever reaches, such as private addresses, is the engine's to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbound {
    /// Its name in the policy.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// The schemes of the URLs that are fetched; at least one.
    pub schemes: Vec<Scheme>,
    /// The ports that are connected to; at least one, and none of them 0.
    pub ports: Vec<u16>,
    /// The hosts that are fetched from; every public one, where the policy names none.
    pub hosts: Option<Vec<HostPattern>>,
    /// How many redirects one fetch follows; at most 10.
    pub redirects: u8,
}

/// The scheme of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `https`
    Https,
    /// `http`
    Http,
}

impl Scheme {
    /// All of them, by their names in a policy and in a URL.
    pub const ALL: [(&'static str, Scheme); 2] = [("https", Scheme::Https), ("http", Scheme::Http)];

    /// Its name in a policy and in a URL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Https => "https",
            Scheme::Http => "http",
        }
    }
}

/// An entry of `hosts`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HostPattern {
    /// `images.example`: this name, lower-case.
    Name(String),
    /// `*.images.example`: every name below this one, however deep, and not this one. It is kept
    /// without its `*.`.
    Below(String),
    /// `203.0.113.9` or `[2001:db8::1]`: this address, however it is written. IPv4 written as IPv6 is
    /// the IPv4 address.
    Address(IpAddr),
}
