//! What the name of a field says of its value.

use portcullis_compiler::plan::{FieldType, Type};

/// The words of a name, in lower case: `userId`, `user_id` and `user-id` are two.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && after_lower) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
        after_lower = letter.is_lowercase() || letter.is_numeric();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A name as it is compared with another, however either is spelt.
pub(crate) fn plain(name: &str) -> String {
    words(name).concat()
}

/// Words of names whose values let somebody in.
const SECRET: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "otp",
    "totp",
    "pin",
    "pincode",
    "cvv",
    "cvc",
    "salt",
    "apikey",
    "passcode",
];
/// What makes a key one of these.
const SECRET_KEY: &[&str] = &["api", "private", "secret", "signing", "encryption", "access"];
/// Words of names that speak of a secret and are none: its count, its age, a mark in a list.
const ABOUT: &[&str] = &[
    "at",
    "count",
    "type",
    "expires",
    "expiry",
    "expired",
    "hint",
    "limit",
    "limits",
    "enabled",
    "required",
    "policy",
    "strength",
    "changed",
    "updated",
    "created",
    "version",
    "used",
    "usage",
    "name",
    "page",
    "cursor",
    "next",
    "continuation",
    "public",
    "last4",
    "id",
    "url",
    "length",
    "has",
    "is",
    "symbol",
    "price",
    "address",
];

/// Whether a name says that its value lets somebody in.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    // `id_token` is a token, and `token_id` is about one.
    if words.concat() == "idtoken" {
        return true;
    }
    let is = |list: &[&str], word: &String| list.contains(&word.as_str());
    if words.iter().any(|word| is(ABOUT, word)) {
        return false;
    }
    let key = words
        .windows(2)
        .any(|pair| matches!(pair, [kind, key] if is(SECRET_KEY, kind) && key == "key"));
    key || words.iter().any(|word| is(SECRET, word))
}

/// The same of an attribute: a time or a flag lets nobody in.
pub(crate) fn is_secret(name: &str, kind: &Type) -> bool {
    let kind = match kind {
        Type::List(element) => element,
        kind => kind,
    };
    matches!(kind, Type::String | Type::Int | Type::Uuid | Type::Url) && is_secret_name(name)
}

/// Whether a name says that its value is money.
pub(crate) fn is_money(name: &str, kind: &FieldType) -> bool {
    const MONEY: &[&str] = &[
        "price", "total", "subtotal", "amount", "discount", "balance", "cost", "fee", "credit",
        "credits", "refund", "salary", "tax",
    ];
    let numeric = matches!(kind, FieldType::Plain(Type::Int | Type::Number));
    numeric && words(name).iter().any(|word| MONEY.contains(&word.as_str()))
}

/// Whether a name says that its value is what somebody may do.
pub(crate) fn is_role(name: &str) -> bool {
    const ROLE: &[&str] = &[
        "role",
        "roles",
        "permission",
        "permissions",
        "privilege",
        "privileges",
        "scope",
        "scopes",
        "isadmin",
        "admin",
        "issuperuser",
        "superuser",
        "isadministrator",
        "ismoderator",
        "isstaff",
        "isroot",
        "accesslevel",
        "userrole",
        "userroles",
        "userpermissions",
    ];
    ROLE.contains(&plain(name).as_str())
}

/// Whether a name says that its value is of a person, and not for everybody.
pub(crate) fn is_personal(name: &str) -> bool {
    const PERSONAL: &[&str] = &[
        "email",
        "phone",
        "mobile",
        "telephone",
        "birthday",
        "birthdate",
        "dob",
        "ssn",
        "passport",
        "iban",
        "postcode",
        "zipcode",
        "vin",
        "salary",
        "latitude",
        "longitude",
    ];
    const PAIRS: &[&str] = &[
        "dateofbirth",
        "homeaddress",
        "postaladdress",
        "streetaddress",
        "nationalid",
        "taxid",
        "creditcard",
        "cardnumber",
        "phonenumber",
        "emailaddress",
        "ipaddress",
    ];
    let all = plain(name);
    PAIRS.contains(&all.as_str())
        || words(name).last().is_some_and(|word| PERSONAL.contains(&word.as_str()))
}

/// What a permission or a path lets its holder do, by its verb.
pub(crate) fn changes(verb: &str) -> bool {
    const CHANGES: &[&str] = &[
        "write", "delete", "update", "create", "edit", "remove", "manage", "admin", "modify",
        "destroy", "add", "set", "approve", "cancel", "refund", "publish", "change", "drop",
    ];
    CHANGES.contains(&verb)
}

/// Whether a verb only looks.
pub(crate) fn looks(verb: &str) -> bool {
    ["read", "view", "list", "get", "see", "show", "browse", "search"].contains(&verb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_its_value_is() {
        for name in [
            "password",
            "password_hash",
            "resetToken",
            "api_key",
            "pin",
            "otp_secret",
            "id_token",
            "idToken",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "pinned",
            "token_type",
            "token_id",
            "id_token_hint",
            "next_page_token",
            "key",
            "content_hash",
            "password_changed_at",
            "has_password",
            "public_key",
            "shipping",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
        assert!(!is_secret("token", &Type::Time) && is_secret("token", &Type::String));
        assert!(is_role("is_admin") && is_role("userRole") && !is_role("roles_count"));
        assert!(is_personal("home_phone") && is_personal("dateOfBirth") && !is_personal("name"));
        assert_eq!(words("userIdOf-two_3"), ["user", "id", "of", "two", "3"]);
    }
}
