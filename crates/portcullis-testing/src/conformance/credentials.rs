//! Revocations and opaque tokens.

use portcullis::Timestamp;
use portcullis::store::{Digest, KeptToken, Known, Presentation, Question, Successor};

use super::sessions::successor;
use super::{Bench, NOW, later, reached};

impl Bench {
    fn revoke(&self, id: Digest, until: Timestamp, now: Timestamp) {
        reached(self.store().revoke(&id, until, now));
    }

    fn keep(&self, id: Digest, token: &KeptToken, now: Timestamp) {
        reached(self.store().keep(&id, token, now));
    }

    /// The opaque tokens of a subject, in the order of their ids.
    fn kept(&self, subject: Digest) -> Vec<(Digest, KeptToken)> {
        let mut kept = reached(self.store().kept(&subject));
        kept.sort_by_key(|(id, _)| *id);
        kept
    }

    fn discard(&self, id: Digest) -> bool {
        reached(self.store().discard(&id))
    }

    fn opaque(&self, id: Digest, now: Timestamp) -> Option<KeptToken> {
        self.known(&Question { opaque: Some(id), ..Question::default() }, now).opaque
    }
}

pub(super) fn token_of(subject: Digest, expires_at: Option<Timestamp>) -> KeptToken {
    KeptToken {
        credential: "key".into(),
        subject,
        label: "a build, \"quoted\" | \u{e4}\0".into(),
        claims: "{\"id\":\"1\"}".into(),
        created_at: NOW,
        expires_at,
        last_used_at: None,
    }
}

/// Nothing is a fault, and nothing is there.
pub fn a_new_store_knows_nothing(bench: &Bench) {
    let (id, subject) = (bench.id("id", 0), bench.id("subject", 0));
    let presented = bench.presented(id, bench.id("token", 0));
    let asked = Question { revoked: &[id], opaque: Some(id), refresh: Some(presented) };
    let unknown = Some((Presentation::Unknown, None));
    assert_eq!(bench.known(&asked, NOW), Known { revoked: false, opaque: None, refresh: unknown });
    assert_eq!(bench.known(&Question::default(), NOW), Known::default());
    assert_eq!(bench.kept(subject), []);
    assert!(!bench.discard(id));
    assert_eq!(reached(bench.store().end_all(&subject, later(60), NOW)), 0);
}

/// Until the time that was given; what is answered later is the store's to say.
pub fn what_is_revoked_is_known_from_then_on(bench: &Bench) {
    let (id, other) = (bench.id("id", 0), bench.id("id", 1));
    bench.revoke(id, later(3600), NOW);
    for seconds in [0, 1, 3599] {
        assert!(bench.is_revoked(id, later(seconds)));
        assert!(!bench.is_revoked(other, later(seconds)));
    }
    bench.reopen();
    assert!(bench.is_revoked(id, NOW));
    assert!(!bench.is_revoked(other, NOW));
}

/// Whichever came first.
pub fn the_longer_revocation_holds(bench: &Bench) {
    let ids = [0, 1].map(|n| bench.id("id", n));
    bench.revoke(ids[0], later(3600), NOW);
    bench.revoke(ids[0], later(60), NOW);
    bench.revoke(ids[1], later(60), NOW);
    bench.revoke(ids[1], later(3600), NOW);
    // An end revokes as well, and shortens nothing.
    reached(bench.store().end(&ids[0], later(120), NOW));
    // Stores forget what is over when they have something to write.
    for n in 2..60 * bench.breadth {
        bench.revoke(bench.id("id", n), later(7200), later(3000));
    }
    bench.reopen();
    assert!(ids.iter().all(|id| bench.is_revoked(*id, later(3599))));
}

/// A token is asked for by its own name, its session's and its caller's.
pub fn any_of_several_that_is_revoked_is_found(bench: &Bench) {
    let ids = [0, 1, 2].map(|n| bench.id("id", n));
    let is_any = |ids: &[Digest]| {
        bench.known(&Question { revoked: ids, ..Question::default() }, NOW).revoked
    };
    assert!(!is_any(&ids));
    bench.revoke(ids[1], later(3600), NOW);
    assert!(is_any(&ids));
    assert!(is_any(&ids[1..]) && is_any(&ids[..2]) && is_any(&ids[1..2]));
    assert!(!is_any(&ids[..1]) && !is_any(&ids[2..]) && !is_any(&[ids[0], ids[2]]));
    assert!(!is_any(&[]));
}

