//! The keys that a service hands over, to verify signatures with.

use std::fmt;

use jsonwebtoken::DecodingKey;
use jsonwebtoken::crypto::JwtVerifier;
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;
use portcullis_compiler::plan::SignatureAlgorithm;
use rsa::RsaPublicKey;
use rsa::pkcs8::DecodePublicKey;
use rsa::traits::PublicKeyParts;

/// Smaller ones are not to be used (RFC 7518, 3.3; NIST SP 800-131A).
const MIN_RSA_BITS: usize = 2048;

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
    /// A secret that is shorter than the hash can be guessed more easily than that (RFC 7518, 3.2).
    #[error("expected a secret of at least {least} bytes, found {found}")]
    ShortSecret {
        /// What the algorithm takes, in bytes.
        least: usize,
        /// Its length in bytes.
        found: usize,
    },
    /// An RSA key of less than 2,048 bits (RFC 7518, 3.3).
    #[error("expected an RSA key of at least 2048 bits, found {found}")]
    ShortRsaKey {
        /// Its length in bits.
        found: usize,
    },
    /// A secret for an algorithm of public keys, or a public key for one of secrets.
    #[error("`{algorithm}` takes {expected}")]
    OtherKind {
        /// The algorithm, by its name in `alg`.
        algorithm: &'static str,
        /// What it takes.
        expected: &'static str,
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
    /// No private key in PEM, or one of another kind.
    #[error("expected one {expected} private key as `PRIVATE KEY` in PEM")]
    NotPrivateKey {
        /// The kind that the algorithm takes.
        expected: &'static str,
    },
    /// No JWK or JWK set that serves.
    #[error("expected a key as JWK: {why}")]
    NotJwk {
        /// What is wrong with it.
        why: &'static str,
    },
    /// The environment has no such variable, or it is not text.
    #[error("expected a key in the environment variable `{variable}`, found none")]
    NoVariable {
        /// Its name.
        variable: String,
    },
}

impl Key {
    /// A shared secret for `HS256`, `HS384` or `HS512`: at least as long as the output of the hash (32, 48
    /// or 64 bytes; RFC 7518, 3.2), taken as it is.
    ///
    /// # Errors
    ///
    /// When it is too short, or is a key in PEM, or the algorithm takes none.
    pub fn secret(algorithm: SignatureAlgorithm, secret: &[u8]) -> Result<Key, KeyError> {
        let least = match algorithm {
            SignatureAlgorithm::Hs256 => 32,
            SignatureAlgorithm::Hs384 => 48,
            SignatureAlgorithm::Hs512 => 64,
            other => {
                let algorithm = other.as_str();
                return Err(KeyError::OtherKind { algorithm, expected: "a public key in PEM" });
            }
        };
        if secret.trim_ascii_start().starts_with(b"-----BEGIN ") {
            return Err(KeyError::PemAsSecret);
        }
        if secret.len() < least {
            return Err(KeyError::ShortSecret { least, found: secret.len() });
        }
        Ok(Key { algorithm, kid: None, material: DecodingKey::from_secret(secret) })
    }

    /// A public key as `SubjectPublicKeyInfo` in PEM (RFC 7468, 13): of 2,048 to 4,096 bits for `RS…` and
    /// `PS…` (RFC 7518, 3.3), on P-256 for `ES256`, on P-384 for `ES384`, Ed25519 for `EdDSA` (RFC 8410, 4).
    ///
    /// # Errors
    ///
    /// When it is not that, or the algorithm takes a secret.
    pub fn pem(algorithm: SignatureAlgorithm, pem: &str) -> Result<Key, KeyError> {
        use SignatureAlgorithm as A;
        match algorithm {
            A::Hs256 | A::Hs384 | A::Hs512 => {
                let algorithm = algorithm.as_str();
                Err(KeyError::OtherKind { algorithm, expected: "a secret" })
            }
            A::Rs256 | A::Rs384 | A::Rs512 | A::Ps256 | A::Ps384 | A::Ps512 => {
                let refused = KeyError::NotPublicKey { expected: "RSA" };
                let key = is_one_public_key(pem)
                    .then(|| RsaPublicKey::from_public_key_pem(pem.trim()).ok())
                    .flatten();
                of_rsa(algorithm, &key.ok_or(refused)?)
            }
            A::Es256 => Key::public(pem, algorithm, "P-256", DecodingKey::from_ec_pem),
            A::Es384 => Key::public(pem, algorithm, "P-384", DecodingKey::from_ec_pem),
            A::EdDsa => Key::public(pem, algorithm, "Ed25519", |pem| {
                let key = DecodingKey::from_ed_pem(pem)?;
                // The verifier takes a slice of 32 bytes of whatever length there is.
                match key.try_get_as_bytes()?.len() {
                    32 => Ok(key),
                    _ => Err(jsonwebtoken::errors::ErrorKind::InvalidEddsaKey.into()),
                }
            }),
        }
    }

