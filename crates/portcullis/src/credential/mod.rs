//! Who calls: from the `Authorization` header to the caller's attributes.

mod check;
mod claims;
pub(crate) mod cookie;
mod jwk;
mod jws;
mod jwt;
mod key_source;
mod keyring;
mod keys;
mod numeric_date;
pub(crate) mod opaque;
pub(crate) mod refresh;
mod signing_key;
#[cfg(test)]
mod test_keys;
#[cfg(test)]
mod tests;
mod unknown_kids;

pub use check::TokenCheck;
pub(crate) use claims::read as read_claims;
#[cfg(test)]
pub(crate) use jws::verify;
pub(crate) use jwt::{accept, inspect, issued};
pub use key_source::KeySource;
pub(crate) use keyring::Keyring;
pub use keys::{Key, KeyError};
pub use signing_key::SigningKey;

use crate::Reason;

/// The token of an `Authorization` header that carries one (RFC 6750, 2.1).
pub(crate) fn bearer(authorization: &str) -> Result<&str, Reason> {
    const SCHEME: &str = "Bearer";
    match authorization.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(SCHEME) && is_b64token(token) => {
            Ok(token)
        }
        _ => Err(Reason::InvalidCredential),
    }
}

/// `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`
fn is_b64token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty()
        && body.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
        })
}
