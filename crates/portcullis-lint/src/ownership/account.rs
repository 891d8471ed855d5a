//! Whose password or code is guessed.

use portcullis_compiler::plan::{Field, FieldType, Route, Type};

use crate::guessed::{issues, plain};

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

/// What is not an account in the body of a sign-in: the secret itself, and what goes with it.
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

/// The field that says whose secret is guessed.
#[must_use]
pub fn account(route: &Route) -> Option<&Field> {
    sent(route)
        .find(|field| names(&field.name))
        .or_else(|| sent(route).find(|field| is_account(route, field)))
}

/// Whether a field of body or query says whose secret is guessed: by its name; or on a sign-in that has none such,
/// by being a text, which may be called anything: a card, a customer's number.
pub(super) fn is_account(route: &Route, field: &Field) -> bool {
    let text = || field.rule.kind == FieldType::Plain(Type::String) && !is_beside(field);
    names(&field.name) || (issues(route) && text() && !sent(route).any(|field| names(&field.name)))
}

/// Whether a field is the secret itself, or what goes with it: with another value the account is the same.
pub(super) fn is_beside(field: &Field) -> bool {
    BESIDE.contains(&plain(&field.name).as_str())
}

fn names(name: &str) -> bool {
    ACCOUNTS.contains(&plain(name).as_str())
}

fn sent(route: &Route) -> impl Iterator<Item = &Field> {
    let body = route.body.as_ref().and_then(|body| body.shape());
    body.into_iter().chain(&route.query).flat_map(|shape| &shape.fields)
}
