//! The asynchronous driver, against a store that always answers later.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use portcullis::store::{
    Answer, Charge, Charged, Digest, Family, KeptToken, Known, Presentation, Presented, Question,
    Receipt, Store, Successor, Unavailable,
};
use portcullis::{Engine, Timestamp};
use portcullis_test::engine::{act, caller, granted, observe, outcome, request, response};
use portcullis_test::store::{Switch, TestStore};
use portcullis_test::{Evaluator, Exchange, Response};

/// A store whose answers are never there when they are first asked for.
#[derive(Debug, Default)]
pub struct LateStore {
    memory: TestStore,
}

impl LateStore {
    /// One that asks this store.
    #[must_use]
    pub fn of(memory: TestStore) -> LateStore {
        LateStore { memory }
    }

    /// What takes it away.
    #[must_use]
    pub fn switch(&self) -> Switch {
        self.memory.switch()
    }

    fn later<T: Clone + Send + Unpin + 'static>(
        &self,
        ask: impl FnOnce(&TestStore) -> Answer<T>,
    ) -> Answer<T> {
        match ask(&self.memory) {
            Answer::Ready(answer) => Answer::Later(Box::pin(Late { answer, asked: 0 })),
            later @ Answer::Later(_) => later,
        }
    }
}

impl Store for LateStore {
    fn charge(
        &self,
        charges: &[Charge<'_>],
        now: Timestamp,
    ) -> Answer<Result<Charged, Unavailable>> {
        self.later(|memory| memory.charge(charges, now))
    }

    fn refund(&self, charges: &[Charge<'_>], receipt: &Receipt) -> Answer<Result<(), Unavailable>> {
        self.later(|memory| memory.refund(charges, receipt))
    }

    fn known(&self, asked: &Question<'_>, now: Timestamp) -> Answer<Result<Known, Unavailable>> {
        self.later(|memory| memory.known(asked, now))
    }

    fn revoke(
        &self,
        id: &Digest,
        until: Timestamp,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        self.later(|memory| memory.revoke(id, until, now))
    }

    fn begin(
        &self,
        session: &Digest,
        family: &Family,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        self.later(|memory| memory.begin(session, family, now))
    }

    fn take(
        &self,
        presented: &Presented,
        successor: &Successor,
        now: Timestamp,
    ) -> Answer<Result<Presentation, Unavailable>> {
        self.later(|memory| memory.take(presented, successor, now))
    }

    fn end(
        &self,
        session: &Digest,
        revoked_until: Timestamp,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        self.later(|memory| memory.end(session, revoked_until, now))
    }

    fn end_all(
        &self,
        subject: &Digest,
        revoked_until: Timestamp,
        now: Timestamp,
    ) -> Answer<Result<u64, Unavailable>> {
        self.later(|memory| memory.end_all(subject, revoked_until, now))
    }

    fn keep(
        &self,
        token: &Digest,
        kept: &KeptToken,
        now: Timestamp,
    ) -> Answer<Result<(), Unavailable>> {
        self.later(|memory| memory.keep(token, kept, now))
    }

    fn kept(&self, subject: &Digest) -> Answer<Result<Vec<(Digest, KeptToken)>, Unavailable>> {
        self.later(|memory| memory.kept(subject))
    }

    fn discard(&self, token: &Digest) -> Answer<Result<bool, Unavailable>> {
        self.later(|memory| memory.discard(token))
    }
}

/// Ready at the third time of asking.
struct Late<T> {
    answer: T,
    asked: u8,
}

impl<T: Clone + Unpin> Future for Late<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        if self.asked >= 2 {
            return Poll::Ready(self.answer.clone());
        }
        self.asked += 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Decides exchanges by the engine's asynchronous driver.
#[derive(Debug)]
pub struct LateEvaluator {
    engine: Engine,
    store: Switch,
    runtime: tokio::runtime::Runtime,
}

impl LateEvaluator {
    /// An evaluator over an engine that was built with a [`LateStore`], whose switch is given.
    ///
    /// # Errors
    /// There is no runtime to be had.
    pub fn of(engine: Engine, store: Switch) -> std::io::Result<LateEvaluator> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        Ok(LateEvaluator { engine, store, runtime })
    }
}

impl Evaluator for LateEvaluator {
    fn send(&mut self, exchange: &Exchange) -> Response {
        self.store.set(exchange.store);
        let engine = &self.engine;
        let mut request = request(exchange);
        let answers = engine.answers(&mut request);
        let decided = self.runtime.block_on(async {
            let caller = caller(engine, exchange)?;
            if exchange.act.is_some() {
                return act(engine, caller.as_ref(), exchange);
            }
            if let Some(decided) = engine.preflight(&request) {
                return decided.map(|preflight| granted(&answers, &preflight));
            }
            let admitted = match &caller {
                Some(caller) => engine.admit_as_async(request, Some(caller)).await?,
                None => engine.admit_async(request).await?,
            };
            let accepted = admitted.input_async(exchange.body.as_deref()).await?;
            let response = observe(&answers, &accepted, exchange)?;
            if let Some(outcome) = outcome(exchange) {
                // A store that is away keeps what it was charged.
                let _ = accepted.finish_async(outcome).await;
            }
            Ok(response)
        });
        response(&answers, exchange, decided)
    }
}
