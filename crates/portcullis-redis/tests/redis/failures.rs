//! What is lost, refused and noticed when the server dies, stops, is full, forgets, or cannot be reached.

use std::io::ErrorKind::{TimedOut, WouldBlock};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{fs, thread};

use portcullis::store::{
    Algorithm, Budget, Charge, Charged, Digest, Family, Presentation, Presented, Question, Store,
    Successor, Unavailable,
};
use portcullis_redis::{Condition, ConnectError, RedisOptions, RedisStore};

use crate::counting::{NOW, admits, limit, one};
use crate::server::{LASTING, Server};
use crate::wait::{answer, told, until};

pub(crate) fn id(n: u8) -> Digest {
    Digest([n; 32])
}

pub(crate) fn later(seconds: u64) -> portcullis::Timestamp {
    portcullis::Timestamp::from(std::time::SystemTime::now()).after(Duration::from_secs(seconds))
}

pub(crate) fn presented(session: u8, token: u8) -> Presented {
    Presented {
        session: id(session),
        token: id(token),
        grace: 10_000_000_000,
        revoked_until: later(900),
    }
}

pub(crate) fn successor(token: u8) -> Successor {
    Successor { token: id(token), sealed: [token; 32], expires_at: later(3600) }
}

fn is_revoked(store: &RedisStore, n: u8) -> Result<bool, Unavailable> {
    let asked = Question { revoked: &[id(n)], ..Question::default() };
    answer(store.known(&asked, NOW)).map(|known| known.revoked)
}

fn is(store: &RedisStore, condition: Condition) -> bool {
    store.health().condition == condition
}

#[test]
fn what_was_acknowledged_outlasts_a_kill() {
    let mut server = Server::start();
    let store = server.store();
    let hourly = Budget::new("hourly", &[limit(3, 3600)], Algorithm::TokenBucket);
    let family = Family::new(id(1), "{}".into(), id(10), later(3600), None);
    told(store.begin(&id(2), &family, later(0)));
    let taken = told(store.take(&presented(2, 10), &successor(11), NOW));
    assert!(matches!(taken, Presentation::Taken(_)));
    told(store.revoke(&id(3), later(900), NOW));
    for _ in 0..3 {
        assert!(admits(&store, &[one(&hourly, b"ada")]));
    }

    server.kill();
    until("the store notices", || !is(&store, Condition::Up));
    let refused = answer(store.charge(&[one(&hourly, b"ada")], NOW));
    assert_eq!(refused, Err(Unavailable));
    assert_eq!(is_revoked(&store, 4), Err(Unavailable));

    server.run();
    until("the store is back", || is(&store, Condition::Up));
    assert!(!admits(&store, &[one(&hourly, b"ada")]));
    assert_eq!(is_revoked(&store, 3), Ok(true));
    assert_eq!(is_revoked(&store, 4), Ok(false));
    let again = told(store.take(&presented(2, 10), &successor(12), NOW));
    assert!(matches!(again, Presentation::Again(sealed, _) if sealed == [11; 32]));
}

#[test]
fn a_server_that_stands_still_holds_no_request_for_longer_than_the_timeout() {
    let server = Server::start();
    let store = server.options().timeout(Duration::from_millis(200)).connect().unwrap();
    let hourly = Budget::new("hourly", &[limit(3, 3600)], Algorithm::TokenBucket);
    assert!(admits(&store, &[one(&hourly, b"ada")]));
    server.pause(true);
    let begun = Instant::now();
    assert_eq!(answer(store.charge(&[one(&hourly, b"ada")], NOW)), Err(Unavailable));
    // Far less than the server stands still, whatever else this machine does.
    assert!(begun.elapsed() < Duration::from_secs(5));
    // The ones behind it do not wait at all.
    until("it is noticed", || !is(&store, Condition::Up));
    assert!(matches!(
        store.charge(&[one(&hourly, b"ada")], NOW),
        portcullis::store::Answer::Ready(Err(Unavailable))
    ));
    thread::sleep(Duration::from_millis(300));
    server.pause(false);
    until("it is back", || is(&store, Condition::Up));
    // What the server found in its queue may have been charged: never less than was admitted.
    let admitted = (0..5).filter(|_| admits(&store, &[one(&hourly, b"ada")])).count();
    assert!((1..=2).contains(&admitted), "{admitted}");
}

