//! What comes in, borrowed from wherever the server keeps it.

use std::borrow::Cow;
use std::net::IpAddr;

use smallvec::SmallVec;

use crate::Timestamp;

/// A request as the server received it.
///
/// Give it every header that came, through [`header`](Request::header): a header that counts twice
/// is told from one that came once by seeing both.
#[derive(Debug, Clone)]
pub struct Request<'r> {
    pub(crate) method: Cow<'r, str>,
    pub(crate) target: Cow<'r, str>,
    pub(crate) https: bool,
    pub(crate) peer: IpAddr,
    pub(crate) now: Timestamp,
    pub(crate) host: Header<'r>,
    pub(crate) authorization: Header<'r>,
    pub(crate) content_type: Header<'r>,
    pub(crate) content_encoding: Header<'r>,
    pub(crate) content_length: Header<'r>,
}

/// A header that may stand once.
#[derive(Clone)]
pub(crate) enum Header<'r> {
    Absent,
    One(Cow<'r, str>),
    /// Twice, or not text: no correct client sends either.
    Wrong,
}

// The value of `Authorization` is a credential.
impl std::fmt::Debug for Header<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Header::Absent => "absent",
            Header::One(_) => "present",
            Header::Wrong => "wrong",
        })
    }
}

impl<'r> Header<'r> {
    fn add(&mut self, value: &'r [u8]) {
        *self = match (&self, std::str::from_utf8(value)) {
            (Header::Absent, Ok(text)) => {
                Header::One(Cow::Borrowed(text.trim_matches([' ', '\t'])))
            }
            _ => Header::Wrong,
        };
    }

    pub(crate) fn is_wrong(&self) -> bool {
        matches!(self, Header::Wrong)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Header::One(text) => Some(text),
            Header::Absent | Header::Wrong => None,
        }
    }

    fn into_owned(self) -> Header<'static> {
        match self {
            Header::Absent => Header::Absent,
            Header::One(text) => Header::One(Cow::Owned(text.into_owned())),
            Header::Wrong => Header::Wrong,
        }
    }
}

impl<'r> Request<'r> {
    /// A request over HTTPS: its method, its target (path and query as they came, not decoded), the
    /// address of the connection's other end, and the time.
    pub fn new(
        method: &'r str,
        target: &'r str,
        peer: IpAddr,
        now: impl Into<Timestamp>,
    ) -> Request<'r> {
        Request {
            method: Cow::Borrowed(method),
            target: Cow::Borrowed(target),
            https: true,
            peer,
            now: now.into(),
            host: Header::Absent,
            authorization: Header::Absent,
            content_type: Header::Absent,
            content_encoding: Header::Absent,
            content_length: Header::Absent,
        }
    }

    /// Says whether the request came over HTTPS.
    #[must_use]
    pub fn https(mut self, https: bool) -> Request<'r> {
        self.https = https;
        self
    }

    /// Adds a header. Its name is compared without case; those that the engine does not ask for are
    /// passed over.
    #[must_use]
    pub fn header(mut self, name: &str, value: &'r [u8]) -> Request<'r> {
        let slot = match name.len() {
            4 if name.eq_ignore_ascii_case("host") => &mut self.host,
            12 if name.eq_ignore_ascii_case("content-type") => &mut self.content_type,
            13 if name.eq_ignore_ascii_case("authorization") => &mut self.authorization,
            14 if name.eq_ignore_ascii_case("content-length") => &mut self.content_length,
            16 if name.eq_ignore_ascii_case("content-encoding") => &mut self.content_encoding,
            _ => return self,
        };
        slot.add(value);
        self
    }

    /// The same, holding its own text.
    #[must_use]
    pub fn into_owned(self) -> Request<'static> {
        Request {
            method: Cow::Owned(self.method.into_owned()),
            target: Cow::Owned(self.target.into_owned()),
            https: self.https,
            peer: self.peer,
            now: self.now,
            host: self.host.into_owned(),
            authorization: self.authorization.into_owned(),
            content_type: self.content_type.into_owned(),
            content_encoding: self.content_encoding.into_owned(),
            content_length: self.content_length.into_owned(),
        }
    }
}

/// A request whose path is normal and has a route.
#[derive(Debug)]
pub(crate) struct Routed<'r> {
    pub(crate) request: Request<'r>,
    /// The path without its encoding, where it had one.
    pub(crate) decoded: Option<String>,
    /// How much of the target is the path.
    pub(crate) path_length: usize,
    /// The host, lower-case and without port, where it did not come so.
    pub(crate) host: Option<String>,
    /// How much of the `Host` is the host.
    pub(crate) host_length: usize,
    /// The route, by index.
    pub(crate) route: usize,
    /// Where in the path each parameter stands, in their order.
    pub(crate) params: SmallVec<[(u32, u32); 4]>,
}

impl Routed<'_> {
    /// The path, decoded.
    pub(crate) fn path(&self) -> &str {
        match &self.decoded {
            Some(path) => path,
            None => self.request.target.get(..self.path_length).unwrap_or(""),
        }
    }

    /// The host, lower-case, without port.
    pub(crate) fn host(&self) -> &str {
        match (&self.host, self.request.host.text()) {
            (Some(host), _) => host,
            (None, Some(host)) => host.get(..self.host_length).unwrap_or(""),
            (None, None) => "",
        }
    }

    /// The method; HEAD reads as GET.
    pub(crate) fn method(&self) -> &str {
        match &*self.request.method {
            "HEAD" => "GET",
            method => method,
        }
    }

    /// The client's address; IPv4 in IPv6 is IPv4.
    pub(crate) fn ip(&self) -> IpAddr {
        self.request.peer.to_canonical()
    }

    /// Nanoseconds since the Unix epoch.
    pub(crate) fn now(&self) -> i64 {
        self.request.now.as_nanos()
    }

    /// The text of a parameter, by its place among the parameters.
    pub(crate) fn param(&self, place: usize) -> &str {
        let range =
            self.params.get(place).map_or(0..0, |(start, end)| *start as usize..*end as usize);
        self.path().get(range).unwrap_or("")
    }

    pub(crate) fn into_owned(self) -> Routed<'static> {
        Routed {
            request: self.request.into_owned(),
            decoded: self.decoded,
            path_length: self.path_length,
            host: self.host,
            host_length: self.host_length,
            route: self.route,
            params: self.params,
        }
    }
}
