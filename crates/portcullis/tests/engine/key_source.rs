//! Keys that the service fetches, given to an engine.

use std::time::Duration;

use portcullis::SignatureAlgorithm::{EdDsa, Es256, Hs256, Ps256};
use portcullis::{Key, KeySource, Policy, Reason, SignatureAlgorithm};

use crate::token::{SET, admit, of_set};
use crate::{NOW, POLICY, builder};

const REFUSED: Result<(), Reason> = Err(Reason::InvalidCredential);

#[test]
fn an_engine_starts_before_the_keys_have_come() {
    let source = KeySource::new(&[EdDsa]);
    let engine = builder().key_source("access", source.clone()).build().unwrap();
    assert_eq!(admit(&engine, &of_set("new")), REFUSED);
    assert!(source.wants(NOW));
    source.update(SET, NOW).unwrap();
    assert_eq!(admit(&engine, &of_set("new")), Ok(()));
    assert_eq!(admit(&engine, &of_set("old")), REFUSED);
    let cooled = NOW.after(Duration::from_secs(30));
    assert!(source.wants(cooled), "the engine has told the source of what it lacks");
}

#[test]
fn a_reload_keeps_the_source() {
    let source = KeySource::new(&[EdDsa]);
    let engine = builder().key_source("access", source.clone()).build().unwrap();
    source.update(SET, NOW).unwrap();
    let reload = |text: &str| engine.reload(&Policy::parse([("a.gate", text)]).unwrap());
    reload(&POLICY.replace("1_000_000", "1_000")).unwrap();
    assert_eq!(admit(&engine, &of_set("new")), Ok(()), "it has its keys");
    source.update(&SET.replace("new", "newer"), NOW).unwrap();
    assert_eq!(admit(&engine, &of_set("newer")), Ok(()), "and gets new ones");
    assert_eq!(admit(&engine, &of_set("new")), REFUSED);
    // Held to the next policy like all keys.
    let other = POLICY.replace("[HS256, ES256, EdDSA]", "[ES256]");
    assert!(reload(&other).unwrap_err().to_string().contains("does not pin"));
    assert_eq!(admit(&engine, &of_set("newer")), Ok(()));
}

#[test]
fn a_source_is_held_to_the_policy() {
    let faults = |credential: &str, algorithms: &[SignatureAlgorithm]| {
        let key = Key::secret(Hs256, &[7; 32]).unwrap();
        let source = KeySource::new(algorithms);
        let built = builder().key("access", key).key_source(credential, source).build();
        built.err().map(|why| why.faults().to_vec()).unwrap_or_default()
    };
    assert!(faults("access", &[EdDsa]).is_empty());
    assert!(faults("access", &[EdDsa, Es256]).is_empty());
    assert_eq!(
        faults("acess", &[EdDsa]),
        ["a key source was given for `acess`, which is no credential of the policy"]
    );
    assert_eq!(
        faults("access", &[EdDsa, Ps256]),
        ["the key source of credential `access` is for `PS256`, which the policy does not pin"]
    );
    assert_eq!(
        faults("access", &[]),
        ["the key source of credential `access` is for no algorithm"]
    );
    assert_eq!(
        faults("access", &[Hs256]),
        [
            "the key source of credential `access` is for `HS256`, whose keys are secrets: they are not published"
        ]
    );
    let one = || KeySource::new(&[EdDsa]);
    let two = builder().key_source("access", one()).key_source("access", one()).build();
    assert_eq!(
        two.unwrap_err().faults(),
        ["credential `access` has two key sources: its issuer has one set"]
    );
}
