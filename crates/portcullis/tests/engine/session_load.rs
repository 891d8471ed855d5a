//! Signing in, refreshing, verifying, revoking and signing out on two threads while keys are changed: no
//! error, and no memory that stays. `cargo xtask soak` does so a million times.

use std::sync::atomic::{AtomicI64, Ordering};

use portcullis::{Engine, Key, KeySource, Policy, Reason, SignatureAlgorithm, SigningKey};

use crate::sessions::{POLICY_OF_KEYS, SECRET, later, refresh, sign_in, sign_out, visit};
use crate::token::{of_set_with, set};

/// How many operations, unless `PORTCULLIS_OPERATIONS` says.
const OPERATIONS: usize = 6_000;
/// Those of one round: sign in, refresh, two visits and two at its end.
const OF_A_ROUND: usize = 6;
/// When memory is looked at first: then every table is as full as it gets.
const SETTLED: usize = 100_000;

#[test]
fn a_long_life_under_load_leaves_nothing_behind() {
    let operations = match std::env::var("PORTCULLIS_OPERATIONS") {
        Ok(wanted) => wanted.parse().expect("PORTCULLIS_OPERATIONS is a number"),
        Err(_) => OPERATIONS,
    };
    let source = KeySource::new(&[SignatureAlgorithm::EdDsa]);
    source.update(&set(&["old", "new"]), later(0)).unwrap();
    let engine = Engine::builder(Policy::parse([("keys.gate", POLICY_OF_KEYS)]).unwrap())
        .key("access", Key::secret(SignatureAlgorithm::Hs256, SECRET).unwrap())
        .signing_key("access", SigningKey::secret(SignatureAlgorithm::Hs256, SECRET).unwrap())
        .key_source("access", source.clone())
        .build()
        .unwrap();
    let (clock, settled) = (AtomicI64::new(0), SETTLED.min(operations / 2));
    let of_two = |operations: usize| {
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..2)
                .map(|worker| {
                    let (engine, source, clock) = (&engine, &source, &clock);
                    scope.spawn(move || {
                        // What one thread takes and another gives back evens out in the sum.
                        let work = || work(engine, source, clock, (worker, operations / 2));
                        allocation_counter::measure(work).bytes_current
                    })
                })
                .collect();
            workers.into_iter().map(|worker| worker.join().unwrap()).sum::<i64>()
        })
    };
    let first = of_two(settled);
    let more = of_two(operations - settled);
    println!("{first} bytes are live after {settled} operations, {more} more after {operations}");
    assert!(settled < SETTLED || more * 10 <= first, "{more} more than {first}");
}

/// What one thread does, for so many operations.
fn work(
    engine: &Engine,
    source: &KeySource,
    clock: &AtomicI64,
    (worker, operations): (usize, usize),
) {
    let user = ["u1", "u2"][worker];
    for round in 0..operations / OF_A_ROUND {
        // "new" is in every set: whatever else comes and goes, its tokens are good.
        let other = if round % 2 == 0 { "old" } else { "older" };
        source.update(&set(&[other, "new"]), later(0)).unwrap();
        // An hour of refreshing for each session, so that they are swept as fast as they come.
        let now = clock.fetch_add(30, Ordering::Relaxed);
        let first = sign_in(engine, user, now);
        let second = refresh(engine, &first.refresh, now).unwrap();
        assert_eq!(visit(engine, &second.access, now), None);
        assert_eq!(visit(engine, &of_set_with("new", now), now), None);
        match round % 4 {
            0 => {
                sign_out(engine, &second, now).unwrap();
                assert_eq!(visit(engine, &first.access, now), Some(Reason::RevokedCredential));
            }
            1 => {
                let again = refresh(engine, &first.refresh, now + 11);
                assert_eq!(again, Err(Reason::RevokedCredential));
                assert_eq!(visit(engine, &second.access, now), Some(Reason::RevokedCredential));
            }
            2 => {
                engine.revoke("access", "of-an-issuer", later(now + 60), later(now)).unwrap();
                assert_eq!(refresh(engine, &first.refresh, now).unwrap().refresh, second.refresh);
            }
            _ => {
                engine.end_sessions(user, later(now)).unwrap();
                let again = refresh(engine, &second.refresh, now);
                assert_eq!(again, Err(Reason::RevokedCredential));
            }
        }
    }
}
