//! How often.

use std::time::Duration;

use portcullis_syntax::Span;

/// A budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Its name in the policy.
    pub name: String,
    /// Its limits: the first that fits a request holds for it. The last one fits always.
    pub limits: Vec<Limit>,
    /// How units are counted.
    pub algorithm: Algorithm,
    /// How many bits of an IPv6 address in a key are one client's.
    pub ipv6_prefix: u8,
    /// Whether a success gives back what it was charged.
    pub refund: bool,
    /// Whether a request goes on while the store cannot be reached.
    pub unavailable_admits: bool,
    /// Its clauses, in the order of the text.
    pub clauses: Vec<Span>,
}

impl Budget {
    /// The greatest of its limits, in units.
    #[must_use]
    pub fn most(&self) -> u64 {
        self.limits.iter().map(|limit| limit.units).max().unwrap_or(0)
    }
}

/// `limit N per D burst B`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Units per period; at least 1.
    pub units: u64,
    /// How long they last; at least a second.
    pub period: Duration,
    /// The most units at once; at least 1.
    pub burst: u64,
}

/// How units are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// A bucket of `burst` units that fills evenly, by `units` within the period (GCRA).
    TokenBucket,
    /// A unit counts for one period from when it was charged.
    SlidingWindow,
}
