//! A policy of 10,000 routes, from its text to an engine: how long that takes, and what it holds.
#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a bench speaks")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use portcullis_benches::engine;

const ROUTES: usize = 10_000;

fn compile(criterion: &mut Criterion) {
    let mut held = None;
    let measured = allocation_counter::measure(|| held = engine(ROUTES - 1).ok());
    assert!(held.is_some(), "the bench's policy compiles");
    let mebibytes = |bytes: u64| bytes >> 20;
    println!(
        "{ROUTES} routes hold {} MiB, and took {} MiB at most on the way",
        mebibytes(u64::try_from(measured.bytes_current).unwrap_or(0)),
        mebibytes(measured.bytes_max),
    );
    drop(held);
    let mut group = criterion.benchmark_group("compile");
    group.sample_size(10);
    group.bench_function("10000", |bencher| bencher.iter(|| engine(black_box(ROUTES - 1)).is_ok()));
    group.finish();
}

criterion_group!(benches, compile);
criterion_main!(benches);
