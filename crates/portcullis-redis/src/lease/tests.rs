//! A thousand nodes under one budget, on a clock that the test sets and a real server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests say what they expect"
)]

#[path = "../../tests/redis/server.rs"]
#[allow(dead_code, reason = "the tests of the store use the rest of it")]
mod server;
#[path = "../../tests/redis/wait.rs"]
#[allow(dead_code, reason = "the tests of the store use the rest of it")]
pub(crate) mod wait;

use std::collections::BTreeMap;
use std::time::Duration;

use portcullis::Timestamp;
use portcullis::store::{Budget, Limit};
use redis::Connection;

use super::*;
use crate::scripts;
use crate::shared::Shared;
use server::Server;

const SECOND: u64 = 1_000_000;
const MILLI: u64 = 1000;
/// Windows begin at each of these.
const PART: u64 = 10 * MILLI;
const BEAT: u64 = 200 * MILLI;
const NODES: usize = 1000;
const LIMIT: u64 = 100_000;
const BURST: u64 = LIMIT;

struct Node {
    name: String,
    leases: Leases,
    /// Whether it reaches Redis.
    reaches: bool,
    alive: bool,
}

struct Fleet {
    server: Server,
    connection: Connection,
    shared: Shared,
    epoch: String,
    budget: Budget,
    /// Of a charge.
    key: String,
    numbers: Numbers,
    nodes: Vec<Node>,
    now: u64,
    /// Units admitted, by the part of a second.
    admitted: BTreeMap<u64, u64>,
    /// By the second.
    asked: BTreeMap<u64, u64>,
    offered: BTreeMap<u64, u64>,
    random: u64,
}

fn one(budget: &Budget) -> Charge<'_> {
    Charge { budget, key: b"", fits: 0, units: 1, told: false }
}

impl Fleet {
    fn new() -> Fleet {
        // What it forgets nobody misses here.
        let server = Server::with(&["--save", ""]);
        let options = server.options().by_request_time().leases(true);
        let connection = options.client.get_connection().unwrap();
        let epoch = server.ask(&["GET", "{portcullis}:epoch"]);
        let limit = Limit { units: LIMIT, period: Duration::from_secs(1), burst: BURST };
        let budget = Budget::new("all", &[limit], Algorithm::TokenBucket);
        let node = |at: usize| Node {
            name: format!("node {at}"),
            leases: Leases::default(),
            reaches: true,
            alive: true,
        };
        let shared = Shared::new(options);
        Fleet {
            connection,
            key: shared.keys.count(&one(&budget)),
            numbers: Numbers::of(&one(&budget), false).unwrap(),
            shared,
            server,
            epoch,
            budget,
            nodes: (0..NODES).map(node).collect(),
            // Not at 0, which is never.
            now: 1000 * SECOND,
            admitted: BTreeMap::new(),
            asked: BTreeMap::new(),
            offered: BTreeMap::new(),
            random: 0x9e37_79b9_7f4a_7c15,
        }
    }

    fn random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    /// The n-th node has an n-th of what the first has.
    fn skewed(&mut self) -> usize {
        let part = (self.random() >> 11) as f64 / (1_u64 << 53) as f64;
        // The inverse of the harmonic numbers, near enough.
        ((NODES as f64).powf(part) - 1.0) as usize % NODES
    }

    fn at(&self) -> Timestamp {
        Timestamp::from_nanos(i64::try_from(self.now * 1000).unwrap())
    }

    fn count_question(&mut self) {
        *self.asked.entry(self.now / SECOND).or_default() += 1;
    }

    fn request(&mut self, node: usize) {
        *self.offered.entry(self.now / SECOND).or_default() += 1;
        let charge = one(&self.budget);
        let (numbers, key) = (&self.numbers, &self.key);
        let Node { leases, alive: true, reaches, .. } = &self.nodes[node] else { return };
        let hot = leases.hot(&charge, key, numbers, self.now).unwrap();
        let charged = match hot.charge(1, self.now) {
            Local::Charged => true,
            Local::Drained(_) => false,
            Local::Ask if !*reaches => false,
            Local::Ask => {
                let mut call = self.shared.call(&scripts::CHARGE, &self.epoch, self.at());
                call.key(key);
                numbers.write(&mut call);
                let answer: Vec<i64> = call.invoke(&mut self.connection).unwrap();
                if answer[0] == 0 {
                    hot.refused(1, answer[2] as u64, self.now);
                }
                self.count_question();
                answer[0] == 1
            }
        };
        if charged {
            *self.admitted.entry(self.now / PART).or_default() += 1;
        }
    }

