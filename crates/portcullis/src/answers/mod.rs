//! What every answer says: one authority for the status, the header lines and the body of all that is
//! answered to one request, whoever serves it.

mod body;
pub(crate) mod rate_limit;
mod request_id;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use portcullis_compiler::plan::{Access, Route};

pub(crate) use request_id::RequestIds;

use crate::cors::{self, Preflight};
use crate::engine::{Engine, Rules};
use crate::forwarded;
use crate::proof::Accepted;
use crate::refusal::Refusal;
use crate::request::Request;

/// A header line: its name in lower case, and its value.
pub type Line<'a> = (&'static str, Cow<'a, str>);

const CACHE_CONTROL: &str = "cache-control";
const SET_COOKIE: &str = "set-cookie";
const NO_STORE: &str = "no-store";
pub(crate) const VARY: &str = "vary";

/// What is said in answer to one request. It holds the rules that were in force when the request came,
/// and nothing of the request but its id.
#[derive(Clone)]
pub struct Answers {
    rules: Arc<Rules>,
    request_id: Arc<str>,
    /// Whether the request came over HTTPS, as far as is known: a browser must hear of `hsts` there alone
    /// (RFC 6797, 7.2).
    https: bool,
    /// What `cors` says of the page that asked.
    sharing: Vec<(&'static str, String)>,
}

/// A whole answer, to be sent as it is. The body is what GET is answered with: an answer to HEAD has
/// the same header lines and no body (RFC 9110, 9.3.2).
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The HTTP status.
    pub status: u16,
    /// The header lines, each name once and in lower case; `content-type` is that of the body.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty where there is none.
    pub body: Vec<u8>,
}

// A body may hold what only the caller may see.
impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered").field("status", &self.status).finish_non_exhaustive()
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").field("request_id", &self.request_id).finish_non_exhaustive()
    }
}

impl Engine {
    /// Begins the answers to a request: ask for them before the request is admitted. The request is
    /// given its id, which every answer tells and every record of a decision: the one of its
    /// `X-Request-Id`, if that came once and is 1 to 64 letters, digits, `-`, `_` and `.`, else a new
    /// one.
    #[must_use]
    pub fn answers(&self, request: &mut Request<'_>) -> Answers {
        let request_id = self.request_id(request);
        request.id = Some(Arc::clone(&request_id));
        let rules = arc_swap::Guard::into_inner(self.rules());
        let https =
            rules.plan.transport.hsts.is_some() && forwarded::came_encrypted(&rules, request);
        let sharing = cors::lines(&rules, request);
        Answers { rules, request_id, https, sharing }
    }
}

impl Answers {
    /// The request's id.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The answer that refuses. No cache keeps it.
    #[must_use]
    pub fn refusal(&self, refusal: &Refusal) -> Rendered {
        let errors = &self.rules.plan.errors;
        let status = refusal.status(errors);
        let mut own = refusal.lines(status);
        own.extend(borrowed(refusal.rate_limit()));
        self.error(status, own, body::of_refusal(errors, refusal, &self.request_id))
    }

    /// The answer of an application's own error, to a request that was `accepted` or one that did not
    /// come so far: a status from 400 to 599, any other is a 500. A 4xx may say more in a text of the
    /// application's; what a 5xx would say is for its log, and is not sent.
    #[must_use]
    pub fn problem(
        &self,
        accepted: Option<&Accepted<'_>>,
        status: u16,
        detail: Option<&str>,
    ) -> Rendered {
        let status = if (400..600).contains(&status) { status } else { 500 };
        let detail = detail.filter(|_| status < 500);
        let format = self.rules.plan.errors.format;
        let own = accepted.map_or_else(Vec::new, told);
        self.error(status, own, body::of_status(format, status, detail, &self.request_id))
    }

    /// The answer to a preflight that is granted.
    #[must_use]
    pub fn preflight(&self, preflight: &Preflight) -> Rendered {
        let lines = self.common().chain(borrowed(preflight.lines()));
        Rendered { status: 204, headers: owned(lines), body: Vec::new() }
    }

