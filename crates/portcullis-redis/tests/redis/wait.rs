//! Waiting for an answer, on a thread without a runtime.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use portcullis::store::{Answer, Unavailable};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The answer, once it is there.
pub(crate) fn answer<T>(answer: Answer<Result<T, Unavailable>>) -> Result<T, Unavailable> {
    let future = match answer {
        Answer::Ready(answer) => return answer,
        Answer::Later(future) => future,
    };
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => thread::park(),
        }
    }
}

/// The same, of a store that is there.
#[track_caller]
pub(crate) fn told<T>(given: Answer<Result<T, Unavailable>>) -> T {
    answer(given).expect("redis is there")
}

/// Waits until something is so, for thirty seconds.
#[track_caller]
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "not within thirty seconds: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
