//! `wide_cookie`: the cookie of the session is sent to every route.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Plan, Segment, SessionVerb};
use portcullis_syntax::ast::SessionClause;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::session;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "wide_cookie",
    level: Severity::Note,
    owasp: &[Owasp::Authentication],
    finds: "The path of a session's `cookie` is `/`, and the routes that renew the session lie \
            together below a longer one.",
    why: "The refresh token is the most valuable of all, and goes then with every request: into \
          the logs and proxies of each, and to whatever else is served under the name. Two routes \
          need it.",
    example: with_session![
        "access   access",
        "refresh  7d rotating at most 30d",
        "cookie   \"refreshToken\" path /",
    ],
    mend: "Give it the path of the routes that renew and end the session.",
    mended: with_session![
        "access   access",
        "refresh  7d rotating at most 30d",
        "cookie   \"refreshToken\" path /auth",
    ],
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    compilation.plans.iter().filter_map(|plan| of_plan(compilation, plan)).collect()
}

fn of_plan(compilation: &Compilation, plan: &Plan) -> Option<Diagnostic> {
    let cookie = plan.session.as_ref()?.cookie.as_ref()?;
    // A `__Host-` cookie has no other path (RFC 6265bis, 4.1.3.2).
    if cookie.path != "/" || cookie.name.to_ascii_lowercase().starts_with("__host-") {
        return None;
    }
    let renewing = plan.routes.iter().filter(|route| {
        route.retired.is_none() && route.session_verb() == Some(SessionVerb::Renews)
    });
    let first = renewing
        .map(|route| first(&route.segments))
        .reduce(|one, other| one.filter(|one| Some(*one) == other))??;
    let place = session(compilation)?.clauses.iter().find_map(|clause| match clause {
        SessionClause::Cookie { span, .. } => Some(*span),
        _ => None,
    })?;
    let message =
        format!("every request carries `{}`, and only `/{first}/…` needs it", cookie.name);
    Some(RULE.finding(place, message).help("give it the path of the routes that renew the session"))
}

/// The first segment of a route that has more of them.
fn first(segments: &[Segment]) -> Option<&str> {
    match segments {
        [Segment::Literal(first), _, ..] => Some(first),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn the_cookie_goes_where_it_is_needed() {
        let found = |from: &str, to: &str| codes(&RULE.example().replace(from, to));
        assert_eq!(found("path /\n", "\n"), ["wide_cookie"], "left out, it is `/`");
        assert_eq!(found("refreshToken", "__Host-refresh"), [""; 0]);
        assert_eq!(found("path /\n", "path /auth/refresh\n"), [""; 0]);
        assert_eq!(found("path /\n", "path / waive wide_cookie \"a proxy moves it\"\n"), [""; 0]);
    }

    #[test]
    fn routes_that_lie_apart_need_it_everywhere() {
        let other = "budget n { limit 1 per 1s key request.ip }
            route POST /b/renew { public budget [n] renews session returns nothing }";
        assert_eq!(codes(&format!("{}{other}", RULE.example())), [""; 0]);
    }
}
