//! `check` and `settable`: conditions on what was sent, asked once all of it has been read.

use portcullis_syntax::Span;
use portcullis_syntax::ast::{self, Expression};

use crate::condition::holds;
use crate::expression::parts;
use crate::scope::{Fault, Scope, is_input};
use crate::trace::Clause;

/// A condition, and the path of the field that is at fault where it does not hold.
pub(super) struct Asked {
    pub(super) condition: Condition,
    pub(super) at: String,
}

pub(super) enum Condition {
    Check(Expression, Span),
    Settable(ast::Condition, Span),
}

impl Asked {
    /// What is recorded of it.
    pub(super) fn clause(self) -> (Clause, Span) {
        match self.condition {
            Condition::Check(_, span) => (Clause::Check { at: self.at }, span),
            Condition::Settable(_, span) => (Clause::Settable { at: self.at }, span),
        }
    }

    /// Whether the condition holds, or reads a field that is at fault itself.
    pub(super) fn holds(&self, scope: &Scope<'_>) -> Result<bool, Fault> {
        let read = match &self.condition {
            Condition::Check(check, _) => vec![check],
            Condition::Settable(ast::Condition { when, unless }, _) => {
                std::iter::once(when).chain(unless).collect()
            }
        };
        let unknown = read.into_iter().any(|part| reads_a_fault(part, scope));
        // Looking whether all is there is not asking.
        scope.policy.recorder.put_by();
        if unknown {
            return Ok(true);
        }
        match &self.condition {
            Condition::Check(check, _) => scope.holds(check),
            Condition::Settable(condition, _) => holds(condition, scope),
        }
    }
}

/// Whether an expression names a field that has no value, not even an absent one.
fn reads_a_fault(expression: &Expression, scope: &Scope<'_>) -> bool {
    let (inner, path) = parts(expression);
    let is_at_fault = path.is_some_and(|path| is_input(path) && scope.read(path).is_err());
    is_at_fault || inner.into_iter().any(|part| reads_a_fault(part, scope))
}
