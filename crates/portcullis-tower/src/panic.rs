//! A handler that panics is a 500, and not a connection that breaks off.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// What a future gives, or the words of its panic. What it has left half done nobody asks for again:
/// the future is dropped.
pub(crate) async fn caught<F: Future>(begin: impl FnOnce() -> F) -> Result<F::Output, String> {
    let future = catch_unwind(AssertUnwindSafe(begin)).map_err(|why| words(&*why))?;
    let mut future = pin!(future);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(why) => Poll::Ready(Err(words(&*why))),
    })
    .await
}

fn words(why: &(dyn Any + Send)) -> String {
    let literal = why.downcast_ref::<&str>().map(|words| (*words).to_owned());
    literal.or_else(|| why.downcast_ref::<String>().cloned()).unwrap_or_default()
}
