//! The flow of optionals: what is known to be there, where a condition holds or fails.

use crate::plan::Operand;

/// Something that may be absent.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Presence {
    /// The caller.
    Caller,
    /// A value.
    Value(Operand),
}

/// What is known to be there.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Known {
    there: Vec<Presence>,
}

impl Known {
    pub(super) fn of(there: Vec<Presence>) -> Known {
        Known { there }
    }

    pub(super) fn has(&self, presence: &Presence) -> bool {
        self.there.contains(presence)
    }

    /// What either knows.
    pub(super) fn and(&self, other: &Known) -> Known {
        let mut there = self.there.clone();
        there.extend(other.there.iter().filter(|presence| !self.has(presence)).cloned());
        Known { there }
    }

    /// What both know.
    pub(super) fn or(&self, other: &Known) -> Known {
        let there = self.there.iter().filter(|presence| other.has(presence)).cloned();
        Known { there: there.collect() }
    }
}

/// What is known where a condition holds, and where it does not.
#[derive(Debug, Clone, Default)]
pub(super) struct Flow {
    pub(super) holds: Known,
    pub(super) fails: Known,
}

impl Flow {
    pub(super) fn negated(self) -> Flow {
        Flow { holds: self.fails, fails: self.holds }
    }
}
