//! The signature layer of a token: compact JWS (RFC 7515), strictly.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_compiler::plan::SignatureAlgorithm;

use super::{Keyring, TokenCheck};
use crate::json::{self, Json};

/// Longer tokens are refused before anything is decoded.
const MAX_LENGTH: usize = 8192;

/// The payload of a token, if one of the keys signed it as one of the algorithms; else the first check that
/// it fails.
pub(crate) fn verify(
    token: &str,
    algorithms: &[SignatureAlgorithm],
    token_type: Option<&str>,
    keys: &Keyring,
) -> Result<Vec<u8>, TokenCheck> {
    let by_keys = |chosen: Chosen<'_>, signed: &[u8], signature: &Vec<u8>| {
        keys.verifies(chosen, signed, signature)
    };
    read(token, algorithms, token_type, by_keys)
}

/// What a header chooses: an algorithm, and a key by its name.
pub(super) type Chosen<'a> = (SignatureAlgorithm, Option<&'a str>);

/// [`verify`], by whatever says whether a signature is good.
pub(super) fn read(
    token: &str,
    algorithms: &[SignatureAlgorithm],
    token_type: Option<&str>,
    is_signed: impl FnOnce(Chosen<'_>, &[u8], &Vec<u8>) -> bool,
) -> Result<Vec<u8>, TokenCheck> {
    if token.len() > MAX_LENGTH {
        return Err(TokenCheck::Length);
    }
    let parts = || {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        // The alphabet has no dot: a fourth part is refused here too.
        Some((signed, decode(header)?, decode(payload)?, decode(signature)?))
    };
    let (signed, header, payload, signature) = parts().ok_or(TokenCheck::Form)?;
    let header = json::parse(&header).map_err(|_| TokenCheck::Header)?;
    let chosen = check_header(&header, algorithms, token_type)?;
    match is_signed(chosen, signed.as_bytes(), &signature) {
        true => Ok(payload),
        false => Err(TokenCheck::Signature),
    }
}

/// No padding, no white space, no bits left over: so that a token has one spelling.
fn decode(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

/// What a header may choose: an algorithm among those of the policy, and one of the keys at hand.
/// Keys that it brings along or points to (`jwk`, `jku`, `x5c`, `x5u`) are never looked at.
fn check_header<'a>(
    header: &'a Json,
    algorithms: &[SignatureAlgorithm],
    token_type: Option<&str>,
) -> Result<Chosen<'a>, TokenCheck> {
    // `crit` names extensions that must be understood (RFC 7515, 4.1.11) and none is; `b64`
    // changes what is signed (RFC 7797).
    if header.member("crit").is_some() || header.member("b64").is_some() {
        return Err(TokenCheck::Extensions);
    }
    let Some(Json::Text(name)) = header.member("alg") else {
        return Err(TokenCheck::Algorithm);
    };
    let named = SignatureAlgorithm::ALL.iter().find(|(known, _)| known == name);
    let pinned = named.map(|(_, algorithm)| *algorithm).filter(|found| algorithms.contains(found));
    let algorithm = pinned.ok_or(TokenCheck::Algorithm)?;
    if let Some(expected) = token_type {
        let Some(Json::Text(found)) = header.member("typ") else {
            return Err(TokenCheck::Type);
        };
        if !subtype(found).eq_ignore_ascii_case(subtype(expected)) {
            return Err(TokenCheck::Type);
        }
    }
    match header.member("kid") {
        None => Ok((algorithm, None)),
        Some(Json::Text(kid)) => Ok((algorithm, Some(kid))),
        Some(_) => Err(TokenCheck::KeyName),
    }
}

/// A `typ` may leave `application/` out (RFC 7515, 4.1.9).
fn subtype(media_type: &str) -> &str {
    const PREFIX: &str = "application/";
    match media_type.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        _ => media_type,
    }
}
