//! Staging: a check runs at the latest stage that any of its inputs needs.

use crate::plan::{Condition, Operand, Stage};

/// The stage at which all that a condition reads is there.
pub(super) fn of_condition(condition: &Condition) -> Stage {
    match condition {
        Condition::Constant(_) | Condition::ExistsCaller | Condition::Is(_) | Condition::Can(_) => {
            Stage::Caller
        }
        Condition::All(all) | Condition::Any(all) => {
            all.iter().map(of_condition).max().unwrap_or(Stage::Caller)
        }
        Condition::Not(inner) => of_condition(inner),
        Condition::Exists(operand) | Condition::Truth(operand) => of_operand(operand),
        Condition::InRange { value, .. } => of_operand(value),
        Condition::Compare(_, left, right)
        | Condition::InList(left, right)
        | Condition::InNetwork(left, right)
        | Condition::Within(left, right)
        | Condition::OlderThan(left, right) => of_operand(left).max(of_operand(right)),
    }
}

/// The stage at which a value is there.
pub(super) fn of_operand(operand: &Operand) -> Stage {
    match operand {
        Operand::Constant(_) | Operand::Caller(_) | Operand::Request(_) | Operand::Now => {
            Stage::Caller
        }
        Operand::Parameter(_) | Operand::Body(_) => Stage::Input,
        Operand::Object(_) => Stage::Object,
        Operand::Else(first, second) => of_operand(first).max(of_operand(second)),
    }
}

/// Calls `visit` with each value that a condition reads.
pub(super) fn reads(condition: &Condition, visit: &mut impl FnMut(&Operand)) {
    match condition {
        Condition::Constant(_) | Condition::ExistsCaller | Condition::Is(_) | Condition::Can(_) => {
        }
        Condition::All(all) | Condition::Any(all) => {
            all.iter().for_each(|condition| reads(condition, visit));
        }
        Condition::Not(inner) => reads(inner, visit),
        Condition::Exists(operand) | Condition::Truth(operand) => leaves(operand, visit),
        Condition::InRange { value, .. } => leaves(value, visit),
        Condition::Compare(_, left, right)
        | Condition::InList(left, right)
        | Condition::InNetwork(left, right)
        | Condition::Within(left, right)
        | Condition::OlderThan(left, right) => {
            leaves(left, visit);
            leaves(right, visit);
        }
    }
}

fn leaves(operand: &Operand, visit: &mut impl FnMut(&Operand)) {
    if let Operand::Else(first, second) = operand {
        leaves(first, visit);
        leaves(second, visit);
    } else {
        visit(operand);
    }
}
