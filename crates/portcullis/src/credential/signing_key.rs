//! The key that a session's access tokens are signed with.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;
use portcullis_compiler::plan::SignatureAlgorithm;

use super::keys::{self, Key, KeyError};

/// A key that signs tokens. It serves one algorithm, and its other half verifies: see [`Key`].
#[derive(Clone)]
pub struct SigningKey {
    algorithm: SignatureAlgorithm,
    kid: Option<String>,
    material: EncodingKey,
}

impl SigningKey {
    /// The shared secret of `HS256`, `HS384` or `HS512`, as [`Key::secret`] takes it.
    ///
    /// # Errors
    ///
    /// As [`Key::secret`].
    pub fn secret(algorithm: SignatureAlgorithm, secret: &[u8]) -> Result<SigningKey, KeyError> {
        Key::secret(algorithm, secret)?;
        Ok(SigningKey { algorithm, kid: None, material: EncodingKey::from_secret(secret) })
    }

    /// A private key as `PrivateKeyInfo` in PEM (RFC 7468, 10: `PRIVATE KEY`), of the kind that the
    /// algorithm takes.
    ///
    /// # Errors
    ///
    /// When it is not that, or the algorithm takes a secret.
    pub fn pem(algorithm: SignatureAlgorithm, pem: &str) -> Result<SigningKey, KeyError> {
        use SignatureAlgorithm as A;
        type Read = fn(&[u8]) -> jsonwebtoken::errors::Result<EncodingKey>;
        let (expected, read): (&'static str, Read) = match algorithm {
            A::Hs256 | A::Hs384 | A::Hs512 => {
                let algorithm = algorithm.as_str();
                return Err(KeyError::OtherKind { algorithm, expected: "a secret" });
            }
            A::Rs256 | A::Rs384 | A::Rs512 | A::Ps256 | A::Ps384 | A::Ps512 => {
                ("RSA", EncodingKey::from_rsa_pem)
            }
            A::Es256 => ("P-256", EncodingKey::from_ec_pem),
            A::Es384 => ("P-384", EncodingKey::from_ec_pem),
            A::EdDsa => ("Ed25519", EncodingKey::from_ed_pem),
        };
        let refused = KeyError::NotPrivateKey { expected };
        if !keys::is_one(pem, "PRIVATE KEY") {
            return Err(refused);
        }
        let material = read(pem.as_bytes()).ok();
        let key = material.map(|material| SigningKey { algorithm, kid: None, material });
        // A key of another curve is met when it signs.
        key.filter(|key| key.sign(b"").is_some()).ok_or(refused)
    }

    /// The name by which tokens say which key verifies them; see [`Key::kid`].
    #[must_use]
    pub fn kid(self, kid: impl Into<String>) -> SigningKey {
        SigningKey { kid: Some(kid.into()), ..self }
    }

    /// The algorithm that it serves.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// Whether a key takes what this one signs, under the name that both give it.
    pub(crate) fn is_verified_by(&self, key: &Key) -> bool {
        const PROBE: &[u8] = b"probe";
        key.serves(self.algorithm, self.kid.as_deref())
            && self.sign(PROBE).is_some_and(|signature| key.verifies(PROBE, &signature))
    }

    /// A token (RFC 7515, 3.1) of these claims, which are a JSON object.
    pub(crate) fn token(&self, token_type: Option<&str>, claims: &[u8]) -> Option<String> {
        let mut header = serde_json::Map::new();
        header.insert("alg".to_owned(), self.algorithm.as_str().into());
        header.insert("typ".to_owned(), token_type.unwrap_or("JWT").into());
        if let Some(kid) = &self.kid {
            header.insert("kid".to_owned(), kid.as_str().into());
        }
        let header = serde_json::Value::Object(header).to_string();
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = self.sign(signed.as_bytes())?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        let algorithm = keys::named(self.algorithm);
        let signer = (DEFAULT_PROVIDER.signer_factory)(&algorithm, &self.material).ok()?;
        signer.try_sign(text).ok()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
