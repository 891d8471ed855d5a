//! JSON and YAML as one tree, in the order of the text.

use std::fmt;

use indexmap::IndexMap;
use indexmap::map::Entry;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Int(i64),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Object(IndexMap<String, Node>),
}

impl Node {
    /// A member of an object.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.object().and_then(|object| object.get(key))
    }

    pub(crate) fn object(&self) -> Option<&IndexMap<String, Node>> {
        match self {
            Node::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The members of an object; none of anything else.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
    }

    /// The elements of a list; none of anything else.
    pub(crate) fn elements(&self) -> &[Node] {
        match self {
            Node::List(elements) => elements,
            _ => &[],
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number, also where it is written as `3.0`.
    pub(crate) fn int(&self) -> Option<i64> {
        /// Beyond it a number stands for several ints.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        match self {
            Node::Int(value) => Some(*value),
            Node::Number(value) if value.fract() == 0.0 && value.abs() < EXACT => {
                Some(*value as i64)
            }
            _ => None,
        }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Node::Int(value) => Some(*value as f64),
            Node::Number(value) => Some(*value),
            _ => None,
        }
    }

    /// Whether a member is `true`.
    pub(crate) fn is(&self, key: &str) -> bool {
        self.get(key) == Some(&Node::Bool(true))
    }

    /// The text of a member, if it is one.
    pub(crate) fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Node::text)
    }

    /// Which node this is: two that are written alike are two.
    pub(crate) fn id(&self) -> usize {
        std::ptr::from_ref(self) as usize
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(Reading)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(Reading)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(i64::try_from(value).map_or(Node::Number(value as f64), Node::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element()? {
            elements.push(element);
        }
        Ok(Node::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut members = IndexMap::new();
        // The statuses of YAML are numbers to some readers, and texts here.
        while let Some(key) = access.next_key::<String>()? {
            let value = access.next_value()?;
            // Of two that are called alike every reader takes another.
            match members.entry(key) {
                Entry::Occupied(found) => {
                    return Err(A::Error::custom(format!("`{}` stands twice", found.key())));
                }
                Entry::Vacant(free) => {
                    free.insert(value);
                }
            }
        }
        Ok(Node::Object(members))
    }
}
