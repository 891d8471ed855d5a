//! What says, on a sign-in, whose password is guessed.

use portcullis_compiler::plan::{Field, FieldType, Operand, RequestField, Route, Type};
use portcullis_lint::{goes_with_account, names_account};

use super::api02::keyed;
use crate::subject::charges;

/// Whether some budget of a sign-in counts how often an account is tried, wherever from.
pub(super) fn counts_account(route: &Route) -> bool {
    let fields = || {
        let body = route.body.as_ref().and_then(|body| body.shape());
        body.into_iter().chain(&route.query).flat_map(|shape| &shape.fields)
    };
    let has_account = fields().any(|field| names_account(&field.name));
    // It may be called anything: a card, a customer's number.
    let is_account = |field: &Field| {
        let text = field.rule.kind == FieldType::Plain(Type::String);
        names_account(&field.name) || (!has_account && text && !goes_with_account(&field.name))
    };
    let of_account = |part: &Operand| field(route, part).is_some_and(is_account);
    // With any of these the same account has another count.
    let splits = |part: &Operand| match part {
        Operand::Caller(_)
        | Operand::Header(_)
        | Operand::Request(RequestField::Ip | RequestField::Origin) => true,
        sent => field(route, sent).is_some_and(|field| goes_with_account(&field.name)),
    };
    charges(route).any(|(_, charge)| keyed(charge, of_account) && !keyed(charge, splits))
}

fn field<'r>(route: &'r Route, operand: &Operand) -> Option<&'r Field> {
    match operand {
        Operand::Body(slot) => route.body.as_ref()?.field(*slot),
        Operand::Query(slot) => route.query.iter().flat_map(|shape| &shape.fields).nth(*slot),
        _ => None,
    }
}
