//! Names that tell what a field or a path is about. They decide nothing: they say where a person has to
//! look. Only what such a name says is a password is kept back from views.

/// Whether a word of a name is one of these.
fn has(name: &str, words: &[&str]) -> bool {
    name.split('_').any(|word| words.contains(&word))
}

/// What must never leave.
pub(crate) fn is_secret(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "password",
        "passwd",
        "passphrase",
        "secret",
        "otp",
        "pin",
        "pincode",
        "cvv",
        "cvc",
        "ssn",
        "salt",
        "hash",
    ];
    has(name, WORDS)
        || ["private_key", "card_number", "api_key"].iter().any(|end| name.ends_with(end))
}

/// What says something of a person, or of their standing.
pub(crate) fn is_personal(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "email",
        "phone",
        "mobile",
        "telephone",
        "birth",
        "birthday",
        "birthdate",
        "dob",
        "latitude",
        "longitude",
        "location",
        "vin",
        "credit",
        "balance",
        "role",
        "roles",
        "iban",
        "income",
        "gender",
        "token",
        "vehicleid",
    ];
    has(name, WORDS) || name.ends_with("address")
}

/// What a client seldom may say of itself or of its objects (OWASP API3:2023).
pub(crate) fn is_privileged(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "role",
        "roles",
        "admin",
        "permission",
        "permissions",
        "scope",
        "scopes",
        "status",
        "state",
        "owner",
        "verified",
        "approved",
        "price",
        "total",
        "amount",
        "credit",
        "balance",
        "discount",
    ];
    const WHOLE: &[&str] = &[
        "id",
        "uuid",
        "user_id",
        "userid",
        "account_id",
        "author_id",
        "authorid",
        "tenant_id",
        "created_by",
    ];
    has(name, WORDS) || WHOLE.contains(&name)
}

/// What a service may be made to fetch (OWASP API7:2023).
pub(crate) fn is_fetched(name: &str) -> bool {
    const WORDS: &[&str] = &["url", "uri", "href", "webhook", "callback", "endpoint", "api"];
    name.rsplit('_').next().is_some_and(|last| WORDS.contains(&last))
}

/// Where somebody guesses, or fills a mailbox: such a path wants budgets by account and by address
/// (OWASP API2:2023).
pub(crate) fn is_guessed(path: &str) -> bool {
    const WORDS: &[&str] = &[
        "login",
        "signin",
        "signup",
        "register",
        "otp",
        "mfa",
        "2fa",
        "totp",
        "password",
        "passwd",
        "forgot",
        "forget",
        "reset",
        "verify",
        "token",
        "authenticate",
        "resend",
    ];
    let path = path.to_ascii_lowercase();
    let is_word = |found: &str| WORDS.contains(&found);
    path.split(|letter: char| !letter.is_ascii_alphanumeric()).any(is_word)
        || ["sign-in", "sign-up", "sign_in", "sign_up", "log-in", "log_in"]
            .iter()
            .any(|found| path.contains(found))
}

/// Whether a name says which one of many.
pub(crate) fn is_identity(name: &str) -> bool {
    ["id", "uuid", "guid"].iter().any(|end| *end == name || name.ends_with(&format!("_{end}")))
}
