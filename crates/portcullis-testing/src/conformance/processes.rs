//! Several processes at one time, for stores that they share.
//!
//! The test runs itself as its children, and so has to ask first which of them it is:
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use portcullis::store::{MemoryStore, Store};
//! # fn connect(_: &str) -> Arc<dyn Store> { Arc::new(MemoryStore::default()) }
//! # fn start() -> String { String::new() }
//! use portcullis_testing::conformance::processes;
//!
//! // #[test]
//! fn two_processes_are_admitted_the_limit() {
//!     if let Some(child) = processes::Child::here() {
//!         return child.run(connect(child.address()));
//!     }
//!     let address = start();
//!     let test = "two_processes_are_admitted_the_limit";
//!     processes::are_admitted_the_limit(test, &address, connect(&address));
//! }
//! ```

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::{env, process};

use portcullis::store::{Algorithm, Charged, Presentation, Store};

use super::sessions::successor;
use super::{Bench, NOW, hourly, later, of, reached};

/// Tell a child where the store is, and what its tests are named by.
const ADDRESS: &str = "PORTCULLIS_CONFORMANCE_ADDRESS";
const NAMESPACE: &str = "PORTCULLIS_CONFORMANCE_NAMESPACE";

const CHILDREN: usize = 2;

/// What the processes charge in all; each child asks for as many.
const BUDGETS: [(Algorithm, u64); 3] = [
    (Algorithm::TokenBucket, 150),
    (Algorithm::SlidingWindow, 16),
    (Algorithm::SlidingWindow, 150),
];

/// Sessions whose first tokens all the processes take.
const SESSIONS: u64 = 50;

/// A process that another one started.
#[derive(Debug)]
pub struct Child {
    address: String,
    namespace: String,
}

impl Child {
    /// Nothing in the process that starts the others.
    #[must_use]
    pub fn here() -> Option<Child> {
        Some(Child { address: env::var(ADDRESS).ok()?, namespace: env::var(NAMESPACE).ok()? })
    }

    /// What [`are_admitted_the_limit`] was given.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Charges and takes, as soon as it is told to.
    pub fn run(&self, store: Arc<dyn Store>) {
        let bench = Bench::of(store, &self.namespace);
        // It has asked once before the others are let go: none has to connect first.
        bench.admits(&[], NOW);
        say("ready", 0);
        let mut line = String::new();
        io::stdin().read_line(&mut line).expect("the other process says when");
        ask(&bench, say);
        say("done", 0);
    }
}

/// Of N units, all processes together are admitted exactly N; of one token, one process is the first.
///
/// `test` is the whole name of the test that calls this, and `address` what its children find the store by.
pub fn are_admitted_the_limit(test: &str, address: &str, store: Arc<dyn Store>) {
    let namespace = format!("processes {}", process::id());
    let bench = Bench::of(store, &namespace);
    for n in 0..SESSIONS {
        let [session, subject, first] =
            ["session", "subject", "first"].map(|kind| bench.id(kind, n));
        bench.begin(session, subject, first, later(3600), NOW);
    }
    let mut children: Vec<_> = (0..CHILDREN)
        .map(|_| {
            let child = Command::new(env::current_exe().expect("it is running"))
                .args(["--exact", test, "--nocapture"])
                .env(ADDRESS, address)
                .env(NAMESPACE, &namespace)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn();
            let mut child = child.expect("it can be run again");
            let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
            (child, stdout)
        })
        .collect();
    for (_, stdout) in &mut children {
        while next(stdout).expect("the child lives").0 != "ready" {}
    }
    for (child, _) in &mut children {
        let stdin = child.stdin.as_mut().expect("it is piped");
        stdin.write_all(b"\n").expect("the child reads");
    }
    let mut sums = BTreeMap::new();
    for (child, stdout) in &mut children {
        loop {
            let (what, count) = next(stdout).expect("the child lives");
            if what == "done" {
                break;
            }
            *sums.entry(what).or_insert(0) += count;
        }
        assert!(child.wait().expect("it has begun").success());
    }
    for (place, (algorithm, units)) in BUDGETS.iter().enumerate() {
        assert_eq!(sums[&format!("admitted-{place}")], *units, "{algorithm:?}: {sums:?}");
    }
    assert_eq!(sums["taken"], SESSIONS, "{sums:?}");
    assert_eq!(sums["again"], SESSIONS * (CHILDREN as u64 - 1), "{sums:?}");
    // This process finds nothing left, too.
    ask(&bench, |what, count| {
        let expected = if what == "again" { SESSIONS } else { 0 };
        assert_eq!(count, expected, "{what}, afterwards");
    });
}

fn ask(bench: &Bench, mut say: impl FnMut(&str, u64)) {
    for (place, (algorithm, units)) in BUDGETS.into_iter().enumerate() {
        let budget = bench.budget(&format!("{algorithm:?} {units}"), &[hourly(units)], algorithm);
        let one = [of(&budget, b"key", 1)];
        let mut admitted = 0;
        for n in 0..units {
            if let Charged::All { receipt, .. } = bench.charge(&one, NOW) {
                // Some are given back at once, and are another's then.
                match n % 5 {
                    0 => bench.refund(&one, &receipt),
                    _ => admitted += 1,
                }
            }
        }
        // What was given back last may be there still.
        admitted += bench.admitted(units, &one, NOW);
        say(&format!("admitted-{place}"), admitted);
    }
    let (mut taken, mut again, mut other) = (0, 0, 0);
    for n in 0..SESSIONS {
        let presented = bench.presented(bench.id("session", n), bench.id("first", n));
        // No two processes give one successor.
        let next = successor(bench.id("next", u64::from(process::id()) << 32 | n));
        match reached(bench.store().take(&presented, &next, NOW)) {
            Presentation::Taken(_) => taken += 1,
            Presentation::Again(sealed, _) if sealed != next.sealed => again += 1,
            _ => other += 1,
        }
    }
    say("taken", taken);
    say("again", again);
    say("other", other);
}

fn say(what: &str, count: u64) {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "conformance {what} {count}").expect("the other process reads");
    stdout.flush().expect("the other process reads");
}

/// What a child says next; nothing if it has ended.
fn next(stdout: &mut impl BufRead) -> Option<(String, u64)> {
    loop {
        let mut line = String::new();
        if stdout.read_line(&mut line).ok()? == 0 {
            return None;
        }
        // The test harness writes before it on the same line.
        let Some((_, said)) = line.trim_end().split_once("conformance ") else { continue };
        let (what, count) = said.split_once(' ')?;
        return Some((what.to_owned(), count.parse().ok()?));
    }
}
