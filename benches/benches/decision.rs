//! The decision after the credential and without budgets, beside the same check written by hand;
//! and with more and more routes.

#![allow(clippy::expect_used, missing_docs, reason = "a bench that cannot begin should say so")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use portcullis::Timestamp;
use portcullis_benches::{KEY, Order, Role, Session, TARGET, by_hand, decide, engine, request};

fn order() -> Order {
    Order { id: KEY, user_id: "u1".to_owned() }
}

fn decision(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decision");
    let (engine, caller) = engine(9).expect("the bench's policy compiles");
    let order = order();
    let now = Timestamp::from_seconds(1_767_225_600);
    group.bench_function("engine", |bencher| {
        bencher.iter(|| decide(&engine, black_box(request(now)), &caller, black_box(&order)));
    });
    let session = Session { id: "u1".to_owned(), role: Role::User };
    let headers: [(&str, &[u8]); 2] = [("host", b"shop.example"), ("accept", b"*/*")];
    group.bench_function("by_hand", |bencher| {
        bencher.iter(|| {
            by_hand(
                black_box("GET"),
                black_box(TARGET),
                black_box(&headers),
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
        let (engine, caller) = engine(routes - 1).expect("the bench's policy compiles");
        let order = order();
        let now = Timestamp::from_seconds(1_767_225_600);
        group.bench_with_input(BenchmarkId::from_parameter(routes), &routes, |bencher, _| {
            bencher.iter(|| decide(&engine, black_box(request(now)), &caller, black_box(&order)));
        });
    }
    group.finish();
}

criterion_group!(benches, decision, routes);
criterion_main!(benches);