    /// The answer of a request that was accepted, with what the engine shows of it as JSON; an empty
    /// text is the 204 of a route that returns nothing. Where the tokens of a session were to be given and
    /// were not, it is the 500 of a service that broke its promise.
    #[must_use]
    pub fn success(&self, accepted: &Accepted<'_>, json: Vec<u8>) -> Rendered {
        if accepted.owes_tokens() {
            return self.refusal(&accepted.refused(Refusal::service_fault()));
        }
        let status = if json.is_empty() { 204 } else { 200 };
        let kind =
            (!json.is_empty()).then_some(("content-type", Cow::Borrowed("application/json")));
        let headers = owned(kind.into_iter().chain(self.headers(accepted)));
        Rendered { status, headers, body: json }
    }

    /// The header lines of a success that the application answers itself, each in the place of the
    /// application's own; but `vary` and `set-cookie`, which may come several times, are added to it.
    ///
    /// `cache-control` is what the policy says; else `no-store` where a caller is known or tokens are
    /// given, since the answer may be meant for nobody else (RFC 9111, 3.5), and else the application's
    /// own.
    #[must_use]
    pub fn headers<'a>(&'a self, accepted: &Accepted<'_>) -> Vec<Line<'a>> {
        let kept = self.rules.plan.headers.cache_control.as_deref();
        let personal = accepted.caller.caller().is_some() || accepted.session.is_some();
        // Nothing that a policy says of other answers lets tokens be kept (RFC 6749, 5.1).
        let kept = kept.filter(|_| accepted.session.is_none());
        let kept = kept.or(personal.then_some(NO_STORE));
        let mut lines: Vec<Line<'_>> = self.common().chain(borrowed(&self.sharing)).collect();
        lines.extend(kept.map(|value| (CACHE_CONTROL, Cow::Borrowed(value))));
        // With a credential the same URL may be answered otherwise (RFC 9110, 12.5.5).
        let optional = matches!(accepted.route(), Ok(Route { access: Access::Optional(_), .. }));
        if optional {
            match lines.iter_mut().find(|(name, _)| *name == VARY) {
                Some((_, names)) => names.to_mut().push_str(", Authorization"),
                None => lines.push((VARY, Cow::Borrowed("Authorization"))),
            }
        }
        lines.extend(told(accepted));
        let session = accepted.session.as_deref();
        let cookie = session.and_then(|session| session.set_cookie.get());
        lines.extend(cookie.map(|cookie| (SET_COOKIE, cookie.clone().into())));
        lines
    }

    /// Whether a header line of the application's own does not leave: what tells which software answers,
    /// what the policy says to `remove`, and, where the policy has `cors`, every `Access-Control-*`, which
    /// could only widen what it grants. The name is in lower case.
    #[must_use]
    pub fn removes(&self, name: &str) -> bool {
        let plan = &self.rules.plan;
        plan.headers.remove.iter().any(|removed| removed == name)
            || (plan.cors.is_some() && name.starts_with("access-control-"))
    }

    fn error(&self, status: u16, own: Vec<Line<'_>>, body: Vec<u8>) -> Rendered {
        let kind = body::media_type(self.rules.plan.errors.format);
        let kept =
            [("content-type", Cow::Borrowed(kind)), (CACHE_CONTROL, Cow::Borrowed(NO_STORE))];
        let lines = kept.into_iter().chain(self.common()).chain(borrowed(&self.sharing)).chain(own);
        Rendered { status, headers: owned(lines), body }
    }

    /// The lines of every answer.
    fn common(&self) -> impl Iterator<Item = Line<'_>> {
        let plan = &self.rules.plan;
        let hsts = plan.transport.hsts.as_deref().filter(|_| self.https);
        let hsts = hsts.map(|value| ("strict-transport-security", Cow::Borrowed(value)));
        [("x-request-id", Cow::Borrowed(&*self.request_id))]
            .into_iter()
            .chain(borrowed(&plan.headers.lines))
            .chain(hsts)
    }
}

/// What is left of the budgets that a request was charged.
fn told<'a>(accepted: &Accepted<'_>) -> Vec<Line<'a>> {
    let lines = rate_limit::lines(&accepted.rules.plan, &accepted.standings);
    lines.into_iter().map(|(name, value)| (name, value.into())).collect()
}

fn borrowed<'a>(lines: &'a [(&'static str, String)]) -> impl Iterator<Item = Line<'a>> {
    lines.iter().map(|(name, value)| (*name, Cow::Borrowed(value.as_str())))
}

fn owned<'a>(lines: impl Iterator<Item = Line<'a>>) -> Vec<(&'static str, String)> {
    lines.map(|(name, value)| (name, value.into_owned())).collect()
}
