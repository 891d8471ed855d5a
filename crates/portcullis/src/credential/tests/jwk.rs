//! Keys as JSON.

use portcullis_compiler::plan::SignatureAlgorithm::{
    self, EdDsa, Es256, Es384, Hs256, Ps256, Rs256,
};
use serde_json::{Value, json};

use super::{HEADER, credential, mint, payload};
use crate::credential::test_keys::{TEST_P256, TEST_RSA};
use crate::credential::{Key, KeyError, Keyring, verify};

/// The modulus of the test key of 2,048 bits.
const N: &str = "uzOZGX4eIogz8I8y-pS3xiDAQFcVi-UZsmcRxg0sGTvZ9l5g_uMyFqTDdKZ9D-HDaj_T31SAVFKh6Y0gwchvVz8M6RijAncO8rY5ipdtkV7uWyvLOGTN-4N-e0Mvp8OP_sQCxlBRkBAL-LSvbL8979jmSppG0biqKYAAI86cuWSbfuqwsw02KuzkCgDri0d_KZW90wCNEf56g_cX_hV-U9dqrlO6_yY-TmzLdn144027DF8_hBQZxPNML7Pu320V-cp-BrIiWwnIg3gk38ATmQTi3rPQt-6cl3jbW3SlE6o2jtwmGlxa1I1fzLmp7_doyaq0MLUDwWBDlBl00PVagw";
/// That of the one of 1,024 bits.
const SHORT_N: &str = "oNbJTbS87GGB26b9ljAlbCq_iSsHP4yHrvVI21d-RxOjvjYYhsWpxZt7HmwY4I9ii1A1owRdNmvFZ9y_k95SP9oYmyqo9VOiYhpZI4gAhvzzjrMqbCWr_k9fv0MDnWOEMI8g1O1NgZVaxPvd38a8fK_dXMQRXlWGBSa5s4tRbZ8";
/// The point of the test key on P-384.
const P384: (&str, &str) = (
    "gRKMfDORgNoIW-T7W4HUtjg-GR-IB4GS-JgpjjSkpusadWLGKnwjycbjdjWUbNEd",
    "qvrEfo4_Yr7Cj_pG90_itGX4Irb1iFmDyXV2Q2xXfiweYVniDebE1LE2hXlyhTGS",
);

fn rsa() -> Value {
    json!({ "kty": "RSA", "n": N, "e": "AQAB", "kid": "r1" })
}

/// RFC 8037, appendix A.2.
fn ed25519() -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" })
}

/// RFC 7515, appendix A.3.1.
fn p256() -> Value {
    json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    })
}

fn p384() -> Value {
    json!({ "kty": "EC", "crv": "P-384", "x": P384.0, "y": P384.1 })
}

