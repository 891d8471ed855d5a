//! Shares of a hot budget, by a store as a service has it.

use std::thread;
use std::time::Duration;

use portcullis::store::{Algorithm, Budget, Charge, Charged, Limit, Store};

use portcullis_redis::Condition;

use crate::counting::NOW;
use crate::server::Server;
use crate::wait::{told, until};

fn questions(server: &Server) -> u64 {
    let stats = server.ask(&["INFO", "commandstats"]);
    let line = stats.lines().find(|line| line.starts_with("cmdstat_evalsha:")).unwrap();
    let calls = line.split(['=', ',']).nth(1).unwrap();
    calls.parse().unwrap()
}

#[test]
fn a_node_that_charges_a_budget_often_seldom_asks_and_gets_no_more_than_there_is() {
    let server = Server::start();
    let store = server.options().leases(true).connect().unwrap();
    let limit = Limit { units: 2000, period: Duration::from_secs(1), burst: 2000 };
    let all = Budget::new("all", &[limit], Algorithm::TokenBucket);
    let charge = Charge { budget: &all, key: b"", fits: 0, units: 1, told: false };
    let admits = || matches!(told(store.charge(&[charge], NOW)), Charged::All { .. });
    until("it has a share of what it charges", || {
        let before = questions(&server);
        for _ in 0..10 {
            (0..10).for_each(|_| _ = admits());
            thread::sleep(Duration::from_millis(10));
        }
        store.health().leases == 1 && questions(&server) - before < 10
    });
    let before = questions(&server);
    let mut admitted = 0;
    for _ in 0..200 {
        admitted += (0..10).map(|_| u64::from(admits())).sum::<u64>();
        thread::sleep(Duration::from_millis(10));
    }
    // Beats and renewals are among them.
    let asked = questions(&server) - before;
    assert!(admitted >= 1950, "{admitted}");
    assert!(asked * 4 < admitted, "{asked} for {admitted}");

    // As fast as it can: no more than the bucket, and what comes back meanwhile.
    let begun = std::time::Instant::now();
    let mut admitted = 0;
    while begun.elapsed() < Duration::from_millis(1500) {
        admitted += u64::from(admits());
    }
    let most = 2000 + 2000 * u64::try_from(begun.elapsed().as_millis() + 1).unwrap() / 1000;
    assert!(admitted <= most + 20, "{admitted} of {most}");
}

#[test]
fn who_has_a_share_has_no_other_part_while_redis_is_away_and_none_where_it_has_forgotten() {
    let mut server = Server::start();
    let store = server.options().leases(true).connect().unwrap();
    let limit = Limit { units: 2000, period: Duration::from_secs(1), burst: 200 };
    let all = Budget::new("all", &[limit], Algorithm::TokenBucket).with_unavailable_admits(true);
    let strict = Budget::new("strict", &[limit], Algorithm::TokenBucket);
    let charge = |budget| Charge { budget, key: b"", fits: 0, units: 1, told: false };
    let admits = |budget| {
        let answer = crate::wait::answer(store.charge(&[charge(budget)], NOW));
        matches!(answer, Ok(Charged::All { .. }))
    };
    until("it has shares", || {
        (0..10).for_each(|_| _ = (admits(&all), admits(&strict)));
        thread::sleep(Duration::from_millis(10));
        store.health().leases == 2
    });
    server.kill();
    let begun = std::time::Instant::now();
    let mut admitted = 0;
    while begun.elapsed() < Duration::from_millis(1500) {
        admitted += u64::from(admits(&all));
    }
    let most = 200 + 2000 * u64::try_from(begun.elapsed().as_millis() + 1).unwrap() / 1000;
    assert!(admitted <= most + 20, "{admitted} of {most}");

    server.forget();
    server.run();
    until("it is noticed", || store.health().condition == Condition::Forgotten);
    assert_eq!(store.health().leases, 0);
    assert!(!admits(&strict));
}

#[test]
fn what_is_told_or_given_back_is_asked_about_each_time() {
    let server = Server::start();
    let store = server.options().leases(true).connect().unwrap();
    let limit = Limit { units: 100_000, period: Duration::from_secs(1), burst: 100_000 };
    let plain = Budget::new("plain", &[limit], Algorithm::TokenBucket);
    let back = Budget::new("back", &[limit], Algorithm::TokenBucket).with_refunds(true);
    let window = Budget::new("window", &[limit], Algorithm::SlidingWindow);
    for _ in 0..100 {
        for (budget, told_of) in [(&plain, true), (&back, false), (&window, false)] {
            let charge = Charge { budget, key: b"", fits: 0, units: 1, told: told_of };
            assert!(matches!(told(store.charge(&[charge], NOW)), Charged::All { .. }));
        }
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(store.health().leases, 0);
}
