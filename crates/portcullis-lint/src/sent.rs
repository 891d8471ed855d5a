//! What clients may send in bodies.

use portcullis_compiler::plan::{Condition, Field, FieldType, Route, Rule, Shape};

/// The fields of a route's body that a client may always set, nested ones too; each with its slot, where a
/// condition can name it.
pub(crate) fn sent(route: &Route) -> Vec<(Option<usize>, &Field)> {
    let mut found = Vec::new();
    let shape = route.body.as_ref().and_then(|body| body.shape());
    if let Some(shape) = shape.filter(|_| route.retired.is_none()) {
        for (slot, field) in shape.fields.iter().enumerate() {
            add(Some(slot), field, &mut found);
        }
    }
    found
}

fn add<'r>(slot: Option<usize>, field: &'r Field, found: &mut Vec<(Option<usize>, &'r Field)>) {
    if field.settable.is_some() {
        return;
    }
    found.push((slot, field));
    for inner in nested(&field.rule).iter().flat_map(|shape| &shape.fields) {
        add(None, inner, found);
    }
}

fn nested(rule: &Rule) -> Option<&Shape> {
    match &rule.kind {
        FieldType::Plain(_) => None,
        FieldType::List(element) => nested(element),
        FieldType::Input(shape) => Some(shape),
    }
}

/// Every condition of what a route takes in: when a field may be sent, and what its fields must fulfil together.
pub(crate) fn of_input(route: &Route) -> impl Iterator<Item = &Condition> {
    let body = route.body.iter().filter_map(|body| body.shape());
    let mut waiting = body.chain(&route.query).chain(&route.header).collect::<Vec<_>>();
    let mut found = Vec::new();
    while let Some(shape) = waiting.pop() {
        found.extend(shape.checks.iter().map(|check| &check.condition));
        found.extend(shape.fields.iter().filter_map(|field| field.settable.as_ref()));
        waiting.extend(shape.fields.iter().filter_map(|field| nested(&field.rule)));
    }
    found.into_iter()
}
