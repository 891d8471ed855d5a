//! Work on several threads, its results in the order in which it was given.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::Failure;

/// The results of the work on each of the things, in their order whatever the threads do. Each thread has
/// something of its own that it may keep from one to the next.
///
/// # Errors
/// A thread cannot be had, or ended before its work did.
pub(super) fn in_order<T: Sync, R: Send, Own: Default>(
    jobs: Option<NonZeroUsize>,
    things: &[T],
    work: impl Fn(&T, &mut Own) -> R + Sync,
) -> Result<Vec<R>, Failure> {
    let jobs = jobs.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let next = AtomicUsize::new(0);
    // Each takes the next thing that nobody has taken: tests differ too much in length to deal them out.
    let take = || {
        let mut done = Vec::new();
        let mut own = Own::default();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(thing) = things.get(index) else { return done };
            done.push((index, work(thing, &mut own)));
        }
    };
    let mut done = thread::scope(|scope| {
        let threads = (0..jobs.min(things.len())).map(|_| {
            thread::Builder::new().name("portcullis-test".to_owned()).spawn_scoped(scope, take)
        });
        let threads = threads.collect::<Result<Vec<_>, _>>()?;
        let mut done = Vec::new();
        for thread in threads {
            let more = thread.join();
            done.extend(more.map_err(|_| {
                Failure::Said("a test ended before it was done; please report this".to_owned())
            })?);
        }
        Ok::<_, Failure>(done)
    })?;
    done.sort_by_key(|(index, _)| *index);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::in_order;

    #[test]
    fn the_order_is_that_of_the_things() {
        let things = (0..200_u64).collect::<Vec<_>>();
        let expected = things.iter().map(|thing| thing * thing).collect::<Vec<_>>();
        for jobs in [1, 2, 7, 5000] {
            // The first things take longest.
            let work = |thing: &u64, _: &mut ()| {
                (0..(200 - thing) * 50).for_each(|_| std::hint::spin_loop());
                thing * thing
            };
            assert_eq!(in_order(NonZeroUsize::new(jobs), &things, work).unwrap(), expected);
        }
        assert!(in_order(None, &[] as &[u64], |thing, _: &mut ()| *thing).unwrap().is_empty());
    }
}
