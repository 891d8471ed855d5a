//! Names that tell what a field or a path is about. They decide nothing: they say where a person has to
//! look. Only what such a name says is a password is kept back from views.

use crate::name::{singular, snake, spelt};

/// Whether a word of a name is one of these.
fn has(name: &str, words: &[&str]) -> bool {
    name.split('_').any(|word| words.contains(&word))
}

/// The words of a name, one of each, without the number of a second one: `PASSWORD1` is a password.
fn words(wire: &str) -> Vec<String> {
    let words = spelt(wire);
    let words =
        words.split('_').map(|word| match word.trim_end_matches(|l: char| l.is_ascii_digit()) {
            "" => word.to_owned(),
            word => singular(word),
        });
    words.collect()
}

/// What must never leave, by its name outside. All that the lint `shown_secret` takes for one is one here,
/// too: it has its words for itself, so a test compares the two.
pub(crate) fn is_secret(wire: &str) -> bool {
    const WORDS: &[&str] = &[
        "pwd",
        "otp",
        "totp",
        "pin",
        "pincode",
        "cvv",
        "cvc",
        "ssn",
        "salt",
        "hash",
        "credential",
    ];
    // These also end a word of several: `userpassword`.
    const ENDS: &[&str] = &[
        "passwd",
        "passphrase",
        "passcode",
        "secret",
        "apikey",
        "sessionid",
        "recoverycode",
        "backupcode",
    ];
    const KEYS: &[&str] = &["api", "private", "secret", "signing", "encryption", "access"];
    const CODES: &[&str] = &[
        "recovery",
        "backup",
        "reset",
        "verification",
        "security",
        "activation",
        "auth",
        "authorization",
        "login",
        "mfa",
        "access",
    ];
    let words = words(wire);
    let pair = words.windows(2).any(|pair| {
        let [kind, what] = pair else { return false };
        match what.as_str() {
            "key" => KEYS.contains(&kind.as_str()),
            "code" => CODES.contains(&kind.as_str()),
            "number" => kind.ends_with("card"),
            "id" => kind == "session",
            _ => false,
        }
    });
    let is = |word: &String| {
        WORDS.contains(&word.as_str())
            || ENDS.iter().any(|end| word.ends_with(end))
            || word.contains("password") && !word.starts_with("passwordless")
            || word.strip_suffix("key").is_some_and(|kind| KEYS.contains(&kind))
    };
    pair || words.iter().any(is) || is_token(wire)
}

/// A token that lets somebody in; not its type, its age, or the one of the next page. An `id_token` lets in,
/// and a `token_id` says which one it is.
pub(crate) fn is_token(wire: &str) -> bool {
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
        "url",
        "length",
        "has",
        "is",
        "symbol",
        "price",
        "address",
        "max",
        "total",
    ];
    let words = words(wire);
    let is = |word: &String| word.ends_with("token") || word == "jwt";
    let which = words.last().is_some_and(|last| last == "id");
    words.iter().any(is) && !which && !has(&spelt(wire), ABOUT)
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

/// Where somebody signs in, and gets a session.
pub(crate) fn is_sign_in(path: &str) -> bool {
    const WORDS: &[&str] = &[
        "login",
        "logon",
        "signin",
        "signon",
        "log_in",
        "log_on",
        "sign_in",
        "sign_on",
        "authenticate",
        "authentication",
        "auth",
        "oauth",
        "token",
        "session",
        "refresh",
    ];
    let last = path.split('/').rfind(|segment| !segment.is_empty() && !segment.starts_with('{'));
    last.is_some_and(|last| WORDS.contains(&singular(&snake(last)).as_str()))
}

/// What is for those who run the service (OWASP API5:2023).
pub(crate) fn is_for_few(path: &str) -> bool {
    const WORDS: &[&str] =
        &["admin", "administration", "internal", "backoffice", "debug", "actuator", "superuser"];
    path.split('/').any(|segment| has(&snake(segment), WORDS))
}

/// Whether a name says which one of many.
pub(crate) fn is_identity(name: &str) -> bool {
    ["id", "uuid", "guid"].iter().any(|end| *end == name || name.ends_with(&format!("_{end}")))
}
