//! Where the clauses of a declaration stand, for what is judged by its value in the plan.

use portcullis_compiler::Compilation;
use portcullis_syntax::Span;
use portcullis_syntax::ast::{
    BudgetClause, CredentialClause, Item, OutboundClause, Session, SessionClause,
};

/// The declarations of all files.
pub(crate) fn items(compilation: &Compilation) -> impl Iterator<Item = &Item> + Clone {
    compilation.files.iter().flat_map(|file| &file.items)
}

/// A clause of the credential of this name.
pub(crate) fn in_credential<T>(
    compilation: &Compilation,
    name: &str,
    pick: impl Fn(&CredentialClause) -> Option<T>,
) -> Option<T> {
    let mut clauses = items(compilation).flat_map(|item| match item {
        Item::Credential(found) if found.name.node == name => found.clauses.as_slice(),
        _ => &[],
    });
    clauses.find_map(pick)
}

/// A clause of the budget of this name.
pub(crate) fn in_budget<T>(
    compilation: &Compilation,
    name: &str,
    pick: impl Fn(&BudgetClause) -> Option<T>,
) -> Option<T> {
    let mut clauses = items(compilation).flat_map(|item| match item {
        Item::Budget(found) if found.name.node == name => found.clauses.as_slice(),
        _ => &[],
    });
    clauses.find_map(pick)
}

/// A clause of the outbound of this name.
pub(crate) fn in_outbound<T>(
    compilation: &Compilation,
    name: &str,
    pick: impl Fn(&OutboundClause) -> Option<T>,
) -> Option<T> {
    let mut clauses = items(compilation).flat_map(|item| match item {
        Item::Outbound(found) if found.name.node == name => found.clauses.as_slice(),
        _ => &[],
    });
    clauses.find_map(pick)
}

/// The session.
pub(crate) fn session(compilation: &Compilation) -> Option<&Session> {
    items(compilation).find_map(|item| match item {
        Item::Session(found) => Some(found),
        _ => None,
    })
}

/// Where the `refresh` of the session stands.
pub(crate) fn refresh(compilation: &Compilation) -> Option<Span> {
    session(compilation)?.clauses.iter().find_map(|clause| match clause {
        SessionClause::Refresh(refresh) => Some(refresh.span),
        _ => None,
    })
}
