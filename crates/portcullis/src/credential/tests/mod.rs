//! What is accepted, and one case for each rule by which a token is not.

mod bearer;
mod claims;
mod header;
mod jwk;
mod key_source;
mod keys;
mod registered;
mod tampering;
mod unknown_kids;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_compiler::compile;
use portcullis_compiler::plan::{
    Bits, CallerAttribute, Claim, ClaimType, Constant, Enumeration, Jwt, Plan, Role,
    SignatureAlgorithm, Type,
};

use portcullis_syntax::{Source, Sources};
use serde_json::{Value, json};

use super::test_keys::{key, signer};
use super::{Key, Keyring, accept};
use crate::caller::Claims;
use crate::{Reason, Timestamp};

/// 2026-01-01T00:00:00Z
const NOW: i64 = 1_767_225_600;
const LIFETIME: i64 = 900;
const LEEWAY: i64 = 30;
const ANONYMOUS: usize = 0;

const HEADER: &str = r#"{"alg":"HS256","typ":"at+jwt"}"#;

/// What a credential asks of its tokens.
#[derive(Clone)]
struct Credential {
    jwt: Jwt,
    claims: Vec<Claim>,
}

impl Credential {
    fn asked(&self) -> (&Jwt, &[Claim]) {
        (&self.jwt, &self.claims)
    }
}

fn credential() -> Credential {
    let jwt = Jwt {
        issuer: "https://auth.shop.example".to_owned(),
        audience: "shop-api".to_owned(),
        algorithms: SignatureAlgorithm::ALL.iter().map(|(_, algorithm)| *algorithm).collect(),
        token_type: Some("at+jwt".to_owned()),
        lifetime: LIFETIME,
        leeway: LEEWAY,
        revocable: None,
    };
    Credential { jwt, claims: vec![claim(0, "sub", false)] }
}

/// A claim for a slot of the caller's attributes.
fn claim(attribute: usize, path: &str, optional: bool) -> Claim {
    let path = path.split('/').map(str::to_owned).collect();
    Claim { attribute, path, optional }
}

/// A plan whose callers have an id, and `more` in the second slot.
fn plan(more: Option<ClaimType>) -> Plan {
    let mut sources = Sources::new();
    sources.add(Source::new("empty.gate", ""));
    let mut plan = compile(sources).plans.remove(0);
    let attribute = |name: &str, kind| CallerAttribute { name: name.to_owned(), kind };
    plan.caller = vec![attribute("id", ClaimType::Plain(Type::String))];
    plan.caller.extend(more.map(|kind| attribute("x", kind)));
    plan.enumerations = enumerations();
    plan.roles = roles();
    plan.anonymous = ANONYMOUS;
    plan.permissions = ["read:a", "write:a"].map(str::to_owned).to_vec();
    plan
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
) -> Result<Claims, Reason> {
    accept(token, credential.asked(), &Keyring::fixed(keys), &plan(None), now)
        .map(|(claims, _)| claims)
}

fn decide(token: &str, credential: &Credential, keys: &[Key]) -> Result<Claims, Reason> {
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
        let claims = decide(&token, &credential(), &keys).unwrap();
        assert_eq!(claims.values, vec![Some(Constant::Text("u1".to_owned()))], "{name}");
    }
}
