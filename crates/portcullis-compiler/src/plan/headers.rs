//! The header lines that every answer has.

/// `headers`, with the defaults of all that is not said.
#[derive(Debug, Clone)]
pub struct Headers {
    /// The lines of every answer: the name in lower case, and the value.
    pub lines: Vec<(&'static str, String)>,
    /// The `Cache-Control` of every success, where the policy says one.
    pub cache_control: Option<String>,
    /// The names of lines of the application's that do not leave, in lower case.
    pub remove: Vec<String>,
    /// How budgets are told.
    pub rate_limit: RateLimit,
}

/// By which lines an answer tells what is left of budgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimit {
    /// `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers).
    Standard,
    /// `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset`, which no standard has.
    Legacy,
    /// Both of these.
    Both,
    /// By none.
    Off,
}
