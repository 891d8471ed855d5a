//! Whether a token is accepted (RFC 7519, with the advice of RFC 8725).

use portcullis_compiler::plan::{Credential, Plan};

use super::{Keyring, claims, numeric_date, verify};
use crate::caller::Claims;
use crate::json::{self, Json};
use crate::{Reason, Timestamp};

/// What the token says of the caller.
///
/// Nothing of the payload is parsed before a key has verified the signature. A token that was
/// good once is told apart from one that never was, and so only if nothing but its age speaks
/// against it.
pub(crate) fn accept(
    token: &str,
    credential: &Credential,
    keys: &Keyring,
    plan: &Plan,
    now: Timestamp,
) -> Result<Claims, Reason> {
    let token_type = credential.token_type.as_deref();
    let age = || -> Option<(Age, Claims)> {
        let payload = verify(token, &credential.algorithms, token_type, keys)?;
        let payload = json::parse(&payload).ok()?;
        let age = check(&payload, credential, now)?;
        let claims = claims::read(&payload, &credential.claims, plan)?;
        Some((age, claims))
    };
    match age() {
        Some((Age::Current, claims)) => Ok(claims),
        Some((Age::Expired, _)) => Err(Reason::ExpiredCredential),
        None => Err(Reason::InvalidCredential),
    }
}

enum Age {
    Current,
    Expired,
}

/// The registered claims; `None` where one of them speaks against the token, its age apart.
fn check(payload: &Json, credential: &Credential, now: Timestamp) -> Option<Age> {
    let Some(Json::Text(issuer)) = payload.member("iss") else {
        return None;
    };
    if *issuer != credential.issuer || !is_for(payload.member("aud")?, &credential.audience) {
        return None;
    }

    let expires = numeric_date::read(payload.member("exp")?)?;
    let issued = numeric_date::read(payload.member("iat")?)?;
    let not_before = match payload.member("nbf") {
        Some(value) => Some(numeric_date::read(value)?),
        None => None,
    };

    let now = i128::from(now.as_nanos());
    let leeway = numeric_date::seconds(credential.leeway);
    let latest = now.saturating_add(leeway);
    if expires.saturating_sub(issued) > numeric_date::seconds(credential.lifetime)
        || issued > latest
        || not_before.is_some_and(|from| from > latest)
    {
        return None;
    }
    let expired = expires <= now.saturating_sub(leeway);
    Some(if expired { Age::Expired } else { Age::Current })
}

/// A list that holds anything but strings is refused, whatever else it holds.
fn is_for(audiences: &Json, audience: &str) -> bool {
    match audiences {
        Json::Text(only) => only == audience,
        Json::List(audiences) => {
            audiences.iter().all(|one| matches!(one, Json::Text(_)))
                && audiences.iter().any(|one| matches!(one, Json::Text(text) if text == audience))
        }
        _ => false,
    }
}
