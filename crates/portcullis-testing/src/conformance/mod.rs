//! What every store holds, whoever wrote it: one suite for memory, for a file and for a server that is shared.
//!
//! A crate with a store of its own has one test file, which says how a fresh store is made:
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use portcullis::store::MemoryStore;
//! use portcullis_testing::conformance::Bench;
//!
//! fn fresh(law: &str) -> Bench {
//!     Bench::of(Arc::new(MemoryStore::default()), law)
//! }
//!
//! portcullis_testing::conformance!(fresh);
//! ```
//!
//! That makes a test of each law. The laws ask at times of their own, which are whole microseconds and begin in
//! 2096. They go by what [`Store`] says of itself: where it leaves something open, as how long an expired
//! session is remembered, they do too.
//!
//! What only stores of several processes have to hold is in [`processes`], which is not among the tests that the
//! macro makes: memory is one process's, and a file refuses to be opened a second time.

pub mod credentials;
pub mod exact;
pub mod processes;
pub mod refunds;
pub mod same;
pub mod sessions;
pub mod several;
pub mod threads;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::sync::{Arc, RwLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use portcullis::Timestamp;
use portcullis::store::{
    Algorithm, Answer, Budget, Charge, Charged, Digest, Known, Limit, Question, Quotas, Receipt,
    Store, Unavailable,
};

/// Makes a test of each law, for the stores that a function makes: it takes the name of the law and gives a
/// [`Bench`](crate::conformance::Bench).
#[macro_export]
macro_rules! conformance {
    ($fresh:expr) => {
        $crate::conformance! { $fresh =>
            exact::a_budget_admits_its_limit_and_no_more,
            exact::a_bucket_fills_evenly,
            exact::a_wait_is_rounded_up,
            exact::a_bucket_holds_its_burst_and_no_more,
            exact::a_window_of_few_counts_each_unit_for_its_period,
            exact::a_window_of_many_counts_a_part_too_long_at_most,
            exact::a_charge_of_several_units_is_whole_or_not_at_all,
            exact::what_is_left_is_told,
            exact::what_can_never_be_had_is_refused_for_good,
            exact::an_earlier_time_is_taken_as_the_latest_seen,
            exact::a_clock_that_ran_back_frees_nothing_early,
            exact::names_and_keys_tell_budgets_apart,
            exact::one_key_has_one_sum_whichever_limit_fits,
            exact::budgets_of_one_name_share_their_counts,
            several::a_refused_request_charges_nothing,
            several::the_same_key_twice_counts_twice,
            several::the_longest_wait_is_told_and_the_first_drained,
            several::what_is_left_is_told_of_those_that_are_to_be_told,
            several::no_charges_are_all_admitted,
            refunds::what_is_given_back_at_once_was_never_taken,
            refunds::each_charge_is_given_back_by_itself,
            refunds::a_request_is_given_back_whole,
            refunds::what_came_back_by_itself_is_not_given_back,
            refunds::half_of_what_came_back_is_not_given_back_twice,
            refunds::what_was_not_charged_is_not_given_back,
            refunds::a_refund_frees_no_window_and_fills_no_bucket,
            threads::racing_threads_are_admitted_the_limit,
            threads::requests_in_any_order_do_not_wait_for_each_other,
            threads::threads_that_give_all_back_leave_all,
            threads::of_threads_that_take_one_token_one_is_the_first,
            threads::of_threads_that_end_all_each_session_ends_once,
            credentials::a_new_store_knows_nothing,
            credentials::what_is_revoked_is_known_from_then_on,
            credentials::the_longer_revocation_holds,
            credentials::any_of_several_that_is_revoked_is_found,
            credentials::an_opaque_token_is_kept_until_it_is_discarded,
            credentials::a_token_that_is_kept_anew_is_the_new_one,
            credentials::the_last_use_is_noted_once_a_minute,
            credentials::an_expired_token_is_not_used,
            credentials::all_is_asked_in_one_question,
            sessions::a_token_that_is_taken_gives_way_to_its_successor,
            sessions::looking_takes_nothing,
            sessions::within_the_grace_the_same_successor_is_given,
            sessions::reuse_ends_the_session_and_revokes_it,
            sessions::asking_about_a_reused_token_ends_its_session,
            sessions::a_token_of_no_session_is_unknown,
            sessions::a_token_that_was_never_given_ends_the_session,
            sessions::an_expired_session_gives_nothing,
            sessions::no_successor_outlasts_its_session,
            sessions::an_ended_session_stays_ended,
            sessions::a_session_that_is_not_there_is_revoked_all_the_same,
            sessions::all_sessions_of_a_subject_end_and_no_other,
            sessions::a_session_that_begins_anew_is_the_new_one,
            same::budgets_are_counted_as_in_memory,
            same::credentials_are_kept_as_in_memory,
        }
    };
    ($fresh:expr => $($room:ident :: $law:ident),+ $(,)?) => {
        $(
            #[test]
            fn $law() {
                $crate::conformance::$room::$law(&($fresh)(stringify!($law)));
            }
        )+
    };
}

/// A store that a law is held against, and names that are the law's alone: many laws may ask one server.
pub struct Bench {
    // It closes before what its folder is kept by.
    store: RwLock<Option<Arc<dyn Store>>>,
    open: Option<Box<dyn Fn() -> Arc<dyn Store> + Send + Sync>>,
    namespace: String,
    breadth: u64,
}

impl Bench {
    /// A store that forgets when it is closed. What is asked of it is named by the namespace.
    #[must_use]
    pub fn of(store: Arc<dyn Store>, namespace: &str) -> Bench {
        let store = RwLock::new(Some(store));
        Bench { store, open: None, namespace: namespace.to_owned(), breadth: 1 }
    }

