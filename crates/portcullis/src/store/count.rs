//! What was counted, in a form that outlasts the process.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::counter::{Counter, Rate};
use crate::Timestamp;

/// What has changed of what a [`MemoryStore`](super::MemoryStore) counted.
#[derive(Debug, Clone)]
pub enum CountChange {
    /// What an entry has counted by now, by the id of its key.
    Counted(u64, Count),
    /// The entry of this id is as one that nothing was charged to.
    Forgotten(u64),
    /// No time before this is true for entries of a budget that are new: one that had counted later was
    /// forgotten.
    Floor(Box<str>, Timestamp),
}

/// What one key of one budget has counted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    pub(super) budget: Box<str>,
    pub(super) slowest: Rate,
    pub(super) counter: Counter,
}

impl Count {
    /// The name of the budget.
    #[must_use]
    pub fn budget(&self) -> &str {
        &self.budget
    }

    /// From when on it is as one that nothing was charged to.
    #[must_use]
    pub fn full_at(&self) -> Timestamp {
        let nanos = self.counter.full_at(self.slowest);
        let nanos = nanos.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        Timestamp::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
    }
}

/// A number that others are divided by: what reads it back must not find 0.
pub(super) fn above_zero<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default + PartialOrd,
{
    let number = T::deserialize(deserializer)?;
    match number > T::default() {
        true => Ok(number),
        false => Err(serde::de::Error::custom("not above zero")),
    }
}

/// Numbers of a list whose length is known.
pub(super) mod numbers {
    use super::{Deserialize, Deserializer, Serialize, Serializer};

    pub(in super::super) fn serialize<S: Serializer, const N: usize>(
        numbers: &[u64; N],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        numbers.as_slice().serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<[u64; N], D::Error> {
        let numbers = Vec::<u64>::deserialize(deserializer)?;
        numbers.try_into().map_err(|_| serde::de::Error::custom("not so many numbers"))
    }
}
