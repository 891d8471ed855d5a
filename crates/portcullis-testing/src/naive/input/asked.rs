//! `check` and `settable`: conditions on what was sent, asked once all of it has been read.

use portcullis_syntax::ast::{self, Expression};

use crate::naive::condition::holds;
use crate::naive::expression::parts;
use crate::naive::scope::{Fault, Scope, is_input};

/// A condition, and the path of the field that is at fault where it does not hold.
pub(super) struct Asked {
    pub(super) condition: Condition,
    pub(super) at: String,
}

pub(super) enum Condition {
    Check(Expression),
    Settable(ast::Condition),
}

impl Asked {
    /// Whether the condition holds, or reads a field that is at fault itself.
    pub(super) fn holds(&self, scope: &Scope<'_>) -> Result<bool, Fault> {
        let read = match &self.condition {
            Condition::Check(check) => vec![check],
            Condition::Settable(ast::Condition { when, unless }) => {
                std::iter::once(when).chain(unless).collect()
            }
        };
        if read.into_iter().any(|part| reads_a_fault(part, scope)) {
            return Ok(true);
        }
        match &self.condition {
            Condition::Check(check) => scope.holds(check),
            Condition::Settable(condition) => holds(condition, scope),
        }
    }
}

/// Whether an expression names a field that has no value, not even an absent one.
fn reads_a_fault(expression: &Expression, scope: &Scope<'_>) -> bool {
    let (inner, path) = parts(expression);
    let is_at_fault = path.is_some_and(|path| is_input(path) && scope.read(path).is_err());
    is_at_fault || inner.into_iter().any(|part| reads_a_fault(part, scope))
}
