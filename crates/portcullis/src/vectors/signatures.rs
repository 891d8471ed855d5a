//! Signatures of tokens.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use portcullis_compiler::plan::SignatureAlgorithm;
use rsa::pkcs8::{EncodePublicKey, LineEnding};
use rsa::{BigUint, RsaPublicKey};
use serde_json::Value;

use super::{text, vectors};
use crate::credential::{Key, verify};

/// Wycheproof's tests of JSON Web Signatures.
#[test]
fn signatures_verify_when_they_should() {
    let Some(file) = vectors("jws/json_web_signature_test.json") else {
        return;
    };
    let groups = file["testGroups"].as_array().unwrap();
    let cases = || groups.iter().flat_map(|group| group["tests"].as_array().unwrap());
    let valid = text(cases().find(|case| case["tcId"] == 357).unwrap(), "jws");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for group in groups {
        let jwk = group.get("public").unwrap_or(&group["private"]);
        let key = key(jwk);
        for case in group["tests"].as_array().unwrap() {
            let number = case["tcId"].as_u64().unwrap();
            let key = match &key {
                Ok(key) => key.clone(),
                Err(outside) => {
                    *counts.entry(outside).or_default() += 1;
                    continue;
                }
            };
            let algorithms: Vec<_> = SignatureAlgorithm::ALL.iter().map(|(_, one)| *one).collect();
            let verified = verify(text(case, "jws"), &algorithms, None, &[key]).is_some();
            let (expected, outcome) = match (number, text(case, "result")) {
                (367 | 370, "invalid") if text(case, "jws") == valid => {
                    (true, "accepted: the same text as a valid case")
                }
                // Called valid, but with characters in them that are not of the alphabet.
                (372 | 373, "valid") => (false, "refused: valid to a lax base64url decoder alone"),
                // Called valid, and signed by `PS384` with a key for `PS256`.
                (346 | 350, "valid") => (false, "refused: the key is for another algorithm"),
                (_, "valid") => (true, "valid, and accepted"),
                (_, "invalid") => (false, "invalid, and refused"),
                (_, result) => panic!("case {number} is {result}"),
            };
            assert_eq!(verified, expected, "case {number}: {}", case["comment"]);
            *counts.entry(outcome).or_default() += 1;
        }
    }
    println!("signatures: {counts:?}");
    let expected = BTreeMap::from([
        ("valid, and accepted", 40),
        ("invalid, and refused", 349),
        ("accepted: the same text as a valid case", 2),
        ("refused: valid to a lax base64url decoder alone", 2),
        ("refused: the key is for another algorithm", 2),
        ("not in this version: algorithms on P-521", 2),
        ("not in this version: keys as JWK", 4),
    ]);
    assert_eq!(counts, expected);
    assert_eq!(counts.values().sum::<usize>(), 401);
}

/// The key that a service would make of a JWK; or why it could not.
fn key(jwk: &Value) -> Result<Key, &'static str> {
    if jwk.get("alg").is_none() {
        // Some ask for a look at `use` and `key_ops`, which only a reader of JWKs can take.
        return Err("not in this version: keys as JWK");
    }
    let part = |name: &str| URL_SAFE_NO_PAD.decode(text(jwk, name)).unwrap();
    let key = match (text(jwk, "kty"), jwk["alg"].as_str()) {
        ("oct", Some("HS256")) => Key::secret(SignatureAlgorithm::Hs256, &part("k")),
        ("EC", Some("ES256")) => {
            // A SubjectPublicKeyInfo for P-256 (RFC 5480), up to the point.
            let mut info = vec![0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d];
            info.extend([0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]);
            info.extend([0x03, 0x42, 0x00, 0x04]);
            info.extend(part("x").into_iter().chain(part("y")));
            let info = STANDARD.encode(info);
            Key::pem(
                SignatureAlgorithm::Es256,
                &format!("-----BEGIN PUBLIC KEY-----\n{info}\n-----END PUBLIC KEY-----\n"),
            )
        }
        ("RSA", Some(name)) => {
            let number = |name: &str| BigUint::from_bytes_be(&part(name));
            let key = RsaPublicKey::new(number("n"), number("e")).unwrap();
            let known = SignatureAlgorithm::ALL.iter().find(|(known, _)| *known == name);
            let pem = key.to_public_key_pem(LineEnding::LF).unwrap();
            Key::pem(known.unwrap().1, &pem)
        }
        ("EC", Some("ES521")) => return Err("not in this version: algorithms on P-521"),
        (kind, algorithm) => panic!("a key of another kind: {kind} {algorithm:?}"),
    };
    let kid = jwk["kid"].as_str();
    Ok(kid.map_or(key.clone().unwrap(), |kid| key.unwrap().kid(kid)))
}
