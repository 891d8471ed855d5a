//! Keys that are fetched. The clock is a number of seconds that the tests say.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use portcullis_compiler::plan::SignatureAlgorithm::{self, EdDsa, Es256};
use serde_json::{Value, json};

use super::{NOW, REFUSED, credential, mint, payload, plan};
use crate::Timestamp;
use crate::credential::test_keys::{TEST_ED25519, TEST_P256, key};
use crate::credential::{KeySource, Keyring, accept, verify};

pub(super) const COOLDOWN: i64 = 30;
pub(super) const REFRESH: i64 = 300;
pub(super) const MINUTE: i64 = 60;

/// So many seconds after the tests began.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(NOW + seconds)
}

/// The public test key of an algorithm, as its issuer publishes it.
fn jwk(kid: &str, algorithm: SignatureAlgorithm) -> Value {
    let der = |pem: &str| {
        let lines: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        STANDARD.decode(lines).unwrap()
    };
    let tail = |der: &[u8], from: usize, to: usize| {
        URL_SAFE_NO_PAD.encode(&der[der.len() - from..der.len() - to])
    };
    match algorithm {
        EdDsa => {
            let der = der(TEST_ED25519);
            json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": tail(&der, 32, 0) })
        }
        Es256 => {
            let der = der(TEST_P256);
            let (x, y) = (tail(&der, 64, 32), tail(&der, 32, 0));
            json!({ "kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y })
        }
        other => panic!("{other:?}"),
    }
}

pub(super) fn set(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

pub(super) fn old() -> Value {
    jwk("old", EdDsa)
}

pub(super) fn new() -> Value {
    jwk("new", Es256)
}

pub(super) fn source() -> KeySource {
    KeySource::new(&[EdDsa, Es256])
}

/// A source that has got these keys when the tests began.
pub(super) fn with(keys: &[Value]) -> KeySource {
    let source = source();
    source.update(&set(keys), at(0)).unwrap();
    source
}

pub(super) fn ring(source: &KeySource) -> Keyring {
    Keyring { fixed: Vec::new(), source: Some(source.clone()) }
}

pub(super) fn header(kid: &str, algorithm: &str) -> String {
    json!({ "alg": algorithm, "typ": "at+jwt", "kid": kid }).to_string()
}

pub(super) fn token(kid: &str, algorithm: SignatureAlgorithm) -> String {
    mint(&header(kid, algorithm.as_str()), &payload().to_string(), algorithm)
}

/// One that says to be signed by that key, and is not.
pub(super) fn invented(header: &str) -> String {
    format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode(header))
}

pub(super) fn good(keys: &Keyring, token: &str) -> bool {
    match accept(token, credential().asked(), keys, &plan(None), at(0)) {
        Ok(_) => true,
        Err(reason) => {
            assert_eq!(Some(reason), REFUSED);
            false
        }
    }
}

/// A token names a key that there is not.
pub(super) fn meet(source: &KeySource, kid: &str) {
    let token = invented(&header(kid, "EdDSA"));
    assert!(verify(&token, &[EdDsa, Es256], Some("at+jwt"), &ring(source)).is_err());
}

#[test]
fn on_rotation_old_and_new_keys_overlap_until_the_old_one_is_withdrawn() {
    let source = source();
    let keys = ring(&source);
    let verified = || (good(&keys, &token("old", EdDsa)), good(&keys, &token("new", Es256)));
    assert_eq!(verified(), (false, false), "nothing has come");
    source.update(&set(&[old()]), at(0)).unwrap();
    assert_eq!(verified(), (true, false));
    source.update(&set(&[old(), new()]), at(1)).unwrap();
    assert_eq!(verified(), (true, true));
    source.update(&set(&[new()]), at(2)).unwrap();
    assert_eq!(verified(), (false, true));
}

#[test]
fn keys_that_were_handed_over_stand_beside_those_of_the_source() {
    let source = with(&[new()]);
    let keys = Keyring { fixed: vec![key(EdDsa).kid("fixed")], source: Some(source.clone()) };
    assert!(good(&keys, &token("fixed", EdDsa)) && good(&keys, &token("new", Es256)));
    assert!(!good(&keys, &token("new", EdDsa)), "a key serves one algorithm");
    // A bad signature by a key that is there is no reason to fetch, whoever has it.
    for kid in ["fixed", "new"] {
        assert!(!good(&keys, &invented(&header(kid, "EdDSA"))));
    }
    assert_eq!(source.unknown(), 0);
    // A key without a name is tried whatever the token says: if it verifies, nothing was missed.
    let keys = Keyring { fixed: vec![key(EdDsa)], source: Some(source.clone()) };
    assert!(good(&keys, &token("any", EdDsa)));
    assert_eq!(source.unknown(), 0);
    assert!(!good(&keys, &invented(&header("any", "EdDSA"))));
    assert_eq!(source.unknown(), 1);
}

#[test]
fn it_wants_what_never_came_and_what_is_old() {
    let source = source();
    assert_eq!(source.updated(), None);
    assert!(source.wants(at(0)));
    source.update(&set(&[old()]), at(0)).unwrap();
    assert_eq!(source.updated(), Some(at(0)));
    assert!(!source.wants(at(0)) && !source.wants(at(COOLDOWN)) && !source.wants(at(REFRESH - 1)));
    assert!(source.wants(at(REFRESH)));

    let often = with(&[old()]).refresh(Duration::from_secs(40)).cooldown(Duration::from_secs(50));
    assert!(!often.wants(at(49)), "the cooldown goes before the refresh");
    assert!(often.wants(at(50)));
    // Set back: what is far ahead is not waited for.
    let source = with(&[old()]);
    assert!(!source.wants(at(-COOLDOWN)));
    assert!(source.wants(at(-REFRESH)));
}

#[test]
fn an_attempt_is_wanted_once_whether_it_ends_or_not() {
    let source = source();
    let again = source.clone();
    assert!(source.wants(at(0)));
    assert!(!again.wants(at(1)) && !again.wants(at(COOLDOWN - 1)), "it is under way");
    assert!(again.wants(at(COOLDOWN)), "nobody has reported");
    source.failed(at(40));
    assert!(!source.wants(at(40 + COOLDOWN - 1)));
    assert!(source.wants(at(40 + COOLDOWN)));
    source.update(&set(&[old()]), at(71)).unwrap();
    assert!(!source.wants(at(71 + REFRESH - 1)));
}

#[test]
fn a_set_that_does_not_serve_leaves_the_keys_before_in_force() {
    let mut private = new();
    private["d"] = json!("AAAA");
    let mut enough = vec![new(); 101];
    enough.push(old());
    for bad in [
        String::new(),
        "<html>502 Bad Gateway</html>".to_owned(),
        "{}".to_owned(),
        set(&[]),
        set(&[json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" })]),
        set(&[old(), private]),
        set(&enough),
        format!("{}{}", set(&[new()]), " ".repeat(256 * 1024)),
        set(&[new()])[..40].to_owned(),
    ] {
        let source = with(&[old()]);
        assert!(source.update(&bad, at(100)).is_err(), "{bad}");
        assert_eq!(source.updated(), Some(at(0)));
        // It has failed.
        assert!(!source.wants(at(100 + COOLDOWN - 1)), "{bad}");
        assert!(source.wants(at(100 + COOLDOWN)), "{bad}");
        assert!(good(&ring(&source), &token("old", EdDsa)), "{bad}");
        assert!(!good(&ring(&source), &token("new", Es256)), "{bad}");
    }
}

#[test]
fn stale_keys_serve_while_the_issuer_is_down() {
    let source = with(&[old()]);
    let keys = ring(&source);
    let mut attempts = 0;
    for second in 0..24 * 60 * MINUTE {
        if source.wants(at(second)) {
            source.failed(at(second));
            attempts += 1;
        }
    }
    assert_eq!(attempts, (24 * 60 * MINUTE - REFRESH) / COOLDOWN);
    assert!(good(&keys, &token("old", EdDsa)));
    assert_eq!(source.updated(), Some(at(0)), "what tells an operator so");
}

#[test]
fn while_sets_are_exchanged_a_key_of_all_of_them_always_verifies() {
    let source = with(&[old()]);
    let keys = ring(&source);
    let kept = token("old", EdDsa);
    std::thread::scope(|scope| {
        let verifiers = [(); 2].map(|()| {
            scope.spawn(|| {
                for index in 0..500 {
                    assert!(good(&keys, &kept));
                    // And on the way that takes the lock.
                    meet(&source, &index.to_string());
                }
            })
        });
        let mut second = 0;
        while !verifiers.iter().all(|verifier| verifier.is_finished()) {
            let other = if second % 2 == 0 { new() } else { jwk("newer", EdDsa) };
            source.update(&set(&[other, old()]), at(second)).unwrap();
            second += 1;
        }
        verifiers.into_iter().for_each(|verifier| verifier.join().unwrap());
    });
}

#[test]
fn no_key_material_is_shown() {
    let source = with(&[old()]);
    let shown = format!("{source:?}");
    assert!(shown.contains("EdDsa") && shown.contains("old"), "{shown}");
    assert!(!shown.contains(old()["x"].as_str().unwrap()), "{shown}");
    assert!(!format!("{:?}", source.update("secret", at(1))).contains("secret"));
}
