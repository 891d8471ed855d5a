//! The store in memory, and one that always answers later, hold what every store holds.

#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

use std::panic;
use std::sync::Arc;

use portcullis::store::MemoryStore;
use portcullis_testing::conformance::{Bench, processes};
use portcullis_testing::late::LateStore;

mod memory {
    portcullis_testing::conformance!(|law| super::Bench::of(
        super::Arc::new(super::MemoryStore::default()),
        law
    ));
}

mod late {
    portcullis_testing::conformance!(|law| super::Bench::of(
        super::Arc::new(super::LateStore::default()),
        law
    ));
}

/// Each process counts by itself, and the law that is for stores of several finds it out.
#[test]
fn memory_is_not_shared_by_processes() {
    let memory = || Arc::new(MemoryStore::default());
    if let Some(child) = processes::Child::here() {
        return child.run(memory());
    }
    let test = "memory_is_not_shared_by_processes";
    let held = panic::catch_unwind(|| processes::are_admitted_the_limit(test, "", memory()));
    let why = held.unwrap_err().downcast::<String>().unwrap();
    assert!(why.contains("\"admitted-0\": 300"), "{why}");
}
