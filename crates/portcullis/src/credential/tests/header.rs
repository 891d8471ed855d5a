//! The shape of a token, and what its header may say.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_compiler::plan::SignatureAlgorithm::{self, Es256, Hs256};
use serde_json::json;

use super::{
    HEADER, REFUSED, credential, decide, decide_header, decide_payload, key, mint, payload, sign,
};
use crate::credential::test_keys::{OTHER_TEST_SECRET, TEST_P256, TEST_SECRET};
use crate::credential::{Key, Keyring, verify};

fn refused(token: &str) -> bool {
    decide(token, &credential(), &[key(Hs256)]).err() == REFUSED
}

fn good() -> String {
    mint(HEADER, &payload().to_string(), Hs256)
}

#[test]
fn a_token_has_three_parts_that_are_not_empty() {
    let good = good();
    assert!(!refused(&good));
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else {
        panic!("three parts")
    };
    for token in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        header.to_owned(),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!("{header}..{signature}"),
        format!(".{payload}.{signature}"),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.{signature}"),
        format!("{good}.."),
    ] {
        assert!(refused(&token), "{token}");
    }
    // Even where a key has signed them.
    assert!(refused(&sign(&format!("{header}."), Hs256)));
    assert!(refused(&sign(&format!(".{payload}"), Hs256)));
    assert!(refused(&sign(header, Hs256)));
    assert!(refused(&sign(&format!("{header}.{payload}.{payload}"), Hs256)));
    // To the signature layer alone nothing is a payload like any other (RFC 7515, 3).
    let empty = sign(&format!("{header}."), Hs256);
    let keys = Keyring::fixed(&[key(Hs256)]);
    assert_eq!(verify(&empty, &[Hs256], None, &keys), Ok(Vec::new()));
    assert!(verify(&format!("{header}.{payload}."), &[Hs256], None, &keys).is_err());
}

#[test]
fn base64url_has_one_spelling() {
    let payload = payload().to_string();
    let encoded = [URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(&payload)];
    let spellings = |text: &str| {
        vec![
            format!("{text}="),
            format!("{text}=="),
            format!("{text} "),
            format!(" {text}"),
            format!("{text}\n"),
            format!("{text}\0"),
            text.replacen('e', "+", 1),
            text.replacen('e', "/", 1),
        ]
    };
    for header in spellings(&encoded[0]) {
        assert!(refused(&sign(&format!("{header}.{}", encoded[1]), Hs256)), "{header:?}");
    }
    for payload in spellings(&encoded[1]) {
        assert!(refused(&sign(&format!("{}.{payload}", encoded[0]), Hs256)), "{payload:?}");
    }
    for end in ["=", " ", "\n"] {
        assert!(refused(&format!("{}{end}", good())), "{end:?}");
    }
}

#[test]
fn bits_left_over_are_refused() {
    // 32 bytes of a MAC leave two bits of the last character unused; they must be zero.
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let good = good();
    let (rest, last) = good.split_at(good.len() - 1);
    let place = ALPHABET.find(last).unwrap();
    assert_eq!(place % 4, 0);
    for other in place + 1..place + 4 {
        assert!(refused(&format!("{rest}{}", &ALPHABET[other..=other])));
    }
}

#[test]
fn length_is_bounded() {
    let with = |padding: usize| {
        let mut payload = payload();
        payload["x"] = json!("x".repeat(padding));
        mint(HEADER, &payload.to_string(), Hs256)
    };
    let shortest = with(0).len();
    let room = (8192 - shortest) / 4 * 3;
    let longest = with(room);
    assert!(longest.len() <= 8192 && longest.len() > 8185, "{}", longest.len());
    assert!(!refused(&longest));
    assert!(with(room + 9).len() > 8192);
    assert!(refused(&with(room + 9)));
}

