//! The names of keys that tokens have asked for in vain, as many of them as fit.
//!
//! Whoever sends tokens invents names: they must cause few fetches, and take little memory.

use std::collections::VecDeque;
use std::time::Duration;

use super::key_source::passed;
use crate::Timestamp;

const MOST: usize = 256;

/// A name that a set came without is not asked for again for so long.
const ABSENT_FOR: Duration = Duration::from_secs(10 * 60);

/// Hashes of names, the oldest first. When there is no room the oldest goes: if it is a good one, a fetch is
/// due all the same for those that came after it.
#[derive(Default)]
pub(super) struct UnknownKids(VecDeque<(u64, State)>);

#[derive(Clone, Copy)]
enum State {
    /// No fetch has begun since a token named it.
    Met,
    /// One has, and no set has come of it yet.
    Asked,
    /// A set came without it then, and a token has named it `again` or not.
    Absent { since: Timestamp, again: bool },
}

impl UnknownKids {
    /// A token names it.
    pub(super) fn met(&mut self, hash: u64) {
        if let Some((_, state)) = self.0.iter_mut().find(|(known, _)| *known == hash) {
            if let State::Absent { again, .. } = state {
                *again = true;
            }
            return;
        }
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back((hash, State::Met));
    }

    /// Whether one of them is worth a fetch.
    pub(super) fn wanted(&self, now: Timestamp) -> bool {
        self.0.iter().any(|(_, state)| match state {
            State::Met => true,
            State::Asked => false,
            State::Absent { since, again } => *again && passed(*since, now, ABSENT_FOR),
        })
    }

    /// A fetch begins.
    pub(super) fn asked(&mut self) {
        for (_, state) in &mut self.0 {
            if let State::Met = state {
                *state = State::Asked;
            }
        }
    }

    /// A set came, with these. One that was met while it was under way is not answered by that: the issuer may
    /// have added it after the set was written.
    pub(super) fn answered(&mut self, brought: &[u64], now: Timestamp) {
        self.0.retain(|(hash, _)| !brought.contains(hash));
        for (_, state) in &mut self.0 {
            match state {
                State::Met => {}
                State::Asked | State::Absent { .. } => {
                    *state = State::Absent { since: now, again: false };
                }
            }
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
