//! The tree of a filter. It names attributes as the policy does.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use portcullis_compiler::plan::{Comparison, Type};

use crate::Timestamp;

/// What is asked of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Holds for every row.
    True,
    /// Holds for no row.
    False,
    /// Only the check can tell. Whoever walks the tree takes it to hold; it never stands in a
    /// [`Node::Not`].
    Unknown,
    /// All hold.
    All(Vec<Node>),
    /// At least one holds.
    Any(Vec<Node>),
    /// It does not hold. Stands only before the kinds that follow, and never before a comparison.
    Not(Box<Node>),
    /// The attribute is there. What else is asked of an attribute that is not there has no
    /// meaning and decides nothing: take it to hold or not, as is convenient.
    Exists(Attribute),
    /// The attribute compared with another or with a value. Order is asked of ints, numbers, times
    /// and durations only.
    Compare(Comparison, Attribute, Term),
    /// The attribute is one of these.
    In(Attribute, Vec<FilterValue>),
    /// The attribute, a list, has this in it.
    Contains(Attribute, Term),
    /// The attribute, an address, is in one of these networks.
    InNetwork(Attribute, Vec<FilterValue>),
    /// The attribute, a network or a list of them, holds this address.
    Covers(Attribute, Term),
}

/// What an attribute is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// A value that is known.
    Value(FilterValue),
    /// Another attribute of the row.
    Attribute(Attribute),
}

/// An attribute of the row.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    name: String,
    pub(super) sort: Sort,
    pub(super) optional: bool,
    pub(super) nested: bool,
}

/// What is to be known of an attribute's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// `string`, `url` and enums
    Text,
    /// Numbers, times and what else every data store compares alike.
    Plain,
    /// What each data store has its own way with: addresses, networks, lists, objects.
    Other,
}

/// A value that is known.
#[derive(Clone, PartialEq)]
pub enum FilterValue {
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `number`
    Number(f64),
    /// `string` and `url`
    Text(String),
    /// A value of an enum.
    Member {
        /// Its name in the policy.
        name: String,
        /// Its name outside.
        wire: String,
    },
    /// `uuid`
    Uuid(u128),
    /// `time`
    Time(Timestamp),
    /// `duration`
    Duration(Duration),
    /// `ip`
    Ip(IpAddr),
    /// `network`: an address of it and the length of its prefix
    Network(IpAddr, u8),
}

impl Node {
    pub(super) fn constant(holds: bool) -> Node {
        if holds { Node::True } else { Node::False }
    }

    /// All of them, as plain as can be.
    pub(super) fn all(nodes: impl IntoIterator<Item = Node>) -> Node {
        let mut all = Vec::new();
        for node in nodes {
            match node {
                Node::True => {}
                Node::False => return Node::False,
                Node::All(inner) => all.extend(inner),
                node => all.push(node),
            }
        }
        Node::plain(all, Node::True, Node::All)
    }

    /// Any of them, as plain as can be.
    pub(super) fn any(nodes: impl IntoIterator<Item = Node>) -> Node {
        let mut any = Vec::new();
        for node in nodes {
            match node {
                Node::False => {}
                Node::True => return Node::True,
                Node::Any(inner) => any.extend(inner),
                node => any.push(node),
            }
        }
        Node::plain(any, Node::False, Node::Any)
    }

    fn plain(mut nodes: Vec<Node>, none: Node, many: fn(Vec<Node>) -> Node) -> Node {
        match nodes.pop() {
            None => none,
            Some(only) if nodes.is_empty() => only,
            Some(last) => {
                nodes.push(last);
                many(nodes)
            }
        }
    }

    /// This, or that it is not so; not for what is made of other nodes.
    pub(super) fn wanted(self, wanted: bool) -> Node {
        if wanted { self } else { Node::Not(Box::new(self)) }
    }

    /// Whether the attribute is there, which of most is known.
    pub(super) fn exists(attribute: Attribute, wanted: bool) -> Node {
        if attribute.optional {
            Node::Exists(attribute).wanted(wanted)
        } else {
            Node::constant(wanted)
        }
    }

    pub(super) fn is_exact(&self) -> bool {
        match self {
            Node::Unknown => false,
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().all(Node::is_exact),
            _ => true,
        }
    }
}

impl Attribute {
    /// Its name in the policy; that of a nested object's is `customer.name`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn new(name: String, kind: &Type, optional: bool, nested: bool) -> Attribute {
        let sort = match kind {
            Type::String | Type::Url | Type::Enumeration(_) => Sort::Text,
            Type::Bool | Type::Int | Type::Number | Type::Time | Type::Duration | Type::Uuid => {
                Sort::Plain
            }
            Type::Ip | Type::Network | Type::Resource(_) | Type::List(_) => Sort::Other,
        };
        Attribute { name, sort, optional, nested }
    }
}

// Values come from the request, and stay out of logs.
impl fmt::Debug for FilterValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FilterValue::Bool(_) => "Bool(..)",
            FilterValue::Int(_) => "Int(..)",
            FilterValue::Number(_) => "Number(..)",
            FilterValue::Text(_) => "Text(..)",
            FilterValue::Member { .. } => "Member(..)",
            FilterValue::Uuid(_) => "Uuid(..)",
            FilterValue::Time(_) => "Time(..)",
            FilterValue::Duration(_) => "Duration(..)",
            FilterValue::Ip(_) => "Ip(..)",
            FilterValue::Network(..) => "Network(..)",
        })
    }
}
