//! The caller stage: who calls, with which roles and permissions, and what is said of them alone.

use portcullis::Reason;
use portcullis_syntax::ast::{Claim, Role, TypeKind};
use portcullis_test::{Exchange, Fact, Given};

use super::condition::{self, Stage};
use super::policy::{Access, Policy, Route};
use super::scope::Scope;
use super::transport::header;
use super::{Refused, least, token};

/// The caller; none where the route is `public`.
pub(super) fn identify(
    policy: &Policy,
    route: &Route,
    exchange: &Exchange,
) -> Result<Option<Given>, Reason> {
    if route.access == Access::Public {
        return Ok(None);
    }
    if let Some(given) = &exchange.caller {
        let accepted = route.accept.contains(&given.credential);
        return if accepted { Ok(Some(given.clone())) } else { Err(Reason::InvalidCredential) };
    }
    let Some(value) = header(exchange, "Authorization").first().copied() else {
        return match route.access {
            Access::Credential => Err(Reason::MissingCredential),
            _ => Ok(None),
        };
    };
    let (scheme, token) = value.split_once(' ').ok_or(Reason::InvalidCredential)?;
    if !scheme.eq_ignore_ascii_case("Bearer") || !is_b64token(token) {
        return Err(Reason::InvalidCredential);
    }
    // Of several credentials the first that takes the token gives the caller; where none does, a
    // token that has expired for one of them is said to have expired.
    let mut refused = Reason::InvalidCredential;
    for name in &route.accept {
        match token::verify(policy, policy.credential(name), token, exchange.now) {
            Ok(attributes) => return Ok(Some(Given { credential: name.clone(), attributes })),
            Err(Reason::ExpiredCredential) => refused = Reason::ExpiredCredential,
            Err(_) => {}
        }
    }
    Err(refused)
}

pub(super) fn decide(policy: &Policy, route: &Route, scope: &Scope<'_>) -> Result<(), Refused> {
    let mut reasons = condition::reasons(policy, route, Stage::Caller, scope);
    reasons.extend(lacking(policy, route, scope.caller.as_ref()));
    least(reasons)
}

/// What a caller lacks to come at all.
fn lacking(policy: &Policy, route: &Route, caller: Option<&Given>) -> Option<Reason> {
    let mut needs = route.needs.iter();
    let has_all = needs.all(|any| any.iter().any(|name| may(policy, caller, name)));
    let scoped = caller.is_some_and(|caller| scopes(policy, caller).is_some());
    (!has_all || (scoped && !route.takes_scopes())).then_some(Reason::MissingPermission)
}

/// The roles that a caller is: those of the credential and all that they inherit. Who has no
/// credential is `anonymous`; who has one that names no role is none.
pub(super) fn roles(policy: &Policy, caller: Option<&Given>) -> Vec<String> {
    let Some(caller) = caller else {
        return inherited(policy, "anonymous");
    };
    let mut names = Vec::new();
    for (claim, fact) in given(policy, caller) {
        match (special(&claim.kind.node), fact) {
            (Some("role"), Fact::Text(name)) => names.push(name.clone()),
            (Some("roles"), Fact::List(list)) => names.extend(list.iter().filter_map(text)),
            _ => {}
        }
    }
    names.retain(|name| name != "anonymous" && role(policy, name).is_some());
    names.iter().flat_map(|name| inherited(policy, name)).collect()
}

/// Whether a caller has a permission: by its roles and its own permissions, as far as its scopes let
/// it, or because everybody has it.
pub(super) fn may(policy: &Policy, caller: Option<&Given>, permission: &str) -> bool {
    let granted = |roles: Vec<String>| {
        let held = roles.into_iter().filter_map(|name| role(policy, &name));
        held.flat_map(|role| &role.grants).any(|grant| covers(&grant.node, permission))
    };
    if granted(inherited(policy, "anonymous")) {
        return true;
    }
    let Some(caller) = caller else {
        return false;
    };
    let own = given(policy, caller).into_iter().any(|(claim, fact)| {
        special(&claim.kind.node) == Some("permissions")
            && matches!(fact, Fact::List(list) if list.iter().filter_map(text).any(|name| name == permission))
    });
    let let_through = match scopes(policy, caller) {
        None => true,
        Some(scopes) => scopes.iter().any(|scope| {
            let declared = policy.scopes.iter().find(|declared| declared.name.node == *scope);
            match declared {
                Some(declared) => declared.permissions.iter().any(|name| name.node == permission),
                None => scope == permission,
            }
        }),
    };
    (own || granted(roles(policy, Some(caller)))) && let_through
}

/// The scopes of a caller whose credential has them.
fn scopes(policy: &Policy, caller: &Given) -> Option<Vec<String>> {
    given(policy, caller).into_iter().find_map(|(claim, fact)| {
        match (special(&claim.kind.node), fact) {
            (Some("scopes"), Fact::List(list)) => Some(list.iter().filter_map(text).collect()),
            _ => None,
        }
    })
}

/// Segment by segment, `*` for any one.
fn covers(grant: &str, permission: &str) -> bool {
    let (grant, permission): (Vec<&str>, Vec<&str>) =
        (grant.split(':').collect(), permission.split(':').collect());
    grant.len() == permission.len()
        && grant.iter().zip(&permission).all(|(wanted, found)| *wanted == "*" || wanted == found)
}

/// The attributes of a caller that are there, with what the credential says of each.
fn given<'a>(policy: &'a Policy, caller: &'a Given) -> Vec<(&'a Claim, &'a Fact)> {
    let claims = policy.claims(&caller.credential).iter();
    claims
        .filter_map(|claim| Some((claim, caller.attributes.fact(&claim.name.node)?)))
        .filter(|(_, fact)| **fact != Fact::Absent)
        .collect()
}

/// `role`, `roles`, `permissions` or `scopes`: what no condition reads.
pub(super) fn special(kind: &TypeKind) -> Option<&'static str> {
    match kind {
        TypeKind::Named(name) => match name.as_str() {
            "role" => Some("role"),
            "permissions" => Some("permissions"),
            "scopes" => Some("scopes"),
            _ => None,
        },
        TypeKind::List(inner) => special(&inner.node).map(|_| "roles"),
        TypeKind::Optional(inner) => special(&inner.node),
    }
}

fn text(fact: &Fact) -> Option<String> {
    match fact {
        Fact::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn role<'a>(policy: &'a Policy, name: &str) -> Option<&'a Role> {
    policy.roles.iter().find(|role| role.name.node == name)
}

/// A role and, after it, all that it inherits. `anonymous` is a role even where none declares it.
fn inherited(policy: &Policy, name: &str) -> Vec<String> {
    let mut names = vec![name.to_owned()];
    let above = role(policy, name).into_iter().flat_map(|role| &role.inherits);
    names.extend(above.flat_map(|name| inherited(policy, &name.node)));
    names
}

/// RFC 6750, 2.1.
fn is_b64token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c);
    !body.is_empty() && body.chars().all(fits)
}
