//! The keys that a service hands over, to verify signatures with.

use std::fmt;

use jsonwebtoken::DecodingKey;
use jsonwebtoken::crypto::JwtVerifier;
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;
use portcullis_compiler::plan::SignatureAlgorithm;

/// HMAC with SHA-256 asks for a key at least as long as its output (RFC 7518, 3.2).
const MIN_SECRET: usize = 32;

/// A key that verifies the signatures of tokens. It serves one algorithm, whatever a token's
/// header says.
#[derive(Clone)]
pub struct Key {
    algorithm: SignatureAlgorithm,
    kid: Option<String>,
    material: DecodingKey,
}

/// Why something is not a key. What was given is never shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A secret of less than 256 bits can be guessed (RFC 7518, 3.2).
    #[error("expected a secret of at least 32 bytes, found {found}")]
    ShortSecret {
        /// Its length in bytes.
        found: usize,
    },
    /// A key in PEM was given as a secret: whoever knows the public key could sign.
    #[error("expected a secret, found a key in PEM")]
    PemAsSecret,
    /// No public key in PEM, or one of another kind.
    #[error("expected one {expected} public key as `PUBLIC KEY` in PEM")]
    NotPublicKey {
        /// The kind that the algorithm takes.
        expected: &'static str,
    },
    /// The environment has no such variable, or it is not text.
    #[error("expected a key in the environment variable `{variable}`, found none")]
    NoVariable {
        /// Its name.
        variable: String,
    },
}

impl Key {
    /// A shared secret for `HS256`: at least 32 bytes, taken as they are.
    ///
    /// # Errors
    ///
    /// When it is too short, or is a key in PEM.
    pub fn hs256(secret: &[u8]) -> Result<Key, KeyError> {
        if secret.len() < MIN_SECRET {
            return Err(KeyError::ShortSecret { found: secret.len() });
        }
        if secret.trim_ascii_start().starts_with(b"-----BEGIN ") {
            return Err(KeyError::PemAsSecret);
        }
        Ok(Key {
            algorithm: SignatureAlgorithm::Hs256,
            kid: None,
            material: DecodingKey::from_secret(secret),
        })
    }

    /// A public key on P-256 for `ES256`, as `SubjectPublicKeyInfo` in PEM (RFC 7468, 13).
    ///
    /// # Errors
    ///
    /// When it is not that.
    pub fn es256_pem(pem: &str) -> Result<Key, KeyError> {
        Key::public(pem, SignatureAlgorithm::Es256, "P-256", DecodingKey::from_ec_pem)
    }

    /// An Ed25519 public key for `EdDSA`, as `SubjectPublicKeyInfo` in PEM (RFC 8410, 4).
    ///
    /// # Errors
    ///
    /// When it is not that.
    pub fn eddsa_pem(pem: &str) -> Result<Key, KeyError> {
        Key::public(pem, SignatureAlgorithm::EdDsa, "Ed25519", |pem| {
            let key = DecodingKey::from_ed_pem(pem)?;
            // The verifier takes a slice of 32 bytes of whatever length there is.
            match key.try_get_as_bytes()?.len() {
                32 => Ok(key),
                _ => Err(jsonwebtoken::errors::ErrorKind::InvalidEddsaKey.into()),
            }
        })
    }

    /// A key for that algorithm from a variable of the environment, read now: a secret as it
    /// stands there, or a public key in PEM.
    ///
    /// # Errors
    ///
    /// When there is no such variable, or it holds no such key.
    pub fn from_env(variable: &str, algorithm: SignatureAlgorithm) -> Result<Key, KeyError> {
        let text = std::env::var(variable)
            .map_err(|_| KeyError::NoVariable { variable: variable.to_owned() })?;
        match algorithm {
            SignatureAlgorithm::Hs256 => Key::hs256(text.as_bytes()),
            SignatureAlgorithm::Es256 => Key::es256_pem(&text),
            SignatureAlgorithm::EdDsa => Key::eddsa_pem(&text),
        }
    }

    /// The name by which tokens choose this key among several. A token that names another never
    /// meets it; one that names none does.
    #[must_use]
    pub fn kid(self, kid: impl Into<String>) -> Key {
        Key { kid: Some(kid.into()), ..self }
    }

    /// The algorithm that it serves.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn public(
        pem: &str,
        algorithm: SignatureAlgorithm,
        expected: &'static str,
        read: impl Fn(&[u8]) -> jsonwebtoken::errors::Result<DecodingKey>,
    ) -> Result<Key, KeyError> {
        let refused = KeyError::NotPublicKey { expected };
        // The reader would take the key out of a certificate too, and so trust it without a check
        // of that; and of two keys it would silently take the first.
        if !pem.trim_start().starts_with("-----BEGIN PUBLIC KEY-----")
            || pem.matches("-----BEGIN ").count() != 1
        {
            return Err(refused);
        }
        let Ok(material) = read(pem.as_bytes()) else {
            return Err(refused);
        };
        let key = Key { algorithm, kid: None, material };
        // Makes sure of the curve and that the point is on it.
        if key.verifier().is_none() { Err(refused) } else { Ok(key) }
    }

    /// Whether a token with that header may be tried with this key.
    pub(super) fn serves(&self, algorithm: SignatureAlgorithm, kid: Option<&str>) -> bool {
        self.algorithm == algorithm
            && match (self.kid.as_deref(), kid) {
                (Some(own), Some(named)) => own == named,
                _ => true,
            }
    }

    /// Whether this is the key's signature of the text.
    pub(super) fn verifies(&self, signed: &[u8], signature: &Vec<u8>) -> bool {
        self.verifier().is_some_and(|verifier| verifier.verify(signed, signature).is_ok())
    }

    /// The provider is named, not looked up: the process-wide one of `jsonwebtoken` panics when
    /// another crate of the service switches on a second one.
    fn verifier(&self) -> Option<Box<dyn JwtVerifier>> {
        let algorithm = match self.algorithm {
            SignatureAlgorithm::Hs256 => jsonwebtoken::Algorithm::HS256,
            SignatureAlgorithm::Es256 => jsonwebtoken::Algorithm::ES256,
            SignatureAlgorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
        };
        (DEFAULT_PROVIDER.verifier_factory)(&algorithm, &self.material).ok()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
