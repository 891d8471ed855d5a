//! What says, on a sign-in, whose password is guessed.

use portcullis_compiler::plan::{Field, FieldType, Operand, RequestField, Route, Type};

use super::api02::keyed;
use crate::subject::charges;

/// What accounts are called.
const ACCOUNTS: &[&str] = &[
    "account",
    "accountid",
    "accountname",
    "email",
    "emailaddress",
    "handle",
    "identifier",
    "login",
    "loginname",
    "mail",
    "mobile",
    "msisdn",
    "number",
    "phone",
    "phonenumber",
    "user",
    "userid",
    "username",
];

/// What comes with an account: the secret itself, and what goes with it.
const BESIDE: &[&str] = &[
    "assertion",
    "captcha",
    "captchatoken",
    "clientid",
    "clientsecret",
    "code",
    "codeverifier",
    "device",
    "deviceid",
    "granttype",
    "nonce",
    "otp",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "pin",
    "redirecturi",
    "refreshtoken",
    "scope",
    "secret",
    "state",
    "token",
];

/// Whether some budget of a sign-in counts how often an account is tried, wherever from.
pub(super) fn counts_account(route: &Route) -> bool {
    let fields = || {
        let body = route.body.as_ref().and_then(|body| body.shape());
        body.into_iter().chain(&route.query).flat_map(|shape| &shape.fields)
    };
    let has_account = fields().any(|field| is_in(ACCOUNTS, field));
    // It may be called anything: a card, a customer's number.
    let is_account = |field: &Field| {
        let text = field.rule.kind == FieldType::Plain(Type::String);
        is_in(ACCOUNTS, field) || (!has_account && text && !is_in(BESIDE, field))
    };
    let of_account = |part: &Operand| field(route, part).is_some_and(is_account);
    // With any of these the same account has another count.
    let splits = |part: &Operand| match part {
        Operand::Caller(_)
        | Operand::Header(_)
        | Operand::Request(RequestField::Ip | RequestField::Origin) => true,
        sent => field(route, sent).is_some_and(|field| is_in(BESIDE, field)),
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

/// Whether a field is called so, whatever separates the words of its name.
fn is_in(names: &[&str], field: &Field) -> bool {
    let plain = field.name.replace('_', "");
    names.contains(&plain.as_str())
}
