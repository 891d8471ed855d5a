//! The cookie of a session (RFC 6265bis): read out of a request, and written into an answer.

use portcullis_compiler::plan::SessionCookie;

use crate::Reason;
use crate::request::{Request, text};

/// The value of a cookie; nothing where it did not come. One that came twice is refused: two cookies of
/// one name are of two paths or domains, and nobody knows which of them the service has set.
pub(crate) fn read<'r>(request: &'r Request<'_>, name: &str) -> Result<Option<&'r str>, Reason> {
    let mut found = None;
    for line in request.values("cookie") {
        let line = text(line).ok_or(Reason::InvalidCredential)?;
        let pairs =
            line.split(';').filter_map(|pair| pair.trim_matches([' ', '\t']).split_once('='));
        for (_, value) in pairs.filter(|(known, _)| *known == name) {
            if found.replace(value).is_some() {
                return Err(Reason::InvalidCredential);
            }
        }
    }
    Ok(found)
}

/// The `Set-Cookie` that keeps a refresh token for so many seconds. No script reads it, it goes over
/// HTTPS alone, and to no request that another site's page begins.
pub(crate) fn set(cookie: &SessionCookie, value: &str, max_age: i64) -> String {
    format!(
        "{}={value}; Path={}; Max-Age={max_age}; HttpOnly; Secure; SameSite=Strict",
        cookie.name, cookie.path
    )
}

/// The `Set-Cookie` that takes it away.
pub(crate) fn clear(cookie: &SessionCookie) -> String {
    set(cookie, "", 0)
}
