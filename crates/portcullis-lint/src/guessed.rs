//! Routes on which somebody guesses: who signs in, signs up, resets a password or shows a code.

use portcullis_compiler::plan::{Access, Route, SessionVerb};

/// Words of a path that say so, written together.
const WORDS: &[&str] = &[
    "authenticate",
    "forget",
    "forgot",
    "login",
    "logon",
    "magiclink",
    "mfa",
    "otp",
    "passcode",
    "passwordless",
    "recover",
    "recovery",
    "register",
    "registration",
    "reset",
    "signin",
    "signon",
    "signup",
    "token",
    "totp",
    "2fa",
    "verification",
    "verify",
];

/// What is guessed, in the body of a route that anybody may call.
const SECRETS: &[&str] =
    &["onetimecode", "otp", "passcode", "passphrase", "passwd", "password", "totp"];

/// Whether secrets or accounts are guessed on a route: it issues the session, or anybody may call it, and it
/// takes a password or a code, or takes something and its path says so.
pub(crate) fn is_guessed(route: &Route) -> bool {
    if route.retired.is_some() {
        return false;
    }
    let open = !matches!(route.access, Access::Credential(_));
    let named = || takes_something(route) && is_named_so(&route.pattern);
    issues(route) || (open && (takes_secret(route) || named()))
}

/// Whether the route issues the session.
pub(crate) fn issues(route: &Route) -> bool {
    route.session_verb() == Some(SessionVerb::Issues)
}

/// Whether the route renews the session: it takes a refresh token.
pub(crate) fn renews(route: &Route) -> bool {
    route.session_verb() == Some(SessionVerb::Renews)
}

fn takes_secret(route: &Route) -> bool {
    let body = route.body.as_ref().and_then(|body| body.shape());
    let mut fields = body.into_iter().flat_map(|shape| &shape.fields);
    fields.any(|field| SECRETS.contains(&plain(&field.name).as_str()))
}

fn takes_something(route: &Route) -> bool {
    route.body.is_some() || route.query.iter().any(|shape| !shape.fields.is_empty())
}

/// Whether a segment of the path has one of the words, or is made of two of its parts: `sign-in`.
fn is_named_so(pattern: &str) -> bool {
    let literal = pattern.split('/').filter(|segment| !segment.starts_with('{'));
    literal.into_iter().any(|segment| {
        let parts = segment.split(['-', '_', '.']).map(str::to_ascii_lowercase).collect::<Vec<_>>();
        let pairs = parts.windows(2).map(<[String]>::concat);
        parts.iter().cloned().chain(pairs).any(|word| WORDS.contains(&word.as_str()))
    })
}

/// A name without case and without what separates its words.
pub(crate) fn plain(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|found| found.to_ascii_lowercase())
        .collect()
}

#[test]
fn paths_say_what_is_guessed() {
    let named = [
        "/login",
        "/v2/users/sign-in",
        "/auth/forgot-password",
        "/check-otp",
        "/oauth/token",
        "/2fa",
    ];
    for pattern in named {
        assert!(is_named_so(pattern), "{pattern}");
    }
    for pattern in ["/tokens/{token}", "/designs/in", "/registers", "/resets", "/v1/{login}"] {
        assert!(!is_named_so(pattern), "{pattern}");
    }
}
