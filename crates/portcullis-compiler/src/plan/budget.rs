//! How often.

/// A budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Its name in the policy.
    pub name: String,
    /// Units per period; at least 1.
    pub limit: u64,
    /// Seconds; at least 1.
    pub period: u64,
    /// How units are counted.
    pub algorithm: Algorithm,
}

/// How units are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// A bucket of `limit` units that fills evenly within the period (GCRA).
    TokenBucket,
    /// A unit counts for one period from when it was charged.
    SlidingWindow,
}