    /// A store that remembers when it is closed, and how it is opened, the first time and again. What it
    /// keeps must outlive the function alone.
    pub fn lasting(
        namespace: &str,
        open: impl Fn() -> Arc<dyn Store> + Send + Sync + 'static,
    ) -> Bench {
        let store = open();
        Bench { open: Some(Box::new(open)), ..Bench::of(store, namespace) }
    }

    /// So many times as many made-up sequences, for a store that is fast.
    #[must_use]
    pub fn with_breadth(self, breadth: u64) -> Bench {
        Bench { breadth, ..self }
    }

    /// The seeds of the sequences of a law, of which there are so many at least.
    fn seeds(&self, least: u64) -> std::ops::Range<u64> {
        0..least * self.breadth
    }

    fn store(&self) -> Arc<dyn Store> {
        self.store.read().expect("no law panics here").clone().expect("it is open")
    }

    /// Closes the store and opens it, if it remembers.
    fn reopen(&self) {
        if let Some(open) = &self.open {
            let mut store = self.store.write().expect("no law panics here");
            drop(store.take());
            *store = Some(open());
        }
    }

    fn budget(&self, name: &str, limits: &[Limit], algorithm: Algorithm) -> Budget {
        Budget::new(&format!("{} {name}", self.namespace), limits, algorithm)
    }

    /// The id of the n-th of its kind.
    fn id(&self, kind: &str, n: u64) -> Digest {
        let mut bytes = [0; 32];
        for (part, chunk) in bytes.chunks_mut(8).enumerate() {
            let mut hasher = DefaultHasher::new();
            (&self.namespace, kind, n, part).hash(&mut hasher);
            chunk.copy_from_slice(&hasher.finish().to_be_bytes());
        }
        Digest(bytes)
    }