    /// A key for that algorithm from a variable of the environment, read now: a secret as it
    /// stands there, or a public key in PEM or as JWK.
    ///
    /// # Errors
    ///
    /// When there is no such variable, or it holds no such key.
    pub fn from_env(variable: &str, algorithm: SignatureAlgorithm) -> Result<Key, KeyError> {
        let text = std::env::var(variable)
            .map_err(|_| KeyError::NoVariable { variable: variable.to_owned() })?;
        match algorithm {
            SignatureAlgorithm::Hs256 | SignatureAlgorithm::Hs384 | SignatureAlgorithm::Hs512 => {
                Key::secret(algorithm, text.as_bytes())
            }
            _ if text.trim_start().starts_with('{') => Key::jwk(&text, algorithm),
            _ => Key::pem(algorithm, &text),
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

    /// The name that it was given.
    pub(super) fn name(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    fn public(
        pem: &str,
        algorithm: SignatureAlgorithm,
        expected: &'static str,
        read: impl Fn(&[u8]) -> jsonwebtoken::errors::Result<DecodingKey>,
    ) -> Result<Key, KeyError> {
        let refused = KeyError::NotPublicKey { expected };
        if !is_one_public_key(pem) {
            return Err(refused);
        }
        let material = read(pem.as_bytes()).ok();
        material.and_then(|material| Key::checked(algorithm, material)).ok_or(refused)
    }

    /// A key that its verifier takes: of its curve, and a point of that.
    pub(super) fn checked(algorithm: SignatureAlgorithm, material: DecodingKey) -> Option<Key> {
        let key = Key { algorithm, kid: None, material };
        key.verifier().is_some().then_some(key)
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
        (DEFAULT_PROVIDER.verifier_factory)(&named(self.algorithm), &self.material).ok()
    }
}

/// An algorithm as `jsonwebtoken` names it.
pub(super) fn named(algorithm: SignatureAlgorithm) -> jsonwebtoken::Algorithm {
    match algorithm {
        SignatureAlgorithm::Hs256 => jsonwebtoken::Algorithm::HS256,
        SignatureAlgorithm::Hs384 => jsonwebtoken::Algorithm::HS384,
        SignatureAlgorithm::Hs512 => jsonwebtoken::Algorithm::HS512,
        SignatureAlgorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
        SignatureAlgorithm::Rs384 => jsonwebtoken::Algorithm::RS384,
        SignatureAlgorithm::Rs512 => jsonwebtoken::Algorithm::RS512,
        SignatureAlgorithm::Ps256 => jsonwebtoken::Algorithm::PS256,
        SignatureAlgorithm::Ps384 => jsonwebtoken::Algorithm::PS384,
        SignatureAlgorithm::Ps512 => jsonwebtoken::Algorithm::PS512,
        SignatureAlgorithm::Es256 => jsonwebtoken::Algorithm::ES256,
        SignatureAlgorithm::Es384 => jsonwebtoken::Algorithm::ES384,
        SignatureAlgorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
    }
}

/// The reader would take the key out of a certificate too, and so trust it without a check of that; and
/// of two keys it would silently take the first.
fn is_one_public_key(pem: &str) -> bool {
    is_one(pem, "PUBLIC KEY")
}

pub(super) fn is_one(pem: &str, label: &str) -> bool {
    pem.trim_start().starts_with(&format!("-----BEGIN {label}-----"))
        && pem.matches("-----BEGIN ").count() == 1
}

/// The verifier takes an RSA key by its parts, and looks at its size no more.
pub(super) fn of_rsa(algorithm: SignatureAlgorithm, key: &RsaPublicKey) -> Result<Key, KeyError> {
    let found = key.n().bits();
    if found < MIN_RSA_BITS {
        return Err(KeyError::ShortRsaKey { found });
    }
    let (modulus, exponent) = (key.n().to_bytes_be(), key.e().to_bytes_be());
    let material = DecodingKey::from_rsa_raw_components(&modulus, &exponent);
    Key::checked(algorithm, material).ok_or(KeyError::NotPublicKey { expected: "RSA" })
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
