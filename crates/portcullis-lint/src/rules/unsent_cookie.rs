//! `unsent_cookie`: the cookie of the session is not sent to a route that renews it.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Plan, Route, Segment, SessionVerb};
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unsent_cookie",
    level: Severity::Error,
    owasp: &[Owasp::Authentication],
    finds: "The path of a session's `cookie` leads to no path of a route that `renews session`. A parameter of the \
            route's pattern may be whatever the cookie's path has in its place.",
    why: "Browsers send a cookie to what lies below its path alone (RFC 6265, 5.1.4): the route is \
          always called without it, and nobody stays signed in.",
    example: with_session![
        "access   access",
        "refresh  7d rotating at most 30d",
        "cookie   \"refreshToken\" path /login",
    ],
    mend: "Give the cookie the path of the group that renews the session.",
    mended: with_session![
        "access   access",
        "refresh  7d rotating at most 30d",
        "cookie   \"refreshToken\" path /auth",
    ],
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    compilation.plans.iter().flat_map(of_plan).collect()
}

fn of_plan(plan: &Plan) -> Vec<Diagnostic> {
    let cookie = plan.session.as_ref().and_then(|session| session.cookie.as_ref());
    let Some(cookie) = cookie else { return Vec::new() };
    let routes = plan.routes.iter().filter(|route| route.retired.is_none());
    let unsent = routes.filter_map(|route| {
        let (verb, place) = route.session?;
        let renews = verb == SessionVerb::Renews && !may_be_sent(&cookie.path, route);
        let message = format!("the cookie `{}` is never sent to `{}`", cookie.name, route.pattern);
        renews.then(|| {
            RULE.finding(place, message)
                .help(format!("the cookie's path is `{}`: give it that of this route", cookie.path))
        })
    });
    unsent.collect()
}

/// Whether a cookie of this path is sent to some path of a route (RFC 6265, 5.1.4): segment by segment, where
/// a parameter may be what the cookie's path has in its place.
fn may_be_sent(path: &str, route: &Route) -> bool {
    let path = path.strip_prefix('/').unwrap_or(path);
    let (wanted, ends) = match path.strip_suffix('/') {
        Some(path) => (path, true),
        None => (path, false),
    };
    if wanted.is_empty() {
        return true;
    }
    let mut segments = route.segments.iter();
    for wanted in wanted.split('/') {
        match segments.next() {
            Some(Segment::Literal(text)) if text == wanted => {}
            Some(Segment::Parameter(_)) => {}
            // It takes as many segments as there are.
            Some(Segment::Rest(_)) => return true,
            _ => return false,
        }
    }
    // `/auth/` does not lead to `/auth`.
    !ends || route.trailing_slash || segments.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn the_cookie_reaches_the_route_that_takes_it() {
        let found = |path: &str| codes(&RULE.example().replace("path /login", path));
        assert_eq!(found("path /auth/refresh"), [""; 0]);
        assert_eq!(found("path /auth"), [""; 0]);
        assert_eq!(found("path /au"), ["unsent_cookie"]);
        assert_eq!(found("path /auth/"), [""; 0]);
        assert_eq!(found("path /auth/refresh/"), ["unsent_cookie"]);
    }

    #[test]
    fn a_parameter_may_be_what_the_cookie_has_there() {
        let found = |path: &str, route: &str, params: &str| {
            let policy = RULE.example().replace("path /login", path);
            codes(&policy.replace(
                "route POST /refresh {\n        public",
                &format!("route POST {route} {{\n        public params {{ {params} }}"),
            ))
        };
        let of_shop = |path: &str| found(path, "/{shop}/refresh", "shop: string max 9");
        assert_eq!(of_shop("path /auth"), [""; 0]);
        assert_eq!(of_shop("path /auth/desk"), [""; 0]);
        assert_eq!(of_shop("path /auth/desk/refresh"), [""; 0]);
        assert_eq!(of_shop("path /auth/desk/other"), ["unsent_cookie"]);
        assert_eq!(of_shop("path /other/desk"), ["unsent_cookie"]);
        let rest = |path: &str| found(path, "/in/{rest...}", "rest: string max 9");
        assert_eq!(rest("path /auth/in/a/b"), [""; 0]);
        assert_eq!(rest("path /auth/out/a"), ["unsent_cookie"]);
    }

    #[test]
    fn a_waiver_stands_on_the_route() {
        let waived = "renews session waive unsent_cookie \"a proxy cuts the path\"";
        assert_eq!(codes(&RULE.example().replace("renews   session", waived)), [""; 0]);
    }
}
