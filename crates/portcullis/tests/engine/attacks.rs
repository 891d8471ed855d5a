//! What a penetration tester sends in the place of a good access token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use portcullis::Reason;
use serde_json::{Value, json};

use crate::NOW;
use crate::sessions::{SECRET, engine, refresh, sign_in, visit};

const INVALID: Option<Reason> = Some(Reason::InvalidCredential);

fn claims() -> Value {
    let now = NOW.as_nanos() / 1_000_000_000;
    json!({
        "iss": "iss", "aud": "aud", "iat": now, "exp": now + 60, "sub": "u1", "jti": "j",
        "realm": {"role": "user"},
    })
}

fn header() -> Header {
    Header { typ: Some("at+jwt".to_owned()), ..Header::new(Algorithm::HS256) }
}

fn signed(header: &Header, claims: &Value, secret: &[u8]) -> String {
    encode(header, claims, &EncodingKey::from_secret(secret)).unwrap()
}

fn unsigned(header: &str, signature: &str) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{signature}", part(header), part(&claims().to_string()))
}

#[test]
fn no_spelling_of_none_is_an_algorithm() {
    let engine = engine();
    let good = signed(&header(), &claims(), SECRET);
    assert_eq!(visit(&engine, &good, 0), None);
    let signature = good.rsplit('.').next().unwrap();
    for casing in 0..16_u8 {
        let letters = "none".bytes().enumerate();
        let upper = |place: usize| casing >> place & 1 == 1;
        let cased = letters.map(|(place, c)| if upper(place) { c.to_ascii_uppercase() } else { c });
        let name = String::from_utf8(cased.collect()).unwrap();
        for around in [name.clone(), format!(" {name}"), format!("{name}\\u0000")] {
            let header = format!(r#"{{"alg":"{around}","typ":"at+jwt"}}"#);
            for signature in ["", "AA", signature] {
                assert_eq!(visit(&engine, &unsigned(&header, signature), 0), INVALID, "{header}");
            }
        }
    }
    for header in
        [r#"{"typ":"at+jwt"}"#, r#"{"alg":null,"typ":"at+jwt"}"#, r#"{"alg":"","typ":"at+jwt"}"#]
    {
        assert_eq!(visit(&engine, &unsigned(header, signature), 0), INVALID);
    }
}

#[test]
fn parts_of_two_good_tokens_are_no_third() {
    let engine = engine();
    let mut admin = claims();
    admin["realm"]["role"] = "ROLE_ADMIN".into();
    let [one, other] = [claims(), admin].map(|claims| signed(&header(), &claims, SECRET));
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (one, other) = (parts(&one), parts(&other));
    for picked in 1..7_u8 {
        let pick = |place: usize| {
            if picked >> place & 1 == 1 { other[place].clone() } else { one[place].clone() }
        };
        let mixed = [pick(0), pick(1), pick(2)].join(".");
        // The headers are alike: what is left is whether payload and signature belong together.
        let whole = (picked >> 1 & 1) == (picked >> 2 & 1);
        assert_eq!(visit(&engine, &mixed, 0).is_none(), whole, "{picked:03b}");
        assert_eq!(visit(&engine, &[pick(1), pick(0), pick(2)].join("."), 0), INVALID);
    }
    let token = one.join(".");
    for cut in 0..token.len() {
        assert!(visit(&engine, &token[..cut], 0).is_some(), "{cut}");
    }
}

#[test]
fn a_key_name_is_a_name_and_nothing_else() {
    let engine = engine();
    for kid in [
        "../../../../dev/null",
        "/dev/null",
        "' OR '1'='1",
        "key\u{0}",
        "https://evil.example/jwks.json",
        "${jndi:ldap://evil.example}",
        "",
        &"k".repeat(4000),
    ] {
        let named = Header { kid: Some(kid.to_owned()), ..header() };
        // Our key has no name: it serves whatever name is given. No other secret does.
        for secret in [&b""[..], b"\0", &[0; 32], kid.as_bytes()] {
            assert_eq!(visit(&engine, &signed(&named, &claims(), secret), 0), INVALID, "{kid:.20}");
        }
    }
    // A key that the token brings along, or points to.
    let secret = b"the attacker's own, of 32 bytes..";
    for more in [
        json!({"jwk": {"kty": "oct", "k": URL_SAFE_NO_PAD.encode(secret)}}),
        json!({"jku": "https://evil.example/jwks.json"}),
        json!({"x5u": "https://evil.example/cert.pem"}),
        json!({"x5c": ["MIIB"]}),
    ] {
        let mut header = json!({"alg": "HS256", "typ": "at+jwt"});
        header.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let signed = signed(&self::header(), &claims(), secret);
        let signature = signed.rsplit('.').next().unwrap();
        assert_eq!(visit(&engine, &unsigned(&header.to_string(), signature), 0), INVALID);
    }
}

#[test]
fn tokens_of_other_kinds_are_none_of_this_one() {
    let engine = engine();
    for kind in [None, Some("JWT"), Some("id+jwt"), Some("logout+jwt"), Some("at+jwt ")] {
        let other = Header { typ: kind.map(str::to_owned), ..header() };
        assert_eq!(visit(&engine, &signed(&other, &claims(), SECRET), 0), INVALID, "{kind:?}");
    }
    for (name, value) in
        [("aud", json!("another-api")), ("iss", json!("another")), ("aud", json!(["aud", 7]))]
    {
        let mut other = claims();
        other[name] = value;
        assert_eq!(visit(&engine, &signed(&header(), &other, SECRET), 0), INVALID);
    }
    let client = sign_in(&engine, "u1", 0);
    assert_eq!(visit(&engine, &client.refresh, 0), INVALID);
    assert_eq!(refresh(&engine, &client.access, 0), Err(Reason::InvalidCredential));
    // One second on either side of the leeway, which is five.
    let mut old = claims();
    old["exp"] = (NOW.as_nanos() / 1_000_000_000).into();
    let old = signed(&header(), &old, SECRET);
    assert_eq!(visit(&engine, &old, 4), None);
    assert_eq!(visit(&engine, &old, 5), Some(Reason::ExpiredCredential));
    let mut young = claims();
    young["iat"] = (NOW.as_nanos() / 1_000_000_000 + 6).into();
    let young = signed(&header(), &young, SECRET);
    assert_eq!(visit(&engine, &young, 0), INVALID);
    assert_eq!(visit(&engine, &young, 1), None);
}
