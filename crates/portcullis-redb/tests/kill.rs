//! A process that is killed loses nothing that it has answered for, and leaves nothing half done.
//!
//! The test runs itself as a second process, which writes and says on its standard output what was
//! answered for, and kills it after so many lines.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may panic")]

mod common;

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, iter, thread};

use common::*;
use portcullis::store::{Algorithm, Budget, Charge, Charged, Presentation, Store};
use portcullis_redb::{OpenError, RedbStore};

const ROUNDS: u64 = 20;
/// Tells the second process which round it is, and where the file is.
const ROUND: &str = "PORTCULLIS_REDB_ROUND";
const FILE: &str = "PORTCULLIS_REDB_FILE";

/// No two rounds share an id.
fn nth(round: u64, n: u64) -> u64 {
    round * 1_000_000 + n
}

/// The second process. Without being told what to do, it passes.
#[test]
fn writes_until_it_is_killed() {
    let (Ok(round), Some(file)) = (env::var(ROUND), env::var_os(FILE)) else { return };
    let round: u64 = round.parse().unwrap();
    let store = RedbStore::open(file).unwrap();
    let subject = id(b'u', round);
    ready(store.begin(&session(nth(round, 0)), &family(subject, nth(round, 0)), NOW));
    for n in 1.. {
        let nth = |n| nth(round, n);
        ready(store.revoke(&id(b'r', nth(n)), later(900), NOW));
        say("revoked", n);
        let presented_first = presented(session(nth(0)), token(nth(n - 1)));
        let taken = ready(store.take(&presented_first, &successor(nth(n)), NOW));
        assert_eq!(taken, Presentation::Taken(later(3600)));
        say("rotated", n);
        ready(store.keep(&id(b'k', nth(n)), &kept(subject, None), NOW));
        say("kept", n);
        // Not flushed, and must not keep what comes after it from being so.
        opaque(&store, id(b'k', nth(n)), NOW);
        if n % 2 == 0 {
            assert!(ready(store.discard(&id(b'k', nth(n)))));
            say("discarded", n);
        }
        ready(store.begin(&session(nth(n)), &family(id(b'u', 0), nth(n)), NOW));
        let stolen = presented(session(nth(n)), token(nth(0)));
        let reused = match n % 2 {
            0 => looked_at(&store, stolen, NOW).0,
            _ => ready(store.take(&stolen, &successor(0), NOW)),
        };
        assert_eq!(reused, Presentation::Reused);
        say("reused", n);
        assert!(admits(&store, &daily(), &nth(0).to_be_bytes(), NOW));
        store.flush().unwrap();
        say("counted", n);
    }
}

/// More than a round charges.
const DAILY: u64 = 1000;

fn daily() -> Budget {
    Budget::new("daily", &[every(86_400, DAILY)], Algorithm::SlidingWindow)
}

fn say(what: &str, n: u64) {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "acknowledged {what} {n}").unwrap();
    stdout.flush().unwrap();
}

#[test]
fn a_kill_loses_nothing_that_was_answered_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.redb");
    let mut rounds = Vec::new();
    for round in 1..=ROUNDS {
        // 7 and 31 have nothing in common: each kind of write is the last in some round.
        rounds.push((round, killed(&file, round, 1 + round * 7 % 31)));
        let store = RedbStore::open(&file).unwrap();
        // What earlier rounds were answered for outlasts later kills as well.
        for (round, acknowledged) in &rounds {
            check(&store, *round, acknowledged);
        }
    }
}

/// The second process. It charges all there is, writes nothing down itself, and waits.
#[test]
fn counts_until_it_is_killed() {
    let (Ok(round), Some(file)) = (env::var(ROUND), env::var_os(FILE)) else { return };
    let store = RedbStore::open(file).unwrap();
    for _ in 0..DAILY {
        assert!(admits(&store, &daily(), round.as_bytes(), NOW));
    }
    say("counted", DAILY);
    loop {
        thread::park();
    }
}

