//! Keys that verify tokens. One key serves one algorithm: a token cannot choose another for it
//! (RFC 8725, 3.1).

use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey, crypto::rust_crypto};
use portcullis_compiler::plan::SignatureAlgorithm;

/// The least bits of an HMAC secret: those of its hash (RFC 7518, 3.2).
const LEAST_SECRET: usize = 256 / 8;

/// A key that verifies tokens of a credential.
#[derive(Clone)]
pub struct Key {
    algorithm: SignatureAlgorithm,
    id: Option<String>,
    key: DecodingKey,
}

/// Why there is no key. It shows nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The secret is too short to be one.
    #[error("an HS256 secret has at least 256 bits")]
    Weak,
    /// The text is no public key of this kind.
    #[error("this is no public key in PEM of the algorithm's kind")]
    Invalid,
    /// The environment has no such variable.
    #[error("the environment variable is not set")]
    Unset,
}

impl Key {
    /// A secret for HS256.
    ///
    /// # Errors
    /// It is shorter than 256 bits.
    pub fn hs256(secret: &[u8]) -> Result<Key, KeyError> {
        if secret.len() < LEAST_SECRET {
            return Err(KeyError::Weak);
        }
        Ok(Key::new(SignatureAlgorithm::Hs256, DecodingKey::from_secret(secret)))
    }

    /// A public key on P-256 for ES256, in PEM (SPKI).
    ///
    /// # Errors
    /// The text is no such key.
    pub fn es256_pem(pem: &str) -> Result<Key, KeyError> {
        let key = DecodingKey::from_ec_pem(pem.as_bytes()).map_err(|_| KeyError::Invalid)?;
        Key::new(SignatureAlgorithm::Es256, key).usable()
    }

    /// A public key on Ed25519 for EdDSA, in PEM (SPKI).
    ///
    /// # Errors
    /// The text is no such key.
    pub fn eddsa_pem(pem: &str) -> Result<Key, KeyError> {
        let key = DecodingKey::from_ed_pem(pem.as_bytes()).map_err(|_| KeyError::Invalid)?;
        Key::new(SignatureAlgorithm::EdDsa, key).usable()
    }

    /// A secret for HS256 from an environment variable, read now.
    ///
    /// # Errors
    /// The variable is not set, or the secret is too short.
    pub fn hs256_from_env(variable: &str) -> Result<Key, KeyError> {
        let secret = std::env::var_os(variable).ok_or(KeyError::Unset)?;
        Key::hs256(secret.as_encoded_bytes())
    }

    /// A public key for ES256 by the coordinates of its point, as a JWK has them.
    #[cfg(test)]
    pub(super) fn es256_point(x: &str, y: &str) -> Result<Key, KeyError> {
        let key = DecodingKey::from_ec_components(x, y).map_err(|_| KeyError::Invalid)?;
        Ok(Key::new(SignatureAlgorithm::Es256, key))
    }

    /// Names the key: a token whose `kid` names another is not tried with it.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Key {
        self.id = Some(id.into());
        self
    }

    /// The algorithm that it serves.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn new(algorithm: SignatureAlgorithm, key: DecodingKey) -> Key {
        Key { algorithm, id: None, key }
    }

    /// A key of another curve is told now, and not by every token being refused.
    fn usable(self) -> Result<Key, KeyError> {
        let made = (rust_crypto::DEFAULT_PROVIDER.verifier_factory)(&self.jose(), &self.key);
        made.map_err(|_| KeyError::Invalid)?;
        Ok(self)
    }

    fn jose(&self) -> Algorithm {
        match self.algorithm {
            SignatureAlgorithm::Hs256 => Algorithm::HS256,
            SignatureAlgorithm::Es256 => Algorithm::ES256,
            SignatureAlgorithm::EdDsa => Algorithm::EdDSA,
        }
    }

    /// Whether a token of this algorithm and `kid` is to be tried with it.
    pub(super) fn serves(&self, algorithm: SignatureAlgorithm, id: Option<&str>) -> bool {
        let named = match (&self.id, id) {
            (Some(own), Some(id)) => own == id,
            _ => true,
        };
        self.algorithm == algorithm && named
    }

    /// Whether the signature is this key's. The provider is named, since the one that
    /// `jsonwebtoken` would choose depends on what else is in the build.
    pub(super) fn verifies(&self, message: &[u8], signature: &Vec<u8>) -> bool {
        (rust_crypto::DEFAULT_PROVIDER.verifier_factory)(&self.jose(), &self.key)
            .is_ok_and(|verifier| verifier.verify(message, signature).is_ok())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}
