//! `test`: a request, the world around it, and what is expected.

use std::net::IpAddr;

use super::{Literal, Name, Permission};
use crate::{Span, Spanned};

/// `test "…" { … }`
#[derive(Debug, Clone)]
pub struct Test {
    /// The whole declaration.
    pub span: Span,
    /// What it says it shows.
    pub title: Spanned<String>,
    /// Its clauses; their order matters from `expect` to `expect`.
    pub clauses: Vec<TestClause>,
}

/// A clause of [`Test`].
#[derive(Debug, Clone)]
pub enum TestClause {
    /// `caller { … }` or `caller pat { … }`
    Caller {
        /// The credential named, if any.
        credential: Option<Name>,
        /// The attributes.
        attributes: Vec<(Name, TestValue)>,
        /// The whole clause.
        span: Span,
    },
    /// `request METHOD TARGET from IP`
    Request {
        /// The method.
        method: Name,
        /// The target.
        target: Target,
        /// The peer's address.
        from: Option<Spanned<IpAddr>>,
        /// The whole clause.
        span: Span,
    },
    /// `resource R { … }`, or `None` for `resource R none`
    Resource {
        /// The resource.
        resource: Name,
        /// The attributes, or nothing where the object is absent.
        attributes: Option<Vec<(Name, TestValue)>>,
        /// The whole clause.
        span: Span,
    },
    /// `header { "Name": "value" }`
    Header(Vec<(Spanned<String>, Spanned<String>)>, Span),
    /// `body JSON`, `body form "a=b"` or `body raw "…"`
    Body(SentBody, Span),
    /// `profile NAME`
    Profile(Name, Span),
    /// `at TIME`, in nanoseconds since the Unix epoch
    At(Spanned<i64>, Span),
    /// `after 15m`, in seconds
    After(Spanned<u64>, Span),
    /// `expect …`
    Expect(Expectation, Span),
    /// `outcome success` or `outcome failure`: what the application reports of the requests that
    /// follow; whether it is a success
    Outcome(bool, Span),
    /// `act NAME`: the action that is tested, in the place of a request
    Act(Name, Span),
    /// `store unavailable`
    StoreUnavailable(Span),
}

/// What a request is sent with.
#[derive(Debug, Clone)]
pub enum SentBody {
    /// JSON.
    Json(Spanned<Json>),
    /// The text of a form.
    Form(Spanned<String>),
    /// These bytes, whatever the headers say they are.
    Raw(Spanned<String>),
}

/// What a request is sent to.
#[derive(Debug, Clone)]
pub enum Target {
    /// `/api/orders?a=b`, unquoted
    Plain(Spanned<String>),
    /// `"…"`: sent as it stands; `http(s)://` sets scheme and host
    Raw(Spanned<String>),
}

/// A value given to an attribute.
#[derive(Debug, Clone)]
pub enum TestValue {
    /// A literal.
    Literal(Spanned<Literal>),
    /// An enum's value or a role.
    Name(Name),
    /// `none`: absent.
    None(Span),
    /// `now`: the clock's time.
    Now(Span),
    /// `read:orders`
    Permission(Permission),
    /// `[a, b]`
    List(Vec<TestValue>, Span),
    /// `{ id: 1 }`: a nested object
    Record(Vec<(Name, TestValue)>, Span),
}

/// What is expected; `times` is at least 1.
#[derive(Debug, Clone)]
pub enum Expectation {
    /// `admit times N`
    Admit {
        /// How many requests are sent.
        times: u32,
    },
    /// `refuse REASON times N`
    Refuse {
        /// The reason.
        reason: Name,
        /// How many requests are sent.
        times: u32,
    },
    /// `fields [id, total]`: wire names, as a set
    Fields(Vec<Spanned<String>>),
    /// `faults [email]`: the fields of an invalid input, as a set
    Faults(Vec<Spanned<String>>),
    /// `header "Name" "value"`: a header line of the last answer; `none` where there must be none
    Header(Spanned<String>, Option<Spanned<String>>),
    /// `rows N`: how many rows of a list are shown
    Rows(Spanned<u32>),
}

/// JSON as a test writes it. A number keeps its text, so that it is sent as it stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// `1e3`, as written
    Number(String),
    /// `"text"`, escapes resolved
    Text(String),
    /// `[..]`
    List(Vec<Json>),
    /// `{..}`, in the order of the text, duplicates kept
    Object(Vec<(String, Json)>),
}
