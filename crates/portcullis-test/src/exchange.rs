//! One request with the world around it, and what became of it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use portcullis_syntax::Span;

/// 2026-01-01T00:00:00Z, in nanoseconds since the Unix epoch.
pub(crate) const CLOCK: i64 = 1_767_225_600 * 1_000_000_000;

/// Decides exchanges, one after the other, and remembers what it has charged.
pub trait Evaluator {
    /// Decides one exchange through all its stages.
    fn send(&mut self, exchange: &Exchange) -> Response;

    /// The clause of the policy that refused the last exchange, where that is known.
    fn refused_by(&self) -> Option<Span> {
        None
    }
}

/// A request and the world around it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The method, as sent.
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// Whether it came over HTTPS.
    pub https: bool,
    /// The peer's address.
    pub peer: IpAddr,
    /// Every header, `Host` among them, in the order in which they were sent.
    pub headers: Vec<(String, String)>,
    /// The caller, where the credential is taken as verified. With nothing here, the
    /// `Authorization` header decides.
    pub caller: Option<Given>,
    /// The action that is decided in the place of the request, which is then not looked at.
    pub act: Option<String>,
    /// The body, if there is one.
    pub body: Option<Vec<u8>>,
    /// What the application would hand over.
    pub world: World,
    /// What the application reports once the request has been admitted; nothing, where it drops it.
    pub outcome: Option<Outcome>,
    /// Whether the store can be reached.
    pub store: bool,
    /// The tokens that have been taken back: by credential and `jti`.
    pub revoked: Vec<(String, String)>,
    /// The opaque tokens that there are.
    pub opaque: Vec<OpaqueToken>,
    /// Nanoseconds since the Unix epoch.
    pub now: i64,
}

impl Exchange {
    /// A request over HTTPS without headers, caller and body, at the time at which tests begin, from
    /// where they come that say nothing else.
    #[must_use]
    pub fn new(method: &str, target: &str) -> Exchange {
        Exchange {
            method: method.to_owned(),
            target: target.to_owned(),
            https: true,
            peer: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
            headers: Vec::new(),
            caller: None,
            act: None,
            body: None,
            world: World::default(),
            outcome: None,
            store: true,
            revoked: Vec::new(),
            opaque: Vec::new(),
            now: CLOCK,
        }
    }
}

/// An opaque token that there is.
#[derive(Debug, Clone)]
pub struct OpaqueToken {
    /// Its text.
    pub text: String,
    /// Whose it is.
    pub given: Given,
    /// When it ceases to be good, in nanoseconds since the Unix epoch.
    pub expires_at: Option<i64>,
}

/// A caller by its attributes.
#[derive(Debug, Clone)]
pub struct Given {
    /// The credential that gave it, by its name in the policy.
    pub credential: String,
    /// The attributes.
    pub attributes: Facts,
}

/// What became of a request that was admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// What was asked for was done.
    Success,
    /// It was not: a password was wrong, a card declined.
    Failure,
}

/// What the application hands over once it is asked.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// The objects that the route loads and the one that it creates, by resource; nothing for one
    /// that is absent. A resource that is not here is absent too.
    pub objects: Vec<(String, Option<Facts>)>,
    /// The rows of the list.
    pub rows: Vec<Facts>,
}

/// Attributes by their names in the policy. One that is not here is absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts(pub Vec<(String, Fact)>);

impl Facts {
    /// None yet.
    #[must_use]
    pub fn new() -> Facts {
        Facts::default()
    }

    /// The value of an attribute.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&Fact> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, fact)| fact)
    }
}

impl std::ops::Deref for Facts {
    type Target = Vec<(String, Fact)>;

    fn deref(&self) -> &Vec<(String, Fact)> {
        &self.0
    }
}

impl std::ops::DerefMut for Facts {
    fn deref_mut(&mut self) -> &mut Vec<(String, Fact)> {
        &mut self.0
    }
}

impl FromIterator<(String, Fact)> for Facts {
    fn from_iter<I: IntoIterator<Item = (String, Fact)>>(facts: I) -> Facts {
        Facts(facts.into_iter().collect())
    }
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// Not there.
    Absent,
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `number`
    Number(f64),
    /// `string`, `url`; an enum's value, a role, a permission or a scope by its name in the policy
    /// (a scope that is declared `as` another by that)
    Text(String),
    /// `uuid`
    Uuid(u128),
    /// `time`, in nanoseconds since the Unix epoch
    Time(i64),
    /// `duration`, in nanoseconds
    Duration(i64),
    /// `ip`
    Ip(IpAddr),
    /// `network`
    Network(IpAddr, u8),
    /// `[T]`, `permissions` and `scopes`
    List(Vec<Fact>),
    /// A nested object, by attribute.
    Object(Facts),
}

/// What leaves of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// What became of it.
    pub answer: Answer,
    /// The status, where it is the engine's to say and not the application's.
    pub status: Option<u16>,
    /// The header lines of the engine's, names in lower case: those that the application's answer gets,
    /// or all of a refusal's. None for an action, and without the request's id, which is never the same.
    pub headers: BTreeMap<String, String>,
}

/// What became of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It went through all its stages.
    Admitted {
        /// The wire names that the chosen view may show; nothing where the route returns no view.
        /// Of a list: those of all rows shown, together.
        fields: Option<BTreeSet<String>>,
        /// How many rows of a list are shown.
        rows: Option<usize>,
    },
    /// It was refused.
    Refused {
        /// The reason's name.
        reason: &'static str,
        /// The fields of an invalid input.
        faults: BTreeSet<String>,
    },
}
