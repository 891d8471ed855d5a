//! The store in memory, and one that always answers later, hold what every store holds.

#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

use std::path::Path;
use std::sync::Arc;
use std::{fs, panic};

use portcullis::store::MemoryStore;
use portcullis_testing::conformance::{Bench, processes};
use portcullis_testing::late::LateStore;

mod memory {
    use super::*;

    fn fresh(law: &str) -> Bench {
        Bench::of(Arc::new(MemoryStore::default()), law).with_breadth(20)
    }

    portcullis_testing::conformance!(fresh);
}

mod late {
    use super::*;

    fn fresh(law: &str) -> Bench {
        Bench::of(Arc::new(LateStore::default()), law)
    }

    portcullis_testing::conformance!(fresh);
}

/// A law that no store is held to would be missed by nobody.
#[test]
fn each_law_is_in_the_list() {
    let laws = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/conformance");
    let list = fs::read_to_string(laws.join("mod.rs")).unwrap();
    let mut count = 0;
    for file in fs::read_dir(laws).unwrap() {
        let path = file.unwrap().path();
        let room = path.file_stem().unwrap().to_str().unwrap().to_owned();
        for line in fs::read_to_string(&path).unwrap().lines() {
            let law =
                line.strip_prefix("pub fn ").and_then(|line| line.split_once("(bench: &Bench)"));
            if let Some((law, _)) = law {
                assert!(list.contains(&format!(" {room}::{law},\n")), "{room}::{law}");
                count += 1;
            }
        }
    }
    assert!(count > 50, "{count}");
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
