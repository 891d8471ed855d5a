//! Who calls: from the `Authorization` header to the caller's attributes.

mod claims;
mod jwk;
mod jws;
mod jwt;
mod key_source;
mod keyring;
mod keys;
mod numeric_date;
#[cfg(test)]
mod test_keys;
#[cfg(test)]
mod tests;
mod unknown_kids;

pub(crate) use jws::verify;
pub(crate) use jwt::accept;
pub use key_source::KeySource;
pub(crate) use keyring::Keyring;
pub use keys::{Key, KeyError};

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
