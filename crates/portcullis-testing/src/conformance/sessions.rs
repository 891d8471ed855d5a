//! Sessions and the refresh tokens of each, one after the other.

use std::time::Duration;

use portcullis::Timestamp;
use portcullis::store::{Digest, Family, Presentation, Presented, Question, Successor};

use super::{Bench, NOW, TICK, later, reached};

/// Within which a token that was taken gets the same successor, in nanoseconds.
const GRACE: i64 = 10_000_000_000;

impl Bench {
    pub(super) fn claims(&self, session: Digest) -> String {
        format!("{{\"session\":\"{}\",\"is\":\"\u{e4} | ' \\\\ \\u0000\"}}", session.to_hex())
    }

    /// Begins a session whose first token is good until then.
    pub(super) fn begin(
        &self,
        session: Digest,
        subject: Digest,
        first: Digest,
        expires_at: Timestamp,
        now: Timestamp,
    ) {
        let family = Family::new(subject, self.claims(session), first, expires_at, None);
        reached(self.store().begin(&session, &family, now));
    }

    pub(super) fn presented(&self, session: Digest, token: Digest) -> Presented {
        Presented { session, token, grace: GRACE, revoked_until: later(90_000) }
    }

    fn take(&self, presented: Presented, next: u64, now: Timestamp) -> Presentation {
        reached(self.store().take(&presented, &self.next(next), now))
    }

    fn look(&self, presented: Presented, now: Timestamp) -> (Presentation, Option<String>) {
        let asked = Question { refresh: Some(presented), ..Question::default() };
        self.known(&asked, now).refresh.expect("it was asked for")
    }

    fn end(&self, session: Digest, now: Timestamp) {
        reached(self.store().end(&session, later(90_000), now));
    }

    fn end_all(&self, subject: Digest, now: Timestamp) -> u64 {
        reached(self.store().end_all(&subject, later(90_000), now))
    }

    fn next(&self, n: u64) -> Successor {
        successor(self.id("next", n))
    }

    /// A session of its own, with its first token and as that is presented.
    fn begun(&self, n: u64) -> (Digest, Presented) {
        let (session, first) = (self.id("session", n), self.id("first", n));
        self.begin(session, self.id("subject", n), first, later(3600), NOW);
        (session, self.presented(session, first))
    }

    fn good(&self, session: Digest) -> (Presentation, Option<String>) {
        (Presentation::Good(later(3600)), Some(self.claims(session)))
    }
}

pub(super) fn successor(token: Digest) -> Successor {
    Successor { token, sealed: token.0, expires_at: later(3600) }
}

fn again(next: Successor) -> Presentation {
    Presentation::Again(next.sealed, later(3600))
}

/// One after the other, and only the last is good.
pub fn a_token_that_is_taken_gives_way_to_its_successor(bench: &Bench) {
    let (session, mut presented) = bench.begun(0);
    for n in 0..12 {
        let now = later(n * 100);
        assert_eq!(bench.look(presented, now), bench.good(session), "token {n}");
        let taken = bench.take(presented, n, now);
        assert_eq!(taken, Presentation::Taken(later(3600)), "token {n}");
        presented.token = bench.next(n).token;
        bench.reopen();
    }
    assert!(!bench.is_revoked(session, later(1200)));
}

/// However often.
pub fn looking_takes_nothing(bench: &Bench) {
    let (session, presented) = bench.begun(0);
    for seconds in [0, 0, 60, 3599] {
        assert_eq!(bench.look(presented, later(seconds)), bench.good(session));
    }
    assert_eq!(bench.take(presented, 0, later(3599)), Presentation::Taken(later(3600)));
}

/// Two tabs, or an answer that was lost: to whoever takes it and to whoever looks, after or before by its clock.
pub fn within_the_grace_the_same_successor_is_given(bench: &Bench) {
    let (session, presented) = bench.begun(0);
    assert_eq!(bench.take(presented, 0, later(60)), Presentation::Taken(later(3600)));
    let again = again(bench.next(0));
    for seconds in [60, 65, 70, 55, 50] {
        assert_eq!(bench.take(presented, 1, later(seconds)), again, "at {seconds} s");
        let looked = bench.look(presented, later(seconds));
        assert_eq!(looked, (again.clone(), Some(bench.claims(session))), "at {seconds} s");
        bench.reopen();
    }
    // The one that was not given is no successor.
    let next = bench.presented(session, bench.next(0).token);
    assert_eq!(bench.look(next, later(60)), bench.good(session));
    // And as the next is taken, the first is still in its grace.
    assert_eq!(bench.take(next, 2, later(61)), Presentation::Taken(later(3600)));
    assert_eq!(bench.take(presented, 3, later(61)), again);
}

