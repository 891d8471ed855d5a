//! Taking an answer, from code that waits and from code that is polled, with no runtime.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use super::Answer;

impl<T> Answer<T> {
    /// The answer, with this thread parked until it is there. How long that may take is for the
    /// store to bound.
    pub(crate) fn wait(self) -> T {
        let mut future = match self {
            Answer::Ready(answer) => return answer,
            Answer::Later(future) => future,
        };
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            match Pin::as_mut(&mut future).poll(&mut context) {
                Poll::Ready(answer) => return answer,
                Poll::Pending => thread::park(),
            }
        }
    }

    /// The answer, once it is there.
    pub(crate) async fn later(self) -> T {
        match self {
            Answer::Ready(answer) => answer,
            Answer::Later(future) => future.await,
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use std::future::{self, Future};
    use std::sync::mpsc;

    use super::*;

    /// Pending until a second thread has woken it so many times.
    fn countdown(times: u32) -> Answer<&'static str> {
        let (ask, asked) = mpsc::channel::<Waker>();
        thread::spawn(move || asked.iter().for_each(Waker::wake));
        let mut left = times;
        Answer::Later(Box::pin(future::poll_fn(move |context| {
            if left == 0 {
                return Poll::Ready("done");
            }
            left -= 1;
            ask.send(context.waker().clone()).unwrap();
            Poll::Pending
        })))
    }

    #[test]
    fn waiting_takes_an_answer_that_is_there() {
        assert_eq!(Answer::Ready(3).wait(), 3);
    }

    #[test]
    fn waiting_parks_until_another_thread_wakes() {
        assert_eq!(countdown(5).wait(), "done");
    }

    #[test]
    fn a_wake_before_parking_is_not_lost() {
        let mut woken = false;
        let answer = Answer::Later(Box::pin(future::poll_fn(move |context| {
            if woken {
                return Poll::Ready(());
            }
            woken = true;
            context.waker().wake_by_ref();
            Poll::Pending
        })));
        answer.wait();
    }

    #[test]
    fn later_is_polled_as_often_as_its_future() {
        let waker = Waker::noop();
        let mut context = Context::from_waker(waker);
        assert_eq!(
            Pin::new(&mut Box::pin(Answer::Ready(3).later())).poll(&mut context),
            Poll::Ready(3)
        );
        let mut later = Box::pin(countdown(2).later());
        assert_eq!(later.as_mut().poll(&mut context), Poll::Pending);
        assert_eq!(later.as_mut().poll(&mut context), Poll::Pending);
        assert_eq!(later.as_mut().poll(&mut context), Poll::Ready("done"));
    }
}
