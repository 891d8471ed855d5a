//! What a charge in Redis costs, beside `INCR` and `EXPIRE` written by hand: in one
//! run, against a server of its own on the loopback.
//!
//! `cargo run --release --manifest-path benches/redis/Cargo.toml [-- SECONDS]`

mod contender;
mod server;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use contender::{Contender, KEYS, contenders};
use tokio::runtime::Runtime;

/// In turn, so that what else the machine does falls on all of them.
const ROUNDS: usize = 5;

fn main() {
    let seconds = std::env::args().nth(1).and_then(|seconds| seconds.parse().ok()).unwrap_or(1.0);
    let server = server::Server::start();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("runtime");
    let contenders = contenders(&server.url(), &runtime);
    println!("| callers | who | requests a second | p50 | p99 |");
    println!("| --- | --- | --- | --- | --- |");
    for (how, blocking) in [("async", false), ("blocking", true)] {
        for callers in [1, 64] {
            let mut measured: Vec<_> = contenders.iter().map(|_| Measured::default()).collect();
            for _ in 0..ROUNDS {
                for (contender, measured) in contenders.iter().zip(&mut measured) {
                    let lasts = Duration::from_secs_f64(seconds);
                    let begun = Instant::now();
                    let times = match blocking {
                        true => in_threads(contender, callers, lasts),
                        false => in_tasks(&runtime, contender, callers, lasts),
                    };
                    measured.add(times, begun.elapsed());
                }
            }
            for (contender, measured) in contenders.iter().zip(measured) {
                println!("| {callers} {how} | {} | {}", contender.name, measured.row());
            }
        }
    }
}

#[derive(Default)]
struct Measured {
    times: Vec<Duration>,
    rates: Vec<f64>,
}

impl Measured {
    fn add(&mut self, times: Vec<Duration>, lasted: Duration) {
        self.rates.push(times.len() as f64 / lasted.as_secs_f64());
        self.times.extend(times);
    }

    fn row(mut self) -> String {
        self.times.sort_unstable();
        self.rates.sort_by(f64::total_cmp);
        let at = |part: f64| self.times[(self.times.len() as f64 * part) as usize].as_micros();
        let rate = self.rates[self.rates.len() / 2];
        format!("{rate:.0} | {} µs | {} µs |", at(0.5), at(0.99))
    }
}

fn in_tasks(
    runtime: &Runtime,
    contender: &Contender,
    callers: usize,
    lasts: Duration,
) -> Vec<Duration> {
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            let charge = Arc::clone(&contender.charge);
            runtime.spawn(async move {
                let (begun, mut times) = (Instant::now(), Vec::new());
                let mut key = caller * 97;
                while begun.elapsed() < lasts {
                    key = (key + 1) % KEYS;
                    let asked = Instant::now();
                    charge(key).await;
                    times.push(asked.elapsed());
                }
                times
            })
        })
        .collect();
    tasks.into_iter().flat_map(|task| runtime.block_on(task).expect("a task")).collect()
}

fn in_threads(contender: &Contender, callers: usize, lasts: Duration) -> Vec<Duration> {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..callers)
            .map(|caller| {
                scope.spawn(move || {
                    let mut charge = (contender.blocking)();
                    let (begun, mut times) = (Instant::now(), Vec::new());
                    let mut key = caller * 97;
                    while begun.elapsed() < lasts {
                        key = (key + 1) % KEYS;
                        let asked = Instant::now();
                        charge(key);
                        times.push(asked.elapsed());
                    }
                    times
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a thread")).collect()
    })
}