    fn charge(&self, charges: &[Charge<'_>], now: Timestamp) -> Charged {
        reached(self.store().charge(charges, now))
    }

    fn admits(&self, charges: &[Charge<'_>], now: Timestamp) -> bool {
        matches!(self.charge(charges, now), Charged::All { .. })
    }

    /// How many of so many charges are admitted, one after the other at one time.
    fn admitted(&self, tries: u64, charges: &[Charge<'_>], now: Timestamp) -> u64 {
        (0..tries).map(|_| u64::from(self.admits(charges, now))).sum()
    }

    /// Charges what is there.
    #[track_caller]
    fn taken(&self, charges: &[Charge<'_>], now: Timestamp) -> Receipt {
        match self.charge(charges, now) {
            Charged::All { receipt, .. } => receipt,
            drained => panic!("it is there: {drained:?}"),
        }
    }

    fn refund(&self, charges: &[Charge<'_>], receipt: &Receipt) {
        reached(self.store().refund(charges, receipt));
    }

    /// In how long the charges will be there, in whole microseconds.
    #[track_caller]
    fn wait(&self, charges: &[Charge<'_>], now: Timestamp) -> (usize, Duration) {
        match self.charge(charges, now) {
            Charged::Drained { first, retry_after, .. } => (first, whole(retry_after)),
            all => panic!("it is drained: {all:?}"),
        }
    }

    fn known(&self, asked: &Question<'_>, now: Timestamp) -> Known {
        reached(self.store().known(asked, now))
    }

    fn is_revoked(&self, id: Digest, now: Timestamp) -> bool {
        self.known(&Question { revoked: &[id], ..Question::default() }, now).revoked
    }
}

/// When the laws begin. A store may take what is over by the system's clock for gone, and this is far from it.
const NOW: Timestamp = Timestamp::from_seconds(4_000_000_000);

const HOUR: Duration = Duration::from_secs(3600);

/// The shortest time that every store tells from none.
const TICK: Duration = Duration::from_micros(1);

const ALGORITHMS: [Algorithm; 2] = [Algorithm::TokenBucket, Algorithm::SlidingWindow];

/// Each way to count, with the limits at which it ends.
const WAYS: [(Algorithm, u64); 7] = [
    (Algorithm::TokenBucket, 1),
    (Algorithm::TokenBucket, 40),
    (Algorithm::SlidingWindow, 1),
    (Algorithm::SlidingWindow, 5),
    (Algorithm::SlidingWindow, 16),
    (Algorithm::SlidingWindow, 17),
    (Algorithm::SlidingWindow, 40),
];

fn at(duration: Duration) -> Timestamp {
    NOW.after(duration)
}

fn later(seconds: u64) -> Timestamp {
    at(Duration::from_secs(seconds))
}

/// So many an hour, and as many at once.
fn hourly(units: u64) -> Limit {
    Limit { units, period: HOUR, burst: units }
}

fn of<'a>(budget: &'a Budget, key: &'a [u8], units: u64) -> Charge<'a> {
    Charge { budget, key, fits: 0, units, told: false }
}

fn told(charge: Charge<'_>) -> Charge<'_> {
    Charge { told: true, ..charge }
}

/// Waits are never too short, and some stores count in microseconds.
fn whole(duration: Duration) -> Duration {
    if duration == Duration::MAX {
        return duration;
    }
    let micros = duration.as_nanos().div_ceil(1000);
    Duration::from_micros(u64::try_from(micros).expect("a wait is shorter than all of time"))
}

/// What is told, in whole microseconds.
fn left(quotas: &Quotas) -> Vec<(u64, Option<Duration>)> {
    quotas.iter().map(|quota| (quota.remaining, quota.reset.map(whole))).collect()
}

/// Choices without end, the same for the same seed.
struct Dice<I>(I);

fn dice(seed: u64) -> Dice<impl Iterator<Item = u16>> {
    Dice(crate::compare::choices(seed))
}

impl<I: Iterator<Item = u16>> Dice<I> {
    /// One of so many numbers, from 0 on.
    fn below(&mut self, end: u64) -> u64 {
        let [high, low] = [(); 2].map(|()| u64::from(self.0.next().expect("it has no end")));
        (high << 16 | low) % end
    }

    fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).expect("it is an index")]
    }
}

#[track_caller]
fn reached<T>(answer: Answer<Result<T, Unavailable>>) -> T {
    waited(answer).expect("the store can be reached")
}

/// The answer, with this thread parked until it is there.
fn waited<T>(answer: Answer<T>) -> T {
    let mut future = match answer {
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

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
