//! Staging: a check runs at the latest step that any of its inputs needs.

use crate::plan::{Condition, Operand, Route, StageChecks};

/// The stages at which a route decides, the object stage in two: what is loaded, then what is
/// listed or created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Caller,
    Input,
    Object,
    Row,
}

impl Step {
    /// Where a route keeps what it decides at this step.
    pub(super) fn of(self, route: &mut Route) -> &mut StageChecks {
        match self {
            Step::Caller => &mut route.caller,
            Step::Input => &mut route.input,
            Step::Object => &mut route.object,
            Step::Row => &mut route.rows,
        }
    }
}

/// The step at which all that a condition reads is there, on a route that loads so many objects.
pub(super) fn of_condition(condition: &Condition, loaded: usize) -> Step {
    let mut step = Step::Caller;
    condition.reads(&mut |operand| step = step.max(of_operand(operand, loaded)));
    step
}

/// The step at which a value is there.
pub(super) fn of_operand(operand: &Operand, loaded: usize) -> Step {
    match operand {
        Operand::Constant(_) | Operand::Caller(_) | Operand::Request(_) | Operand::Now => {
            Step::Caller
        }
        Operand::Parameter(_) | Operand::Query(_) | Operand::Header(_) | Operand::Body(_) => {
            Step::Input
        }
        Operand::Object(place) if place.object < loaded => Step::Object,
        Operand::Object(_) => Step::Row,
        Operand::Else(first, second) => of_operand(first, loaded).max(of_operand(second, loaded)),
    }
}