/// It is in two hands. Neither goes on, and their access tokens are revoked.
pub fn reuse_ends_the_session_and_revokes_it(bench: &Bench) {
    for (n, after) in [Duration::from_secs(10) + TICK, Duration::from_secs(60)].iter().enumerate() {
        let (session, presented) = bench.begun(n as u64);
        bench.take(presented, 0, NOW);
        assert!(!bench.is_revoked(session, NOW));
        assert_eq!(bench.take(presented, 1, NOW.after(*after)), Presentation::Reused);
        bench.reopen();
        assert!(bench.is_revoked(session, later(60)));
        for token in [bench.next(0).token, bench.next(1).token, presented.token] {
            let presented = bench.presented(session, token);
            assert_eq!(bench.look(presented, later(60)), (Presentation::Revoked, None));
            assert_eq!(bench.take(presented, 2, later(60)), Presentation::Revoked);
        }
    }
}

/// Before anything else is done with it.
pub fn asking_about_a_reused_token_ends_its_session(bench: &Bench) {
    let (session, presented) = bench.begun(0);
    bench.take(presented, 0, NOW);
    assert_eq!(bench.look(presented, later(11)), (Presentation::Reused, None));
    bench.reopen();
    assert!(bench.is_revoked(session, later(11)));
    let honest = bench.presented(session, bench.next(0).token);
    assert_eq!(bench.look(honest, later(11)), (Presentation::Revoked, None));
    assert_eq!(bench.take(honest, 1, later(11)), Presentation::Revoked);
}

/// And nothing comes of it.
pub fn a_token_of_no_session_is_unknown(bench: &Bench) {
    let session = bench.id("session", 0);
    let presented = bench.presented(session, bench.id("first", 0));
    for _ in 0..2 {
        assert_eq!(bench.take(presented, 0, NOW), Presentation::Unknown);
        assert_eq!(bench.look(presented, NOW), (Presentation::Unknown, None));
    }
    assert!(!bench.is_revoked(session, NOW));
}

/// Nobody knows the name of a session but from a token of it.
pub fn a_token_that_was_never_given_ends_the_session(bench: &Bench) {
    let (session, honest) = bench.begun(0);
    let invented = bench.presented(session, bench.id("invented", 0));
    assert_eq!(bench.take(invented, 0, NOW), Presentation::Reused);
    assert_eq!(bench.look(honest, NOW), (Presentation::Revoked, None));
    assert!(bench.is_revoked(session, NOW));
}

/// A store may have forgotten it.
pub fn an_expired_session_gives_nothing(bench: &Bench) {
    let (session, presented) = bench.begun(0);
    assert_eq!(bench.look(presented, later(3600 - 1)), bench.good(session));
    let is_gone = |means| matches!(means, Presentation::Expired | Presentation::Unknown);
    for seconds in [3600, 3601, 90_000] {
        assert!(is_gone(bench.take(presented, 0, later(seconds))), "after {seconds} s");
        let (means, claims) = bench.look(presented, later(seconds));
        assert!(is_gone(means) && claims.is_none(), "after {seconds} s");
        let other = bench.presented(session, bench.id("other", 0));
        assert!(is_gone(bench.look(other, later(seconds)).0), "after {seconds} s");
    }
    assert!(!bench.is_revoked(session, later(3600)));
}

