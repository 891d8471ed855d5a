//! The check of a URL's text.
//!
//! Who checks a URL and who fetches it are often two programs with two readers, and each way in
//! which these differ is a way past the check. So what is accepted is written as RFC 3986 and the
//! WHATWG's URL standard both read it, with its host and port as they come out of the reading:
//! nothing is repaired.

use std::borrow::Cow;
use std::net::IpAddr;

use portcullis_compiler::plan::{Outbound, Scheme};
use url::{Host, Url};

use super::{OutboundError, host, special};

/// The longest URL, in bytes; as for an input of type `url`.
const MAX_LENGTH: usize = 2048;

/// A URL that may be fetched, in its normal form.
///
/// Its host may be a name, and what that resolves to is for
/// [`Outbound::check_addr`](super::Outbound::check_addr) to judge.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckedUrl {
    url: Url,
}

// A URL comes from a request.
impl std::fmt::Debug for CheckedUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckedUrl").finish_non_exhaustive()
    }
}

impl CheckedUrl {
    /// The whole URL in its normal form, without its fragment, which is sent to nobody.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// `https` or `http`.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.url.scheme()
    }

    /// The host: a lower-case name, an IPv4 address, or an IPv6 address in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or("")
    }

    /// The host, if it is an address: there is no name to resolve then.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        match self.url.host()? {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        }
    }

    /// The port to connect to; that of the scheme, where the URL names none.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(0)
    }
}

/// Checks a URL against an outbound.
pub(super) fn check(outbound: &Outbound, text: &str) -> Result<CheckedUrl, OutboundError> {
    let url = read(&outbound.schemes, text)?;
    let port = url.port_or_known_default().ok_or(OutboundError::Malformed)?;
    if !outbound.ports.contains(&port) {
        return Err(OutboundError::Port);
    }
    let address = match url.host().ok_or(OutboundError::Malformed)? {
        Host::Domain(name) => {
            host::check_name(name)?;
            None
        }
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
    };
    if let Some(special) = address.and_then(special::of) {
        return Err(special.into());
    }
    let name = url.host_str().ok_or(OutboundError::Malformed)?;
    if !outbound.hosts.as_ref().is_none_or(|hosts| host::is_among(hosts, name, address)) {
        return Err(OutboundError::Host);
    }
    Ok(CheckedUrl { url })
}

/// The URL that a `Location` leads to from another, as text that is yet to be checked.
pub(super) fn resolved<'a>(
    from: &CheckedUrl,
    location: &'a str,
) -> Result<Cow<'a, str>, OutboundError> {
    check_characters(location)?;
    let first = location.split(['/', '?', '#']).next().unwrap_or("");
    // A relative reference has no colon before its first slash (RFC 3986, 4.2). What has one names a
    // scheme, and is judged as it was written: joining would repair it first.
    if first.contains(':') {
        return Ok(Cow::Borrowed(location));
    }
    if location.starts_with("//") {
        return Ok(Cow::Owned(format!("{}:{location}", from.scheme())));
    }
    let joined = from.url.join(location).map_err(|_| OutboundError::Malformed)?;
    Ok(Cow::Owned(joined.into()))
}

fn read(schemes: &[Scheme], text: &str) -> Result<Url, OutboundError> {
    check_characters(text)?;
    let (scheme, rest) = text.split_once(':').ok_or(OutboundError::Malformed)?;
    if !schemes.iter().any(|allowed| allowed.as_str().eq_ignore_ascii_case(scheme)) {
        return Err(OutboundError::Scheme);
    }
    // The WHATWG's reader takes any number of slashes here, others take the rest for a path.
    let rest = rest.strip_prefix("//").ok_or(OutboundError::Malformed)?;
    let (authority, behind) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err(OutboundError::Credentials);
    }
    // `http://good.example#@bad.example/`: readers have taken either for the host (CVE-2016-8624).
    if !behind.starts_with('/') && behind.contains('@') {
        return Err(OutboundError::Malformed);
    }
    let mut url = Url::parse(text).map_err(|_| OutboundError::Malformed)?;
    if !is_written_plainly(authority, &url) {
        return Err(OutboundError::Malformed);
    }
    url.set_fragment(None);
    Ok(url)
}

/// Length, and the characters of RFC 3986, 2: no spaces, controls and backslashes, which readers
/// drop or turn into others, and nothing outside of ASCII, of which hosts are made by mapping.
fn check_characters(text: &str) -> Result<(), OutboundError> {
    if text.len() > MAX_LENGTH {
        return Err(OutboundError::TooLong);
    }
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let sound = match byte {
            b'%' => {
                let mut hexadecimal = || bytes.next().is_some_and(|b| b.is_ascii_hexdigit());
                hexadecimal() && hexadecimal()
            }
            b'-' | b'.' | b'_' | b'~' | b':' | b'/' | b'?' | b'#' | b'[' | b']' | b'@' => true,
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' => true,
            byte => byte.is_ascii_alphanumeric(),
        };
        if !sound {
            return Err(OutboundError::Malformed);
        }
    }
    Ok(())
}

/// Whether host and port stand in the text as they were read: no percent-encoding, no number of
/// another radix or with parts left out, no trailing dot. Case may differ, and so may an IPv6
/// address, whose spellings all readers agree about.
fn is_written_plainly(authority: &str, url: &Url) -> bool {
    // The colon in front of a port is the last one, and behind the brackets of an IPv6 address.
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let read_port = url.port_or_known_default().map(|read| read.to_string());
    let same_port = port.is_none_or(|port| read_port.is_some_and(|read| read == port));
    let same_host = match url.host() {
        Some(Host::Ipv6(read)) => {
            let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            inner.and_then(|inner| inner.parse().ok()) == Some(read)
        }
        Some(_) => url.host_str().is_some_and(|read| read.eq_ignore_ascii_case(host)),
        None => false,
    };
    same_port && same_host
}
