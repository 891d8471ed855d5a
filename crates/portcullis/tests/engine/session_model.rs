//! Sessions against a model that remembers everything: whatever clients, thieves and applications do, and
//! in whatever order, the engine says what the model says.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use portcullis::Reason;
use proptest::prelude::*;

use crate::sessions::{Client, engine, later, refresh, sign_in, sign_out, visit};

const GRACE: i64 = 10;
const DAY: i64 = 86_400;

/// What somebody does. Sessions and their tokens are chosen among those that there are.
#[derive(Debug, Clone)]
enum Act {
    SignIn(bool),
    /// With the newest token, or one that is so many older: a retry, another tab, or a thief.
    Refresh(prop::sample::Index, usize),
    Visit(prop::sample::Index, prop::sample::Index),
    SignOut(prop::sample::Index),
    EndAll(bool),
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        2 => any::<bool>().prop_map(Act::SignIn),
        8 => (index(), prop_oneof![6 => Just(0_usize), 3 => 1..3_usize, 1 => 3..9_usize])
            .prop_map(|(session, older)| Act::Refresh(session, older)),
        4 => (index(), index()).prop_map(|(session, token)| Act::Visit(session, token)),
        1 => index().prop_map(Act::SignOut),
        1 => any::<bool>().prop_map(Act::EndAll),
        5 => prop_oneof![Just(0), Just(1), Just(GRACE), Just(GRACE + 1), Just(905), Just(7 * DAY - 1)]
            .prop_map(Act::Wait),
    ]
}

/// All that ever was of a session.
struct Session {
    user: &'static str,
    begun: i64,
    ended: bool,
    /// Refresh tokens, the newest last: when each was issued, and when it was taken.
    refresh: Vec<(String, i64, Option<i64>)>,
    /// Access tokens, and when each was issued.
    access: Vec<(String, i64)>,
}

impl Session {
    fn new(user: &'static str, client: Client, now: i64) -> Session {
        Session {
            user,
            begun: now,
            ended: false,
            refresh: vec![(client.refresh, now, None)],
            access: vec![(client.access, now)],
        }
    }

    /// What presenting a refresh token must come to: the place of its successor, or why there is none.
    fn present(&mut self, place: usize, now: i64) -> Result<usize, Reason> {
        let newest = self.refresh.len() - 1;
        let expires = (self.refresh[newest].1 + 7 * DAY).min(self.begun + 30 * DAY);
        if self.ended {
            return Err(Reason::RevokedCredential);
        }
        if now >= expires {
            return Err(Reason::ExpiredCredential);
        }
        match self.refresh[place].2 {
            None => Ok(newest + 1),
            Some(taken) if now - taken <= GRACE => Ok(place + 1),
            Some(_) => {
                self.ended = true;
                Err(Reason::RevokedCredential)
            }
        }
    }

    fn visit(&self, issued: i64, now: i64) -> Option<Reason> {
        match (now >= issued + 905, self.ended) {
            (true, _) => Some(Reason::ExpiredCredential),
            (false, true) => Some(Reason::RevokedCredential),
            (false, false) => None,
        }
    }
}

