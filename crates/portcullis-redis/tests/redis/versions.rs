//! A policy that changes a budget, while nodes of before and after count side by side.

use std::time::Duration;

use portcullis::store::{Algorithm, Budget, Charge, Charged, Limit, Store};
use portcullis_redis::RedisStore;

use crate::counting::{NOW, limit};
use crate::server::Server;
use crate::wait::told;

const ALGORITHMS: [Algorithm; 2] = [Algorithm::TokenBucket, Algorithm::SlidingWindow];

fn store(server: &Server) -> RedisStore {
    server.options().by_request_time().connect().unwrap()
}

/// How many of so many units are admitted, one by one, so many seconds later.
fn admitted(store: &RedisStore, budget: &Budget, units: usize, after: u64) -> usize {
    let now = NOW.after(Duration::from_secs(after));
    let charge = Charge { budget, key: b"ada", fits: 0, units: 1, told: false };
    let admits = |_: &usize| matches!(told(store.charge(&[charge], now)), Charged::All { .. });
    (0..units).filter(admits).count()
}

#[test]
fn a_limit_that_is_raised_begins_with_what_was_used() {
    let server = Server::start();
    let store = store(&server);
    for algorithm in ALGORITHMS {
        let name = format!("{algorithm:?}");
        let old = Budget::new(&name, &[limit(10, 3600)], algorithm);
        let new = Budget::new(&name, &[limit(20, 3600)], algorithm);
        assert_eq!(admitted(&store, &old, 8, 0), 8);
        assert_eq!(admitted(&store, &new, 5, 0), 5, "{name}: twelve are left");
        // What those of after charge counts for those of before.
        assert_eq!(admitted(&store, &old, 5, 0), 0, "{name}");
        assert_eq!(admitted(&store, &new, 20, 0), 7, "{name}");
        // A node of before that is taken back to finds it drained, and no worse.
        assert_eq!(admitted(&store, &old, 20, 3800), 10, "{name}");
        assert_eq!(admitted(&store, &new, 20, 3800), 10, "{name}");
    }
}

#[test]
fn a_limit_that_is_lowered_locks_nobody_out_for_what_was_used_before() {
    let server = Server::start();
    let store = store(&server);
    for algorithm in ALGORITHMS {
        let name = format!("{algorithm:?}");
        let old = Budget::new(&name, &[limit(600, 60)], algorithm);
        let new = Budget::new(&name, &[limit(6, 60)], algorithm);
        assert_eq!(admitted(&store, &old, 500, 0), 500);
        assert_eq!(admitted(&store, &new, 1, 0), 0, "{name}: it is not full again");
        // All is there after the period of the new one; by the sum of before it would take an hour and more.
        assert_eq!(admitted(&store, &new, 10, 62), 6, "{name}");
    }
}

#[test]
fn another_algorithm_begins_with_what_was_used() {
    let server = Server::start();
    let store = store(&server);
    for [before, after] in [ALGORITHMS, [ALGORITHMS[1], ALGORITHMS[0]]] {
        let name = format!("{before:?} and {after:?}");
        let old = Budget::new(&name, &[limit(10, 3600)], before);
        let new = Budget::new(&name, &[limit(10, 3600)], after);
        assert_eq!(admitted(&store, &old, 7, 0), 7, "{name}");
        assert_eq!(admitted(&store, &new, 10, 0), 3, "{name}");
        assert_eq!(admitted(&store, &old, 10, 0), 0, "{name}");
    }
}

#[test]
fn a_period_that_changes_resets_and_locks_nobody() {
    let server = Server::start();
    let store = store(&server);
    for algorithm in ALGORITHMS {
        let name = format!("{algorithm:?}");
        let old = Budget::new(&name, &[limit(60, 60)], algorithm);
        let new = Budget::new(&name, &[limit(60, 3600)], algorithm);
        assert_eq!(admitted(&store, &old, 60, 0), 60);
        // However often they alternate.
        for _ in 0..10 {
            assert_eq!(admitted(&store, &new, 1, 0), 0, "{name}");
            assert_eq!(admitted(&store, &old, 1, 0), 0, "{name}");
        }
        // What comes back to those of before does not come back to those of after.
        assert_eq!(admitted(&store, &old, 60, 120), 60, "{name}");
        assert!(admitted(&store, &new, 60, 120) <= 2, "{name}");
    }
}

#[test]
fn a_window_that_changes_knows_when_each_unit_was_charged() {
    let server = Server::start();
    let store = store(&server);
    for (before, after) in [(10, 11), (100, 101)] {
        let name = format!("{before}");
        let old = Budget::new(&name, &[limit(before, 3600)], ALGORITHMS[1]);
        let new = Budget::new(&name, &[limit(after, 3600)], ALGORITHMS[1]);
        let all = usize::try_from(before).unwrap();
        assert_eq!(admitted(&store, &old, all, 0), all);
        assert_eq!(admitted(&store, &new, 5, 3500), 1, "{name}: one more than before");
        // All but that one have ceased to count, as if nothing had been changed.
        assert_eq!(admitted(&store, &new, 2 * all, 3800), all, "{name}");
    }
}

#[test]
fn versions_that_nobody_goes_by_any_more_are_dropped() {
    let server = Server::start();
    let store = store(&server);
    for algorithm in ALGORITHMS {
        let name = format!("{algorithm:?}");
        for n in 0..30 {
            let budget = Budget::new(&name, &[limit(100 + n, 60)], algorithm);
            assert!(admitted(&store, &budget, 3, n * 100) > 0, "{name} {n}");
        }
        let key = server.ask(&["KEYS", "*:b1:*"]);
        let records = server.ask(&["GET", key.lines().next().unwrap()]).matches('|').count();
        assert!(records <= 3, "{name}: {records} and one");
        server.ask(&["DEL", key.lines().next().unwrap()]);
    }
}

#[test]
fn limits_that_are_extreme_are_counted_exactly() {
    let server = Server::start();
    let store = store(&server);
    let day = Duration::from_secs(86_400);
    for (units, period, burst, algorithm) in [
        (1, day * 30, 1, Algorithm::TokenBucket),
        (1, day * 365, 1, Algorithm::SlidingWindow),
        (1_000_000_000, Duration::from_secs(1), 3, Algorithm::TokenBucket),
        (999_999_937, day, 5, Algorithm::TokenBucket),
        (7, Duration::from_secs(3), 7, Algorithm::TokenBucket),
        (u64::MAX, day * 365, 4, Algorithm::TokenBucket),
        (7, day, 1_000_000_000, Algorithm::TokenBucket),
        (1000, day * 30, 1 << 40, Algorithm::TokenBucket),
    ] {
        let name = format!("{units} {period:?} {burst}");
        let limit = Limit { units, period, burst };
        let budget = Budget::new(&name, &[limit], algorithm);
        let most = usize::try_from(if algorithm == Algorithm::TokenBucket { burst } else { units });
        assert_eq!(admitted(&store, &budget, 10, 0), most.unwrap().min(10), "{name}");
    }
    // A unit a month comes back after a month, and not before.
    let month = Budget::new("month", &[limit(1, 2_592_000)], Algorithm::TokenBucket);
    assert_eq!(admitted(&store, &month, 2, 0), 1);
    assert_eq!(admitted(&store, &month, 2, 2_591_999), 0);
    assert_eq!(admitted(&store, &month, 2, 2_592_000), 1);
}