#[test]
fn what_budgets_counted_is_written_down_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.redb");
    // A busy machine may take longer than the second that it should.
    for seconds in [2, 4, 8, 16, 32] {
        let mut child = second("counts_until_it_is_killed", &file, seconds);
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        while acknowledged(&next(&mut stdout).expect("it counts")).is_none() {}
        thread::sleep(Duration::from_secs(seconds));
        child.kill().unwrap();
        child.wait().unwrap();
        let store = RedbStore::open(&file).unwrap();
        if !admits(&store, &daily(), seconds.to_string().as_bytes(), NOW) {
            return;
        }
    }
    panic!("nothing of it is there");
}

/// What the second process said before it was killed: at least so many lines.
fn killed(file: &Path, round: u64, lines: u64) -> Vec<(String, u64)> {
    let mut child = second("writes_until_it_is_killed", file, round);
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut said = Vec::new();
    while (said.len() as u64) < lines {
        let line = next(&mut stdout).expect("it writes until it is killed");
        said.extend(acknowledged(&line));
    }
    // It has the file, and nobody else can have it.
    assert!(matches!(RedbStore::open(file), Err(OpenError::InUse)));
    child.kill().unwrap();
    child.wait().unwrap();
    said.extend(iter::from_fn(|| next(&mut stdout)).filter_map(|line| acknowledged(&line)));
    said
}

/// A second process, that runs one of these tests.
fn second(test: &str, file: &Path, round: u64) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(ROUND, round.to_string())
        .env(FILE, file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Its next line, if it is whole.
fn next(stdout: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    let read = stdout.read_line(&mut line).unwrap();
    (read > 0 && line.ends_with('\n')).then_some(line)
}

fn acknowledged(line: &str) -> Option<(String, u64)> {
    let (what, n) = line.trim().split_once("acknowledged ")?.1.split_once(' ')?;
    Some((what.to_owned(), n.parse().unwrap()))
}

fn check(store: &RedbStore, round: u64, acknowledged: &[(String, u64)]) {
    let nth = |n| nth(round, n);
    let (daily, key) = (daily(), nth(0).to_be_bytes());
    let last = |what: &str| {
        let of_it = acknowledged.iter().filter(|(said, _)| said == what);
        of_it.map(|(_, n)| *n).max().unwrap_or(0)
    };
    for n in 1..=last("revoked") {
        assert!(is_revoked(store, id(b'r', nth(n))), "round {round}: revocation {n}");
    }

    let rotated = last("rotated");
    let means = |n| looked_at(store, presented(session(nth(0)), token(nth(n))), NOW).0;
    // The one after may be in the file, and only its answer be missing.
    let current = means(rotated);
    let next = Presentation::Again(successor(nth(rotated + 1)).sealed, later(3600));
    assert!(
        current == Presentation::Good(later(3600)) || current == next,
        "round {round}: token {rotated} is {current:?}"
    );
    if rotated > 0 {
        let before = Presentation::Again(successor(nth(rotated)).sealed, later(3600));
        assert_eq!(means(rotated - 1), before, "round {round}: token {rotated} was given");
    }

    for n in 1..=last("kept") {
        let kept = opaque(store, id(b'k', nth(n)), NOW);
        if n % 2 == 1 {
            assert!(kept.is_some(), "round {round}: opaque token {n}");
        } else if n <= last("discarded") {
            assert!(kept.is_none(), "round {round}: opaque token {n} was discarded");
        }
    }

    // Nobody charges this key any more, but these tests: they look at a copy of what it has left.
    let charges = [Charge { told: true, ..of(&daily, &key) }];
    let Charged::All { quotas, receipt } = ready(store.charge(&charges, NOW)) else {
        panic!("round {round}: a key has more than {DAILY} charges");
    };
    ready(store.refund(&charges, &receipt));
    let left = quotas.iter().next().unwrap().remaining;
    // The one after may be in the file, and only its answer be missing.
    let counted = last("counted");
    assert!(
        (DAILY - counted - 2..=DAILY - counted - 1).contains(&left),
        "round {round}: {left} left"
    );

    // Beyond what was answered for too: what is there is there as a whole.
    let reused = last("reused");
    for n in 1..=reused + 2 {
        let (means, _) = looked_at(store, presented(session(nth(n)), token(nth(n))), NOW);
        let revoked = is_revoked(store, session(nth(n)));
        assert_eq!(means == Presentation::Revoked, revoked, "round {round}: session {n}");
        assert!(revoked || n > reused, "round {round}: session {n} had ended");
    }
}