#[test]
fn a_server_that_is_full_refuses_and_forgets_nothing() {
    let server = Server::start();
    let store = server.store();
    told(store.revoke(&id(3), later(900), NOW));
    server.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    let hourly = Budget::new("hourly", &[limit(3, 3600)], Algorithm::TokenBucket);
    assert_eq!(answer(store.charge(&[one(&hourly, b"ada")], NOW)), Err(Unavailable));
    assert_eq!(answer(store.revoke(&id(4), later(900), NOW)), Err(Unavailable));
    until("it is said why", || is(&store, Condition::Full));
    assert!(matches!(server.options().initialise(), Err(ConnectError::Full)));
    server.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    until("it has room", || answer(store.charge(&[one(&hourly, b"ada")], NOW)).is_ok());
    assert_eq!(is_revoked(&store, 3), Ok(true));
}

#[test]
fn a_server_that_evicts_is_not_gone_by() {
    let server = Server::bare(&["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"]);
    assert!(matches!(server.options().initialise(), Err(ConnectError::Evicting)));
    server.ask(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    server.options().initialise().unwrap();
    let store = server.store();
    assert!(is(&store, Condition::Up));
    drop(store);
    server.ask(&["CONFIG", "SET", "maxmemory-policy", "volatile-ttl"]);
    assert!(matches!(server.options().connect(), Err(ConnectError::Evicting)));
}

#[test]
fn a_server_without_an_epoch_is_not_gone_by_until_an_operator_says_so() {
    let mut server = Server::bare(&LASTING);
    assert!(matches!(server.options().connect(), Err(ConnectError::Forgotten)));
    server.options().initialise().unwrap();
    let store = server.store();
    let hourly = Budget::new("hourly", &[limit(1, 3600)], Algorithm::TokenBucket);
    assert!(admits(&store, &[one(&hourly, b"ada")]));
    told(store.revoke(&id(3), later(900), NOW));

    server.kill();
    server.forget();
    server.run();
    until("it is noticed", || is(&store, Condition::Forgotten));
    // A drained budget is not full again, and what was revoked is not good again.
    for _ in 0..20 {
        assert_eq!(answer(store.charge(&[one(&hourly, b"ada")], NOW)), Err(Unavailable));
        assert_eq!(is_revoked(&store, 3), Err(Unavailable));
        thread::sleep(Duration::from_millis(20));
    }
    server.options().initialise().unwrap();
    until("the operator's word is taken", || is(&store, Condition::Up));
    assert!(admits(&store, &[one(&hourly, b"ada")]));
}

#[test]
fn a_server_that_forgets_between_two_requests_admits_neither() {
    let server = Server::start();
    let store = server.store();
    let hourly = Budget::new("hourly", &[limit(1, 3600)], Algorithm::TokenBucket);
    assert!(admits(&store, &[one(&hourly, b"ada")]));
    server.ask(&["FLUSHALL"]);
    assert_eq!(answer(store.charge(&[one(&hourly, b"ada")], NOW)), Err(Unavailable));
    until("it is noticed", || is(&store, Condition::Forgotten));
}

#[test]
fn a_server_that_came_back_with_less_than_it_had_is_not_gone_by() {
    let mut server = Server::with(&["--appendonly", "no", "--save", ""]);
    let store = server.store();
    server.ask(&["SAVE"]);
    let hourly = Budget::new("hourly", &[limit(1, 3600)], Algorithm::TokenBucket);
    assert!(admits(&store, &[one(&hourly, b"ada")]));
    thread::sleep(Duration::from_millis(500)); // for a beat that is not in what was saved
    server.kill();
    server.run();
    until("it is noticed", || is(&store, Condition::Forgotten));
    // Neither do those go by it that have not seen more.
    assert!(matches!(server.options().connect(), Err(ConnectError::Forgotten)));
    server.options().initialise().unwrap();
    until("the operator's word is taken", || is(&store, Condition::Up));
}

/// Whatever was acknowledged is missed, by whoever it was acknowledged to: between two beats, too.
#[test]
fn what_was_acknowledged_and_is_not_there_is_missed_even_between_two_beats() {
    let mut server = Server::with(&["--appendonly", "no", "--save", ""]);
    let store = server.store();
    let hourly = Budget::new("hourly", &[limit(1, 3600)], Algorithm::TokenBucket);
    // Nothing comes between these but what is lost.
    server.ask(&["SAVE"]);
    assert!(admits(&store, &[one(&hourly, b"ada")]));
    told(store.revoke(&id(3), later(900), NOW));
    server.kill();
    server.run();
    // Nodes that are new say nothing for it.
    let new: Vec<_> = (0..4).map(|_| server.options().connect_later().unwrap()).collect();
    until("it is noticed", || {
        is(&store, Condition::Forgotten) && new.iter().all(|new| is(new, Condition::Forgotten))
    });
}

#[test]
fn a_server_that_begins_to_evict_is_not_gone_by() {
    let server = Server::start();
    let store = server.store();
    server.ask(&["CONFIG", "SET", "maxmemory-policy", "volatile-ttl"]);
    server.ask(&["CONFIG", "SET", "maxmemory", "100mb"]);
    until("it is noticed", || is(&store, Condition::Evicting));
    server.ask(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    until("it is mended", || is(&store, Condition::Up));
}

#[test]
fn a_node_that_is_back_before_the_others_is_not_alone() {
    let mut server = Server::start();
    let stores: Vec<_> = (0..3).map(|_| server.store()).collect();
    until("they know of each other", || stores.iter().all(|store| store.health().nodes == 3));
    server.kill();
    until("it is away", || stores.iter().all(|store| !is(store, Condition::Up)));
    thread::sleep(Duration::from_secs(4)); // longer than a node is there without a beat
    server.run();
    until("it is back", || stores.iter().all(|store| is(store, Condition::Up)));
    assert!(stores.iter().all(|store| store.health().nodes == 3));
}

/// A way to the server that can be cut.
struct Cable {
    port: u16,
    /// What comes back is cut off.
    deaf: Arc<AtomicBool>,
    cut: Arc<AtomicBool>,
}

impl Cable {
    fn to(port: u16) -> Cable {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let cable = Cable {
            port: listener.local_addr().unwrap().port(),
            deaf: Arc::default(),
            cut: Arc::default(),
        };
        let (deaf, cut) = (Arc::clone(&cable.deaf), Arc::clone(&cable.cut));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
                let Ok(server) = TcpStream::connect(server) else { continue };
                carry(
                    client.try_clone().unwrap(),
                    server.try_clone().unwrap(),
                    Arc::default(),
                    Arc::clone(&cut),
                );
                carry(server, client, Arc::clone(&deaf), Arc::clone(&cut));
            }
        });
        cable
    }

    fn store(&self) -> RedisStore {
        let url = format!("redis://127.0.0.1:{}", self.port);
        RedisOptions::new(&url).unwrap().timeout(Duration::from_secs(2)).connect().unwrap()
    }
}

