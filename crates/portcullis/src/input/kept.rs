//! The values that are kept of a request.

use portcullis_compiler::plan::Constant;

use super::de::Node;
use crate::condition::{Doubt, Seen, constant};

/// The value of a field.
pub(crate) enum Kept {
    /// It was left out.
    Absent,
    /// It is `null`.
    Null,
    /// It is not as declared: the request will be refused, and no condition may read it.
    Faulty,
    /// One value, or a list of such.
    Plain(Constant),
    /// The elements of any other list.
    List(Vec<Kept>),
    /// The fields of an object, in the order of its shape.
    Object(Vec<Kept>),
}

impl Kept {
    /// The value as conditions see it.
    pub(super) fn seen(&self) -> Result<Seen<'_>, Doubt> {
        match self {
            Kept::Absent | Kept::Null => Ok(Seen::Absent),
            Kept::Plain(value) => Ok(constant(value)),
            // Asked only whether they are there.
            Kept::Object(_) | Kept::List(_) => Ok(Seen::Object),
            Kept::Faulty => Err(Doubt),
        }
    }

    /// The value as the application's type is made of it.
    pub(super) fn node(&self) -> Node<'_> {
        match self {
            Kept::Absent | Kept::Faulty => Node::Absent,
            Kept::Null => Node::Null,
            Kept::Plain(value) => Node::Constant(value),
            Kept::List(elements) => Node::List(elements),
            Kept::Object(fields) => Node::Object(fields),
        }
    }
}

/// A path parameter. Text stays where it is, in the path.
pub(super) enum Param {
    Faulty,
    /// Both in bytes: a whole number would make room for itself on a bound of its own size.
    Int([u8; 8]),
    Uuid([u8; 16]),
    Text(u16, u16),
    /// What few routes have.
    Other(Box<Constant>),
}

impl Param {
    /// What is kept of a value that is no text of the path.
    pub(super) fn keep(kept: Kept) -> Param {
        match kept {
            Kept::Plain(Constant::Int(value)) => Param::Int(value.to_ne_bytes()),
            Kept::Plain(Constant::Uuid(value)) => Param::Uuid(value.to_ne_bytes()),
            Kept::Plain(other) => Param::Other(Box::new(other)),
            _ => Param::Faulty,
        }
    }

    /// A text of the path, by its place and its length there. A target is far shorter than 64 KiB.
    pub(super) fn text(start: usize, length: usize) -> Param {
        let clip = |place: usize| u16::try_from(place).unwrap_or(u16::MAX);
        Param::Text(clip(start), clip(start.saturating_add(length)))
    }

    /// The value as conditions see it, given the path.
    pub(super) fn seen<'a>(&'a self, path: &'a str) -> Result<Seen<'a>, Doubt> {
        Ok(match self {
            Param::Faulty => return Err(Doubt),
            Param::Int(value) => Seen::Int(i64::from_ne_bytes(*value)),
            Param::Uuid(value) => Seen::Uuid(u128::from_ne_bytes(*value)),
            Param::Text(start, end) => Seen::Text(slice(path, *start, *end).ok_or(Doubt)?),
            Param::Other(value) => constant(value),
        })
    }

    /// The value as the application's type is made of it.
    pub(super) fn node<'a>(&'a self, path: &'a str) -> Node<'a> {
        match self {
            Param::Faulty => Node::Absent,
            Param::Int(value) => Node::Int(i64::from_ne_bytes(*value)),
            Param::Uuid(value) => Node::Uuid(u128::from_ne_bytes(*value)),
            Param::Text(start, end) => slice(path, *start, *end).map_or(Node::Absent, Node::Text),
            Param::Other(value) => Node::Constant(value),
        }
    }
}

fn slice(path: &str, start: u16, end: u16) -> Option<&str> {
    path.get(usize::from(start)..usize::from(end))
}
