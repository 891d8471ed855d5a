//! What requests share with the task that keeps the connection up.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use portcullis::Timestamp;
use portcullis::store::{Answer, Unavailable};
use redis::aio::MultiplexedConnection;
use redis::{FromRedisValue, RedisResult, Script, ScriptInvocation};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::fallback::Fallback;
use crate::keys::Keys;
use crate::lease::Leases;
use crate::link::{self, Link, Up};
use crate::options::RedisOptions;
use crate::revoked::Revoked;
use crate::scripts;

pub(crate) struct Shared {
    pub(crate) options: RedisOptions,
    pub(crate) keys: Keys,
    /// What this process is called among the nodes.
    pub(crate) node: String,
    /// What the stamps of beats are measured from.
    pub(crate) began: Instant,
    pub(crate) link: Link,
    pub(crate) revoked: Revoked,
    pub(crate) fallback: Fallback,
    pub(crate) leases: Leases,
}

/// How many entries one script settles: others wait for it.
const SETTLED_AT_ONCE: usize = 64;

impl Shared {
    pub(crate) fn new(options: RedisOptions) -> Shared {
        Shared {
            keys: Keys::new(&options.namespace),
            node: link::random(),
            began: Instant::now(),
            link: Link::new(),
            revoked: Revoked::default(),
            fallback: Fallback::default(),
            leases: Leases::default(),
            options,
        }
    }

    /// A call of a script, as far as all of them begin alike.
    pub(crate) fn call(
        &self,
        script: &'static Script,
        epoch: &str,
        now: Timestamp,
    ) -> ScriptInvocation<'static> {
        let mut call = script.prepare_invoke();
        call.key(self.keys.epoch()).arg(epoch);
        match self.options.by_request_time {
            true => call.arg(now.as_nanos().div_euclid(1000)),
            false => call.arg(""),
        };
        call
    }

    /// Microseconds of a clock that never runs back.
    pub(crate) fn steady(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Asks for the shares of budgets that this node charges often.
    pub(crate) async fn lease(
        &self,
        connection: &mut MultiplexedConnection,
        epoch: &str,
    ) -> RedisResult<()> {
        for wish in self.leases.wishes(self.steady()) {
            // Each begins when it is asked for, not when all are.
            let wish = wish.at(self.steady());
            let mut call = self.call(&scripts::LEASE, epoch, Timestamp::from_nanos(0));
            wish.write(&mut call, &self.keys, &self.node);
            let (share, at_once): (u64, u64) = invoke(&call, connection).await?;
            wish.granted(share, at_once);
        }
        Ok(())
    }

    /// Charges what this node counted by itself while it was away.
    pub(crate) async fn settle(
        &self,
        connection: &mut MultiplexedConnection,
        epoch: &str,
    ) -> RedisResult<()> {
        loop {
            let owed = self.fallback.unsettled(SETTLED_AT_ONCE);
            let Some(last) = owed.last() else { return Ok(()) };
            let mut call = self.call(&scripts::SETTLE, epoch, last.at);
            for debt in &owed {
                call.key(&debt.key);
                debt.numbers.write(&mut call);
            }
            invoke::<i64>(&call, connection).await?;
            self.fallback.settled(&owed);
        }
    }
}

/// Runs a script.
pub(crate) async fn invoke<T: FromRedisValue>(
    call: &ScriptInvocation<'static>,
    connection: &mut MultiplexedConnection,
) -> RedisResult<T> {
    call.invoke_async(connection).await
}

/// Does something with Redis on the store's own runtime, whoever waits for it: a service's own may be none, or may be busy.
pub(crate) fn ask<T, F>(
    runtime: &Handle,
    shared: &Arc<Shared>,
    work: impl FnOnce(Arc<Shared>, Up) -> F,
) -> Answer<Result<T, Unavailable>>
where
    T: Send + 'static,
    F: Future<Output = RedisResult<T>> + Send + 'static,
{
    let Some(up) = shared.link.up() else { return Answer::Ready(Err(Unavailable)) };
    let (tell, told) = oneshot::channel();
    let (shared, work) = (Arc::clone(shared), work(Arc::clone(shared), up.clone()));
    runtime.spawn(async move {
        let done = work.await;
        if let Err(error) = &done {
            shared.link.failed(&up, error);
        }
        // Nobody waits where the request was given up.
        _ = tell.send(done.or(Err(Unavailable)));
    });
    Answer::Later(Box::pin(async { told.await.unwrap_or(Err(Unavailable)) }))
}
