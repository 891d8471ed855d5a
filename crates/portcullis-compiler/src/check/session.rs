//! `session`: checked whole, and refused until it is enforced.

use portcullis_syntax::ast::{self, CredentialKind, Pattern, Refresh, Segment, SessionClause};
use portcullis_syntax::{Code, Diagnostic, Spanned};

use super::Report;
use super::headers::is_token;
use super::names::{Names, resolve};
use super::settings::Settings;

pub(super) fn check(names: &Names<'_>, settings: &Settings, report: &mut Report) {
    let all = names.sessions.iter().map(|found| (*found, found.keyword));
    let Some(found) = report.once("session", all) else {
        return;
    };
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
    access.into_iter().for_each(|name| issued(name, names, report));
    refreshed.into_iter().for_each(|found| refresh(found, settings, report));
    cookie.into_iter().for_each(|(name, path)| self::cookie(name, path, report));
    report.unsupported("session", found.keyword);
}

/// The credential that a session issues is one that the policy can also make.
fn issued(name: &ast::Name, names: &Names<'_>, report: &mut Report) {
    let known = names.credentials.iter().map(|found| found.name.node.as_str());
    let found = resolve("credential", name, known, report);
    let Some(found) = found.and_then(|index| names.credentials.get(index)) else {
        return;
    };
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
    }
}

fn refresh(found: &Refresh, settings: &Settings, report: &mut Report) {
    let lifetime = settings.duration(&found.lifetime, report);
    let grace = found.grace.as_ref().and_then(|value| settings.duration(value, report));
    let at_most = found.at_most.as_ref().and_then(|value| settings.duration(value, report));
    if let (Some(grace), None) = (&found.grace, found.rotating) {
        report.add(
            Diagnostic::error(Code::Conflict, grace.span, "a token that stays needs no `grace`")
                .help("write `rotating` before `grace`, or take `grace` away"),
        );
    }
    let Some(lifetime) = lifetime else {
        return;
    };
    if let Some(grace) = grace.filter(|grace| grace.node >= lifetime.node) {
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
    if let Some(at_most) = at_most.filter(|at_most| at_most.node < lifetime.node) {
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
}

fn cookie(name: &Spanned<String>, path: Option<&Pattern>, report: &mut Report) {
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
}
