//! The signature layer of a token: compact JWS (RFC 7515), strictly.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_compiler::plan::SignatureAlgorithm;

use super::Keyring;
use crate::json::{self, Json};

/// Longer tokens are refused before anything is decoded.
const MAX_LENGTH: usize = 8192;

/// The payload of a token, if one of the keys signed it as one of the algorithms.
pub(crate) fn verify(
    token: &str,
    algorithms: &[SignatureAlgorithm],
    token_type: Option<&str>,
    keys: &Keyring,
) -> Option<Vec<u8>> {
    if token.len() > MAX_LENGTH {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    // The alphabet has no dot: a fourth part is refused here too.
    let [header, payload, signature] = [decode(header)?, decode(payload)?, decode(signature)?];

    let header = json::parse(&header).ok()?;
    let chosen = check_header(&header, algorithms, token_type)?;
    keys.verifies(chosen, signed.as_bytes(), &signature).then_some(payload)
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
) -> Option<(SignatureAlgorithm, Option<&'a str>)> {
    // `crit` names extensions that must be understood (RFC 7515, 4.1.11) and none is; `b64`
    // changes what is signed (RFC 7797).
    if header.member("crit").is_some() || header.member("b64").is_some() {
        return None;
    }
    let Some(Json::Text(name)) = header.member("alg") else {
        return None;
    };
    let (_, algorithm) = SignatureAlgorithm::ALL.iter().find(|(known, _)| known == name)?;
    if !algorithms.contains(algorithm) {
        return None;
    }
    if let Some(expected) = token_type {
        let Some(Json::Text(found)) = header.member("typ") else {
            return None;
        };
        if !subtype(found).eq_ignore_ascii_case(subtype(expected)) {
            return None;
        }
    }
    let kid = match header.member("kid") {
        None => None,
        Some(Json::Text(kid)) => Some(kid.as_str()),
        Some(_) => return None,
    };
    Some((*algorithm, kid))
}

/// A `typ` may leave `application/` out (RFC 7515, 4.1.9).
fn subtype(media_type: &str) -> &str {
    const PREFIX: &str = "application/";
    match media_type.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        _ => media_type,
    }
}
