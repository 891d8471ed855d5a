//! The caller stage: who calls, with which roles and permissions, and what is said of them alone.

use portcullis::Reason;
use portcullis_syntax::ast::{Claim, Role, TypeKind};
use portcullis_test::{Exchange, Fact, Given};

use crate::condition::{self, Stage};
use crate::policy::Policy;
use crate::route::{Access, Route};
use crate::scope::Scope;
use crate::trace::{Clause, Outcome};
use crate::transport::header;
use crate::{Refused, least, opaque, token};

/// The caller; none where the route is `public`. What the store has to say of a credential is asked once
/// all is well with it otherwise.
pub(crate) fn identify(
    policy: &Policy,
    route: &Route,
    exchange: &Exchange,
) -> Result<Option<Given>, Reason> {
    let caller = look_up(policy, route, exchange);
    let outcome = match &caller {
        Ok(Some(_)) => Outcome::Held,
        Ok(None) => Outcome::Absent,
        Err(_) => Outcome::NotHeld,
    };
    // The refresh token's own clause, where that is what is not good.
    let of_session = caller.is_err() && session(policy, route, exchange) != Ok(false);
    let span = if of_session { route.session_span } else { route.access_span.or(route.span) };
    policy.recorder.decided(Clause::Credential, span, outcome, caller.as_ref().err().copied());
    caller
}

fn look_up(policy: &Policy, route: &Route, exchange: &Exchange) -> Result<Option<Given>, Reason> {
    let (presented, (given, standing)) =
        match (session(policy, route, exchange), credential(policy, route, exchange)) {
            (Ok(presented), Ok(caller)) => (presented, caller),
            (Err(one), Err(other)) => return Err(one.min(other)),
            (Err(reason), _) | (_, Err(reason)) => return Err(reason),
        };
    if (presented || standing != Standing::Unasked) && !exchange.store {
        return Err(Reason::StoreUnavailable);
    }
    match standing {
        // Nobody has begun a session here: a refresh token of the right form is of none.
        _ if presented => Err(Reason::InvalidCredential),
        Standing::Refused(reason) => Err(reason),
        Standing::Good | Standing::Unasked => Ok(given),
    }
}

/// What the store says of a credential.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// There is nothing to ask.
    Unasked,
    Good,
    Refused(Reason),
}

/// Whether a refresh token came that the store is asked about.
fn session(policy: &Policy, route: &Route, exchange: &Exchange) -> Result<bool, Reason> {
    if route.session.as_deref() != Some("renews") || exchange.caller.is_some() {
        return Ok(false);
    }
    let text = match policy.session_cookie() {
        None => match header(exchange, "Authorization").first() {
            Some(value) => bearer(value)?.to_owned(),
            None => return Err(Reason::MissingCredential),
        },
        Some(name) => {
            let lines = header(exchange, "Cookie");
            let pairs = lines.iter().flat_map(|line| line.split(';'));
            let pairs = pairs.filter_map(|pair| pair.trim_matches([' ', '\t']).split_once('='));
            let values: Vec<&str> =
                pairs.filter(|(known, _)| *known == name).map(|(_, value)| value).collect();
            match values[..] {
                [] => return Err(Reason::MissingCredential),
                [one] => one.to_owned(),
                _ => return Err(Reason::InvalidCredential),
            }
        }
    };
    // 48 bytes in base64url are 64 characters, and none is left over.
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match text.len() == 64 && text.chars().all(fits) {
        true => Ok(true),
        false => Err(Reason::InvalidCredential),
    }
}

fn credential(
    policy: &Policy,
    route: &Route,
    exchange: &Exchange,
) -> Result<(Option<Given>, Standing), Reason> {
    if route.access == Access::Public {
        return Ok((None, Standing::Unasked));
    }
    if let Some(given) = &exchange.caller {
        let accepted = route.accept.contains(&given.credential);
        let given = Some(given.clone());
        return if accepted {
            Ok((given, Standing::Unasked))
        } else {
            Err(Reason::InvalidCredential)
        };
    }
    let Some(value) = header(exchange, "Authorization").first().copied() else {
        return match route.access {
            Access::Credential => Err(Reason::MissingCredential),
            _ => Ok((None, Standing::Unasked)),
        };
    };
    let token = bearer(value)?;
    // Of several credentials the first that takes the token gives the caller; where none does, a
    // token that has expired for one of them is said to have expired.
    let mut refused = Reason::InvalidCredential;
    for name in &route.accept {
        if let Some(prefix) = policy.prefix(name) {
            if !opaque::is_one(token, prefix) {
                continue;
            }
            let known = exchange.opaque.iter().find(|kept| kept.text == token);
            return Ok(match known.filter(|kept| kept.given.credential == *name) {
                None => (None, Standing::Refused(Reason::InvalidCredential)),
                Some(kept) if kept.expires_at.is_some_and(|at| at <= exchange.now) => {
                    (None, Standing::Refused(Reason::ExpiredCredential))
                }
                Some(kept) => (Some(kept.given.clone()), Standing::Good),
            });
        }
        match token::verify(policy, policy.credential(name), token, exchange.now) {
            Ok((attributes, jti)) => {
                let given = Some(Given { credential: name.clone(), attributes });
                let standing = match jti {
                    None => Standing::Unasked,
                    Some(jti) if exchange.revoked.contains(&(name.clone(), jti.clone())) => {
                        Standing::Refused(Reason::RevokedCredential)
                    }
                    Some(_) => Standing::Good,
                };
                return Ok((given, standing));
            }
            Err(Reason::ExpiredCredential) => refused = Reason::ExpiredCredential,
            Err(_) => {}
        }
    }
    Err(refused)
}

fn bearer(value: &str) -> Result<&str, Reason> {
    let (scheme, token) = value.split_once(' ').ok_or(Reason::InvalidCredential)?;
    if !scheme.eq_ignore_ascii_case("Bearer") || !is_b64token(token) {
        return Err(Reason::InvalidCredential);
    }
    Ok(token)
}

pub(crate) fn decide(policy: &Policy, route: &Route, scope: &Scope<'_>) -> Result<(), Refused> {
    let mut reasons = condition::reasons(policy, route, Stage::Caller, scope);
    reasons.extend(lacking(policy, route, scope.caller.as_ref()));
    least(reasons)
}

/// What a caller lacks to come at all.
fn lacking(policy: &Policy, route: &Route, caller: Option<&Given>) -> Option<Reason> {
    let record = &policy.recorder;
    let mut lacking = None;
    // Each is asked, so that all that is missing is on record.
    for need in &route.needs {
        let mut has = false;
        for name in &need.any {
            let mark = record.mark();
            let may = may(policy, caller, &name.node);
            record.branch(mark, name.span, Ok(may));
            has |= may;
        }
        let against = (!has).then_some(Reason::MissingPermission);
        record.decided(Clause::Needs, need.span, Outcome::of(has), against);
        lacking = lacking.or(against);
    }
    let scoped = caller.is_some_and(|caller| scopes(policy, caller).is_some());
    if scoped && !route.takes_scopes() {
        let against = Some(Reason::MissingPermission);
        record.decided(Clause::Scopes, route.span, Outcome::NotHeld, against);
        lacking = against;
    }
    lacking
}

/// The roles that a caller is: those of the credential and all that they inherit. Who has no
/// credential is `anonymous`; who has one that names no role is none.
pub(crate) fn roles(policy: &Policy, caller: Option<&Given>) -> Vec<String> {
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
pub(crate) fn may(policy: &Policy, caller: Option<&Given>, permission: &str) -> bool {
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
pub(crate) fn special(kind: &TypeKind) -> Option<&'static str> {
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