#[test]
fn the_header_is_a_strict_json_object() {
    assert_eq!(decide_header(HEADER), None);
    assert_eq!(decide_header(r#" { "typ" : "at+jwt", "x": [1], "alg" : "HS256" } "#), None);
    for header in [
        "",
        "null",
        "[]",
        "\"HS256\"",
        "{}",
        r#"{"alg":"HS256","typ":"at+jwt"}x"#,
        r#"{"alg":"HS256","alg":"HS256","typ":"at+jwt"}"#,
        r#"{"alg":"none","alg":"HS256","typ":"at+jwt"}"#,
        "\u{feff}{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}",
        r#"[{"alg":"HS256","typ":"at+jwt"}]"#,
    ] {
        assert_eq!(decide_header(header), REFUSED, "{header}");
    }
}

#[test]
fn the_algorithm_is_one_of_the_policys() {
    for alg in [
        "\"none\"",
        "\"hs256\"",
        "\"HS384\"",
        "\"RS256\"",
        "\"HS256 \"",
        "\"\"",
        "null",
        "1",
        "[\"HS256\"]",
    ] {
        assert_eq!(decide_header(&format!(r#"{{"alg":{alg},"typ":"at+jwt"}}"#)), REFUSED, "{alg}");
    }
    assert_eq!(decide_header(r#"{"typ":"at+jwt"}"#), REFUSED);

    // There is a key for it, but the policy does not take it.
    let mut credential = credential();
    credential.jwt.algorithms = vec![Es256];
    assert_eq!(decide(&good(), &credential, &[key(Hs256)]).err(), REFUSED);
}

#[test]
fn a_key_serves_one_algorithm() {
    // The public key is no secret: whoever signs with it must not get in.
    let header = r#"{"alg":"HS256","typ":"at+jwt"}"#;
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(payload().to_string())
    );
    for secret in [TEST_P256, TEST_P256.trim()] {
        let signature = jsonwebtoken::crypto::sign(
            signed.as_bytes(),
            &jsonwebtoken::EncodingKey::from_secret(secret.as_bytes()),
            jsonwebtoken::Algorithm::HS256,
        );
        let token = format!("{signed}.{}", signature.unwrap());
        assert_eq!(decide(&token, &credential(), &[key(Es256)]).err(), REFUSED);
    }

    // Signed as one thing and labelled as another.
    let keys: Vec<Key> = SignatureAlgorithm::ALL.iter().map(|(_, one)| key(*one)).collect();
    for (name, labelled) in SignatureAlgorithm::ALL {
        for (_, signed) in SignatureAlgorithm::ALL {
            let header = json!({ "alg": name, "typ": "at+jwt" }).to_string();
            let token = mint(&header, &payload().to_string(), *signed);
            assert_eq!(decide(&token, &credential(), &keys).is_ok(), labelled == signed);
        }
    }
}

#[test]
fn critical_extensions_are_refused() {
    for extra in [
        r#""crit":["exp"]"#,
        r#""crit":[]"#,
        r#""crit":null"#,
        r#""b64":true"#,
        r#""b64":false"#,
        r#""b64":null"#,
    ] {
        let header = format!(r#"{{"alg":"HS256","typ":"at+jwt",{extra}}}"#);
        assert_eq!(decide_header(&header), REFUSED, "{extra}");
    }
}

#[test]
fn the_type_is_compared_as_a_media_type() {
    let header = |typ: &str| format!(r#"{{"alg":"HS256","typ":{typ}}}"#);
    for typ in ["\"AT+JWT\"", "\"application/at+jwt\"", "\"Application/At+Jwt\""] {
        assert_eq!(decide_header(&header(typ)), None, "{typ}");
    }
    for typ in [
        "\"JWT\"",
        "\"\"",
        "\"application/\"",
        "\"text/at+jwt\"",
        "\"application/application/at+jwt\"",
        "\"at+jwt \"",
        "null",
        "[\"at+jwt\"]",
    ] {
        assert_eq!(decide_header(&header(typ)), REFUSED, "{typ}");
    }
    assert_eq!(decide_header(r#"{"alg":"HS256"}"#), REFUSED);

    let mut any = credential();
    any.jwt.token_type = None;
    for header in [r#"{"alg":"HS256"}"#, &header("\"JWT\"")] {
        let token = mint(header, &payload().to_string(), Hs256);
        assert!(decide(&token, &any, &[key(Hs256)]).is_ok(), "{header}");
    }
}

#[test]
fn a_token_may_choose_among_the_keys() {
    let other = || Key::secret(SignatureAlgorithm::Hs256, OTHER_TEST_SECRET).unwrap();
    let own = || Key::secret(SignatureAlgorithm::Hs256, TEST_SECRET).unwrap();
    let decided = |kid: &str, keys: &[Key]| {
        let header = format!(r#"{{"alg":"HS256","typ":"at+jwt"{kid}}}"#);
        decide(&mint(&header, &payload().to_string(), Hs256), &credential(), keys).is_ok()
    };
    let a = r#","kid":"a""#;
    assert!(decided(a, &[own().kid("a")]));
    assert!(decided(a, &[other().kid("b"), own().kid("a")]));
    assert!(decided(a, &[own()]), "a key without name serves any");
    assert!(decided(a, &[other().kid("a"), own().kid("a")]), "two keys of one name");
    assert!(decided("", &[other().kid("b"), own().kid("a")]), "a token that names none");
    assert!(!decided(a, &[own().kid("b")]), "another's name");
    assert!(!decided(a, &[own().kid("A")]));
    assert!(!decided(a, &[other().kid("a"), own().kid("b")]));
    assert!(!decided(r#","kid":null"#, &[own()]));
    assert!(!decided(r#","kid":1"#, &[own()]));
    assert!(!decided(r#","kid":["a"]"#, &[own()]));
    assert!(!decided("", &[]));
}

#[test]
fn keys_in_the_header_are_not_used() {
    let jwk = json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode(TEST_SECRET) });
    let header = json!({ "alg": "HS256", "typ": "at+jwt", "jwk": jwk, "jku": "https://x.example/",
        "x5u": "https://x.example/", "x5c": ["MII="] });
    let token = mint(&header.to_string(), &payload().to_string(), Hs256);
    let other = Key::secret(SignatureAlgorithm::Hs256, OTHER_TEST_SECRET).unwrap();
    assert_eq!(decide(&token, &credential(), &[other]).err(), REFUSED);
    // Nor do they hinder the key at hand.
    assert!(decide(&token, &credential(), &[key(Hs256)]).is_ok());
}

#[test]
fn the_payload_is_a_strict_json_object() {
    assert_eq!(decide_payload(&payload().to_string()), None);
    for text in [
        String::new(),
        "{}".to_owned(),
        "null".to_owned(),
        format!("[{}]", payload()),
        format!("{} ,", payload()),
        payload().to_string().replacen('{', r#"{"sub":"u2","#, 1),
        payload().to_string().replacen('{', r#"{"x":{"a":1,"a":1},"#, 1),
        format!("\u{feff}{}", payload()),
    ] {
        assert_eq!(decide_payload(&text), REFUSED, "{text}");
    }
}
