//! `session`.

use portcullis_syntax::ast::{self, CredentialKind, Pattern, Refresh, Segment, SessionClause};
use portcullis_syntax::{Code, Diagnostic, Spanned};

use super::Report;
use super::headers::is_token;
use super::names::{Names, resolve};
use super::settings::Settings;
use crate::plan::{CallerAttribute, ClaimType, Credential, Rotation, Session, SessionCookie, Type};

/// The session of the policy, as far as its clauses mean anything.
pub(super) fn check(
    names: &Names<'_>,
    settings: &Settings,
    credentials: &[Credential],
    caller: &[CallerAttribute],
    report: &mut Report,
) -> Option<Session> {
    let all = names.sessions.iter().map(|found| (*found, found.keyword));
    let found = report.once("session", all)?;
    let clauses = found.clauses.iter();
    let access = clauses.clone().filter_map(|clause| match clause {
        SessionClause::Access(name, span) => Some((name, *span)),
        _ => None,
    });
    let refreshed = clauses.clone().filter_map(|clause| match clause {
        SessionClause::Refresh(refresh) => Some((refresh, refresh.span)),
        _ => None,
    });
    let cookie = clauses.filter_map(|clause| match clause {
        SessionClause::Cookie { name, path, span } => Some(((name, path.as_ref()), *span)),
        _ => None,
    });
    let access = report.once("access", access);
    let refreshed = report.once("refresh", refreshed);
    let cookie = report.once("cookie", cookie);
    for (what, example, missing) in [
        ("access", "access NAME`, with the credential that it issues", access.is_none()),
        ("refresh", "refresh 7d rotating grace 10s at most 30d`", refreshed.is_none()),
    ] {
        if missing {
            report.add(
                Diagnostic::error(
                    Code::Missing,
                    found.keyword,
                    format!("`session` has no `{what}`"),
                )
                .help(format!("add `{example}")),
            );
        }
    }
    let access = access.and_then(|name| issued(name, names, credentials, caller, report));
    let refreshed = refreshed.and_then(|found| refresh(found, settings, report));
    let cookie = cookie.map(|(name, path)| self::cookie(name, path, report));
    let ((access, subject), (refresh, rotation, at_most)) = access.zip(refreshed)?;
    Some(Session { span: found.keyword, access, subject, refresh, rotation, at_most, cookie })
}

/// The credential that a session issues is one that the policy can also make, and take back: by index,
/// with the attribute that says whose a session is.
fn issued(
    name: &ast::Name,
    names: &Names<'_>,
    credentials: &[Credential],
    caller: &[CallerAttribute],
    report: &mut Report,
) -> Option<(usize, usize)> {
    let known = names.credentials.iter().map(|found| found.name.node.as_str());
    let index = resolve("credential", name, known, report)?;
    let found = names.credentials.get(index)?;
    if found.kind.node != CredentialKind::Jwt {
        report.add(
            Diagnostic::error(
                Code::Conflict,
                name.span,
                format!("a session issues no `{}`, which is opaque", name.node),
            )
            .and(found.kind.span, "opaque by this")
            .help("name a `jwt` credential"),
        );
        return None;
    }
    let planned = credentials.get(index)?;
    if planned.jwt().is_some_and(|jwt| jwt.revocable.is_none()) {
        report.add(
            Diagnostic::error(
                Code::Conflict,
                name.span,
                format!("a session could not take back a token of `{}`", name.node),
            )
            .label("whoever signs out, or is robbed, would stay signed in")
            .and(planned.span, "not `revocable`")
            .help(format!("add `revocable` to `{}`", name.node)),
        );
    }
    let subject = planned.claims.iter().find(|claim| claim.path == ["sub"] && !claim.optional);
    let subject = subject.map(|claim| claim.attribute).filter(|slot| {
        caller.get(*slot).is_some_and(|found| found.kind == ClaimType::Plain(Type::String))
    });
    if subject.is_none() {
        report.add(
            Diagnostic::error(
                Code::Missing,
                name.span,
                format!("a token of `{}` does not say whose session it is of", name.node),
            )
            .and(planned.span, "no attribute of type `string` is from \"sub\"")
            .help("add `id: string from \"sub\"` to its `caller`"),
        );
    }
    Some((index, subject?))
}

/// Nanoseconds.
fn nanos(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000_000)
}

/// How long a refresh token is good, how it rotates, and how long a session lasts.
fn refresh(
    found: &Refresh,
    settings: &Settings,
    report: &mut Report,
) -> Option<(i64, Option<Rotation>, Option<i64>)> {
    let lifetime = settings.duration(&found.lifetime, report);
    let grace = found.grace.as_ref().and_then(|value| settings.duration(value, report));
    let at_most = found.at_most.as_ref().and_then(|value| settings.duration(value, report));
    if let (Some(grace), None) = (&found.grace, found.rotating) {
        report.add(
            Diagnostic::error(Code::Conflict, grace.span, "a token that stays needs no `grace`")
                .help("write `rotating` before `grace`, or take `grace` away"),
        );
    }
    let lifetime = lifetime?;
    if let Some(grace) = grace.as_ref().filter(|grace| grace.node >= lifetime.node) {
        report.add(
            Diagnostic::error(
                Code::BadValue,
                grace.span,
                "the grace is not shorter than the token's life",
            )
            .label("a stolen token would be good for as long")
            .and(lifetime.span, "the token's life")
            .help("a few seconds let two tabs and a lost answer pass: `grace 10s`"),
        );
    }
    if let Some(at_most) = at_most.as_ref().filter(|at_most| at_most.node < lifetime.node) {
        report.add(
            Diagnostic::error(
                Code::BadValue,
                at_most.span,
                "the session ends before its first token does",
            )
            .and(lifetime.span, "the token's life")
            .help("raise `at most`, or shorten the token's life"),
        );
    }
    let grace = grace.map_or(0, |grace| nanos(grace.node));
    let rotation = found.rotating.map(|_| Rotation { grace });
    Some((nanos(lifetime.node), rotation, at_most.map(|at_most| nanos(at_most.node))))
}

fn cookie(name: &Spanned<String>, path: Option<&Pattern>, report: &mut Report) -> SessionCookie {
    if !is_token(&name.node) {
        report.add(
            Diagnostic::error(
                Code::BadValue,
                name.span,
                format!("`{}` is not the name of a cookie", name.node.escape_debug()),
            )
            .help("a name has letters, digits, `-` and `_`"),
        );
    }
    let literal = |segment: &Segment| matches!(segment, Segment::Literal(_));
    if let Some(path) = path.filter(|path| !path.segments.iter().all(literal)) {
        report.add(
            Diagnostic::error(Code::BadValue, path.span, "a cookie's path is plain")
                .help("write it without `{…}` and `*`: all below it is meant"),
        );
    }
    // RFC 6265bis, section 4.1.3.2: browsers drop such a cookie on any other path.
    if name.node.to_ascii_lowercase().starts_with("__host-")
        && let Some(path) = path.filter(|path| path.text != "/")
    {
        report.add(
            Diagnostic::error(Code::Conflict, path.span, "a `__Host-` cookie has the path `/`")
                .and(name.span, "named here")
                .help("take the path away, or call the cookie otherwise"),
        );
    }
    let path = path.map_or_else(|| "/".to_owned(), |path| path.text.clone());
    SessionCookie { name: name.node.clone(), path }
}
