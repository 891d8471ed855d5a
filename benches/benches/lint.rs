//! A policy of 10,000 routes, held to every lint rule: from its text, and the rules alone.
#![allow(clippy::panic, missing_docs, reason = "a bench speaks")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use portcullis_benches::policy;
use portcullis_compiler::{Compilation, compile};
use portcullis_lint::lint;
use portcullis_syntax::{Source, Sources};

const ROUTES: usize = 10_000;

fn compiled(text: &str) -> Compilation {
    let mut sources = Sources::new();
    sources.add(Source::new("bench.gate", text));
    let compilation = compile(sources);
    assert!(!compilation.has_errors(), "the bench's policy compiles");
    compilation
}

fn rules(criterion: &mut Criterion) {
    let text = policy(ROUTES - 1);
    let compilation = compiled(&text);
    // Each route but the first lacks its `returns`: findings are looked for, and found.
    assert!(lint(&compilation).len() >= ROUTES - 1);
    let mut group = criterion.benchmark_group("lint");
    group.sample_size(10);
    group.bench_function("from its text", |bencher| {
        bencher.iter(|| lint(&compiled(black_box(&text))).len());
    });
    group.bench_function("rules alone", |bencher| {
        bencher.iter(|| lint(black_box(&compilation)).len());
    });
    group.finish();
}

criterion_group!(benches, rules);
criterion_main!(benches);
