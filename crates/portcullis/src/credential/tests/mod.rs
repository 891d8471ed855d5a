//! What is accepted, and one case for each rule by which a token is not.

mod bearer;
mod claims;
mod header;
mod keys;
mod registered;
mod tampering;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_compiler::plan::{
    Bits, Claim, ClaimType, Credential, Enumeration, Role, SignatureAlgorithm,
};
use serde_json::{Value, json};

use super::test_keys::{key, signer};
use super::{ClaimValue, Key, accept};
use crate::{Reason, Timestamp};

/// 2026-01-01T00:00:00Z
const NOW: i64 = 1_767_225_600;
const LIFETIME: i64 = 900;
const LEEWAY: i64 = 30;
const ANONYMOUS: usize = 0;

const HEADER: &str = r#"{"alg":"HS256","typ":"at+jwt"}"#;

fn credential() -> Credential {
    Credential {
        name: "access".to_owned(),
        issuer: "https://auth.shop.example".to_owned(),
        audience: "shop-api".to_owned(),
        algorithms: vec![
            SignatureAlgorithm::Hs256,
            SignatureAlgorithm::Es256,
            SignatureAlgorithm::EdDsa,
        ],
        token_type: Some("at+jwt".to_owned()),
        lifetime: LIFETIME,
        leeway: LEEWAY,
        claims: vec![claim("id", "sub", ClaimType::String, false)],
        role: None,
    }
}

fn claim(name: &str, path: &str, kind: ClaimType, optional: bool) -> Claim {
    let path = path.split('/').map(str::to_owned).collect();
    Claim { name: name.to_owned(), path, kind, optional }
}

fn payload() -> Value {
    json!({
        "iss": "https://auth.shop.example",
        "aud": "shop-api",
        "iat": NOW,
        "exp": NOW + LIFETIME,
        "sub": "u1",
    })
}

/// The good payload with a member set to other JSON text, or left out.
fn payload_with(name: &str, text: Option<&str>) -> String {
    let payload = payload();
    let members = payload.as_object().unwrap().iter().filter(|(key, _)| *key != name);
    let members = members.map(|(key, value)| format!("\"{key}\":{value}"));
    let own = text.map(|text| format!("\"{name}\":{text}"));
    format!("{{{}}}", members.chain(own).collect::<Vec<_>>().join(","))
}

fn enumerations() -> Vec<Enumeration> {
    let members = [("free", "free"), ("pro", "PRO")];
    let members = members.map(|(name, wire)| (name.to_owned(), wire.to_owned())).to_vec();
    vec![Enumeration { name: "plan".to_owned(), members }]
}

fn roles() -> Vec<Role> {
    let role = |(name, wire): (&str, &str)| Role {
        name: name.to_owned(),
        wire: wire.to_owned(),
        includes: Bits::default(),
        permissions: Bits::default(),
    };
    [("anonymous", "anonymous"), ("user", "user"), ("admin", "ROLE_ADMIN")].map(role).to_vec()
}

fn mint(header: &str, payload: &str, algorithm: SignatureAlgorithm) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    sign(&signed, algorithm)
}

fn sign(signed: &str, algorithm: SignatureAlgorithm) -> String {
    let (algorithm, key) = signer(algorithm);
    let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, algorithm).unwrap();
    format!("{signed}.{signature}")
}

fn decide_at(
    token: &str,
    credential: &Credential,
    keys: &[Key],
    now: Timestamp,
) -> Result<Vec<ClaimValue>, Reason> {
    accept(token, credential, keys, &enumerations(), &roles(), ANONYMOUS, now)
}

fn decide(token: &str, credential: &Credential, keys: &[Key]) -> Result<Vec<ClaimValue>, Reason> {
    decide_at(token, credential, keys, Timestamp::from_seconds(NOW))
}

/// Signed by the test secret, and held against the usual credential.
fn decide_payload(payload: &str) -> Option<Reason> {
    let token = mint(HEADER, payload, SignatureAlgorithm::Hs256);
    decide(&token, &credential(), &[key(SignatureAlgorithm::Hs256)]).err()
}

fn decide_header(header: &str) -> Option<Reason> {
    let token = mint(header, &payload().to_string(), SignatureAlgorithm::Hs256);
    decide(&token, &credential(), &[key(SignatureAlgorithm::Hs256)]).err()
}

const REFUSED: Option<Reason> = Some(Reason::InvalidCredential);

#[test]
fn a_good_token_is_accepted_under_each_algorithm() {
    let keys: Vec<Key> = SignatureAlgorithm::ALL.iter().map(|(_, one)| key(*one)).collect();
    for (name, algorithm) in SignatureAlgorithm::ALL {
        let header = json!({ "alg": name, "typ": "at+jwt" }).to_string();
        let token = mint(&header, &payload().to_string(), *algorithm);
        let caller = decide(&token, &credential(), &keys);
        assert!(caller == Ok(vec![ClaimValue::Text("u1".to_owned())]), "{name}");
    }
}
