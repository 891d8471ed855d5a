//! Conditions with every name resolved.

use std::net::IpAddr;

use portcullis_syntax::ast::Network;

pub use portcullis_syntax::ast::Comparison;

/// A condition. Every operand has the type that its place asks for; the compiler has seen to it.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Known when compiled.
    Constant(bool),
    /// All hold.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// The caller is there.
    ExistsCaller,
    /// The value is there.
    Exists(Operand),
    /// A value of type `bool`.
    Truth(Operand),
    /// Two values of one type.
    Compare(Comparison, Operand, Operand),
    /// The value is one of the list.
    InList(Operand, Operand),
    /// The value is in the range, ends included.
    InRange {
        /// The value: an int or a number.
        value: Operand,
        /// The least.
        low: Constant,
        /// The greatest, if there is one.
        high: Option<Constant>,
    },
    /// The address is in the network, or in one of the list of networks.
    InNetwork(Operand, Operand),
    /// The caller has one of these roles, by index, or inherits it.
    Is(Vec<usize>),
    /// The caller has the permission, by index.
    Can(usize),
    /// `0 <= now - time <= duration`
    Within(Operand, Operand),
    /// `now - time > duration`
    OlderThan(Operand, Operand),
}

impl Condition {
    /// Calls `visit` with each value that the condition reads.
    pub fn reads<'c>(&'c self, visit: &mut impl FnMut(&'c Operand)) {
        match self {
            Condition::Constant(_)
            | Condition::ExistsCaller
            | Condition::Is(_)
            | Condition::Can(_) => {}
            Condition::All(all) | Condition::Any(all) => {
                all.iter().for_each(|condition| condition.reads(visit));
            }
            Condition::Not(inner) => inner.reads(visit),
            Condition::Exists(operand) | Condition::Truth(operand) => operand.leaves(visit),
            Condition::InRange { value, .. } => value.leaves(visit),
            Condition::Compare(_, left, right)
            | Condition::InList(left, right)
            | Condition::InNetwork(left, right)
            | Condition::Within(left, right)
            | Condition::OlderThan(left, right) => {
                left.leaves(visit);
                right.leaves(visit);
            }
        }
    }
}

/// A value that a condition or a key reads.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// Known when compiled.
    Constant(Constant),
    /// An attribute of the caller, by slot.
    Caller(usize),
    /// A part of the request.
    Request(RequestField),
    /// A path parameter, by slot.
    Parameter(usize),
    /// A field of the query string, by slot.
    Query(usize),
    /// A header field, by slot.
    Header(usize),
    /// A field of the body, by slot.
    Body(usize),
    /// An attribute of an object.
    Object(Place),
    /// The time of the request.
    Now,
    /// The first, or the second where the first is absent.
    Else(Box<Operand>, Box<Operand>),
}

impl Operand {
    /// Calls `visit` with the value, or with the two of an `else`.
    fn leaves<'c>(&'c self, visit: &mut impl FnMut(&'c Operand)) {
        if let Operand::Else(first, second) = self {
            first.leaves(visit);
            second.leaves(visit);
        } else {
            visit(self);
        }
    }
}

/// Where an attribute stands: in one of a route's objects, or in an object nested in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// Which of the route's objects: those that it loads in the order of the text, then the row
    /// that it lists or the object that it creates.
    pub object: usize,
    /// The attribute, by slot.
    pub slot: usize,
    /// Where that is a nested object: the attribute in it, and so on.
    pub nested: Vec<usize>,
}

/// What a condition may ask of the request itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestField {
    /// The method; HEAD reads as GET.
    Method,
    /// The path.
    Path,
    /// The host, lower-case, without port.
    Host,
    /// The client's address.
    Ip,
    /// The `Origin`, which may be absent.
    Origin,
}

/// A value known when compiled.
#[derive(Debug, Clone, PartialEq)]
pub enum Constant {
    /// `string` and `url`
    Text(String),
    /// `int`
    Int(i64),
    /// `number`
    Number(f64),
    /// `bool`
    Bool(bool),
    /// `time`, in nanoseconds since the Unix epoch
    Time(i64),
    /// `duration`, in nanoseconds
    Duration(i64),
    /// `ip`
    Ip(IpAddr),
    /// `network`
    Network(Network),
    /// `uuid`
    Uuid(u128),
    /// A value of an enum, by its place in the enum.
    Member(usize),
    /// A list of these.
    List(Vec<Constant>),
}
