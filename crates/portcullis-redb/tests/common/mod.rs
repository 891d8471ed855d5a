//! What the tests of the store share: ids, tokens and a clock that stands in 2096, since the store sweeps by
//! the system's clock when it is opened.

#![allow(dead_code, reason = "each test crate uses some of it")]
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::time::Duration;

use portcullis::Timestamp;
use portcullis::store::{
    Answer, Budget, Charge, Charged, Digest, Family, KeptToken, Known, Limit, Presentation,
    Presented, Question, Store, Successor, Unavailable,
};
use portcullis_redb::RedbStore;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(4_000_000_000);
/// Within which a token that was taken gets the same successor.
pub(crate) const GRACE: i64 = 10_000_000_000;

pub(crate) fn later(seconds: u64) -> Timestamp {
    NOW.after(Duration::from_secs(seconds))
}

pub(crate) fn ready<T>(answer: Answer<Result<T, Unavailable>>) -> T {
    match answer {
        Answer::Ready(answer) => answer.expect("the file is there"),
        Answer::Later(_) => panic!("the store answers at once"),
    }
}

/// The id of the n-th of its kind.
pub(crate) fn id(kind: u8, n: u64) -> Digest {
    let mut bytes = [kind; 32];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    Digest(bytes)
}

pub(crate) fn token(n: u64) -> Digest {
    id(b't', n)
}

pub(crate) fn session(n: u64) -> Digest {
    id(b's', n)
}

/// A session whose first token is the n-th, good for an hour.
pub(crate) fn family(subject: Digest, n: u64) -> Family {
    Family::new(subject, format!("{{\"id\":\"{n}\"}}"), token(n), later(3600), None)
}

pub(crate) fn presented(session: Digest, token: Digest) -> Presented {
    Presented { session, token, grace: GRACE, revoked_until: later(900) }
}

/// The successor that is the n-th token.
pub(crate) fn successor(n: u64) -> Successor {
    Successor { token: token(n), sealed: token(n).0, expires_at: later(3600) }
}

pub(crate) fn kept(subject: Digest, expires_at: Option<Timestamp>) -> KeptToken {
    KeptToken {
        credential: "key".into(),
        subject,
        label: "a build".into(),
        claims: "{}".into(),
        created_at: NOW,
        expires_at,
        last_used_at: None,
    }
}

pub(crate) fn is_revoked(store: &RedbStore, id: Digest) -> bool {
    let asked = Question { revoked: &[id], ..Question::default() };
    ready(store.known(&asked, NOW)).revoked
}

pub(crate) fn opaque(store: &RedbStore, id: Digest, now: Timestamp) -> Option<KeptToken> {
    let asked = Question { opaque: Some(id), ..Question::default() };
    ready(store.known(&asked, now)).opaque
}

pub(crate) fn looked_at(
    store: &RedbStore,
    presented: Presented,
    now: Timestamp,
) -> (Presentation, Option<String>) {
    let asked = Question { refresh: Some(presented), ..Question::default() };
    let Known { refresh, .. } = ready(store.known(&asked, now));
    refresh.expect("it was asked for")
}

pub(crate) fn every(seconds: u64, units: u64) -> Limit {
    Limit { units, period: Duration::from_secs(seconds), burst: units }
}

pub(crate) fn of<'a>(budget: &'a Budget, key: &'a [u8]) -> Charge<'a> {
    Charge { budget, key, fits: 0, units: 1, told: false }
}

/// Whether one more unit is charged to the key.
pub(crate) fn admits(store: &RedbStore, budget: &Budget, key: &[u8], now: Timestamp) -> bool {
    matches!(ready(store.charge(&[of(budget, key)], now)), Charged::All { .. })
}
