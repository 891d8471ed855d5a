//! Signatures of tokens.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_compiler::plan::SignatureAlgorithm;
use serde_json::Value;

use super::{text, vectors};
use crate::credential::{Key, Keyring, verify};

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
        for case in group["tests"].as_array().unwrap() {
            let number = case["tcId"].as_u64().unwrap();
            let keys = Keyring::fixed(key(jwk, text(case, "jws")).as_slice());
            let algorithms: Vec<_> = SignatureAlgorithm::ALL.iter().map(|(_, one)| *one).collect();
            let verified = verify(text(case, "jws"), &algorithms, None, &keys).is_ok();
            let (expected, outcome) = match (number, text(case, "result")) {
                (367 | 370, "invalid") if text(case, "jws") == valid => {
                    (true, "accepted: the same text as a valid case")
                }
                // Called valid, but with characters in them that are not of the alphabet.
                (372 | 373, "valid") => (false, "refused: valid to a lax base64url decoder alone"),
                // Called valid, and signed by `PS384` with a key for `PS256`.
                (346 | 350, "valid") => (false, "refused: the key is for another algorithm"),
                // By `ES512`, with a key for `ES521`, which is no algorithm.
                (347 | 351, "valid") => (false, "refused: the key is for no algorithm"),
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
        ("invalid, and refused", 353),
        ("accepted: the same text as a valid case", 2),
        ("refused: valid to a lax base64url decoder alone", 2),
        ("refused: the key is for another algorithm", 2),
        ("refused: the key is for no algorithm", 2),
    ]);
    assert_eq!(counts, expected);
    assert_eq!(counts.values().sum::<usize>(), 401);
}

/// The key that a service would make of a JWK, for the algorithm that it says, or else for that of the
/// token; nothing where there is none.
fn key(jwk: &Value, jws: &str) -> Option<Key> {
    let header = URL_SAFE_NO_PAD.decode(jws.split('.').next()?).ok();
    let header: Option<Value> = header.and_then(|header| serde_json::from_slice(&header).ok());
    let asked = header.as_ref().and_then(|header| header["alg"].as_str());
    let name = jwk["alg"].as_str().or(asked)?;
    let (_, algorithm) = SignatureAlgorithm::ALL.iter().find(|(known, _)| *known == name)?;
    Key::jwk(&jwk.to_string(), *algorithm).ok()
}
