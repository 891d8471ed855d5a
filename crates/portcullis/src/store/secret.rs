//! How keys become ids.

use std::fmt;
use std::hash::BuildHasher;

use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;

use super::Charge;

/// Makes ids of a fixed size out of keys of any. Who does not know it cannot choose keys that
/// meet, neither in one entry nor in one shard or overflow entry.
///
/// 64 bits are enough: that an invented key meets one that counts is by chance alone, once in 10^14
/// keys at the capacity that is usual, and two keys that meet have one limit together.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HashSecret {
    own: [u64; 2],
    overflow: [u64; 2],
}

impl HashSecret {
    /// From the seed of std's hash maps, which the operating system draws: getrandom would draw
    /// from the same place, but can fail, and a store that cannot be made has no good default.
    #[must_use]
    pub fn random() -> HashSecret {
        let random = std::hash::RandomState::new();
        let word = |index: u8| random.hash_one(index);
        HashSecret { own: [word(0), word(1)], overflow: [word(2), word(3)] }
    }

    /// One whose tests meet the same entries each time.
    #[cfg(test)]
    pub(super) fn seeded() -> HashSecret {
        HashSecret { own: [1, 2], overflow: [3, 4] }
    }

    /// The id of the entry that is the key's alone.
    pub(super) fn own(&self, charge: &Charge<'_>) -> u64 {
        hash(self.own, charge, charge.key)
    }

    /// The id of one of so many overflow entries, for a key whose own id is given.
    pub(super) fn overflow(&self, charge: &Charge<'_>, own: u64, entries: u64) -> u64 {
        let entry = (own >> 32).checked_rem(entries).unwrap_or(0);
        hash(self.overflow, charge, &entry.to_le_bytes())
    }
}

/// The budget goes into the hash's key: to hash its name with each key took as long as the rest of
/// a charge. It is the policy that names budgets, so that nobody outside chooses among related
/// keys.
fn hash([first, second]: [u64; 2], charge: &Charge<'_>, key: &[u8]) -> u64 {
    SipHasher13::new_with_keys(first ^ charge.budget.id(), second).hash(key)
}

impl fmt::Debug for HashSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HashSecret").finish_non_exhaustive()
    }
}
