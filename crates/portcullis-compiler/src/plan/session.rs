//! How a caller stays signed in.

use portcullis_syntax::Span;

/// `session`
#[derive(Debug, Clone)]
pub struct Session {
    /// Where it stands.
    pub span: Span,
    /// The credential that its access tokens are, by index: a revocable JSON Web Token.
    pub access: usize,
    /// The attribute of the caller that says whose a session is, by slot: the one from `sub`.
    pub subject: usize,
    /// How long a refresh token is good, in nanoseconds.
    pub refresh: i64,
    /// How a refresh token is followed by the next; nothing, where it stays.
    pub rotation: Option<Rotation>,
    /// How long a session lasts however often it is refreshed, in nanoseconds.
    pub at_most: Option<i64>,
    /// The cookie that holds the refresh token; nothing, where the client keeps it itself.
    pub cookie: Option<SessionCookie>,
}

/// How a refresh token is followed by the next.
#[derive(Debug, Clone, Copy)]
pub struct Rotation {
    /// How long one that was taken still gets the same successor, in nanoseconds.
    pub grace: i64,
}

/// The cookie of a session (RFC 6265bis): always `HttpOnly`, `Secure` and `SameSite=Strict`.
#[derive(Debug, Clone)]
pub struct SessionCookie {
    /// Its name.
    pub name: String,
    /// The path that it is sent to.
    pub path: String,
}

/// What a route does with a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionVerb {
    /// `issues session`: whoever signs in here has one from then on.
    Issues,
    /// `renews session`: a refresh token is taken, and the next one given.
    Renews,
    /// `ends session`: it is over, and its tokens are good for nothing.
    Ends,
}

impl SessionVerb {
    /// Its word in the policy.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            SessionVerb::Issues => "issues",
            SessionVerb::Renews => "renews",
            SessionVerb::Ends => "ends",
        }
    }
}
