//! The decision after the credential and without budgets, beside the same check written by hand;
//! and with more and more routes.
#![allow(clippy::expect_used, missing_docs, reason = "a bench that cannot begin should say so")]

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};
use portcullis::Timestamp;
use portcullis_benches::{HEADERS, KEY, Order, Role, Session, TARGET, by_hand, decide, engine};

fn order() -> Order {
    Order { id: KEY, user_id: "u1".to_owned() }
}

/// The engine, with so many routes.
fn by_engine(group: &mut BenchmarkGroup<'_, WallTime>, id: BenchmarkId, routes: usize) {
    let (engine, caller) = engine(routes - 1).expect("the bench's policy compiles");
    let (order, now) = (order(), Timestamp::from_seconds(1_767_225_600));
    group.bench_function(id, |bencher| {
        bencher.iter(|| {
            decide(
                &engine,
                black_box(("GET", TARGET)),
                black_box(&HEADERS),
                black_box(now),
                black_box(&caller),
                black_box(&order),
            )
        });
    });
}

fn decision(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decision");
    by_engine(&mut group, BenchmarkId::from_parameter("engine"), 10);
    let session = Session { id: "u1".to_owned(), role: Role::User };
    let order = order();
    group.bench_function("by_hand", |bencher| {
        bencher.iter(|| {
            by_hand(
                black_box(("GET", TARGET)),
                black_box(&HEADERS),
                black_box(&session),
                black_box(&order),
            )
        });
    });
    group.finish();
}

fn routes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("routes");
    for routes in [10, 100, 1_000, 10_000] {
        by_engine(&mut group, BenchmarkId::from_parameter(routes), routes);
    }
    group.finish();
}

criterion_group!(benches, decision, routes);
criterion_main!(benches);
