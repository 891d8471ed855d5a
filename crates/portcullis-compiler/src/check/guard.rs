//! The flow of optionals: which values are known to be there, where a condition holds or fails.

use crate::plan::Operand;

/// Values known to be there. The caller itself is one of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Known {
    operands: Vec<Operand>,
}

impl Known {
    pub(super) fn one(operand: Operand) -> Known {
        Known { operands: vec![operand] }
    }

    pub(super) fn has(&self, operand: &Operand) -> bool {
        self.operands.contains(operand)
    }

    /// What either knows.
    pub(super) fn and(&self, other: &Known) -> Known {
        let mut operands = self.operands.clone();
        operands.extend(other.operands.iter().filter(|operand| !self.has(operand)).cloned());
        Known { operands }
    }

    /// What both know.
    pub(super) fn or(&self, other: &Known) -> Known {
        let operands = self.operands.iter().filter(|operand| other.has(operand)).cloned();
        Known { operands: operands.collect() }
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
