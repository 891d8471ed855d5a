//! Whether a token is accepted (RFC 7519, with the advice of RFC 8725).

use portcullis_compiler::plan::{Claim, Jwt, Plan};

use super::jws::verify;
use super::{Keyring, claims, numeric_date, refresh};
use crate::caller::{Claims, Token};
use crate::json::{self, Json};
use crate::{Reason, Timestamp};

/// What the token says of the caller, and by what it can be taken back.
///
/// Nothing of the payload is parsed before a key has verified the signature. A token that was
/// good once is told apart from one that never was, and so only if nothing but its age speaks
/// against it.
pub(crate) fn accept(
    token: &str,
    (jwt, wanted): (&Jwt, &[Claim]),
    keys: &Keyring,
    plan: &Plan,
    now: Timestamp,
) -> Result<(Claims, Option<Token>), Reason> {
    let age = || -> Option<(Age, (Claims, Option<Token>))> {
        let payload = verify(token, &jwt.algorithms, jwt.token_type.as_deref(), keys)?;
        let payload = json::parse(&payload).ok()?;
        let age = check(&payload, jwt, now)?;
        let claims = claims::read(&payload, wanted, plan)?;
        let token = match jwt.revocable {
            Some(_) => Some(revocable(&payload, jwt)?),
            None => None,
        };
        Some((age, (claims, token)))
    };
    match age() {
        Some((Age::Current, known)) => Ok(known),
        Some((Age::Expired, _)) => Err(Reason::ExpiredCredential),
        None => Err(Reason::InvalidCredential),
    }
}

/// By what the token can be taken back: its own name, and its session's if it is of one. One that has no
/// name could not be, and is refused.
fn revocable(payload: &Json, jwt: &Jwt) -> Option<Token> {
    let Some(Json::Text(jti)) = payload.member("jti") else {
        return None;
    };
    let session = match payload.member("sid") {
        None => None,
        Some(Json::Text(sid)) => Some(refresh::session(sid)),
        Some(_) => return None,
    };
    let expires = numeric_date::read(payload.member("exp")?)?;
    let until = expires.saturating_add(numeric_date::seconds(jwt.leeway));
    Some(Token {
        id: (!jti.is_empty()).then(|| refresh::token(&jwt.issuer, jti))?,
        session,
        until: Timestamp::from_nanos(i64::try_from(until).unwrap_or(i64::MAX)),
    })
}

enum Age {
    Current,
    Expired,
}

/// The registered claims; `None` where one of them speaks against the token, its age apart.
fn check(payload: &Json, jwt: &Jwt, now: Timestamp) -> Option<Age> {
    let Some(Json::Text(issuer)) = payload.member("iss") else {
        return None;
    };
    if *issuer != jwt.issuer || !is_for(payload.member("aud")?, &jwt.audience) {
        return None;
    }

    let expires = numeric_date::read(payload.member("exp")?)?;
    let issued = numeric_date::read(payload.member("iat")?)?;
    let not_before = match payload.member("nbf") {
        Some(value) => Some(numeric_date::read(value)?),
        None => None,
    };

    let now = i128::from(now.as_nanos());
    let leeway = numeric_date::seconds(jwt.leeway);
    let latest = now.saturating_add(leeway);
    if expires.saturating_sub(issued) > numeric_date::seconds(jwt.lifetime)
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
