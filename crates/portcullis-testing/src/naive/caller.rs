//! The caller stage: who calls, with which roles and permissions, and what is said of them alone.

use portcullis::Reason;
use portcullis_syntax::ast::{Role, TypeKind};
use portcullis_test::{Exchange, Fact, Facts};

use super::condition::{self, Stage};
use super::policy::{Policy, Route};
use super::scope::Scope;
use super::transport::header;
use super::value::fact;
use super::{Refused, least, token};

/// The caller's attributes; none where the route is `public`.
pub(super) fn identify(
    policy: &Policy,
    route: &Route,
    exchange: &Exchange,
) -> Result<Option<Facts>, Reason> {
    if route.public {
        return Ok(None);
    }
    if exchange.caller.is_some() {
        return Ok(exchange.caller.clone());
    }
    let Some(value) = header(exchange, "Authorization").first().copied() else {
        return Err(Reason::MissingCredential);
    };
    let (scheme, token) = value.split_once(' ').ok_or(Reason::InvalidCredential)?;
    if !scheme.eq_ignore_ascii_case("Bearer") || !is_b64token(token) {
        return Err(Reason::InvalidCredential);
    }
    let credential = policy.credential(&route.accept[0]);
    token::verify(policy, credential, token, exchange.now).map(Some)
}

pub(super) fn decide(policy: &Policy, route: &Route, scope: &Scope<'_>) -> Result<(), Refused> {
    let mut reasons = condition::reasons(policy, route, Stage::Caller, scope);
    let held = permissions(policy, scope.caller.as_ref());
    if route.needs.iter().any(|needed| !held.contains(needed)) {
        reasons.push(Reason::MissingPermission);
    }
    least(reasons)
}

/// The roles that a caller is: that of the credential and all that it inherits. Who has no
/// credential is `anonymous`; who has one that names no role is none.
pub(super) fn roles(policy: &Policy, caller: Option<&Facts>) -> Vec<String> {
    let Some(facts) = caller else {
        return inherited(policy, "anonymous");
    };
    let mut clauses = policy
        .credentials
        .iter()
        .flat_map(|credential| &credential.clauses);
    let attribute = clauses.find_map(|clause| match clause {
        portcullis_syntax::ast::CredentialClause::Caller(claims, _) => {
            claims.iter().find(|claim| is_role(&claim.kind.node))
        }
        _ => None,
    });
    match attribute.map(|claim| fact(facts, &claim.name.node)) {
        Some(Fact::Text(name)) if name != "anonymous" && role(policy, name).is_some() => {
            inherited(policy, name)
        }
        _ => Vec::new(),
    }
}

/// What a caller may do: what their roles grant, and what is granted to everybody.
pub(super) fn permissions(policy: &Policy, caller: Option<&Facts>) -> Vec<String> {
    let names = roles(policy, caller)
        .into_iter()
        .chain(inherited(policy, "anonymous"));
    let held = names.filter_map(|name| role(policy, &name));
    held.flat_map(|role| role.grants.iter().map(|grant| grant.node.clone()))
        .collect()
}

pub(super) fn is_role(kind: &TypeKind) -> bool {
    match kind {
        TypeKind::Named(name) => name == "role",
        TypeKind::Optional(inner) => is_role(&inner.node),
        TypeKind::List(_) => false,
    }
}

fn role<'a>(policy: &'a Policy, name: &str) -> Option<&'a Role> {
    policy.roles.iter().find(|role| role.name.node == name)
}

/// A role and, after it, all that it inherits. `anonymous` is a role even where none declares it.
fn inherited(policy: &Policy, name: &str) -> Vec<String> {
    let mut names = vec![name.to_owned()];
    let above = role(policy, name)
        .into_iter()
        .flat_map(|role| &role.inherits);
    names.extend(above.flat_map(|name| inherited(policy, &name.node)));
    names
}

/// RFC 6750, 2.1.
fn is_b64token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c);
    !body.is_empty() && body.chars().all(fits)
}
