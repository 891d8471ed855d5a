//! What a file does beside what every store does: counts that last, sweeps, faults, and who may open it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests say what they expect")]

mod common;

use std::fs;

use common::*;
use portcullis::store::{Algorithm, Budget, Presentation, Receipt, Store};
use portcullis_redb::{OpenError, RedbStore};
use tempfile::TempDir;

struct File(TempDir);

impl File {
    fn new() -> File {
        File(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("store.redb")
    }

    fn open(&self) -> RedbStore {
        RedbStore::open(self.path()).unwrap()
    }
}

#[test]
fn an_operator_whose_clock_was_ahead_forgets_the_counts_alone() {
    let file = File::new();
    let hourly = Budget::new("hourly", &[every(3600, 1)], Algorithm::TokenBucket);
    let ahead = later(365 * 86_400);
    let store = file.open();
    assert!(admits(&store, &hourly, b"ada", ahead));
    ready(store.revoke(&id(b'r', 1), later(60), NOW));
    assert!(matches!(RedbStore::forget_counts(file.path()), Err(OpenError::InUse)));
    drop(store);

    let store = file.open();
    assert!(!admits(&store, &hourly, b"ada", NOW), "held back until then");
    drop(store);

    assert_eq!(RedbStore::forget_counts(file.path()).unwrap(), 1);
    let store = file.open();
    assert!(admits(&store, &hourly, b"ada", NOW));
    assert!(!admits(&store, &hourly, b"ada", NOW));
    assert!(is_revoked(&store, id(b'r', 1)));
}

#[test]
fn budgets_of_an_hour_or_more_count_on_after_a_restart() {
    let file = File::new();
    for algorithm in [Algorithm::TokenBucket, Algorithm::SlidingWindow] {
        // Of each way to count: units one by one, parts of a period, what is owed.
        for limit in [3, 40] {
            let name = format!("{algorithm:?} {limit}");
            let daily = Budget::new(&format!("daily {name}"), &[every(86_400, limit)], algorithm);
            let hourly = Budget::new(&format!("hourly {name}"), &[every(3600, limit)], algorithm);
            let minutely = Budget::new(&format!("{name} a minute"), &[every(60, limit)], algorithm);
            let store = file.open();
            for budget in [&daily, &hourly, &minutely] {
                for _ in 0..limit {
                    assert!(admits(&store, budget, b"ada", NOW));
                }
                assert!(!admits(&store, budget, b"ada", NOW));
            }
            ready(store.refund(&[of(&hourly, b"ada")], &Receipt::at(NOW)));
            drop(store);

            let store = file.open();
            assert!(!admits(&store, &daily, b"ada", NOW), "{name}");
            assert!(
                !admits(&store, &daily, b"ada", later(3600)) || algorithm == Algorithm::TokenBucket
            );
            assert!(admits(&store, &daily, b"bob", NOW), "another key");
            assert!(admits(&store, &hourly, b"ada", NOW), "what was given back");
            assert!(!admits(&store, &hourly, b"ada", NOW), "and no more");
            assert!(admits(&store, &minutely, b"ada", NOW), "a restart fills it");
            drop(store);
            // It is no longer than it was: all is there again when it would have been without the restart.
            let store = file.open();
            for _ in 0..limit {
                assert!(admits(&store, &daily, b"ada", later(4 * 86_400)), "{name}");
            }
            assert!(!admits(&store, &daily, b"ada", later(4 * 86_400)), "{name}");
        }
    }
}

#[test]
fn a_budget_that_a_policy_names_no_longer_is_forgotten_for_good() {
    let file = File::new();
    let store = file.open();
    let budget = Budget::new("daily", &[every(86_400, 1)], Algorithm::TokenBucket);
    assert!(admits(&store, &budget, b"ada", NOW) && !admits(&store, &budget, b"ada", NOW));
    store.flush().unwrap();
    store.retain(&["other"]);
    drop(store);
    assert!(admits(&file.open(), &budget, b"ada", NOW));
}

#[test]
fn many_counts_are_written_and_read() {
    let file = File::new();
    let store = file.open();
    let budget = Budget::new("daily", &[every(86_400, 1)], Algorithm::SlidingWindow);
    // More than one transaction takes.
    for n in 0..10_000_u32 {
        assert!(admits(&store, &budget, &n.to_be_bytes(), NOW));
    }
    drop(store);
    let store = file.open();
    for n in 0..10_000_u32 {
        assert!(!admits(&store, &budget, &n.to_be_bytes(), later(60)));
    }
}

#[test]
fn a_revocation_is_never_shortened() {
    let file = File::new();
    let store = file.open();
    ready(store.revoke(&id(b'r', 1), later(60), NOW));
    ready(store.revoke(&id(b'r', 1), later(30), NOW));
    assert_eq!(store.sweep(later(59)), Ok(0));
    assert!(is_revoked(&store, id(b'r', 1)));
    assert_eq!(store.sweep(later(60)), Ok(1));
    assert!(!is_revoked(&store, id(b'r', 1)));
}

#[test]
fn a_question_that_changes_nothing_writes_nothing() {
    let file = File::new();
    let store = file.open();
    ready(store.begin(&session(1), &family(id(b'u', 1), 1), NOW));
    ready(store.keep(&id(b'k', 1), &kept(id(b'u', 1), None), NOW));
    ready(store.revoke(&id(b'r', 1), later(60), NOW));
    opaque(&store, id(b'k', 1), NOW);
    let before = fs::read(file.path()).unwrap();
    looked_at(&store, presented(session(1), token(1)), NOW);
    looked_at(&store, presented(session(2), token(1)), NOW);
    opaque(&store, id(b'k', 1), NOW);
    is_revoked(&store, id(b'r', 1));
    ready(store.take(&presented(session(2), token(1)), &successor(2), NOW));
    ready(store.end_all(&id(b'u', 2), later(60), NOW));
    ready(store.discard(&id(b'k', 2)));
    ready(store.revoke(&id(b'r', 1), later(60), NOW));
    assert!(fs::read(file.path()).unwrap() == before);
}

#[test]
fn a_sweep_removes_what_is_over_and_nothing_else() {
    let file = File::new();
    let store = file.open();
    let ada = id(b'u', 1);
    ready(store.revoke(&id(b'r', 1), later(60), NOW));
    ready(store.revoke(&id(b'r', 2), later(61), NOW));
    ready(store.keep(&id(b'k', 1), &kept(ada, Some(later(60))), NOW));
    ready(store.keep(&id(b'k', 2), &kept(ada, Some(later(61))), NOW));
    ready(store.keep(&id(b'k', 3), &kept(ada, None), NOW));
    ready(store.begin(&session(1), &family(ada, 1), NOW));
    assert_eq!(store.sweep(later(59)), Ok(0));
    assert_eq!(store.sweep(later(60)), Ok(2));
    for store in [store].into_iter().chain(std::iter::once_with(|| file.open())) {
        assert!(!is_revoked(&store, id(b'r', 1)) && is_revoked(&store, id(b'r', 2)));
        let left: Vec<_> = ready(store.kept(&ada)).into_iter().map(|(id, _)| id).collect();
        assert_eq!(left, [id(b'k', 2), id(b'k', 3)]);
        let good = looked_at(&store, presented(session(1), token(1)), later(60)).0;
        assert_eq!(good, Presentation::Good(later(3600)));
    }
    let store = file.open();
    assert_eq!(store.sweep(later(3600)), Ok(3));
    let gone = looked_at(&store, presented(session(1), token(1)), later(3600));
    assert_eq!(gone, (Presentation::Unknown, None));
    assert_eq!(ready(store.end_all(&ada, later(60), NOW)), 0);
}

#[test]
fn opening_sweeps_by_the_systems_clock() {
    let file = File::new();
    let store = file.open();
    let past = portcullis::Timestamp::from_seconds(1_000);
    ready(store.revoke(&id(b'r', 1), past, past));
    assert!(is_revoked(&store, id(b'r', 1)));
    drop(store);
    assert!(!is_revoked(&file.open(), id(b'r', 1)));
}

#[test]
fn a_file_is_one_stores() {
    let file = File::new();
    let store = file.open();
    let error = RedbStore::open(file.path()).unwrap_err();
    assert!(matches!(error, OpenError::InUse), "{error:?}");
    assert!(error.to_string().contains("in use"));
    drop(store);
    file.open();
}

#[test]
fn a_file_that_is_no_store_is_refused_and_left_alone() {
    let file = File::new();
    let text = "a letter to somebody\n".repeat(1000);
    fs::write(file.path(), &text).unwrap();
    let error = RedbStore::open(file.path()).unwrap_err();
    assert!(matches!(error, OpenError::Damaged(_)), "{error:?}");
    assert_eq!(fs::read_to_string(file.path()).unwrap(), text);
}

#[test]
fn a_damaged_file_is_refused_or_gives_back_all() {
    let file = File::new();
    let store = file.open();
    let ada = id(b'u', 1);
    for n in 0..200 {
        ready(store.revoke(&id(b'r', n), later(60), NOW));
        ready(store.begin(&session(n), &family(ada, n), NOW));
    }
    drop(store);
    let whole = fs::read(file.path()).unwrap();
    let mut refused = 0;
    // Over all pages, and at another place in each.
    for place in (0..whole.len()).step_by(997) {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x55;
        fs::write(file.path(), &damaged).unwrap();
        let Ok(store) = RedbStore::open(file.path()) else {
            refused += 1;
            continue;
        };
        for n in 0..200 {
            assert!(is_revoked(&store, id(b'r', n)), "byte {place}: revocation {n}");
            let means = looked_at(&store, presented(session(n), token(n)), NOW).0;
            assert_eq!(means, Presentation::Good(later(3600)), "byte {place}: session {n}");
        }
    }
    assert!(refused > 10, "{refused}");
    for length in (1..whole.len()).step_by(9973) {
        fs::write(file.path(), &whole[..length]).unwrap();
        assert!(RedbStore::open(file.path()).is_err(), "{length} bytes of {}", whole.len());
    }
}

#[test]
fn a_folder_that_is_not_there_is_not_made() {
    let file = File::new();
    let error = RedbStore::open(file.0.path().join("none/store.redb")).unwrap_err();
    assert!(matches!(error, OpenError::File(_)), "{error:?}");
}

#[cfg(unix)]
#[test]
fn a_new_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let file = File::new();
    file.open();
    assert_eq!(fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn debug_shows_nothing_of_what_is_kept() {
    let file = File::new();
    assert_eq!(format!("{:?}", file.open()), "RedbStore { .. }");
}
