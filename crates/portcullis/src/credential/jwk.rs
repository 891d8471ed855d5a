//! Keys as JSON (RFC 7517, RFC 7518, 6, and RFC 8037, 2), read strictly.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use portcullis_compiler::plan::SignatureAlgorithm::{self, *};
use rsa::{BigUint, RsaPublicKey};

use super::keys::{Key, KeyError, of_rsa};
use crate::json::{self, Json};

/// More keys, or more bytes, are no set that anybody publishes.
const MOST_KEYS: usize = 100;
const LARGEST_SET: usize = 256 * 1024;

impl Key {
    /// A key as JWK, for that algorithm: it is one of the algorithm's kind, and if it says an `alg`, a `use` or
    /// `key_ops`, these are the algorithm, `sig` and `verify`. Its `kid`, if it has one, is the key's.
    ///
    /// # Errors
    ///
    /// When it is not that; also where it holds a private key, which has no place here.
    pub fn jwk(text: &str, algorithm: SignatureAlgorithm) -> Result<Key, KeyError> {
        let jwk = json::parse(text.as_bytes()).map_err(|_| unread("it is not strict JSON"))?;
        read(&jwk, algorithm)
    }

    /// The keys of a JWK set for these algorithms, which are those of the policy's credential. A key without
    /// `alg` serves the one algorithm of its kind. Keys of other kinds and uses are left out, as RFC 7517, 5
    /// has it, and so are those that cannot be read.
    ///
    /// # Errors
    ///
    /// When it is no such set, has more than 100 keys, holds a private key, or no key that serves; or when
    /// several of the algorithms would fit a key that does not say which it is for.
    pub fn jwks(text: &str, algorithms: &[SignatureAlgorithm]) -> Result<Vec<Key>, KeyError> {
        if text.len() > LARGEST_SET {
            return Err(unread("the set is larger than 256 KiB"));
        }
        let set = json::parse(text.as_bytes()).map_err(|_| unread("it is not strict JSON"))?;
        let Some(Json::List(all)) = set.member("keys") else {
            return Err(unread("it has no list `keys`"));
        };
        if all.len() > MOST_KEYS {
            return Err(unread("the set has more than 100 keys"));
        }
        let mut keys = Vec::new();
        for jwk in all {
            if holds_private(jwk) {
                return Err(unread(PRIVATE));
            }
            let mut fits = algorithms.iter().filter(|algorithm| is_for(jwk, **algorithm).is_ok());
            let Some(algorithm) = fits.next() else { continue };
            if fits.next().is_some() {
                return Err(unread("several of the algorithms fit a key without `alg`"));
            }
            keys.extend(read(jwk, *algorithm));
        }
        if keys.is_empty() { Err(unread("no key of the set serves")) } else { Ok(keys) }
    }
}

const PRIVATE: &str = "it holds a private key";

fn unread(why: &'static str) -> KeyError {
    KeyError::NotJwk { why }
}

fn read(jwk: &Json, algorithm: SignatureAlgorithm) -> Result<Key, KeyError> {
    if holds_private(jwk) {
        return Err(unread(PRIVATE));
    }
    is_for(jwk, algorithm)?;
    let key = match algorithm {
        Hs256 | Hs384 | Hs512 => Key::secret(algorithm, &bytes(jwk, "k")?)?,
        Rs256 | Rs384 | Rs512 | Ps256 | Ps384 | Ps512 => {
            let number = |name| Ok::<_, KeyError>(BigUint::from_bytes_be(&bytes(jwk, name)?));
            let key = RsaPublicKey::new(number("n")?, number("e")?);
            of_rsa(algorithm, &key.map_err(|_| unread("its `n` and `e` are no RSA key"))?)?
        }
        Es256 => point(jwk, algorithm, 32)?,
        Es384 => point(jwk, algorithm, 48)?,
        EdDsa => {
            let x = coordinate(jwk, "x", 32)?;
            Key::checked(algorithm, DecodingKey::from_ed_der(&x)).ok_or(unread(NO_POINT))?
        }
    };
    match jwk.member("kid") {
        None => Ok(key),
        Some(Json::Text(kid)) => Ok(key.kid(kid)),
        Some(_) => Err(unread("its `kid` is no text")),
    }
}

const NO_POINT: &str = "it is no point of its curve";

/// An uncompressed point (SEC 1, 2.3.3).
fn point(jwk: &Json, algorithm: SignatureAlgorithm, length: usize) -> Result<Key, KeyError> {
    let point = [vec![4], coordinate(jwk, "x", length)?, coordinate(jwk, "y", length)?].concat();
    Key::checked(algorithm, DecodingKey::from_ec_der(&point)).ok_or(unread(NO_POINT))
}

/// A coordinate has the length of its field (RFC 7518, 6.2.1.2).
fn coordinate(jwk: &Json, name: &str, length: usize) -> Result<Vec<u8>, KeyError> {
    let bytes = bytes(jwk, name)?;
    if bytes.len() == length { Ok(bytes) } else { Err(unread("a coordinate has another length")) }
}

fn bytes(jwk: &Json, name: &str) -> Result<Vec<u8>, KeyError> {
    let text = text(jwk, name).ok_or(unread("a member of its kind is missing"))?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| unread("a member is not base64url without padding"))
}

/// Whether a key is of the kind of an algorithm, and may be used for it.
fn is_for(jwk: &Json, algorithm: SignatureAlgorithm) -> Result<(), KeyError> {
    let (kind, curve) = match algorithm {
        Hs256 | Hs384 | Hs512 => ("oct", None),
        Rs256 | Rs384 | Rs512 | Ps256 | Ps384 | Ps512 => ("RSA", None),
        Es256 => ("EC", Some("P-256")),
        Es384 => ("EC", Some("P-384")),
        EdDsa => ("OKP", Some("Ed25519")),
    };
    if text(jwk, "kty") != Some(kind) || (curve.is_some() && text(jwk, "crv") != curve) {
        return Err(unread("it is of another kind than the algorithm's"));
    }
    let says = |name, value| jwk.member(name).is_none() || text(jwk, name) == Some(value);
    if !says("alg", algorithm.as_str()) {
        return Err(unread("its `alg` is another"));
    }
    let verifies = match jwk.member("key_ops") {
        None => true,
        Some(Json::List(operations)) => operations
            .iter()
            .any(|operation| matches!(operation, Json::Text(name) if name == "verify")),
        Some(_) => false,
    };
    if !says("use", "sig") || !verifies {
        return Err(unread("it is not for signatures"));
    }
    Ok(())
}

/// What signs is not to be where signatures are verified: whoever reads it there can sign.
fn holds_private(jwk: &Json) -> bool {
    ["d", "p", "q", "dp", "dq", "qi", "oth"].iter().any(|name| jwk.member(name).is_some())
}

fn text<'a>(jwk: &'a Json, name: &str) -> Option<&'a str> {
    match jwk.member(name) {
        Some(Json::Text(text)) => Some(text),
        _ => None,
    }
}