fn user(first: bool) -> &'static str {
    if first { "u1" } else { "u2" }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 192,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_session_does_what_its_model_does(acts in prop::collection::vec(act(), 1..60)) {
        let engine = engine();
        let mut sessions: Vec<Session> = Vec::new();
        let mut now = 0;
        for act in acts {
            match act {
                Act::Wait(seconds) => now += seconds,
                Act::SignIn(first) => {
                    let client = sign_in(&engine, user(first), now);
                    sessions.push(Session::new(user(first), client, now));
                }
                Act::EndAll(first) => {
                    let theirs = |session: &&mut Session| session.user == user(first);
                    engine.end_sessions(user(first), later(now)).unwrap();
                    sessions.iter_mut().filter(theirs).for_each(|session| session.ended = true);
                }
                _ if sessions.is_empty() => {}
                Act::Refresh(session, older) => {
                    let session = session.index(sessions.len());
                    let session = &mut sessions[session];
                    let newest = session.refresh.len() - 1;
                    let place = newest.saturating_sub(older);
                    let got = refresh(&engine, &session.refresh[place].0, now);
                    match (session.present(place, now), got) {
                        (Err(expected), got) => prop_assert_eq!(got, Err(expected)),
                        (Ok(next), Ok(client)) => {
                            session.access.push((client.access, now));
                            match session.refresh.get(next) {
                                // The same successor again.
                                Some((known, ..)) => prop_assert_eq!(&client.refresh, known),
                                None => {
                                    let known = session.refresh.iter();
                                    prop_assert!(known.clone().all(|(one, ..)| *one != client.refresh));
                                    session.refresh[place].2 = Some(now);
                                    session.refresh.push((client.refresh, now, None));
                                }
                            }
                        }
                        (Ok(_), Err(reason)) => prop_assert!(false, "an honest client got {reason}"),
                    }
                }
                Act::Visit(session, token) => {
                    let session = &sessions[session.index(sessions.len())];
                    let (token, issued) = &session.access[token.index(session.access.len())];
                    prop_assert_eq!(visit(&engine, token, now), session.visit(*issued, now));
                }
                Act::SignOut(session) => {
                    let session = session.index(sessions.len());
                    let session = &mut sessions[session];
                    let (access, issued) = session.access.last().unwrap().clone();
                    let refresh = session.refresh.last().unwrap().0.clone();
                    let out = sign_out(&engine, &Client { access, refresh }, now);
                    let expected = session.visit(issued, now);
                    prop_assert_eq!(out.err().map(|refusal| refusal.reason()), expected);
                    session.ended |= expected.is_none();
                }
            }
        }
        // Whatever happened: what was ended is over for every token that it ever had.
        for session in &sessions {
            for (token, issued) in &session.access {
                prop_assert_eq!(visit(&engine, token, now), session.visit(*issued, now));
            }
        }
    }
}

/// Many tabs of one browser, which share a jar: each takes the token that is there, all at once.
#[test]
fn honest_clients_that_race_never_lose_their_session() {
    let engine = engine();
    let clock = Arc::new(AtomicI64::new(0));
    let first = sign_in(&engine, "u1", 0);
    let jar = Arc::new(parking_lot::Mutex::new(first.refresh));
    for _ in 0..40 {
        let now = clock.fetch_add(60, Ordering::Relaxed);
        let held = jar.lock().clone();
        let got: Vec<Client> = std::thread::scope(|scope| {
            let tabs: Vec<_> = (0..6)
                .map(|tab| {
                    let (engine, held) = (&engine, &held);
                    // Their clocks differ, and their requests overtake each other.
                    scope.spawn(move || refresh(engine, held, now + tab % 3).unwrap())
                })
                .collect();
            tabs.into_iter().map(|tab| tab.join().unwrap()).collect()
        });
        for client in &got {
            assert_eq!(client.refresh, got[0].refresh, "one successor for all");
            assert_eq!(visit(&engine, &client.access, now + 3), None);
        }
        jar.lock().clone_from(&got[0].refresh);
    }
}

/// Whoever comes second after the grace, the thief or the honest client, ends it for both.
#[test]
fn no_stolen_token_outlives_its_detection() {
    let engine = engine();
    let stolen = sign_in(&engine, "u1", 0);
    let first = refresh(&engine, &stolen.refresh, 100).unwrap();
    // The other one still holds the same token.
    assert_eq!(refresh(&engine, &stolen.refresh, 200), Err(Reason::RevokedCredential));
    for token in [&stolen.access, &first.access] {
        assert_eq!(visit(&engine, token, 200), Some(Reason::RevokedCredential));
    }
    let racing = std::thread::scope(|scope| {
        let tries: Vec<_> =
            (0..4).map(|_| scope.spawn(|| refresh(&engine, &first.refresh, 201))).collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(racing.iter().all(|one| *one == Err(Reason::RevokedCredential)));
}
