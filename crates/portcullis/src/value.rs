//! What an attribute of an object may be.

use std::net::IpAddr;
use std::time::Duration;

use crate::Timestamp;

/// A value that the application hands over for an attribute, borrowed from its own type.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// The attribute is not there; only for types that may be absent.
    Absent,
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `number`; must be finite
    Number(f64),
    /// `string`, `url`, and a value of an enum by its name in the policy
    Text(&'a str),
    /// `uuid`
    Uuid(u128),
    /// `time`
    Time(Timestamp),
    /// `duration`
    Duration(Duration),
    /// `ip`
    Ip(IpAddr),
    /// `network`: any address of it and the length of its prefix
    Network(IpAddr, u8),
    /// `[T]`
    List(&'a dyn List),
    /// A nested object: a reference to what is a [`Resource`](crate::Resource) itself.
    Object(&'a dyn Object),
}

/// A nested object. Everything that is a [`Resource`](crate::Resource) is one.
pub trait Object {
    /// The value of the attribute in a slot of its own.
    fn value(&self, slot: usize) -> Value<'_>;
}

impl<T: crate::Resource> Object for T {
    fn value(&self, slot: usize) -> Value<'_> {
        self.attribute(slot)
    }
}

/// A list of values. Implemented for slices and vectors of what converts into a [`Value`].
pub trait List: Sync {
    /// How many there are.
    fn len(&self) -> usize;

    /// The one at `index`, or [`Value::Absent`] where there is none.
    fn at(&self, index: usize) -> Value<'_>;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> List for Vec<T>
where
    T: Sync,
    for<'a> &'a T: Into<Value<'a>>,
{
    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn at(&self, index: usize) -> Value<'_> {
        self.get(index).map_or(Value::Absent, Into::into)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Value<'a> {
        Value::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Value<'a> {
        Value::Text(text)
    }
}

macro_rules! from_copy {
    ($($type:ty => $variant:ident,)+) => {
        $(
            impl From<$type> for Value<'_> {
                fn from(value: $type) -> Self { Value::$variant(value) }
            }
            impl From<&$type> for Value<'_> {
                fn from(value: &$type) -> Self { Value::$variant(*value) }
            }
        )+
    };
}

from_copy! {
    bool => Bool,
    i64 => Int,
    f64 => Number,
    Timestamp => Time,
    Duration => Duration,
    IpAddr => Ip,
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Value<'a> {
        value.map_or(Value::Absent, Into::into)
    }
}
