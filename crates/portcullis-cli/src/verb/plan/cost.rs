//! What a step costs, as a class: on what its time depends.

use portcullis_compiler::plan::{Condition, Constant, Operand};

/// On what the time of a step depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cost {
    /// On nothing that a request brings.
    Fixed,
    /// A signature is verified.
    Signature,
    /// On the length of the path or of the body.
    Input,
    /// On the length of a list that a condition looks through.
    List,
    /// The store is asked.
    Store,
    /// The application finds the object.
    Load,
    /// On how many rows there are.
    Rows,
    /// On what is returned.
    View,
}

impl Cost {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Cost::Fixed => "fixed",
            Cost::Signature => "signature",
            Cost::Input => "input",
            Cost::List => "list",
            Cost::Store => "store",
            Cost::Load => "load",
            Cost::Rows => "rows",
            Cost::View => "view",
        }
    }
}

/// What a condition costs: a list that is handed over makes the difference, since nobody bounds it.
pub(super) fn of(condition: &Condition) -> Cost {
    if looks_through_list(condition) { Cost::List } else { Cost::Fixed }
}

fn looks_through_list(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(looks_through_list),
        Condition::Not(inner) => looks_through_list(inner),
        Condition::InList(_, list) | Condition::InNetwork(_, list) => {
            !matches!(list, Operand::Constant(Constant::List(_) | Constant::Network(_)))
        }
        _ => false,
    }
}