/// Carries what one end says to the other, until one of them is gone or the cable is cut.
fn carry(mut from: TcpStream, mut to: TcpStream, deaf: Arc<AtomicBool>, cut: Arc<AtomicBool>) {
    use std::io::{Read, Write};
    from.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        loop {
            if cut.load(Ordering::Relaxed) {
                break;
            }
            match from.read(&mut buffer) {
                Ok(0) => break,
                // It did what it was asked, and nobody hears.
                Ok(_) if deaf.load(Ordering::Relaxed) => break,
                Ok(read) => {
                    if to.write_all(&buffer[..read]).is_err() {
                        break;
                    }
                }
                Err(error) if matches!(error.kind(), WouldBlock | TimedOut) => (),
                Err(_) => break,
            }
        }
        _ = to.shutdown(std::net::Shutdown::Both);
        _ = from.shutdown(std::net::Shutdown::Both);
    });
}

#[test]
fn a_connection_that_breaks_before_its_answer_admits_nothing_and_loses_nothing() {
    let server = Server::start();
    let cable = Cable::to(server.port());
    let store = cable.store();
    let hourly = Budget::new("hourly", &[limit(3, 3600)], Algorithm::SlidingWindow);
    assert!(admits(&store, &[one(&hourly, b"ada")]));
    cable.deaf.store(true, Ordering::Relaxed);
    assert_eq!(answer(store.charge(&[one(&hourly, b"ada")], NOW)), Err(Unavailable));
    cable.deaf.store(false, Ordering::Relaxed);
    until("it is back", || is(&store, Condition::Up));
    // The one whose answer was lost may have been charged, whole or not at all.
    let admitted = (0..5).filter(|_| admits(&store, &[one(&hourly, b"ada")])).count();
    assert!((1..=2).contains(&admitted), "{admitted}");
}

