//! Tokens, minted well and badly. The keys are test keys, and worth nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use portcullis::{Engine, Key, Reason, SignatureAlgorithm};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Order, PATH, builder, request};

const SECRET: &[u8] = b"a test key for HS256, known to all";
const ED_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----";
const ED_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----";
const EC_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2
OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r
1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G
-----END PRIVATE KEY-----";
const EC_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9
q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==
-----END PUBLIC KEY-----";
const NOW: i64 = 1_767_225_600;

fn engine() -> Engine {
    builder()
        .key("access", Key::secret(SignatureAlgorithm::Hs256, SECRET).unwrap())
        .build()
        .unwrap()
}

fn claims() -> Value {
    json!({"iss": "iss", "aud": "aud", "iat": NOW, "exp": NOW + 60, "sub": "u1", "role": "user"})
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn mint(header: &Header, claims: &Value) -> String {
    encode(header, claims, &EncodingKey::from_secret(SECRET)).unwrap()
}

/// A token of any header and payload text, signed well.
fn raw(header: &str, payload: &str) -> String {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let message = format!("{}.{}", base64.encode(header), base64.encode(payload));
    let key = EncodingKey::from_secret(SECRET);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

pub(super) fn admit(engine: &Engine, token: &str) -> Result<(), Reason> {
    let header = format!("Bearer {token}");
    let request = request("GET", PATH).header("Authorization", header.as_bytes());
    let accepted = engine.admit(request).and_then(|admitted| admitted.input(None));
    let accepted = accepted.map_err(|refusal| refusal.reason())?;
    accepted.object(Some(Order::of("u1"))).map(|_| ()).map_err(|refusal| refusal.reason())
}

/// The key of RFC 8037, appendix A, worth nothing, in a set.
pub(super) const SET: &str = r#"{"keys": [
    {"kty": "OKP", "crv": "Ed25519", "kid": "new", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
    {"kty": "RSA", "kid": "of another service", "n": "AQAB", "e": "AQAB"}
]}"#;

/// A token that is signed by the key of the set, and names that one.
pub(super) fn of_set(kid: &str) -> String {
    signed_by_set(kid, &claims())
}

/// One of a key of [`set`], from so many seconds after [`NOW`].
pub(super) fn of_set_with(kid: &str, seconds: i64) -> String {
    let mut claims = claims();
    claims["iat"] = (NOW + seconds).into();
    claims["exp"] = (NOW + seconds + 60).into();
    claims["jti"] = "another".into();
    signed_by_set(kid, &claims)
}

/// A set in which all these names are of one key.
pub(super) fn set(kids: &[&str]) -> String {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let key =
        |kid: &&str| json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": x, "kid": kid});
    json!({"keys": kids.iter().map(key).collect::<Vec<_>>()}).to_string()
}

fn signed_by_set(kid: &str, claims: &Value) -> String {
    // PKCS #8 up to the key (RFC 8410, 7).
    let mut private = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let key = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
    private.extend(URL_SAFE_NO_PAD.decode(key).unwrap());
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(kid.to_owned());
    encode(&header, claims, &EncodingKey::from_ed_der(&private)).unwrap()
}

#[test]
fn an_engine_takes_the_keys_of_a_set() {
    let keys = Key::jwks(SET, &[SignatureAlgorithm::EdDsa, SignatureAlgorithm::Es256]).unwrap();
    let engine = builder().keys("access", keys).build().unwrap();
    for (kid, expected) in [("new", Ok(())), ("old", Err(Reason::InvalidCredential))] {
        assert_eq!(admit(&engine, &of_set(kid)), expected);
    }
}

#[test]
fn good_tokens_of_each_algorithm_are_accepted() {
    let engine = builder()
        .key("access", Key::secret(SignatureAlgorithm::Hs256, SECRET).unwrap())
        .key("access", Key::pem(SignatureAlgorithm::Es256, EC_PUBLIC).unwrap().kid("ec"))
        .key("access", Key::pem(SignatureAlgorithm::EdDsa, ED_PUBLIC).unwrap())
        .build()
        .unwrap();
    assert_eq!(admit(&engine, &mint(&Header::default(), &claims())), Ok(()));
    let ed = EncodingKey::from_ed_pem(ED_PRIVATE.as_bytes()).unwrap();
    let token = encode(&Header::new(Algorithm::EdDSA), &claims(), &ed).unwrap();
    assert_eq!(admit(&engine, &token), Ok(()));
    let ec = EncodingKey::from_ec_pem(EC_PRIVATE.as_bytes()).unwrap();
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("ec".to_owned());
    assert_eq!(admit(&engine, &encode(&header, &claims(), &ec).unwrap()), Ok(()));
    header.kid = Some("other".to_owned());
    let other = encode(&header, &claims(), &ec).unwrap();
    assert_eq!(admit(&engine, &other), Err(Reason::InvalidCredential));
}

#[test]
fn claims_are_what_the_policy_asks() {
    let engine = engine();
    let token = |claims: &Value| admit(&engine, &mint(&Header::default(), claims));
    for good in [
        with("aud", json!(["other", "aud"])),
        with("role", json!("ROLE_ADMIN")),
        with("account", json!({"plan": "PRO"})),
        with("account", json!({"plan": null})),
        with("exp", json!(NOW as f64 + 0.5)),
        with("exp", json!(NOW - 4)),
        with("iat", json!(NOW + 5)),
        with("nbf", json!(NOW + 5)),
        with("exp", json!(NOW + 900)),
    ] {
        assert_eq!(token(&good), Ok(()), "{good}");
    }
    for wrong in [
        without("iss"),
        without("aud"),
        without("exp"),
        without("iat"),
        without("sub"),
        without("role"),
        with("iss", json!("other")),
        with("aud", json!("other")),
        with("aud", json!(["aud", 1])),
        with("aud", json!([])),
        with("exp", json!("soon")),
        with("exp", json!(NOW + 901)),
        with("iat", json!(NOW + 6)),
        with("nbf", json!(NOW + 6)),
        with("nbf", json!("x")),
        with("sub", json!(1)),
        with("role", json!(["user"])),
        with("account", json!({"plan": "gold"})),
        with("account", json!({"plan": 1})),
        with("account", json!("no object")),
        with("exp", json!(1e300)),
        with("nbf", Value::Null),
    ] {
        assert_eq!(token(&wrong), Err(Reason::InvalidCredential), "{wrong}");
    }
    assert_eq!(token(&with("exp", json!(NOW - 5))), Err(Reason::ExpiredCredential));
    // Expired is said only of what was good.
    let both = json!({"iss": "iss", "aud": "x", "iat": NOW - 100, "exp": NOW - 50, "sub": "u1", "role": "user"});
    assert_eq!(token(&both), Err(Reason::InvalidCredential));
    for nobody in [with("role", json!("anonymous")), with("role", json!("unknown"))] {
        assert_eq!(token(&nobody), Err(Reason::MissingPermission), "{nobody}");
    }
}

#[test]
fn a_header_selects_and_never_decides() {
    let engine = engine();
    let payload = claims().to_string();
    assert_eq!(admit(&engine, &raw(r#"{"alg":"HS256"}"#, &payload)), Ok(()));
    assert_eq!(
        admit(&engine, &raw(r#"{"alg":"HS256","jku":"https://x.example"}"#, &payload)),
        Ok(())
    );
    for header in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"hs256"}"#,
        r#"{"alg":"HS384"}"#,
        r#"{"alg":"ES256"}"#,
        "{}",
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"HS256","crit":["exp"],"exp":1}"#,
        r#"{"alg":"HS256","b64":false}"#,
        r#"{"alg":"HS256","kid":1}"#,
        r#"{"alg":["HS256"]}"#,
        "[]",
        "",
    ] {
        assert_eq!(
            admit(&engine, &raw(header, &payload)),
            Err(Reason::InvalidCredential),
            "{header}"
        );
    }
    let twice = payload.replacen('{', r#"{"role":"ROLE_ADMIN","#, 1);
    assert_eq!(admit(&engine, &raw(r#"{"alg":"HS256"}"#, &twice)), Err(Reason::InvalidCredential));
    for wrong in ["", "a", "a.b", "a.b.c", "....", "a.b.c.d"] {
        assert_eq!(admit(&engine, wrong), Err(Reason::InvalidCredential), "{wrong}");
    }
    let good = mint(&Header::default(), &claims());
    for wrong in
        [format!("{good}="), format!("{good}."), format!(" {good}"), good.replace('.', "..")]
    {
        assert_eq!(admit(&engine, &wrong), Err(Reason::InvalidCredential), "{wrong}");
    }
    let long = mint(&Header::default(), &with("x", json!("y".repeat(9_000))));
    assert_eq!(admit(&engine, &long), Err(Reason::InvalidCredential));
}

#[test]
fn the_public_key_of_one_algorithm_is_no_secret_of_another() {
    let engine = builder()
        .key("access", Key::pem(SignatureAlgorithm::Es256, EC_PUBLIC).unwrap())
        .build()
        .unwrap();
    let key = EncodingKey::from_secret(EC_PUBLIC.as_bytes());
    let token = encode(&Header::default(), &claims(), &key).unwrap();
    assert_eq!(admit(&engine, &token), Err(Reason::InvalidCredential));
}

proptest! {
    #[test]
    fn a_token_with_one_other_character_is_refused(at in 0usize..1_000, other in "[A-Za-z0-9_.-]") {
        let engine = engine();
        let good = mint(&Header::default(), &claims());
        let at = at % good.len();
        prop_assume!(!good[at..].starts_with(&other));
        let changed = format!("{}{other}{}", &good[..at], &good[at + 1..]);
        prop_assert_eq!(admit(&engine, &changed), Err(Reason::InvalidCredential));
    }

    #[test]
    fn no_text_is_a_token_and_none_panics(text in "\\PC{0,60}") {
        prop_assert!(admit(&engine(), &text).is_err());
    }
}
