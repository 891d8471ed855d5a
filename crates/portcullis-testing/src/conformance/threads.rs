//! Several threads at one time, on one store.

use std::sync::Barrier;
use std::thread;

use portcullis::store::{Algorithm, Charge, Charged, Presentation};

use super::sessions::successor;
use super::{Bench, HOUR, NOW, at, hourly, later, of, reached};

/// However they race, a budget of N admits exactly N.
pub fn racing_threads_are_admitted_the_limit(bench: &Bench) {
    for (algorithm, units) in [
        (Algorithm::TokenBucket, 100),
        (Algorithm::SlidingWindow, 13),
        (Algorithm::SlidingWindow, 100),
    ] {
        let budget = bench.budget(&format!("{algorithm:?} {units}"), &[hourly(units)], algorithm);
        let one = [of(&budget, b"key", 1)];
        let admitted: u64 = on_threads(8, |_| bench.admitted(25, &one, NOW)).iter().sum();
        assert_eq!(admitted, units, "{algorithm:?}");
        assert!(!bench.admits(&one, NOW));
        let admitted: u64 = on_threads(8, |_| bench.admitted(25, &one, at(2 * HOUR))).iter().sum();
        assert_eq!(admitted, units, "{algorithm:?}, when all is there again");
    }
}

/// Threads that name their budgets in opposite orders would wait for each other if a store took one after the
/// other.
pub fn requests_in_any_order_do_not_wait_for_each_other(bench: &Bench) {
    let budget = bench.budget("b", &[hourly(60)], Algorithm::TokenBucket);
    let keys: Vec<_> = (0..20_u32).map(u32::to_be_bytes).collect();
    let admitted = on_threads(4, |turn| {
        let mut charges: Vec<_> = keys.iter().map(|key| of(&budget, key, 1)).collect();
        charges.rotate_left(turn * 5);
        if turn % 2 == 1 {
            charges.reverse();
        }
        bench.admitted(30, &charges, NOW)
    });
    assert_eq!(admitted.iter().sum::<u64>(), 60);
    for key in &keys {
        assert!(!bench.admits(&[of(&budget, key, 1)], NOW));
    }
}

/// What each gives back at once is there for the others, and nothing is lost or made.
pub fn threads_that_give_all_back_leave_all(bench: &Bench) {
    for (algorithm, units) in [
        (Algorithm::TokenBucket, 12),
        (Algorithm::SlidingWindow, 12),
        (Algorithm::SlidingWindow, 24),
    ] {
        let budget = bench.budget(&format!("{algorithm:?} {units}"), &[hourly(units)], algorithm);
        let charges: [Charge<'_>; 1] = [of(&budget, b"key", 2)];
        let charged = on_threads(8, |_| {
            let answers = (0..20).map(|_| match bench.charge(&charges, NOW) {
                Charged::All { receipt, .. } => {
                    bench.refund(&charges, &receipt);
                    1
                }
                Charged::Drained { .. } => 0,
            });
            answers.sum::<u64>()
        });
        assert!(charged.iter().sum::<u64>() >= 20, "{algorithm:?}: {charged:?}");
        let one = [of(&budget, b"key", 1)];
        assert_eq!(bench.admitted(units + 2, &one, NOW), units, "{algorithm:?} {units}");
    }
}

/// And the others get the successor that it chose.
pub fn of_threads_that_take_one_token_one_is_the_first(bench: &Bench) {
    for round in 0..20 {
        let (session, first) = (bench.id("session", round), bench.id("first", round));
        bench.begin(session, bench.id("subject", round), first, later(3600), NOW);
        let presented = bench.presented(session, first);
        let meant = on_threads(4, |turn| {
            let next = successor(bench.id("next", turn as u64));
            reached(bench.store().take(&presented, &next, NOW))
        });
        let taken = Presentation::Taken(later(3600));
        let winners: Vec<_> = (0..4).filter(|turn| meant[*turn as usize] == taken).collect();
        let [winner] = winners[..] else { panic!("{meant:?}") };
        let again = Presentation::Again(successor(bench.id("next", winner)).sealed, later(3600));
        let others = meant.iter().filter(|means| **means != taken);
        assert!(others.clone().count() == 3 && others.clone().all(|means| *means == again));
    }
}

/// However many end them at once, no session is ended twice.
pub fn of_threads_that_end_all_each_session_ends_once(bench: &Bench) {
    let subject = bench.id("subject", 0);
    for n in 0..20 {
        bench.begin(bench.id("session", n), subject, bench.id("first", n), later(3600), NOW);
    }
    let ended = on_threads(4, |_| reached(bench.store().end_all(&subject, later(900), NOW)));
    assert_eq!(ended.iter().sum::<u64>(), 20, "{ended:?}");
    assert!((0..20).all(|n| bench.is_revoked(bench.id("session", n), NOW)));
}

/// What each of so many threads has to say, begun at once.
fn on_threads<T: Send>(count: usize, ask: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(count);
    let (ask, barrier) = (&ask, &barrier);
    thread::scope(|scope| {
        let threads = (0..count).map(|turn| {
            scope.spawn(move || {
                barrier.wait();
                ask(turn)
            })
        });
        let threads: Vec<_> = threads.collect();
        threads.into_iter().map(|thread| thread.join().expect("the store answers")).collect()
    })
}
