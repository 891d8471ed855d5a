//! Whether a token is accepted (RFC 7519, with the advice of RFC 8725).

use portcullis_compiler::plan::{Claim, Jwt, Plan};

use super::jws::{self, verify};
use super::{Keyring, TokenCheck, claims, numeric_date, refresh};
use crate::caller::{Claims, Token};
use crate::json::{self, Json};
use crate::{Reason, Timestamp, random};

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
    let payload = verify(token, &jwt.algorithms, jwt.token_type.as_deref(), keys);
    payload.and_then(|payload| check(&payload, (jwt, wanted), plan, now)).map_err(|failed| {
        match failed {
            TokenCheck::Expired => Reason::ExpiredCredential,
            _ => Reason::InvalidCredential,
        }
    })
}

/// The first check that a token fails, for tools. Where no keys are at hand its signature is not one.
pub(crate) fn inspect(
    token: &str,
    (jwt, wanted): (&Jwt, &[Claim]),
    keys: Option<&Keyring>,
    plan: &Plan,
    now: Timestamp,
) -> Result<(), TokenCheck> {
    let is_signed = |chosen: jws::Chosen<'_>, signed: &[u8], signature: &Vec<u8>| {
        keys.is_none_or(|keys| keys.verifies(chosen, signed, signature))
    };
    let payload = jws::read(token, &jwt.algorithms, jwt.token_type.as_deref(), is_signed)?;
    check(&payload, (jwt, wanted), plan, now).map(|_| ())
}

/// What a payload says, whose signature is good. Its age is asked about last: what was good once is told
/// apart from what never was.
fn check(
    payload: &[u8],
    (jwt, wanted): (&Jwt, &[Claim]),
    plan: &Plan,
    now: Timestamp,
) -> Result<(Claims, Option<Token>), TokenCheck> {
    let payload = json::parse(payload).map_err(|_| TokenCheck::Payload)?;
    let age = registered(&payload, jwt, now)?;
    let claims = claims::read(&payload, wanted, plan).ok_or(TokenCheck::Claims)?;
    let token = match jwt.revocable {
        Some(_) => Some(revocable(&payload, jwt).ok_or(TokenCheck::Name)?),
        None => None,
    };
    match age {
        Age::Current => Ok((claims, token)),
        Age::Expired => Err(TokenCheck::Expired),
    }
}

/// The claims that every token of a credential has (RFC 7519, 4.1), for one that is issued now, with a random
/// `jti`. Nothing, where there is no chance to be had.
pub(crate) fn issued(
    jwt: &Jwt,
    lifetime: i64,
    now: Timestamp,
) -> Option<[(&'static str, serde_json::Value); 5]> {
    const SECOND: i64 = 1_000_000_000;
    let issued = now.as_nanos().div_euclid(SECOND);
    let jti = u128::from_be_bytes(random::bytes()?);
    Some([
        ("iss", jwt.issuer.as_str().into()),
        ("aud", jwt.audience.as_str().into()),
        ("iat", issued.into()),
        ("exp", issued.saturating_add(lifetime).into()),
        ("jti", format!("{jti:032x}").into()),
    ])
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

/// The registered claims (RFC 7519, 4.1), the token's age apart.
fn registered(payload: &Json, jwt: &Jwt, now: Timestamp) -> Result<Age, TokenCheck> {
    match payload.member("iss") {
        Some(Json::Text(issuer)) if *issuer == jwt.issuer => {}
        _ => return Err(TokenCheck::Issuer),
    }
    if !payload.member("aud").is_some_and(|audience| is_for(audience, &jwt.audience)) {
        return Err(TokenCheck::Audience);
    }

    let time = |name: &str| {
        payload.member(name).map(|value| numeric_date::read(value).ok_or(TokenCheck::Times))
    };
    let expires = time("exp").ok_or(TokenCheck::Times)??;
    let issued = time("iat").ok_or(TokenCheck::Times)??;
    let not_before = time("nbf").transpose()?;

    let now = i128::from(now.as_nanos());
    let leeway = numeric_date::seconds(jwt.leeway);
    let latest = now.saturating_add(leeway);
    if expires.saturating_sub(issued) > numeric_date::seconds(jwt.lifetime) {
        return Err(TokenCheck::Lifetime);
    }
    if issued > latest {
        return Err(TokenCheck::IssuedAt);
    }
    if not_before.is_some_and(|from| from > latest) {
        return Err(TokenCheck::NotBefore);
    }
    let expired = expires <= now.saturating_sub(leeway);
    Ok(if expired { Age::Expired } else { Age::Current })
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
