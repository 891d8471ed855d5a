//! What whoever signs in, or stays so, is given.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

/// The tokens of a session. They are shown once, and to its caller alone.
pub struct SessionTokens {
    pub(super) access_token: String,
    pub(super) expires_in: Duration,
    pub(super) refresh_token: Option<String>,
}

impl SessionTokens {
    /// The access token, to be sent as `Authorization: Bearer`.
    #[must_use]
    pub fn access_token(&self) -> &str {
        &self.access_token
    }

    /// How long it is good, from now on.
    #[must_use]
    pub fn expires_in(&self) -> Duration {
        self.expires_in
    }

    /// The refresh token; nothing where the policy keeps it in a cookie, which the
    /// [answer](crate::Answers::success) sets.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&str> {
        self.refresh_token.as_deref()
    }

    /// The body of the answer: `accessToken`, `expiresIn` in seconds and, where no cookie holds it,
    /// `refreshToken`.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut body = Map::new();
        body.insert("accessToken".to_owned(), self.access_token.as_str().into());
        body.insert("expiresIn".to_owned(), self.expires_in.as_secs().into());
        if let Some(token) = &self.refresh_token {
            body.insert("refreshToken".to_owned(), token.as_str().into());
        }
        Value::Object(body).to_string().into_bytes()
    }
}

impl fmt::Debug for SessionTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionTokens")
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}
