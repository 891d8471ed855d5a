//! Constraints: what makes a value normal, and what it must fulfil then.

use portcullis_syntax::ast::{self, Constraint, ValueKind};

use super::{format, types};
use crate::comparison::{equal, is_in_range, order};
use crate::outbound;
use crate::policy::Policy;
use crate::value::Value;

/// The value with its white space and its case as the constraints want them, wherever they stand.
pub(super) fn normal(constraints: &[Constraint], value: Value) -> Value {
    let Value::Text(mut text) = value else {
        return value;
    };
    if constraints.iter().any(|constraint| matches!(constraint, Constraint::Trim(_))) {
        text = format::trimmed(&text).to_owned();
    }
    for constraint in constraints {
        if let Constraint::Case(case) = constraint {
            text = match case.node.as_str() {
                "lowercase" => text.to_lowercase(),
                "uppercase" => text.to_uppercase(),
                other => panic!("`{other}` is no case"),
            };
        }
    }
    Value::Text(text)
}

/// Whether a constraint of a field holds.
pub(super) fn fits(policy: &Policy, kind: &str, constraint: &Constraint, value: &Value) -> bool {
    let measured = match value {
        Value::Text(text) => Value::Int(i64::try_from(text.chars().count()).unwrap()),
        other => other.clone(),
    };
    match constraint {
        Constraint::Min(..) | Constraint::Max(..) | Constraint::Range(..) => {
            is_within(policy, &measured, constraint)
        }
        Constraint::OneOf(choices, _) => {
            let choices = flat(policy.value(choices)).into_iter();
            let mut choices = choices.map(|choice| types::meant_by(kind, choice));
            choices.any(|choice| equal(value, &choice).unwrap())
        }
        Constraint::Format(format) => format::is_of(&format.node, text(value)),
        Constraint::Matching(regex, _) => {
            regex::Regex::new(&regex.node).expect("compiled").is_match(text(value))
        }
        Constraint::Containing(wanted, _) => contains(policy, wanted, text(value)),
        // What comes before, and what is asked apart from the value.
        Constraint::Trim(_)
        | Constraint::Case(_)
        | Constraint::Through(..)
        | Constraint::Default(..)
        | Constraint::Wire(..)
        | Constraint::Settable(..)
        | Constraint::Fault(..) => true,
    }
}

/// Whether the URL that was sent may be fetched. It is judged as it was written, since writing it anew
/// hides what two readers could have read differently.
pub(super) fn may_be_fetched(policy: &Policy, constraint: &Constraint, sent: &str) -> bool {
    match constraint {
        Constraint::Through(name, _) => outbound::accepts(policy, &name.node, sent),
        _ => true,
    }
}

/// Whether a number lies within a bound; what is no bound says nothing of it.
pub(super) fn is_within(policy: &Policy, number: &Value, bound: &Constraint) -> bool {
    match bound {
        Constraint::Min(min, _) => order(number, &policy.value(min)).unwrap().is_ge(),
        Constraint::Max(max, _) => order(number, &policy.value(max)).unwrap().is_le(),
        Constraint::Range(range, _) => is_in_range(number, range).unwrap(),
        _ => true,
    }
}

/// Whether there is a character of each kind.
fn contains(policy: &Policy, wanted: &ast::Value, text: &str) -> bool {
    let ValueKind::List(kinds) = &wanted.node else { panic!("compiled") };
    kinds.iter().all(|kind| {
        let is_of_kind = |c: char| match &kind.node {
            ValueKind::Name(name) if name == "lower" => c.is_ascii_lowercase(),
            ValueKind::Name(name) if name == "upper" => c.is_ascii_uppercase(),
            ValueKind::Name(name) if name == "digit" => c.is_ascii_digit(),
            _ => policy.text(kind).contains(c),
        };
        text.chars().any(is_of_kind)
    })
}

/// The values of a list; a setting that is a list stands for its elements.
fn flat(value: Value) -> Vec<Value> {
    match value {
        Value::List(values) => values.into_iter().flat_map(flat).collect(),
        value => vec![value],
    }
}

fn text(value: &Value) -> &str {
    if let Value::Text(text) = value { text } else { panic!("a text has a format") }
}
