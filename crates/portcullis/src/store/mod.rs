//! Where budgets are counted: whole operations that a stage asks for, and may have to wait for.

mod memory;
mod sliding_window;
mod table;
mod token_bucket;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

pub use memory::MemoryStore;

pub use portcullis_compiler::plan::Algorithm;

use crate::Timestamp;

/// One budget that a request is charged to.
#[derive(Debug, Clone, Copy)]
pub struct Charge<'a> {
    /// The budget's name. Two policies that name one budget alike share its counts.
    pub budget: &'a str,
    /// The key, in an encoding in which no two keys are equal; empty where all share the budget.
    pub key: &'a [u8],
    /// Units per period.
    pub limit: u64,
    /// The period.
    pub period: Duration,
    /// How units are counted.
    pub algorithm: Algorithm,
    /// How many units are charged; at least 1 and at most `limit`.
    pub units: u64,
}

/// What came of a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charged {
    /// Every budget had enough left, and all were charged.
    All,
    /// At least one had not, and none was charged.
    Drained {
        /// The first of the charges that had not enough left.
        first: usize,
        /// How long until all that had not would have; never too short.
        retry_after: Duration,
    },
}

/// The store cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the store cannot be reached")]
pub struct Unavailable;

/// An answer that is there, or will be.
pub enum Answer<T> {
    /// It is there.
    Ready(T),
    /// It will be.
    Later(Pin<Box<dyn Future<Output = T> + Send>>),
}

/// Counts budgets, for all threads at once.
pub trait Store: Send + Sync {
    /// Charges all of them or none, as one step that no other charge comes between.
    ///
    /// `now` is the time of the request, and may be earlier than that of a charge before it: two
    /// servers' clocks differ, and requests overtake each other. An earlier time must not be
    /// answered with more than the limit allows.
    fn charge(
        &self,
        charges: &[Charge<'_>],
        now: Timestamp,
    ) -> Answer<Result<Charged, Unavailable>>;
}

/// A budget's numbers as the algorithms reckon with them.
#[derive(Debug, Clone, Copy)]
struct Terms {
    limit: i128,
    /// Nanoseconds.
    period: i128,
    algorithm: Algorithm,
}

impl Terms {
    fn of(charge: &Charge<'_>) -> Terms {
        Terms {
            limit: i128::from(charge.limit.max(1)),
            period: i128::try_from(charge.period.as_nanos()).unwrap_or(i128::from(i64::MAX)).max(1),
            algorithm: charge.algorithm,
        }
    }
}

/// Wakes a thread that waits for an answer.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl<T> Answer<T> {
    /// The answer; the thread sleeps until it is there.
    pub(crate) fn wait(self) -> T {
        let mut later = match self {
            Answer::Ready(answer) => return answer,
            Answer::Later(later) => later,
        };
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            match later.as_mut().poll(&mut context) {
                Poll::Ready(answer) => return answer,
                Poll::Pending => std::thread::park(),
            }
        }
    }

    /// The answer, awaited.
    pub(crate) async fn later(self) -> T {
        match self {
            Answer::Ready(answer) => answer,
            Answer::Later(later) => later.await,
        }
    }
}
