//! Who may come to a route: `accept`, `public`, `signed_in`.

use portcullis_syntax::ast::{self, RouteClause};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::super::Report;
use super::super::expression::CallerPresence;
use super::super::names::resolve;
use super::super::types::Table;
use super::Clauses;
use super::inherited::Inherited;
use crate::plan::Access;

/// Who may come.
pub(super) struct Entry {
    pub(super) access: Access,
    /// The innermost `accept`.
    pub(super) accept: Option<Span>,
    signed_in: bool,
}

impl Entry {
    /// The credentials of the caller, where there may be one.
    pub(super) fn accepted(&self) -> Option<&[usize]> {
        match &self.access {
            Access::Public => None,
            access => Some(access.accepted()),
        }
    }

    pub(super) fn presence(&self) -> CallerPresence {
        match self.access {
            Access::Public => CallerPresence::Never,
            Access::Optional(_) => CallerPresence::Maybe,
            Access::Credential(_) => CallerPresence::Always,
        }
    }

    /// Whether `public` or `signed_in` stands.
    pub(super) fn is_stated(&self) -> bool {
        self.signed_in || !matches!(self.access, Access::Credential(_))
    }

    /// Whether these let a caller with scopes in.
    pub(super) fn takes_scopes(&self) -> bool {
        self.is_stated()
    }
}

pub(super) fn check(
    inherited: &Inherited<'_>,
    clauses: &Clauses<'_>,
    retired: bool,
    table: &Table<'_>,
    report: &mut Report,
) -> Entry {
    let public = clauses.all(|clause| match clause {
        RouteClause::Public { optional, span } => Some(((*optional, *span), *span)),
        _ => None,
    });
    let public = report.once("public", public);
    let signed_in = clauses.all(|clause| match clause {
        RouteClause::SignedIn(span) => Some((*span, *span)),
        _ => None,
    });
    let signed_in = report.once("signed_in", signed_in);
    if let (Some((_, public)), Some(signed_in)) = (public, signed_in) {
        report.add(
            Diagnostic::error(Code::Conflict, signed_in, "a `public` route asks nobody to sign in")
                .and(public, "public by this")
                .help("keep one of them"),
        );
    }
    let own = clauses.all(|clause| match clause {
        RouteClause::Accept(names, span) => Some(((names.as_slice(), *span), *span)),
        _ => None,
    });
    let own = report.once("accept", own);
    if let (Some((false, public)), Some((_, accept))) = (public, own) {
        report.add(
            Diagnostic::error(Code::Conflict, accept, "a `public` route ignores credentials")
                .label("this one is never asked for")
                .and(public, "public by this")
                .help("keep one of them, or write `public optional`"),
        );
    }
    let around = inherited.accepts.last().map(|(_, span)| *span);
    let accept = own.map(|(_, span)| span).or(around);
    let accepted = accepted(inherited, own.map(|(names, _)| names), clauses, table, report);
    if accepted.is_none() && !retired && !matches!(public, Some((false, _))) {
        report.add(
            Diagnostic::error(Code::NoAccess, clauses.head(), "no credential is accepted here")
                .help("state `accept [CREDENTIAL]` here or in a group around, or `public`"),
        );
    }
    let accepted = accepted.unwrap_or_default();
    let access = match public {
        Some((false, _)) => Access::Public,
        Some((true, _)) => Access::Optional(accepted),
        None => Access::Credential(accepted),
    };
    Entry { access, accept, signed_in: signed_in.is_some() }
}

/// The credentials of the innermost `accept`, which may only tighten those around it.
fn accepted(
    inherited: &Inherited<'_>,
    own: Option<&[ast::Name]>,
    clauses: &Clauses<'_>,
    table: &Table<'_>,
    report: &mut Report,
) -> Option<Vec<usize>> {
    let mut accepted: Option<Vec<usize>> = None;
    let mut place: Option<Span> = None;
    for names in inherited.accepts.iter().map(|(names, _)| *names).chain(own) {
        let mut inner = Vec::new();
        for name in names {
            let known = table.credentials.iter().map(|found| found.name.as_str());
            let Some(index) = resolve("credential", name, known, report) else {
                continue;
            };
            if accepted.as_ref().is_some_and(|outer| !outer.contains(&index)) {
                report.add(
                    Diagnostic::error(
                        Code::Conflict,
                        name.span,
                        format!("`{}` is not among what the group around accepts", name.node),
                    )
                    .help("a group can only be tightened; name it in the group's `accept` too"),
                );
            }
            if inner.contains(&index) {
                report.add(Diagnostic::error(
                    Code::Duplicate,
                    name.span,
                    format!("credential `{}` is accepted twice", name.node),
                ));
            } else {
                inner.push(index);
            }
            place = Some(place.unwrap_or(name.span));
        }
        accepted = Some(inner);
    }
    let found = accepted?;
    two_types(&found, place.unwrap_or_else(|| clauses.head()), table, report);
    Some(found)
}

/// Where several credentials are accepted, an attribute has one type in all of them.
fn two_types(accepted: &[usize], place: Span, table: &Table<'_>, report: &mut Report) {
    let mut seen: Vec<(&str, usize)> = Vec::new();
    let credentials = accepted.iter().filter_map(|index| table.credentials.get(*index));
    for claim in credentials.flat_map(|credential| &credential.claims) {
        let Some(attribute) = table.caller.get(claim.attribute) else {
            continue;
        };
        match seen.iter().find(|(name, _)| *name == attribute.name) {
            Some((_, slot)) if *slot != claim.attribute => report.add(
                Diagnostic::error(
                    Code::TypeMismatch,
                    place,
                    format!(
                        "`caller.{}` has two types in the credentials accepted here",
                        attribute.name
                    ),
                )
                .help("give it one type, or two names"),
            ),
            Some(_) => {}
            None => seen.push((&attribute.name, claim.attribute)),
        }
    }
}