#[test]
fn a_revocation_reaches_every_node_within_a_second_and_spares_the_usual_request_the_question() {
    let server = Server::start();
    let (store, other) = (server.store(), server.store());
    until("both hear", || store.health().push && other.health().push);
    let asked = [id(7)];
    let asked = Question { revoked: &asked, ..Question::default() };
    until(
        "the usual request is answered without a question",
        || matches!(other.known(&asked, NOW), portcullis::store::Answer::Ready(Ok(known)) if !known.revoked),
    );
    told(store.revoke(&id(7), later(900), NOW));
    assert_eq!(is_revoked(&store, 7), Ok(true), "the node itself knows at once");
    let revoked_at = Instant::now();
    while is_revoked(&other, 7) != Ok(true) {
        assert!(revoked_at.elapsed() < Duration::from_secs(1), "it takes a second");
    }
    // One that comes later reads what was revoked before.
    let late = server.store();
    assert_eq!(is_revoked(&late, 7), Ok(true));
    until("it hears", || late.health().push);
    assert_eq!(is_revoked(&late, 7), Ok(true));
    assert_eq!(is_revoked(&late, 8), Ok(false));
}

#[test]
fn however_many_sessions_a_subject_has_all_are_ended() {
    let server = Server::start();
    let store = server.store();
    for n in 0..1203_u16 {
        let mut session = [5; 32];
        session[..2].copy_from_slice(&n.to_be_bytes());
        let family = Family::new(id(1), "{}".into(), id(10), later(3600), None);
        told(store.begin(&Digest(session), &family, later(0)));
    }
    let other = Family::new(id(2), "{}".into(), id(10), later(3600), None);
    told(store.begin(&id(6), &other, later(0)));
    assert_eq!(told(store.end_all(&id(1), later(900), later(0))), 1203);
    assert_eq!(told(store.end_all(&id(1), later(900), later(0))), 0);
    assert_eq!(is_revoked(&store, 6), Ok(false));
    let ended = told(store.take(
        &Presented {
            session: Digest([[4, 178].to_vec(), [5; 30].to_vec()].concat().try_into().unwrap()),
            ..presented(0, 10)
        },
        &successor(11),
        NOW,
    ));
    assert_eq!(ended, Presentation::Revoked);
}

#[test]
fn while_the_push_is_down_each_request_asks() {
    let server = Server::start();
    let (store, other) = (server.store(), server.store());
    until("both hear", || store.health().push && other.health().push);
    // Whoever subscribes is thrown out, again and again.
    let done = Arc::new(AtomicBool::new(false));
    thread::scope(|scope| {
        let stop = Arc::clone(&done);
        let server = &server;
        scope.spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                server.ask(&["CLIENT", "KILL", "TYPE", "pubsub"]);
            }
        });
        until("nobody hears", || !store.health().push && !other.health().push);
        for n in 10..20 {
            told(store.revoke(&id(n), later(900), NOW));
            assert_eq!(is_revoked(&other, n), Ok(true), "{n} is asked about");
        }
        done.store(true, Ordering::Relaxed);
    });
    until("it is back", || other.health().push);
    assert_eq!(is_revoked(&other, 10), Ok(true));
    assert_eq!(is_revoked(&other, 99), Ok(false));
}

#[test]
fn a_user_needs_no_more_than_the_guide_says() {
    let server = Server::start();
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operations.md");
    let guide = fs::read_to_string(guide).unwrap();
    let line = guide.lines().find(|line| line.starts_with("ACL SETUSER")).expect("it is there");
    let words: Vec<_> = line.split_whitespace().map(|word| word.trim_matches('\'')).collect();
    assert_eq!(server.ask(&words), "OK");
    server.ask(&["ACL", "SETUSER", "default", "off"]);
    let url = format!("redis://portcullis:PASSWORD@127.0.0.1:{}", server.port());
    let options = RedisOptions::new(&url).unwrap().timeout(Duration::from_secs(2));
    let store = options.clone().connect().unwrap();
    until("it hears", || store.health().push);
    let hourly = Budget::new("hourly", &[limit(1, 3600)], Algorithm::TokenBucket);
    assert!(admits(&store, &[one(&hourly, b"ada")]));
    told(store.revoke(&id(3), later(900), NOW));
    assert_eq!(is_revoked(&store, 3), Ok(true));
    options.initialise().unwrap();
    let denied = RedisOptions::new(&server.url()).unwrap();
    assert!(matches!(denied.connect(), Err(ConnectError::Denied)));
    let denied = RedisOptions::new(&url.replace("PASSWORD", "another")).unwrap();
    let denied = denied.connect().unwrap_err();
    assert!(matches!(denied, ConnectError::Denied), "{denied:?}");
}

