//! A charge on a keyed budget, beside governor's keyed check: the same keys, none of them drained.
#![allow(clippy::expect_used, missing_docs, reason = "a bench that cannot begin should say so")]

use std::hint::black_box;
use std::num::NonZeroU32;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use governor::{Quota, RateLimiter};
use portcullis::Timestamp;
use portcullis::store::{Algorithm, Answer, Budget, Charge, Charged, Limit, MemoryStore, Store};

const UNITS: u32 = 1_000_000_000;

/// So many callers, who come in turn.
fn keys(count: usize) -> Vec<String> {
    (0..count)
        .map(|key| format!("user-{:08x}", key.wrapping_mul(0x9e37_79b1) % 0xffff_ffff))
        .collect()
}

fn charge(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("charge");
    for count in [1, 10_000] {
        let keys = keys(count);

        let limits =
            [Limit { units: UNITS.into(), period: Duration::from_secs(1), burst: UNITS.into() }];
        for (name, algorithm, told) in [
            ("token_bucket", Algorithm::TokenBucket, false),
            ("token_bucket_told", Algorithm::TokenBucket, true),
            ("sliding_window", Algorithm::SlidingWindow, false),
            ("sliding_window_told", Algorithm::SlidingWindow, true),
        ] {
            let store = MemoryStore::default();
            let budget = Budget::new("per_caller", &limits, algorithm);
            let now = Timestamp::from_seconds(1_767_225_600);
            let mut next = keys.iter().cycle();
            group.bench_function(BenchmarkId::new(name, count), |bencher| {
                bencher.iter(|| {
                    let key = next.next().expect("a key");
                    let charge = Charge {
                        budget: &budget,
                        key: black_box(key.as_bytes()),
                        fits: 0,
                        units: 1,
                        told,
                    };
                    let answer = store.charge(&[charge], black_box(now));
                    assert!(matches!(answer, Answer::Ready(Ok(Charged::All { .. }))));
                });
            });
        }

        let units = NonZeroU32::new(UNITS).expect("not zero");
        let governor = RateLimiter::keyed(Quota::per_second(units));
        let mut next = keys.iter().cycle();
        group.bench_function(BenchmarkId::new("governor", count), |bencher| {
            bencher.iter(|| {
                let key = next.next().expect("a key");
                assert!(governor.check_key(black_box(key)).is_ok());
            });
        });
    }
    group.finish();
}

criterion_group!(benches, charge);
criterion_main!(benches);
