//! `unsent_cookie`: the cookie of the session is not sent to a route that renews it.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Plan, SessionVerb};
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unsent_cookie",
    level: Severity::Error,
    owasp: &[Owasp::Authentication],
    finds: "The path of a session's `cookie` does not lead to a route that `renews session`.",
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
        let renews = verb == SessionVerb::Renews && !is_sent(&cookie.path, &route.pattern);
        let message = format!("the cookie `{}` is never sent to `{}`", cookie.name, route.pattern);
        renews.then(|| {
            RULE.finding(place, message)
                .help(format!("the cookie's path is `{}`: give it that of this route", cookie.path))
        })
    });
    unsent.collect()
}

/// Whether a cookie of this path is sent to a route (RFC 6265, 5.1.4).
fn is_sent(path: &str, route: &str) -> bool {
    route
        .strip_prefix(path)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || path.ends_with('/'))
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
    fn a_waiver_stands_on_the_route() {
        let waived = "renews session waive unsent_cookie \"a proxy cuts the path\"";
        assert_eq!(codes(&RULE.example().replace("renews   session", waived)), [""; 0]);
    }
}