/// However often it is refreshed.
pub fn no_successor_outlasts_its_session(bench: &Bench) {
    let (session, first) = (bench.id("session", 0), bench.id("first", 0));
    let (subject, ends_at) = (bench.id("subject", 0), later(2000));
    let family = Family::new(subject, "{}".into(), first, later(1000), Some(ends_at));
    reached(bench.store().begin(&session, &family, NOW));
    let presented = bench.presented(session, first);
    assert_eq!(bench.look(presented, NOW).0, Presentation::Good(later(1000)));
    assert_eq!(bench.take(presented, 0, later(900)), Presentation::Taken(ends_at));
    let next = bench.presented(session, bench.next(0).token);
    assert_eq!(bench.look(next, later(1900)), (Presentation::Good(ends_at), Some("{}".into())));
    assert_eq!(bench.take(next, 1, later(1900)), Presentation::Taken(ends_at));
    let last = bench.presented(session, bench.next(1).token);
    let (means, claims) = bench.look(last, ends_at);
    assert!(matches!(means, Presentation::Expired | Presentation::Unknown), "{means:?}");
    assert_eq!(claims, None);
}

/// Its access tokens are revoked in the same step.
pub fn an_ended_session_stays_ended(bench: &Bench) {
    let ((session, presented), (other, of_other)) = (bench.begun(0), bench.begun(1));
    bench.take(presented, 0, NOW);
    bench.end(session, NOW);
    bench.end(session, NOW);
    bench.reopen();
    assert!(bench.is_revoked(session, NOW));
    for token in [presented.token, bench.next(0).token] {
        let presented = bench.presented(session, token);
        assert_eq!(bench.take(presented, 1, later(5)), Presentation::Revoked);
        assert_eq!(bench.look(presented, later(5)), (Presentation::Revoked, None));
    }
    assert!(!bench.is_revoked(other, NOW));
    assert_eq!(bench.look(of_other, NOW), bench.good(other));
}

/// It may have begun where the store was lost.
pub fn a_session_that_is_not_there_is_revoked_all_the_same(bench: &Bench) {
    let session = bench.id("session", 0);
    bench.end(session, NOW);
    bench.reopen();
    assert!(bench.is_revoked(session, NOW));
    let presented = bench.presented(session, bench.id("first", 0));
    assert_eq!(bench.look(presented, NOW), (Presentation::Unknown, None));
}

/// And those that had ended are not counted.
pub fn all_sessions_of_a_subject_end_and_no_other(bench: &Bench) {
    let (ada, bob) = (bench.id("subject", 100), bench.id("subject", 101));
    let begin = |n, subject| {
        let session = bench.id("session", n);
        bench.begin(session, subject, bench.id("first", n), later(3600), NOW);
        session
    };
    let sessions = [begin(0, ada), begin(1, ada), begin(2, ada), begin(3, ada), begin(4, bob)];
    // Begun anew for somebody else: it is no session of the first any more.
    begin(3, bob);
    bench.end(sessions[1], NOW);
    // One is refreshed, and is found all the same.
    bench.take(bench.presented(sessions[0], bench.id("first", 0)), 0, later(60));
    bench.reopen();
    assert_eq!(bench.end_all(ada, later(60)), 2);
    assert_eq!(bench.end_all(ada, later(60)), 0);
    bench.reopen();
    let revoked = sessions.map(|session| bench.is_revoked(session, later(60)));
    assert_eq!(revoked, [true, true, true, false, false]);
    for n in [0, 1, 2] {
        let presented = bench.presented(sessions[n], bench.id("first", n as u64));
        assert_eq!(bench.look(presented, later(60)), (Presentation::Revoked, None));
    }
    for n in [3, 4] {
        let presented = bench.presented(sessions[n], bench.id("first", n as u64));
        assert_eq!(bench.look(presented, later(60)), bench.good(sessions[n]));
    }
    assert_eq!(bench.end_all(bob, later(60)), 2);
}

/// Nothing of the one before is left.
pub fn a_session_that_begins_anew_is_the_new_one(bench: &Bench) {
    let (session, old) = bench.begun(0);
    bench.take(old, 0, NOW);
    bench.end(session, NOW);
    let first = bench.id("first", 1);
    bench.begin(session, bench.id("subject", 1), first, later(3600), NOW);
    bench.reopen();
    let new = bench.presented(session, first);
    assert_eq!(bench.look(new, NOW), bench.good(session));
    assert_eq!(bench.end_all(bench.id("subject", 0), NOW), 0);
    // The old one's token is none of this family's.
    assert_eq!(bench.take(old, 1, NOW), Presentation::Reused);
    assert_eq!(bench.take(new, 2, NOW), Presentation::Revoked);
}
