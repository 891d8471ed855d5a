//! `iss`, `aud`, `exp`, `iat` and `nbf`.

use portcullis_compiler::plan::SignatureAlgorithm::Hs256;
use serde_json::json;

use super::{
    HEADER, LEEWAY, LIFETIME, NOW, REFUSED, credential, decide_at, decide_payload, key, mint,
    payload, payload_with,
};
use crate::{Reason, Timestamp};

fn times(iat: &str, exp: &str, now: Timestamp) -> Option<Reason> {
    let payload = payload_with("iat", Some(iat)).replace(&format!("{}", NOW + LIFETIME), exp);
    assert!(payload.contains(&format!("\"exp\":{exp}")), "{payload}");
    let token = mint(HEADER, &payload, Hs256);
    decide_at(&token, &credential(), &[key(Hs256)], now).err()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

#[test]
fn the_issuer_is_the_policys() {
    for issuer in [
        None,
        Some("null"),
        Some("1"),
        Some("\"\""),
        Some("\"https://auth.shop.example/\""),
        Some("\"https://AUTH.shop.example\""),
        Some("[\"https://auth.shop.example\"]"),
    ] {
        assert_eq!(decide_payload(&payload_with("iss", issuer)), REFUSED, "{issuer:?}");
    }
}

#[test]
fn the_audience_is_or_holds_the_policys() {
    for audience in ["\"shop-api\"", "[\"shop-api\"]", "[\"x\",\"shop-api\",\"shop-api\"]"] {
        assert_eq!(decide_payload(&payload_with("aud", Some(audience))), None, "{audience}");
    }
    for audience in [
        None,
        Some("null"),
        Some("\"\""),
        Some("\"Shop-api\""),
        Some("\"shop-api2\""),
        Some("\"x shop-api\""),
        Some("[]"),
        Some("[\"x\"]"),
        Some("[\"shop-api\",1]"),
        Some("[\"shop-api\",null]"),
        Some("[[\"shop-api\"]]"),
        Some("{\"shop-api\":true}"),
    ] {
        assert_eq!(decide_payload(&payload_with("aud", audience)), REFUSED, "{audience:?}");
    }
}

#[test]
fn times_are_finite_numbers() {
    for name in ["exp", "iat"] {
        for text in [None, Some("null"), Some("\"1767225600\""), Some("1e999"), Some("true")] {
            assert_eq!(decide_payload(&payload_with(name, text)), REFUSED, "{name} {text:?}");
        }
    }
    assert_eq!(decide_payload(&payload_with("nbf", None)), None);
    for text in ["null", "\"0\"", "1e999", "-1e999", "[]"] {
        assert_eq!(decide_payload(&payload_with("nbf", Some(text))), REFUSED, "nbf {text}");
    }
}

#[test]
fn a_token_lives_no_longer_than_the_policy_says() {
    let exp = |lifetime: i64| payload_with("exp", Some(&(NOW + lifetime).to_string()));
    assert_eq!(decide_payload(&exp(LIFETIME)), None);
    assert_eq!(decide_payload(&exp(LIFETIME + 1)), REFUSED);
    for text in ["1767226500.001", "1e300", "9223372036854775807", "18446744073709551615"] {
        assert_eq!(decide_payload(&payload_with("exp", Some(text))), REFUSED, "{text}");
    }
    // Issued at the beginning of time.
    for text in ["0", "-1e300", "-9223372036854775808"] {
        assert_eq!(decide_payload(&payload_with("iat", Some(text))), REFUSED, "{text}");
    }
}

#[test]
fn a_fraction_in_both_times_cancels_out() {
    assert_eq!(times("1767225600.1", "1767226500.1", at(NOW + 1)), None);
    assert_eq!(times("1767225600.123456", "1767226500.123456", at(NOW + 1)), None);
    assert_eq!(times("1767225600.1", "1767226500.2", at(NOW + 1)), REFUSED);
}

#[test]
fn a_token_of_the_future_is_refused() {
    let iat = |ahead: i64| payload_with("iat", Some(&(NOW + ahead).to_string()));
    assert_eq!(decide_payload(&iat(LEEWAY)), None);
    assert_eq!(decide_payload(&iat(LEEWAY + 1)), REFUSED);
    let nbf = |ahead: &str| payload_with("nbf", Some(ahead));
    assert_eq!(decide_payload(&nbf("0")), None);
    assert_eq!(decide_payload(&nbf(&(NOW + LEEWAY).to_string())), None);
    assert_eq!(decide_payload(&nbf(&(NOW + LEEWAY + 1).to_string())), REFUSED);
    assert_eq!(decide_payload(&nbf("1767225630.000001")), REFUSED);
    assert_eq!(decide_payload(&nbf("1e300")), REFUSED);
}

#[test]
fn a_token_expires_to_the_nanosecond() {
    let end = at(NOW + LIFETIME + LEEWAY);
    let (iat, exp) = (NOW.to_string(), (NOW + LIFETIME).to_string());
    let before = Timestamp::from_nanos(end.as_nanos() - 1);
    assert_eq!(times(&iat, &exp, before), None);
    assert_eq!(times(&iat, &exp, end), Some(Reason::ExpiredCredential));
    assert_eq!(times(&iat, &exp, at(i64::MAX)), Some(Reason::ExpiredCredential));
    // exp half a second earlier
    let half = Timestamp::from_nanos(end.as_nanos() - 500_000_000);
    assert_eq!(times(&iat, "1767226499.5", half), Some(Reason::ExpiredCredential));
    let before = Timestamp::from_nanos(half.as_nanos() - 1);
    assert_eq!(times(&iat, "1767226499.5", before), None);
}

#[test]
fn expiry_is_told_only_of_what_was_good_once() {
    let late = at(NOW + LIFETIME + LEEWAY);
    let decided = |payload: &str| {
        decide_at(&mint(HEADER, payload, Hs256), &credential(), &[key(Hs256)], late).err()
    };
    assert_eq!(decided(&payload().to_string()), Some(Reason::ExpiredCredential));
    for (name, text) in [
        ("iss", Some("\"x\"")),
        ("aud", Some("\"x\"")),
        ("sub", None),
        ("sub", Some("1")),
        ("nbf", Some("\"x\"")),
        ("nbf", Some("1e300")),
        ("iat", Some("0")),
    ] {
        assert_eq!(decided(&payload_with(name, text)), REFUSED, "{name} {text:?}");
    }
    let mut token = mint(HEADER, &payload().to_string(), Hs256);
    let last = if token.ends_with('A') { 'E' } else { 'A' };
    token.pop();
    token.push(last);
    assert_eq!(decide_at(&token, &credential(), &[key(Hs256)], late).err(), REFUSED);
}

#[test]
fn clocks_at_the_ends_of_time_do_not_overflow() {
    let token = mint(HEADER, &payload().to_string(), Hs256);
    let mut credential = credential();
    for (lifetime, leeway) in [(i64::MAX, i64::MAX), (i64::MAX, 0), (0, i64::MAX), (0, 0)] {
        (credential.jwt.lifetime, credential.jwt.leeway) = (lifetime, leeway);
        for nanos in [i64::MIN, 0, i64::MAX] {
            let now = Timestamp::from_nanos(nanos);
            let _ = decide_at(&token, &credential, &[key(Hs256)], now);
        }
    }
    let payload = json!({ "iss": "https://auth.shop.example", "aud": "shop-api", "sub": "u1",
        "iat": -1e308, "exp": 1e308 });
    assert_eq!(decide_payload(&payload.to_string()), REFUSED);
}
