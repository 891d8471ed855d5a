//! limitador, which counts in fixed windows, and asks Redis twice: whether there is room, and to count.

use std::collections::HashMap;
use std::sync::Arc;

use limitador::limit::{Context, Expression, Limit, Namespace};
use limitador::storage::redis::{AsyncRedisStorage, RedisStorage};
use limitador::{AsyncRateLimiter, RateLimiter};
use tokio::runtime::Runtime;

use crate::contender::{Contender, UNITS};

pub(crate) fn limitador(url: &str, runtime: &Runtime) -> Contender {
    let limit = || {
        let by_user = Expression::parse("user").expect("an expression");
        Limit::new("bench", UNITS * 60, 60, [], [by_user])
    };
    fn asks(key: usize) -> Context<'static> {
        HashMap::from([("user".to_owned(), format!("user-{key:08}"))]).into()
    }
    let namespace: Namespace = "bench".into();
    let storage = runtime.block_on(AsyncRedisStorage::new(url)).expect("it is there");
    let limiter = Arc::new(AsyncRateLimiter::new_with_storage(Box::new(storage)));
    limiter.add_limit(limit());
    let waiting = RateLimiter::new_with_storage(Box::new(RedisStorage::new(url).expect("there")));
    waiting.add_limit(limit());
    let (waiting, waiting_namespace) = (Arc::new(waiting), namespace.clone());
    Contender {
        name: "limitador",
        charge: Arc::new(move |key| {
            let (limiter, namespace) = (Arc::clone(&limiter), namespace.clone());
            Box::pin(async move {
                let asks = asks(key);
                let checked = limiter.check_rate_limited_and_update(&namespace, &asks, 1).await;
                assert!(!checked.expect("an answer").limited);
            })
        }),
        blocking: Box::new(move || {
            let (limiter, namespace) = (Arc::clone(&waiting), waiting_namespace.clone());
            Box::new(move |key| {
                let asks = asks(key);
                let checked = limiter.check_rate_limited_and_update(&namespace, &asks, 1);
                assert!(!checked.expect("an answer").limited);
            })
        }),
    }
}