#[test]
fn a_budget_that_says_so_is_counted_by_each_node_while_redis_is_away_and_settled_after() {
    let mut server = Server::start();
    let (store, other) = (server.store(), server.store());
    until("they know of each other", || store.health().nodes == 2 && other.health().nodes == 2);
    let lax = Budget::new("lax", &[limit(10, 3600)], Algorithm::SlidingWindow)
        .with_unavailable_admits(true);
    let strict = Budget::new("strict", &[limit(10, 3600)], Algorithm::SlidingWindow);
    // Four of ten are used: of what is left each of two nodes has a half.
    for _ in 0..4 {
        assert!(admits(&store, &[one(&lax, b"ada")]));
    }
    server.kill();
    until("it is away", || !is(&store, Condition::Up) && !is(&other, Condition::Up));
    assert_eq!(
        answer(store.charge(&[one(&lax, b"ada"), one(&strict, b"")], NOW)),
        Err(Unavailable)
    );
    let alone = |store: &RedisStore| {
        let mut admitted = 0;
        while let Charged::All { receipt, .. } = told(store.charge(&[one(&lax, b"ada")], NOW)) {
            assert!(receipt.degraded);
            admitted += 1;
            assert!(admitted < 20);
        }
        admitted
    };
    assert_eq!(alone(&store), 3, "half of the six that are left");
    assert_eq!(store.health().unsettled, 1);

    server.run();
    until("it is back", || is(&store, Condition::Up) && is(&other, Condition::Up));
    assert_eq!(store.health().unsettled, 0);
    let left = (0..10).filter(|_| admits(&store, &[one(&lax, b"ada")])).count();
    assert_eq!(left, 3, "ten, less four, less the three that were admitted alone");

    // However often it goes and comes, there is not more.
    for _ in 0..3 {
        server.kill();
        until("it is away", || !is(&store, Condition::Up));
        assert_eq!(alone(&store), 0);
        server.run();
        until("it is back", || is(&store, Condition::Up));
        assert!(!admits(&store, &[one(&lax, b"ada")]));
    }
}

#[test]
fn alone_a_window_is_one_whatever_is_charged_at_once() {
    let mut server = Server::start();
    let (store, other) = (server.store(), server.store());
    until("they know of each other", || store.health().nodes == 2 && other.health().nodes == 2);
    let lax = Budget::new("lax", &[limit(30, 3600)], Algorithm::SlidingWindow)
        .with_unavailable_admits(true);
    server.kill();
    until("it is away", || !is(&store, Condition::Up));
    let costs = |units| Charge { units, ..one(&lax, b"ada") };
    let admitted = (0..20).filter(|_| admits(&store, &[costs(1)])).count();
    assert_eq!(admitted, 15);
    assert!(!admits(&store, &[costs(2)]) && !admits(&store, &[costs(1)]));
}

/// Each key that is counted alone is settled later, so that there is no more of them than can be.
#[test]
fn keys_without_number_hide_no_debt() {
    let mut server = Server::start();
    let store = server.store();
    let lax =
        Budget::new("lax", &[limit(2, 3600)], Algorithm::TokenBucket).with_unavailable_admits(true);
    server.kill();
    until("it is away", || !is(&store, Condition::Up));
    let admitted =
        (0..25_000_u32).filter(|n| admits(&store, &[one(&lax, &n.to_be_bytes())])).count();
    assert!(admitted <= 20_000, "{admitted}");
    assert_eq!(store.health().unsettled, admitted);
    assert!(!admits(&store, &[one(&lax, b"ada")]));
    server.run();
    until("it is back", || is(&store, Condition::Up) && store.health().unsettled == 0);
    assert!(admits(&store, &[one(&lax, &0_u32.to_be_bytes())]));
    assert!(!admits(&store, &[one(&lax, &0_u32.to_be_bytes())]));
}

#[test]
fn what_was_charged_alone_is_given_back_alone() {
    let mut server = Server::start();
    let store = server.store();
    let lax =
        Budget::new("lax", &[limit(2, 3600)], Algorithm::TokenBucket).with_unavailable_admits(true);
    server.kill();
    until("it is away", || !is(&store, Condition::Up));
    let charge = [one(&lax, b"ada")];
    let Charged::All { receipt, .. } = told(store.charge(&charge, NOW)) else { panic!("drained") };
    told(store.refund(&charge, &receipt));
    assert!(admits(&store, &charge) && admits(&store, &charge) && !admits(&store, &charge));
    server.run();
    until("it is back", || is(&store, Condition::Up));
    assert!(!admits(&store, &charge), "two were kept");
}
