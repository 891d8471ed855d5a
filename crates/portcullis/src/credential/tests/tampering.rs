//! Whoever changes a single bit of a token gets nothing.

use portcullis_compiler::plan::SignatureAlgorithm;
use proptest::prelude::*;
use serde_json::json;

use super::{credential, decide, key, mint, payload};
use crate::Reason;
use crate::credential::{Key, bearer};

fn token(algorithm: SignatureAlgorithm) -> String {
    let name = SignatureAlgorithm::ALL.iter().find(|(_, one)| *one == algorithm).unwrap().0;
    let header = json!({ "alg": name, "typ": "at+jwt" }).to_string();
    mint(&header, &payload().to_string(), algorithm)
}

/// What becomes of a header whose token is that one, with a bit flipped.
fn decide_flipped(token: &str, bit: usize, keys: &[Key]) -> Result<(), Reason> {
    let mut header = format!("Bearer {token}").into_bytes();
    header["Bearer ".len() + bit / 8] ^= 1 << (bit % 8);
    // A header that is not text never becomes one.
    let header = String::from_utf8(header).map_err(|_| Reason::InvalidCredential)?;
    decide(bearer(&header)?, &credential(), keys).map(drop)
}

#[test]
fn every_flipped_bit_of_a_token_with_a_mac_is_found() {
    let token = token(SignatureAlgorithm::Hs256);
    let keys = [key(SignatureAlgorithm::Hs256)];
    for bit in 0..token.len() * 8 {
        let decided = decide_flipped(&token, bit, &keys);
        assert_eq!(decided, Err(Reason::InvalidCredential), "bit {bit}");
    }
}

proptest! {
    #[test]
    fn a_flipped_bit_of_a_signed_token_is_found(place in any::<prop::sample::Index>()) {
        for algorithm in [SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa] {
            let token = token(algorithm);
            let bit = place.index(token.len() * 8);
            let decided = decide_flipped(&token, bit, &[key(algorithm)]);
            prop_assert_eq!(decided, Err(Reason::InvalidCredential));
        }
    }

    #[test]
    fn random_text_is_no_token(token in "([A-Za-z0-9_=-]{0,30}\\.?){0,5}|.{0,40}") {
        let keys: Vec<Key> = SignatureAlgorithm::ALL.iter().map(|(_, one)| key(*one)).collect();
        let decided = decide(&token, &credential(), &keys).map(drop);
        prop_assert_eq!(decided, Err(Reason::InvalidCredential));
    }

    #[test]
    fn signed_nonsense_never_panics(header in ".{0,40}", payload in ".{0,80}") {
        let keys = [key(SignatureAlgorithm::Hs256)];
        for header in [header.as_str(), super::HEADER] {
            let token = mint(header, &payload, SignatureAlgorithm::Hs256);
            prop_assert!(decide(&token, &credential(), &keys).is_err());
        }
    }
}
