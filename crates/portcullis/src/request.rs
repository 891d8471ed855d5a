//! What comes in, borrowed from wherever the server keeps it.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::Timestamp;
use crate::media_type;

/// A request as the server received it.
///
/// Give it every header that came, through [`header`](Request::header): a header that counts twice
/// is told from one that came once by seeing both.
// Every stage hands it on, so it is kept small: what a header says is read when it comes, where a few
// bits can hold it.
#[derive(Clone)]
pub struct Request<'r> {
    pub(crate) method: Cow<'r, str>,
    pub(crate) target: Cow<'r, str>,
    pub(crate) host: Option<Cow<'r, str>>,
    pub(crate) authorization: Option<Cow<'r, str>>,
    pub(crate) peer: IpAddr,
    pub(crate) now: Timestamp,
    pub(crate) https: bool,
    pub(crate) media: Media,
    pub(crate) coding: Coding,
    has_length: bool,
    has_origin: bool,
    /// Whether `Access-Control-Request-Method` came.
    asks_method: bool,
    /// A header that may stand once stands twice, or is no text: no correct client sends either.
    pub(crate) wrong: bool,
    /// Its id, once its answers are asked for.
    pub(crate) id: Option<Arc<str>>,
    /// Every other header, for those that the policy asks for.
    others: Vec<(Cow<'r, str>, Cow<'r, [u8]>)>,
}

/// What the body is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    Unsaid,
    Json,
    Form,
    /// What that is stands among the other headers.
    Other,
}

/// How the body is said to be coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Unsaid,
    Identity,
    Other,
}

// The target and the value of `Authorization` are the client's own.
impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("https", &self.https)
            .field("media", &self.media)
            .field("coding", &self.coding)
            .finish_non_exhaustive()
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
            host: None,
            authorization: None,
            peer,
            now: now.into(),
            https: true,
            media: Media::Unsaid,
            coding: Coding::Unsaid,
            has_length: false,
            has_origin: false,
            asks_method: false,
            wrong: false,
            id: None,
            others: Vec::new(),
        }
    }

    /// Says whether the request came over HTTPS.
    #[must_use]
    pub fn https(mut self, https: bool) -> Request<'r> {
        self.https = https;
        self
    }

    /// Adds a header. Its name is compared without case.
    #[must_use]
    pub fn header(mut self, name: &'r str, value: &'r [u8]) -> Request<'r> {
        self.add_header(name, value);
        self
    }

    /// [`header`](Request::header), where a request is filled in a loop.
    pub fn add_header(&mut self, name: &'r str, value: &'r [u8]) {
        match name.len() {
            4 if name.eq_ignore_ascii_case("host") => self.add(value, |request| &mut request.host),
            13 if name.eq_ignore_ascii_case("authorization") => {
                self.add(value, |request| &mut request.authorization);
            }
            12 if name.eq_ignore_ascii_case("content-type") => {
                self.wrong |= self.media != Media::Unsaid;
                self.media = match text(value) {
                    Some(text) if media_type::is_json(text) => Media::Json,
                    Some(text) if media_type::is_form(text) => Media::Form,
                    _ => {
                        self.others.push((Cow::Borrowed(name), Cow::Borrowed(value)));
                        Media::Other
                    }
                };
            }
            16 if name.eq_ignore_ascii_case("content-encoding") => {
                self.wrong |= self.coding != Coding::Unsaid;
                let plain = text(value).is_some_and(|text| text.eq_ignore_ascii_case("identity"));
                self.coding = if plain { Coding::Identity } else { Coding::Other };
            }
            14 if name.eq_ignore_ascii_case("content-length") => {
                self.wrong |= self.has_length;
                self.has_length = true;
            }
            6 if name.eq_ignore_ascii_case("origin") => {
                self.wrong |= self.has_origin || text(value).is_none();
                self.has_origin = true;
                self.others.push((Cow::Borrowed(name), Cow::Borrowed(value)));
            }
            29 if name.eq_ignore_ascii_case("access-control-request-method") => {
                self.wrong |= self.asks_method || text(value).is_none();
                self.asks_method = true;
                self.others.push((Cow::Borrowed(name), Cow::Borrowed(value)));
            }
            _ => self.others.push((Cow::Borrowed(name), Cow::Borrowed(value))),
        }
    }

    /// The values of a header that has no place of its own, in the order in which they came.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let of = move |(known, _): &&(Cow<'r, str>, _)| known.eq_ignore_ascii_case(name);
        self.others.iter().filter(of).map(|(_, value)| &**value)
    }

    /// What the body is said to be, parameters apart.
    pub(crate) fn media_type(&self) -> Option<&str> {
        match self.media {
            Media::Unsaid => None,
            Media::Json => Some("application/json"),
            Media::Form => Some("application/x-www-form-urlencoded"),
            Media::Other => {
                let said = self.values("content-type").next().and_then(text);
                said.map(media_type::essence)
            }
        }
    }

    /// The `Origin` (RFC 6454, 7): the page that sent the request, if a browser says so.
    pub(crate) fn origin(&self) -> Option<&str> {
        if !self.has_origin {
            return None;
        }
        let mut values = self.values("origin");
        let first = values.next().and_then(text)?;
        values.next().is_none().then_some(first)
    }

    /// Whether it is a preflight (Fetch, 3.2.2): it asks what another request may do.
    pub(crate) fn is_preflight(&self) -> bool {
        self.method == "OPTIONS" && self.has_origin && self.asks_method
    }

    fn add(
        &mut self,
        value: &'r [u8],
        slot: for<'s> fn(&'s mut Request<'r>) -> &'s mut Option<Cow<'r, str>>,
    ) {
        let text = text(value);
        let wrong = text.is_none();
        let before = std::mem::replace(slot(self), text.map(Cow::Borrowed));
        self.wrong |= wrong || before.is_some();
    }

    /// The same, holding its own text.
    #[must_use]
    pub fn into_owned(self) -> Request<'static> {
        let own = |text: Cow<'r, str>| Cow::Owned(text.into_owned());
        let others = self.others.into_iter();
        let others = others.map(|(name, value)| (own(name), Cow::Owned(value.into_owned())));
        Request {
            method: own(self.method),
            target: own(self.target),
            host: self.host.map(own),
            authorization: self.authorization.map(own),
            peer: self.peer,
            now: self.now,
            https: self.https,
            media: self.media,
            coding: self.coding,
            has_length: self.has_length,
            has_origin: self.has_origin,
            asks_method: self.asks_method,
            wrong: self.wrong,
            id: self.id,
            others: others.collect(),
        }
    }
}