fn oct() -> Value {
    json!({ "kty": "oct", "k": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8" })
}

fn with(jwk: Value, name: &str, value: Value) -> Value {
    let Value::Object(mut members) = jwk else { panic!("an object") };
    members.insert(name.to_owned(), value);
    Value::Object(members)
}

fn read(jwk: &Value, algorithm: SignatureAlgorithm) -> Result<Key, KeyError> {
    Key::jwk(&jwk.to_string(), algorithm)
}

#[test]
fn a_key_serves_the_algorithms_of_its_kind() {
    for (name, algorithm) in SignatureAlgorithm::ALL {
        let kind = match name.get(..2).unwrap() {
            "HS" => "oct",
            "RS" | "PS" => "RSA",
            _ => *name,
        };
        for (of, jwk) in [
            ("oct", oct()),
            ("RSA", rsa()),
            ("ES256", p256()),
            ("ES384", p384()),
            ("EdDSA", ed25519()),
        ] {
            // The secret has 256 bits.
            let expected = kind == of && !["HS384", "HS512"].contains(name);
            assert_eq!(read(&jwk, *algorithm).is_ok(), expected, "{name} by {of}");
            assert_eq!(read(&with(jwk, "alg", json!(name)), *algorithm).is_ok(), expected);
        }
    }
}

#[test]
fn it_is_the_key_that_is_written() {
    let token = mint(r#"{"alg":"RS256"}"#, &payload().to_string(), Rs256);
    let verified =
        |key: Key| verify(&token, &[Rs256, Ps256], None, &Keyring::fixed(&[key])).is_ok();
    assert!(verified(read(&rsa(), Rs256).unwrap()));
    assert!(verified(Key::pem(Rs256, TEST_RSA).unwrap()));
    assert!(!verified(read(&rsa(), Ps256).unwrap()), "for one algorithm");
    assert_eq!(
        format!("{:?}", read(&rsa(), Rs256).unwrap()),
        "Key { algorithm: Rs256, kid: Some(\"r1\"), .. }"
    );
}

#[test]
fn what_a_key_says_of_itself_is_heeded() {
    for (name, value, sound) in [
        ("alg", json!("RS256"), true),
        ("alg", json!("PS256"), false),
        ("alg", json!("none"), false),
        ("alg", json!(null), false),
        ("use", json!("sig"), true),
        ("use", json!("enc"), false),
        ("use", json!(1), false),
        ("key_ops", json!(["verify"]), true),
        ("key_ops", json!(["sign", "verify"]), true),
        ("key_ops", json!(["encrypt"]), false),
        ("key_ops", json!([]), false),
        ("key_ops", json!("verify"), false),
        ("kid", json!(7), false),
        ("kty", json!("rsa"), false),
        ("e", json!("AQAB="), false),
        ("e", json!("AA"), false),
        ("n", json!(SHORT_N), false),
        ("n", json!(""), false),
        ("n", json!("!!"), false),
        ("d", json!("AQAB"), false),
        ("p", json!("AQAB"), false),
        // What it brings along or points to is never looked at.
        ("x5c", json!(["MII"]), true),
        ("x5u", json!("https://evil.example/key"), true),
        ("more", json!({ "a": 1 }), true),
    ] {
        let read = read(&with(rsa(), name, value.clone()), Rs256);
        assert_eq!(read.is_ok(), sound, "{name} {value}");
    }
    let short = read(&with(rsa(), "n", json!(SHORT_N)), Rs256).err();
    assert_eq!(short, Some(KeyError::ShortRsaKey { found: 1024 }));
    for (jwk, name, value) in [
        (p256(), "x", json!("AAAA")),
        (p256(), "y", json!("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")),
        (p256(), "crv", json!("P-384")),
        (p256(), "crv", json!(null)),
    ] {
        assert!(read(&with(jwk, name, value.clone()), Es256).is_err(), "{name} {value}");
    }
    assert!(read(&with(ed25519(), "x", json!("AAAA")), EdDsa).is_err());
    assert!(read(&with(oct(), "k", json!("AAAA")), Hs256).is_err());
    for text in ["", "[]", "{}", "null", r#"{"kty":"RSA","kty":"RSA"}"#, TEST_P256] {
        assert!(Key::jwk(text, Rs256).is_err(), "{text}");
    }
}

#[test]
fn no_key_material_is_in_an_error() {
    let refused = read(&with(oct(), "k", json!("c2VjcmV0")), Hs256).unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("c2Vj"), "{refused:?}");
    let refused = read(&with(rsa(), "d", json!("leaked")), Rs256).unwrap_err();
    assert_eq!(refused.to_string(), "expected a key as JWK: it holds a private key");
}

#[test]
fn of_a_set_the_keys_are_taken_that_serve() {
    let set = |keys: Value| json!({ "keys": keys }).to_string();
    let kinds = |text: &str, algorithms: &[SignatureAlgorithm]| {
        let keys = Key::jwks(text, algorithms)?;
        Ok::<_, KeyError>(keys.iter().map(Key::algorithm).collect::<Vec<_>>())
    };
    let mixed = set(json!([
        rsa(), p256(), ed25519(),
        with(p384(), "use", json!("enc")),
        { "kty": "what there may be one day" },
        with(with(rsa(), "kid", json!("r2")), "alg", json!("PS256")),
        with(p256(), "x", json!("AAAA")),
    ]));
    assert_eq!(kinds(&mixed, &[EdDsa, Es256]), Ok(vec![Es256, EdDsa]));
    assert_eq!(kinds(&mixed, &[Rs256]), Ok(vec![Rs256]));
    // The key without `alg` could be meant for either.
    assert!(kinds(&mixed, &[Rs256, Ps256]).is_err());
    assert!(kinds(&mixed, &[Es384]).is_err(), "none serves");
    assert!(kinds(&set(json!([rsa(), with(p256(), "d", json!("AQAB"))])), &[Rs256]).is_err());
    assert!(kinds(&set(json!([])), &[Rs256]).is_err());
    assert!(kinds(&rsa().to_string(), &[Rs256]).is_err(), "a key is no set");
    assert!(kinds(&set(json!(vec![rsa(); 101])), &[Rs256]).is_err());
    let large = json!({ "keys": [rsa()], "more": "x".repeat(300_000) }).to_string();
    assert!(kinds(&large, &[Rs256]).is_err());
}

#[test]
fn a_token_chooses_by_name_among_the_keys_of_a_set() {
    let set =
        json!({ "keys": [with(rsa(), "kid", json!("new")), with(rsa(), "kid", json!("old"))] });
    let keys = Keyring::fixed(&Key::jwks(&set.to_string(), &[Rs256]).unwrap());
    let named = |kid: &str| {
        let header = HEADER.replace("HS256", "RS256").replace('{', &format!(r#"{{"kid":"{kid}","#));
        let token = mint(&header, &payload().to_string(), Rs256);
        verify(&token, &credential().jwt.algorithms, Some("at+jwt"), &keys).is_ok()
    };
    assert!(named("new") && named("old") && !named("other"));
}