/// By the hash of its text, and among those of its subject.
pub fn an_opaque_token_is_kept_until_it_is_discarded(bench: &Bench) {
    let (ada, bob) = (bench.id("subject", 1), bench.id("subject", 2));
    let mut ids = [0, 1, 2].map(|n| bench.id("token", n));
    ids.sort();
    bench.keep(ids[0], &token_of(ada, None), NOW);
    bench.keep(ids[1], &token_of(ada, Some(later(3600))), NOW);
    bench.keep(ids[2], &token_of(bob, None), NOW);
    bench.reopen();
    let first = (ids[0], token_of(ada, None));
    assert_eq!(bench.kept(ada), [first.clone(), (ids[1], token_of(ada, Some(later(3600))))]);
    let used = KeptToken { last_used_at: Some(NOW), ..token_of(bob, None) };
    assert_eq!(bench.opaque(ids[2], NOW), Some(used));
    assert!(bench.discard(ids[1]));
    assert!(!bench.discard(ids[1]));
    bench.reopen();
    assert_eq!(bench.opaque(ids[1], NOW), None);
    assert_eq!(bench.kept(ada), [first]);
    assert_eq!(bench.kept(bob).len(), 1);
}

/// Also for another subject, who is the only one that has it then.
pub fn a_token_that_is_kept_anew_is_the_new_one(bench: &Bench) {
    let (ada, bob) = (bench.id("subject", 1), bench.id("subject", 2));
    let id = bench.id("token", 0);
    bench.keep(id, &token_of(ada, Some(later(60))), NOW);
    bench.opaque(id, NOW);
    let anew = token_of(bob, Some(later(3600)));
    bench.keep(id, &anew, NOW);
    assert_eq!(bench.kept(ada), []);
    assert_eq!(bench.kept(bob), [(id, anew.clone())]);
    let used = KeptToken { last_used_at: Some(later(600)), ..anew };
    assert_eq!(bench.opaque(id, later(600)), Some(used));
}

/// Not at every request: that would be a write for each.
pub fn the_last_use_is_noted_once_a_minute(bench: &Bench) {
    let (subject, id) = (bench.id("subject", 0), bench.id("token", 0));
    bench.keep(id, &token_of(subject, None), NOW);
    let noted = || bench.kept(subject)[0].1.last_used_at;
    assert_eq!(noted(), None);
    for (seconds, last) in [(0, 0), (59, 0), (60, 60), (119, 60), (121, 121), (3600, 3600)] {
        let token = bench.opaque(id, later(seconds));
        assert_eq!(token.and_then(|token| token.last_used_at), Some(later(last)));
        assert_eq!(noted(), Some(later(last)));
    }
    // A clock that is behind does not take it back.
    bench.opaque(id, later(3000));
    assert_eq!(noted(), Some(later(3600)));
    assert!(bench.discard(id));
    assert_eq!(bench.opaque(id, later(7200)), None);
    assert_eq!(bench.kept(subject), []);
}

/// A store may have forgotten it, or says that it has expired.
pub fn an_expired_token_is_not_used(bench: &Bench) {
    let (subject, id) = (bench.id("subject", 0), bench.id("token", 0));
    let token = token_of(subject, Some(later(3600)));
    bench.keep(id, &token, NOW);
    for seconds in [3600, 3601, 90_000] {
        let found = bench.opaque(id, later(seconds));
        assert!(found.is_none_or(|found| found == token), "after {seconds} s");
    }
    assert!(bench.kept(subject).iter().all(|(_, kept)| *kept == token));
}

/// One question of a request, whatever it brings, and each part is answered as if it were alone.
pub fn all_is_asked_in_one_question(bench: &Bench) {
    let subject = bench.id("subject", 0);
    let [session, first, id, revoked] =
        ["session", "first", "token", "revoked"].map(|kind| bench.id(kind, 0));
    bench.begin(session, subject, first, later(3600), NOW);
    bench.keep(id, &token_of(subject, None), NOW);
    bench.revoke(revoked, later(3600), NOW);
    let presented = bench.presented(session, first);
    let asked =
        Question { revoked: &[session, revoked], opaque: Some(id), refresh: Some(presented) };
    let good = (Presentation::Good(later(3600)), Some(bench.claims(session)));
    let used = KeptToken { last_used_at: Some(NOW), ..token_of(subject, None) };
    let known = Known { revoked: true, opaque: Some(used), refresh: Some(good) };
    assert_eq!(bench.known(&asked, NOW), known);
    assert!(!bench.known(&Question { revoked: &[session], ..asked }, NOW).revoked);

    // An end is in the answer to the next question at the latest.
    let next: Successor = successor(bench.id("next", 0));
    reached(bench.store().take(&presented, &next, NOW));
    let known = bench.known(&asked, later(60));
    assert_eq!(known.refresh, Some((Presentation::Reused, None)));
    assert!(bench.known(&Question { revoked: &[session], ..asked }, later(60)).revoked);
}