    fn beat(&mut self, node: usize) {
        let Node { leases, alive: true, reaches: true, .. } = &self.nodes[node] else { return };
        for wish in leases.wishes(self.now) {
            let wish = wish.at(self.nodes[node].leases.question(), self.now);
            let mut call = self.shared.call(&scripts::LEASE, &self.epoch, self.at());
            wish.write(&mut call, &self.shared.keys, &self.nodes[node].name);
            let (share, at_once): (u64, u64) = call.invoke(&mut self.connection).unwrap();
            wish.granted(share, at_once);
            self.count_question();
        }
    }

    /// Runs for so many milliseconds, in each of which so many requests come.
    fn run(&mut self, millis: u64, requests: u64) {
        for _ in 0..millis {
            self.now += MILLI;
            for node in 0..NODES {
                // Each beats at a time of its own.
                if (self.now / MILLI + node as u64).is_multiple_of(BEAT / MILLI) {
                    self.beat(node);
                }
            }
            for _ in 0..requests {
                let node = self.skewed();
                self.request(node);
            }
        }
    }

    /// No time, from whichever part of a second to whichever other, has more than the bucket gives in it and a hundredth
    /// of the limit.
    fn holds(&self) {
        let parts: Vec<_> = self.admitted.iter().collect();
        for (at, (first, _)) in parts.iter().enumerate() {
            let mut admitted = 0;
            for (last, units) in &parts[at..] {
                admitted += **units;
                let most = BURST + (**last - **first + 1) * PART * LIMIT / SECOND + LIMIT / 100;
                assert!(admitted <= most, "{admitted} in {} parts", **last - **first + 1);
            }
        }
    }

    /// The most that any second since then had.
    fn most_in_a_second(&self, since: u64) -> u64 {
        let seconds = self.admitted.range(since / PART..).map(|(first, _)| {
            self.admitted.range(first..&(first + SECOND / PART)).map(|(_, units)| units).sum()
        });
        seconds.max().unwrap_or(0)
    }

    /// Of the second that ended last: what was offered, admitted, and asked of Redis.
    fn last_second(&self) -> (u64, u64, u64) {
        let second = self.now / SECOND - 1;
        let parts = second * SECOND / PART..(second + 1) * SECOND / PART;
        let admitted = self.admitted.range(parts).map(|(_, units)| units).sum();
        let of = |all: &BTreeMap<u64, u64>| all.get(&second).copied().unwrap_or(0);
        (of(&self.offered), admitted, of(&self.asked))
    }
}

/// Takes a moment without optimisation; `cargo xtask soak` runs it for longer.
#[test]
fn a_thousand_nodes_have_no_more_than_the_limit_and_a_hundredth() {
    let mut fleet = Fleet::new();
    let seconds = std::env::var("PORTCULLIS_FLEET_SECONDS").map_or(1, |text| text.parse().unwrap());

    // Less than there is: nearly all of it is admitted, and Redis is seldom asked.
    fleet.run(seconds * 1000 + 1000, 70);
    let (offered, admitted, asked) = fleet.last_second();
    eprintln!("70 %: {offered} offered, {admitted} admitted, {asked} round trips");
    assert!(admitted * 100 >= offered * 97, "{admitted} of {offered}");
    assert!(asked <= 2000, "{asked}");

    // More than there is.
    fleet.run(seconds * 1000 + 2000, 150);
    let (offered, admitted, asked) = fleet.last_second();
    eprintln!("150 %: {offered} offered, {admitted} admitted, {asked} round trips");
    assert!(admitted * 100 >= LIMIT * 85, "{admitted}");

    let since = fleet.now - SECOND / 4;

    // Some die, and come back as others; some do not reach Redis for a while.
    for node in (0..NODES).step_by(20) {
        fleet.nodes[node].alive = false;
        fleet.nodes[node + 1].reaches = false;
    }
    fleet.run(1500, 150);
    for node in (0..NODES).step_by(20) {
        let name = format!("another {node}");
        fleet.nodes[node] = Node { name, leases: Leases::default(), reaches: true, alive: true };
    }
    fleet.run(1500, 150);
    for node in (0..NODES).step_by(20) {
        fleet.nodes[node + 1].reaches = true;
    }
    fleet.run(seconds * 1000, 150);
    let (offered, admitted, asked) = fleet.last_second();
    eprintln!("after: {offered} offered, {admitted} admitted, {asked} round trips");
    fleet.holds();
    // The bucket has long been empty: nothing but its rate is left.
    let most = fleet.most_in_a_second(since);
    eprintln!("{most} in a second at the most");
    assert!(most <= LIMIT + LIMIT / 100, "{most}");
    drop(fleet.server);
}
