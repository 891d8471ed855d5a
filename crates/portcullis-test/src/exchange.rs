//! One request with the world around it, and what became of it.

use std::collections::BTreeSet;
use std::net::IpAddr;

/// Decides exchanges, one after the other, and remembers what it has charged.
pub trait Evaluator {
    /// Decides one exchange through all its stages.
    fn send(&mut self, exchange: &Exchange) -> Answer;
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
    /// The caller's attributes by name, where the credential is taken as verified. With nothing
    /// here, the `Authorization` header decides.
    pub caller: Option<Facts>,
    /// The body, if there is one.
    pub body: Option<Vec<u8>>,
    /// What the application would hand over.
    pub world: World,
    /// Nanoseconds since the Unix epoch.
    pub now: i64,
}

/// What the application hands over once it is asked.
#[derive(Debug, Clone)]
pub enum World {
    /// For a route that neither loads nor lists.
    Nothing,
    /// The object, by attribute; or none.
    Object(Option<Facts>),
    /// The rows of a list.
    Rows(Vec<Facts>),
}

/// Attributes by their names in the policy. One that is not here is absent.
pub type Facts = Vec<(String, Fact)>;

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
    /// `string`, `url`; an enum's value or a role by its name in the policy
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
    /// `[T]`
    List(Vec<Fact>),
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
