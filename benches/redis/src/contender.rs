//! Who charges, and how. None of the budgets is ever drained.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use portcullis::Timestamp;
use portcullis::store::{Algorithm, Answer, Budget, Charge, Charged, Limit, Store};
use portcullis_redis::{RedisOptions, RedisStore};
use tokio::runtime::Runtime;

/// So many callers, who come in turn.
pub(crate) const KEYS: usize = 10_000;
pub(crate) const UNITS: u64 = 1_000_000;

type Later = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// Charges a key.
    pub(crate) charge: Arc<dyn Fn(usize) -> Later + Send + Sync>,
    /// The same, for a thread that waits.
    pub(crate) blocking: Box<dyn Fn() -> Box<dyn FnMut(usize)> + Sync>,
}

pub(crate) fn contenders(url: &str, runtime: &Runtime) -> Vec<Contender> {
    let options = RedisOptions::new(url).expect("an address").timeout(Duration::from_secs(5));
    options.initialise().expect("it is there");
    let store = || Arc::new(options.clone().connect().expect("it is there"));
    let leasing = Arc::new(options.clone().leases(true).connect().expect("it is there"));
    let budget = |algorithm| {
        let limit = Limit { units: UNITS, period: Duration::from_secs(1), burst: UNITS };
        Budget::new(&format!("{algorithm:?}"), &[limit], algorithm)
    };
    let store = store();
    vec![
        by_hand(url, runtime),
        ours("Portcullis, token bucket", &store, budget(Algorithm::TokenBucket), KEYS),
        ours("Portcullis, sliding window", &store, budget(Algorithm::SlidingWindow), KEYS),
        ours("Portcullis, one key, with leases", &leasing, budget(Algorithm::TokenBucket), 1),
    ]
}

fn ours(name: &'static str, store: &Arc<RedisStore>, budget: Budget, keys: usize) -> Contender {
    let budget = Arc::new(budget);
    let charged = |store: &RedisStore, budget: &Budget, key: usize| {
        let key = format!("user-{key:08}");
        let charge = Charge { budget, key: key.as_bytes(), fits: 0, units: 1, told: false };
        store.charge(&[charge], Timestamp::from(std::time::SystemTime::now()))
    };
    async fn admitted<E: std::fmt::Debug>(answer: Answer<Result<Charged, E>>) {
        let charged = match answer {
            Answer::Ready(charged) => charged,
            Answer::Later(charged) => charged.await,
        };
        assert!(matches!(charged, Ok(Charged::All { .. })), "{charged:?}");
    }
    let (blocking_store, blocking_budget) = (Arc::clone(store), Arc::clone(&budget));
    let store = Arc::clone(store);
    Contender {
        name,
        charge: Arc::new(move |key| Box::pin(admitted(charged(&store, &budget, key % keys)))),
        blocking: Box::new(move || {
            let (store, budget) = (Arc::clone(&blocking_store), Arc::clone(&blocking_budget));
            Box::new(move |key| block_on(admitted(charged(&store, &budget, key % keys))))
        }),
    }
}

/// The usual few lines: a count that expires with its minute. One connection for all tasks, and one for each thread.
fn by_hand(url: &str, runtime: &Runtime) -> Contender {
    fn counting(key: usize) -> redis::Pipeline {
        let key = format!("hand:user-{key:08}");
        let mut pipeline = redis::pipe();
        pipeline.incr(&key, 1).expire(&key, 60).ignore();
        pipeline
    }
    let client = redis::Client::open(url).expect("an address");
    let connecting = client.get_multiplexed_async_connection();
    let connection = runtime.block_on(connecting).expect("it is there");
    Contender {
        name: "by hand, INCR and EXPIRE",
        charge: Arc::new(move |key| {
            let mut connection = connection.clone();
            Box::pin(async move {
                let answer = counting(key).query_async(&mut connection).await;
                let (count,): (u64,) = answer.expect("an answer");
                assert!(count <= UNITS * 60);
            })
        }),
        blocking: Box::new(move || {
            let mut connection = client.get_connection().expect("it is there");
            Box::new(move |key| {
                let (count,): (u64,) = counting(key).query(&mut connection).expect("an answer");
                assert!(count <= UNITS * 60);
            })
        }),
    }
}
