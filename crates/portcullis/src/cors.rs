//! Cross-origin resource sharing, as the Fetch standard has it (3.2, the CORS protocol).
//!
//! Nothing that a request says is ever sent back unless it equals a text of the policy's. Whatever a
//! page may not do is refused by one reason, `forbidden_origin`: to a browser any refusal is as good as
//! an answer without the grant, and the operator sees which clause decided.

use portcullis_compiler::plan::{Cors, Origins};
use portcullis_syntax::Span;

use crate::answers::VARY;
use crate::engine::{Engine, Rules};
use crate::forwarded;
use crate::host;
use crate::path;
use crate::refusal::{Reason, Refusal};
use crate::request::{Request, text};
use crate::stage::transport;

/// A header line: its name in lower case, and its value.
pub(crate) type Line = (&'static str, String);

const METHOD: &str = "access-control-request-method";
const HEADERS: &str = "access-control-request-headers";
/// Asked by browsers before a page of a public network reaches into a private or local one (Private
/// Network Access, Local Network Access). No policy grants it.
const NETWORKS: [&str; 2] =
    ["access-control-request-private-network", "access-control-request-local-network"];

/// More headers than any page sends.
const MAX_HEADERS: usize = 64;

/// A preflight that is granted; [`Answers::preflight`](crate::Answers::preflight) answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preflight {
    lines: Vec<Line>,
}

impl Preflight {
    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }
}

impl Engine {
    /// Decides a preflight, if the request is one and the policy has `cors`: an `OPTIONS` with `Origin`
    /// and `Access-Control-Request-Method`. Ask before [`admit`](Engine::admit), which knows no
    /// `OPTIONS`. Credentials and budgets are not asked about: a preflight carries none, and decides
    /// nothing about the request that follows.
    #[must_use]
    pub fn preflight(&self, request: &Request<'_>) -> Option<Result<Preflight, Refusal>> {
        let rules = self.rules();
        let cors = rules.plan.cors.as_ref()?;
        request.is_preflight().then(|| {
            preflight(&rules, cors, request.clone())
                .map_err(|refusal| rules.refused_nowhere(request, refusal))
        })
    }
}

fn preflight(rules: &Rules, cors: &Cors, mut request: Request<'_>) -> Result<Preflight, Refusal> {
    forwarded::resolve(rules, &mut request)?;
    let malformed = || Refusal::new(Reason::MalformedRequest);
    let method = request.values(METHOD).next().and_then(text).ok_or_else(malformed)?;
    if !path::is_token(method) {
        return Err(malformed());
    }
    let asked = asked_headers(&request).ok_or_else(malformed)?;
    let arrival = transport::arrive(rules, &request)?;

    let forbidden = |place: Span| Refusal::new(Reason::ForbiddenOrigin).at(&rules.plan, place);
    if NETWORKS.iter().any(|name| request.values(name).next().is_some()) {
        return Err(forbidden(cors.places.origins));
    }
    if !grants_method(cors, method) {
        return Err(forbidden(cors.places.methods));
    }
    let granted = |name: &&str| cors.headers.iter().any(|known| known.eq_ignore_ascii_case(name));
    if !asked.iter().all(granted) {
        return Err(forbidden(cors.places.headers));
    }
    transport::find(rules, &arrival, method)?;

    let of_path = rules.router.methods(arrival.path());
    let methods = cors.methods.iter().map(String::as_str);
    let methods = methods.filter(|method| of_path.iter().any(|known| known == method));
    let mut lines = vec![vary_of_options()];
    let Some(origin) = allowed(cors, &request) else {
        // The page's own origin needs no grant.
        return Ok(Preflight { lines });
    };
    lines.push(origin);
    if cors.credentials {
        lines.push(("access-control-allow-credentials", "true".to_owned()));
    }
    let lists = [
        ("access-control-allow-methods", methods.collect::<Vec<_>>().join(", ")),
        ("access-control-allow-headers", cors.headers.join(", ")),
    ];
    lines.extend(lists.into_iter().filter(|(_, list)| !list.is_empty()));
    if let Some(seconds) = cors.max_age {
        lines.push(("access-control-max-age", seconds.to_string()));
    }
    Ok(Preflight { lines })
}

/// The lines of any answer but a preflight's that is granted. `Vary` names what the answer depends on,
/// whether that came or not.
pub(crate) fn lines(rules: &Rules, request: &Request<'_>) -> Vec<Line> {
    let origin = || (VARY, "Origin".to_owned());
    let Some(cors) = &rules.plan.cors else {
        return rules.plan.reads_origin.then(origin).into_iter().collect();
    };
    // Whether it is a preflight, and which, changes what is answered.
    if request.method == "OPTIONS" {
        return vec![vary_of_options()];
    }
    let mut lines = Vec::new();
    if cors.origins != Origins::Any || rules.plan.reads_origin {
        lines.push(origin());
    }
    let Some(origin) = allowed(cors, request) else {
        return lines;
    };
    lines.push(origin);
    if cors.credentials {
        lines.push(("access-control-allow-credentials", "true".to_owned()));
    }
    if !cors.expose.is_empty() {
        lines.push(("access-control-expose-headers", cors.expose.join(", ")));
    }
    lines
}

/// Whether the page that sent a request may: one of the service's own origin, one of `origins`, or none
/// at all. Any other would have its request done, and merely not read the answer.
pub(crate) fn admits(cors: &Cors, request: &Request<'_>, host: &str) -> bool {
    match (&cors.origins, request.origin()) {
        (Origins::Any, _) | (_, None) => true,
        (Origins::Listed(known), Some(origin)) => {
            known.iter().any(|known| known == origin) || is_own(request, origin, host)
        }
    }
}

/// Whether an origin is the one that was asked: scheme, host, and port where that is not the scheme's
/// own (RFC 6454, 6.2).
pub(crate) fn is_own(request: &Request<'_>, origin: &str, value: &str) -> bool {
    let Ok(host) = host::parse(value) else {
        return false;
    };
    let (scheme, own) = if request.https { ("https", 443) } else { ("http", 80) };
    let mut written = format!("{scheme}://{}", host.name().to_ascii_lowercase());
    if let Some(port) = host.port().filter(|port| *port != own) {
        written.push_str(&format!(":{port}"));
    }
    written == origin
}

fn allowed(cors: &Cors, request: &Request<'_>) -> Option<Line> {
    let origin = match &cors.origins {
        Origins::Any => "*",
        Origins::Listed(known) => {
            let origin = request.origin()?;
            known.iter().find(|known| *known == origin)?
        }
    };
    Some(("access-control-allow-origin", origin.to_owned()))
}

/// HEAD is decided as GET, and so it is granted with it.
fn grants_method(cors: &Cors, method: &str) -> bool {
    let has = |method: &str| cors.methods.iter().any(|known| known == method);
    has(method) || (method == "HEAD" && has("GET"))
}

/// The names that a page wants to send, all lines as one list; nothing where it is no such list. Empty
/// elements are skipped (RFC 9110, 5.6.1).
fn asked_headers<'a>(request: &'a Request<'_>) -> Option<Vec<&'a str>> {
    let mut names = Vec::new();
    for line in request.values(HEADERS) {
        for name in text(line)?.split(',').map(|name| name.trim_matches([' ', '\t'])) {
            if name.is_empty() {
                continue;
            }
            if !path::is_token(name) || names.len() == MAX_HEADERS {
                return None;
            }
            names.push(name);
        }
    }
    Some(names)
}

fn vary_of_options() -> Line {
    let names = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
    (VARY, names.to_owned())
}
