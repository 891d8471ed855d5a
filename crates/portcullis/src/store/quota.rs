//! What a store tells of what is left.

use std::time::Duration;

use smallvec::SmallVec;

/// What is left of a budget, under the limit that held for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many units could be charged now.
    pub remaining: u64,
    /// How long until one more can be, if none is charged until then; never too short. Nothing where
    /// all are there.
    pub reset: Option<Duration>,
}

/// What is left of each budget that is to be told, in the order of the charges. A store that cannot
/// tell leaves all of it out, and then nothing is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quotas(SmallVec<[Quota; 2]>);

impl Quotas {
    /// Those quotas, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Quota> {
        self.0.iter()
    }
}

impl FromIterator<Quota> for Quotas {
    fn from_iter<T: IntoIterator<Item = Quota>>(quotas: T) -> Quotas {
        Quotas(quotas.into_iter().collect())
    }
}
