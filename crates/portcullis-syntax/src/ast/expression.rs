//! Conditions, the values in them, and the literals of the language.

use std::net::IpAddr;

use super::{Name, Permission};
use crate::{Span, Spanned};

/// `when E` or `when E unless U`
#[derive(Debug, Clone)]
pub struct Condition {
    /// After `when`.
    pub when: Expression,
    /// After `unless`.
    pub unless: Option<Expression>,
}

/// An expression and where it stands.
pub type Expression = Spanned<ExpressionKind>;

/// What an expression does. Operands of a chain keep the order of the text.
#[derive(Debug, Clone)]
pub enum ExpressionKind {
    /// `a and b and c`: two or more
    And(Vec<Expression>),
    /// `a or b or c`: two or more
    Or(Vec<Expression>),
    /// `not a`
    Not(Box<Expression>),
    /// `exists caller.plan`
    Exists(Path),
    /// `x else v`: groups to the right
    Else(Box<Expression>, Box<Expression>),
    /// `a == b`, `a < b`, …
    Compare(Comparison, Box<Expression>, Box<Expression>),
    /// `a in b`
    In(Box<Expression>, Box<Expression>),
    /// `caller is manager` or `caller is [manager, admin]`
    Is(Box<Expression>, Vec<Name>),
    /// `caller can read:users`
    Can(Box<Expression>, Permission),
    /// `t within 5m`
    Within(Box<Expression>, Box<Expression>),
    /// `t older than 5m`
    OlderThan(Box<Expression>, Box<Expression>),
    /// `"text"`, `1`, `1..5`, …
    Literal(Literal),
    /// `[a, b]`
    List(Vec<Expression>),
    /// `caller.id`, `order.status`, `owner`
    Path(Path),
}

/// `caller.id`: names joined by dots, one or more.
#[derive(Debug, Clone)]
pub struct Path {
    /// The names.
    pub segments: Vec<Name>,
    /// All of them.
    pub span: Span,
}

/// The six comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A literal value.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `"text"`, escapes resolved
    Text(String),
    /// `10_000`
    Int(i64),
    /// `1.5`
    Number(f64),
    /// `true`
    Bool(bool),
    /// `15m`, in seconds
    Duration(u64),
    /// `64KiB`, in bytes
    Size(u64),
    /// `2026-01-31T00:00:00Z`, in nanoseconds since the Unix epoch
    Time(i64),
    /// `203.0.113.9`
    Ip(IpAddr),
    /// `10.0.0.0/8`
    Network(Network),
    /// `1..128`
    Range(Range),
}

/// A value of a clause, and where it stands.
pub type Value = Spanned<ValueKind>;

/// What a clause may be given.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueKind {
    /// `15m`, `"text"`, …
    Literal(Literal),
    /// A setting, or a value of an enum.
    Name(String),
    /// `read:orders`
    Permission(String),
    /// `[a, b]`
    List(Vec<Value>),
}

/// An address block (CIDR), written in one way alone: by its first address, and where all of it is
/// IPv4-mapped IPv6 (RFC 4291, 2.5.5.2), as IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(ipnet::IpNet);

impl Network {
    /// The block of an address, where the prefix is no longer than addresses of its kind are.
    #[must_use]
    pub fn new(address: IpAddr, prefix: u8) -> Option<Network> {
        const MAPPED: u8 = 96;
        let network = ipnet::IpNet::new(address, prefix).ok()?.trunc();
        let network = match network.addr().to_canonical() {
            canonical @ IpAddr::V4(_) if address.is_ipv6() && prefix >= MAPPED => {
                ipnet::IpNet::new(canonical, prefix - MAPPED).ok()?
            }
            _ => network,
        };
        Some(Network(network))
    }

    /// Its first address.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.0.addr()
    }

    /// The length of its prefix in bits.
    #[must_use]
    pub fn prefix(&self) -> u8 {
        self.0.prefix_len()
    }

    /// Whether the block holds the address. An IPv4-mapped IPv6 address is the IPv4 address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

/// `1..128`: inclusive; the upper end may be left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The lower end.
    pub low: Bound,
    /// The upper end.
    pub high: Option<Bound>,
}

/// An end of a [`Range`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// `1`
    Int(i64),
    /// `1.5`
    Number(f64),
}
