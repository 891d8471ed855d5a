//! Refresh tokens: random, and known to the store by their hashes alone.
//!
//! A token is a selector, which is the session's, and a secret, which is its own. What the session is
//! called in access tokens and in the store is made of the selector, and does not give it back: whoever
//! has seen the one cannot make up a token by which the session would be found.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::random;
use crate::store::{Digest, Sealed};

const SELECTOR: usize = 16;
const SECRET: usize = 32;

/// A refresh token.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    selector: [u8; SELECTOR],
    secret: [u8; SECRET],
}

impl RefreshToken {
    /// The first of a session. Nothing where the operating system has no chance to give.
    pub(crate) fn first() -> Option<RefreshToken> {
        Some(RefreshToken { selector: random::bytes()?, secret: random::bytes()? })
    }

    /// The one that follows.
    pub(crate) fn next(&self) -> Option<RefreshToken> {
        Some(RefreshToken { selector: self.selector, secret: random::bytes()? })
    }

    /// From its text, which has one spelling.
    pub(crate) fn read(text: &str) -> Option<RefreshToken> {
        let bytes: [u8; SELECTOR + SECRET] =
            URL_SAFE_NO_PAD.decode(text).ok()?.as_slice().try_into().ok()?;
        let (selector, secret) = bytes.split_first_chunk()?;
        Some(RefreshToken { selector: *selector, secret: secret.try_into().ok()? })
    }

    /// 64 letters, digits, `-` and `_`: none that a cookie or a header gives a meaning to.
    pub(crate) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode([&self.selector[..], &self.secret[..]].concat())
    }

    /// What the store calls it.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(&[b"refresh", &self.selector, &self.secret])
    }

    /// What access tokens call its session, in `sid`.
    pub(crate) fn sid(&self) -> String {
        let Digest(hash) = Digest::of(&[b"sid", &self.selector]);
        URL_SAFE_NO_PAD.encode(hash.first_chunk::<SELECTOR>().copied().unwrap_or_default())
    }

    /// A successor that only this token opens: the store holds no token, and still gives the same
    /// successor again.
    pub(crate) fn seal(&self, successor: &RefreshToken) -> Sealed {
        self.masked(successor.secret)
    }

    /// The successor that was [sealed](RefreshToken::seal).
    pub(crate) fn unseal(&self, sealed: Sealed) -> RefreshToken {
        RefreshToken { selector: self.selector, secret: self.masked(sealed) }
    }

    /// A pad that is used for one successor alone, since a token has one.
    fn masked(&self, secret: [u8; SECRET]) -> [u8; SECRET] {
        let mut masked = secret;
        // HMAC takes a key of any length.
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.secret) {
            mac.update(b"successor");
            mac.update(&self.selector);
            let pad = mac.finalize().into_bytes();
            masked.iter_mut().zip(pad).for_each(|(byte, pad)| *byte ^= pad);
        }
        masked
    }
}

/// What the store calls a session, by its name in access tokens.
pub(crate) fn session(sid: &str) -> Digest {
    Digest::of(&[b"session", sid.as_bytes()])
}

/// What the store calls a caller.
pub(crate) fn subject(subject: &str) -> Digest {
    Digest::of(&[b"subject", subject.as_bytes()])
}

/// What the store calls an access token.
pub(crate) fn token(issuer: &str, jti: &str) -> Digest {
    Digest::of(&[b"token", issuer.as_bytes(), jti.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_one_spelling_and_comes_back_from_it() {
        let token = RefreshToken::first().unwrap();
        let text = token.text();
        assert_eq!(text.len(), 64);
        assert!(RefreshToken::read(&text) == Some(token));
        for wrong in [
            String::new(),
            text[1..].to_owned(),
            format!("{text}="),
            format!("{text}A"),
            format!(" {text}"),
            text.replace(|c: char| c.is_ascii_alphabetic(), "+"),
        ] {
            assert!(RefreshToken::read(&wrong).is_none());
        }
    }

    #[test]
    fn a_successor_opens_with_the_token_before_it_alone() {
        let (first, other) = (RefreshToken::first().unwrap(), RefreshToken::first().unwrap());
        let next = first.next().unwrap();
        let sealed = first.seal(&next);
        assert!(first.unseal(sealed) == next);
        assert!(other.unseal(sealed) != next);
        assert_ne!(sealed, next.secret);
        assert_eq!(first.sid(), next.sid());
        assert_ne!(first.digest(), next.digest());
        assert_ne!(first.sid(), other.sid());
    }
}
