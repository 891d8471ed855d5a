//! What requests share with the task that keeps the connection up.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use portcullis::Timestamp;
use portcullis::store::{Answer, Unavailable};
use redis::{RedisResult, Script, ScriptInvocation};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::timeout;

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
const SETTLED_AT_ONCE: usize = 128;

/// How many shares one beat asks for: the next beat waits for it.
const LEASED_AT_ONCE: usize = 8;

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
        call.key(self.keys.epoch()).arg(format!("{epoch} {}", self.node));
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
    pub(crate) async fn lease(&self, up: &mut Up) -> RedisResult<()> {
        for wish in self.leases.wishes(self.steady()).into_iter().take(LEASED_AT_ONCE) {
            // Each begins when it is asked for, not when all are.
            let wish = wish.at(self.leases.question(), self.steady());
            let mut call = self.call(&scripts::LEASE, &up.epoch, Timestamp::from_nanos(0));
            wish.write(&mut call, &self.keys, &self.node);
            let (share, at_once): (u64, u64) = up.write(&call).await?;
            wish.granted(share, at_once);
        }
        Ok(())
    }

    /// Charges what this node counted by itself while it was away: so many keys at most.
    pub(crate) async fn settle(&self, up: &mut Up, most: usize) -> RedisResult<()> {
        let mut settled = 0;
        loop {
            let owed = self.fallback.unsettled(SETTLED_AT_ONCE);
            let Some(last) = owed.last().filter(|_| settled < most) else { return Ok(()) };
            settled += owed.len();
            let mut call = self.call(&scripts::SETTLE, &up.epoch, last.at);
            for debt in &owed {
                call.key(&debt.key);
                debt.numbers.write(&mut call);
            }
            up.write::<i64>(&call).await?;
            self.fallback.settled(&owed);
        }
    }
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
        // However many questions it takes. One that is not answered ends the connection first.
        let most = shared.options.timeout.saturating_add(shared.options.timeout / 4);
        let done = match timeout(most, work).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => {
                shared.link.failed(&up, &error);
                Err(Unavailable)
            }
            Err(_) => Err(Unavailable),
        };
        // Nobody waits where the request was given up.
        _ = tell.send(done);
    });
    Answer::Later(Box::pin(async { told.await.unwrap_or(Err(Unavailable)) }))
}
