//! A store in a file holds what every store holds, however often it is closed and opened. That two processes
//! do not have it open at one time is in `lasting.rs`: there is no other law for those.

#![allow(clippy::expect_used, reason = "tests may panic")]

use std::sync::Arc;

use portcullis_redb::RedbStore;
use portcullis_testing::conformance::Bench;

fn fresh(law: &str) -> Bench {
    let folder = tempfile::tempdir().expect("there is room");
    Bench::lasting(law, move || {
        Arc::new(RedbStore::open(folder.path().join("store.redb")).expect("it is this store's"))
    })
}

portcullis_testing::conformance!(fresh);
