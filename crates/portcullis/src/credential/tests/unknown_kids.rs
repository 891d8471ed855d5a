//! Names of keys that are not there, as tokens bring them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_compiler::plan::SignatureAlgorithm::{EdDsa, Es256, Rs256};

use super::key_source::{
    COOLDOWN, MINUTE, REFRESH, at, good, header, invented, meet, new, old, ring, set, source,
    token, with,
};
use super::{credential, plan};
use crate::credential::{KeySource, accept};

#[test]
fn an_unknown_name_is_asked_for_once_the_cooldown_has_passed() {
    let source = with(&[old()]);
    meet(&source, "new");
    assert!(!source.wants(at(COOLDOWN - 1)));
    assert!(source.wants(at(COOLDOWN)));
    source.update(&set(&[old(), new()]), at(COOLDOWN)).unwrap();
    assert!(good(&ring(&source), &token("new", Es256)));
    assert_eq!(source.unknown(), 0);
    assert!(!source.wants(at(REFRESH)));
    // Withdrawn, it is unknown again.
    source.update(&set(&[old()]), at(REFRESH)).unwrap();
    meet(&source, "new");
    assert!(source.wants(at(REFRESH + COOLDOWN)));
}

#[test]
fn a_name_that_did_not_come_is_not_asked_for_again_for_ten_minutes() {
    let source = with(&[old()]).refresh(Duration::from_secs(24 * 60 * 60));
    meet(&source, "invented");
    assert!(source.wants(at(COOLDOWN)));
    source.update(&set(&[old()]), at(COOLDOWN)).unwrap();
    let asked = COOLDOWN;
    assert!(!source.wants(at(asked + 20 * MINUTE)), "nobody has named it since");
    for second in 0..10 * MINUTE {
        meet(&source, "invented");
        assert!(!source.wants(at(asked + second)), "{second}");
    }
    // Another name is another matter, and does not forget the first.
    meet(&source, "another");
    assert!(source.wants(at(asked + 9 * MINUTE)));
    source.update(&set(&[old()]), at(asked + 9 * MINUTE)).unwrap();
    meet(&source, "invented");
    assert!(!source.wants(at(asked + 19 * MINUTE - 1)));
    assert!(source.wants(at(asked + 19 * MINUTE)));
    assert_eq!(source.unknown(), 2);
}

#[test]
fn a_failed_attempt_answers_no_name() {
    let source = with(&[old()]);
    meet(&source, "new");
    assert!(source.wants(at(COOLDOWN)));
    source.failed(at(COOLDOWN));
    assert!(!source.wants(at(2 * COOLDOWN - 1)));
    assert!(source.wants(at(2 * COOLDOWN)));
}

/// The set may have been written before the key that the token names was there.
#[test]
fn a_name_that_is_met_during_a_fetch_is_not_answered_by_it() {
    let source = source();
    assert!(source.wants(at(0)));
    meet(&source, "new");
    source.update(&set(&[old()]), at(1)).unwrap();
    assert!(source.wants(at(1 + COOLDOWN)));
    source.update(&set(&[old()]), at(2 + COOLDOWN)).unwrap();
    assert!(!source.wants(at(2 + 2 * COOLDOWN)));
}

#[test]
fn only_a_token_that_could_be_for_the_credential_misses_a_key() {
    let source = KeySource::new(&[EdDsa]);
    source.update(&set(&[old()]), at(0)).unwrap();
    let keys = ring(&source);
    for header in [
        r#"{"alg":"EdDSA","typ":"at+jwt"}"#.to_owned(),
        r#"{"alg":"EdDSA","typ":"at+jwt","kid":null}"#.to_owned(),
        r#"{"alg":"EdDSA","typ":"at+jwt","kid":1}"#.to_owned(),
        r#"{"alg":"EdDSA","typ":"JWT","kid":"x"}"#.to_owned(),
        r#"{"alg":"EdDSA","kid":"x"}"#.to_owned(),
        r#"{"alg":"EdDSA","typ":"at+jwt","kid":"x","crit":[]}"#.to_owned(),
        r#"{"alg":"EdDSA","typ":"at+jwt","kid":"x","kid":"y"}"#.to_owned(),
        r#"{"typ":"at+jwt","kid":"x"}"#.to_owned(),
        header("x", "none"),
        // The policy pins it, and the source is not for it.
        header("x", "ES256"),
        header("x", "HS256"),
    ] {
        assert!(!good(&keys, &invented(&header)), "{header}");
    }
    let named = URL_SAFE_NO_PAD.encode(header("x", "EdDSA"));
    let long = "A".repeat(8192);
    for token in [
        format!("{named}.e30"),
        format!("{named}.e30.!"),
        format!("{named}.e30.AAAA.AAAA"),
        format!("{named}.{long}.AAAA"),
    ] {
        assert!(!good(&keys, &token), "{token}");
    }
    assert_eq!(source.unknown(), 0);

    let mut narrow = credential();
    narrow.jwt.algorithms = vec![Rs256];
    assert!(accept(&token("x", EdDsa), narrow.asked(), &keys, &plan(None), at(0)).is_err());
    assert_eq!(source.unknown(), 0);
    meet(&source, "x");
    assert_eq!(source.unknown(), 1);
}

#[test]
fn invented_names_cost_one_fetch_in_a_cooldown_and_no_memory() {
    const SECONDS: i64 = 100;
    let source = source();
    let mut fetched = Vec::new();
    for second in 0..SECONDS {
        if source.wants(at(second)) {
            source.update(&set(&[old()]), at(second)).unwrap();
            fetched.push(second);
        }
        for index in 0..1_000 {
            meet(&source, &format!("{second}-{index}"));
            assert!(source.unknown() <= 256);
        }
    }
    assert_eq!(fetched, [0, 30, 60, 90]);
    assert_eq!(source.unknown(), 256);
    // The flood does not hide a good name.
    meet(&source, "new");
    assert!(source.wants(at(120)));
    source.update(&set(&[old(), new()]), at(120)).unwrap();
    assert!(good(&ring(&source), &token("new", Es256)));
}

#[test]
fn the_oldest_name_makes_room() {
    let source = with(&[old()]).refresh(Duration::from_secs(24 * 60 * 60));
    for index in 0..256 {
        meet(&source, &index.to_string());
    }
    assert!(source.wants(at(COOLDOWN)));
    source.update(&set(&[old()]), at(COOLDOWN)).unwrap();
    // All of them are remembered.
    for index in 0..256 {
        meet(&source, &index.to_string());
    }
    assert!(!source.wants(at(2 * COOLDOWN)));
    meet(&source, "one more");
    assert!(source.wants(at(2 * COOLDOWN)));
    source.update(&set(&[old()]), at(2 * COOLDOWN)).unwrap();
    for index in 1..256 {
        meet(&source, &index.to_string());
    }
    assert!(!source.wants(at(3 * COOLDOWN)));
    meet(&source, "0");
    assert!(source.wants(at(3 * COOLDOWN)), "it was the oldest");
}

/// Else it would be asked for although it is there.
#[test]
fn a_name_that_comes_while_it_is_looked_for_is_not_missed() {
    let source = with(&[old()]);
    source.missed(EdDsa, "old");
    assert_eq!(source.unknown(), 0);
    source.missed(EdDsa, "new");
    assert_eq!(source.unknown(), 1);
}
