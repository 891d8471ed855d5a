//! `issues session`, `renews session` and `ends session`.

use portcullis_syntax::ast::{RouteClause, SessionClause};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::super::Report;
use super::super::names::Names;
use super::Clauses;
use crate::plan::{Access, Returned, Route, SessionVerb};

/// What a route does with the caller's session: one thing at most.
pub(super) fn verb(
    clauses: &Clauses<'_>,
    names: &Names<'_>,
    report: &mut Report,
) -> Option<(SessionVerb, Span)> {
    let mut all = clauses
        .all(|clause| match clause {
            RouteClause::Session { verb, span } => {
                let verb = match verb.node.as_str() {
                    "issues" => SessionVerb::Issues,
                    "renews" => SessionVerb::Renews,
                    _ => SessionVerb::Ends,
                };
                Some((verb, *span))
            }
            _ => None,
        })
        .into_iter();
    let (verb, span) = all.next()?;
    for (other, again) in all {
        report.add(
            Diagnostic::error(
                Code::Conflict,
                again,
                format!("`{}` and `{} session` on one route", verb.as_str(), other.as_str()),
            )
            .and(span, "the other one")
            .help("give each a route of its own"),
        );
    }
    if names.sessions.is_empty() {
        report.add(Diagnostic::error(Code::Missing, span, "the policy has no `session`").help(
            "declare one: `session { access NAME  refresh 7d rotating grace 10s at most 30d }`",
        ));
    }
    Some((verb, span))
}

/// Where tokens are the answer, nothing else is; and the header that holds the refresh token where there
/// is no cookie can hold no other credential.
pub(super) fn check(route: &Route, names: &Names<'_>, report: &mut Report) {
    let Some((verb @ (SessionVerb::Issues | SessionVerb::Renews), span)) = route.session else {
        return;
    };
    let other = route.returns.iter().find(|found| !matches!(found.returned, Returned::Nothing));
    if let Some(other) = other {
        report.add(
            Diagnostic::error(
                Code::Conflict,
                other.span,
                format!("a route that {} a session answers with its tokens", verb.as_str()),
            )
            .and(span, "they are the answer")
            .help("write `returns nothing`: nothing of the handler's leaves"),
        );
    }
    let mut clauses = names.sessions.iter().flat_map(|session| &session.clauses);
    let has_cookie = clauses.any(|clause| matches!(clause, SessionClause::Cookie { .. }));
    if verb == SessionVerb::Renews && !has_cookie && route.access != Access::Public {
        report.add(
            Diagnostic::error(Code::Conflict, span, "this route asks for two tokens in one header")
                .label("without a `cookie` the refresh token comes as `Authorization: Bearer`")
                .help("make the route `public`: the refresh token is its credential"),
        );
    }
}