/// The value of a header without the white space around it (RFC 9110, 5.5).
pub(crate) fn text(value: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(value).ok()?;
    let blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    // Most servers have cut it off already.
    if blank(value.first()) || blank(value.last()) {
        return Some(text.trim_matches([' ', '\t']));
    }
    Some(text)
}

/// Where the parameters stand in a path, in their order. A target is far shorter than 64 KiB.
pub(crate) type Places = SmallVec<[(u16, u16); 3]>;

/// A request whose path is normal and has a route.
#[derive(Debug)]
pub(crate) struct Routed<'r> {
    pub(crate) request: Request<'r>,
    pub(crate) way: Way,
}

/// Where a request goes.
#[derive(Debug)]
pub(crate) struct Way {
    /// What of it did not come in the form that is decided by.
    pub(crate) mended: Option<Box<Mended>>,
    pub(crate) params: Places,
    /// The route, by index.
    pub(crate) route: usize,
    /// How much of the target is the path.
    pub(crate) path_length: u16,
    /// How much of the `Host` is the host.
    pub(crate) host_length: u16,
}

/// Text that had to be made anew.
#[derive(Debug, Default)]
pub(crate) struct Mended {
    /// The path without its encoding.
    pub(crate) path: Option<String>,
    /// The host in lower case.
    pub(crate) host: Option<String>,
}

impl Routed<'_> {
    /// What stands for a request where there is none: an action reads nothing of it but the time.
    pub(crate) fn nowhere(now: Timestamp) -> Routed<'static> {
        let request = Request::new("", "", std::net::Ipv4Addr::UNSPECIFIED.into(), now);
        let way = Way {
            mended: None,
            params: Places::default(),
            route: usize::MAX,
            path_length: 0,
            host_length: 0,
        };
        Routed { request, way }
    }

    /// The path, decoded.
    pub(crate) fn path(&self) -> &str {
        match self.way.mended.as_ref().and_then(|mended| mended.path.as_ref()) {
            Some(path) => path,
            None => self.request.target.get(..usize::from(self.way.path_length)).unwrap_or(""),
        }
    }

    /// The query string as it was sent; empty where there is none.
    pub(crate) fn query(&self) -> &str {
        let behind = usize::from(self.way.path_length).saturating_add(1);
        self.request.target.get(behind..).unwrap_or("")
    }

    /// The host, lower-case, without port.
    pub(crate) fn host(&self) -> &str {
        match (self.way.mended.as_ref().and_then(|mended| mended.host.as_ref()), &self.request.host)
        {
            (Some(host), _) => host,
            (None, Some(host)) => host.get(..usize::from(self.way.host_length)).unwrap_or(""),
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
        let range = self
            .way
            .params
            .get(place)
            .map_or(0..0, |(start, end)| usize::from(*start)..usize::from(*end));
        self.path().get(range).unwrap_or("")
    }

    /// The page that sent the request.
    pub(crate) fn origin(&self) -> Option<&str> {
        self.request.origin()
    }

    /// The same, holding its own text. Its input is known: of the other headers only the origin is read
    /// any more.
    pub(crate) fn into_owned(self) -> Routed<'static> {
        let mut request = self.request;
        request.others.retain(|(name, _)| name.eq_ignore_ascii_case("origin"));
        Routed { request: request.into_owned(), way: self.way }
    }
}
