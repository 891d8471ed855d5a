//! How an application's own type says what the policy may know of it.

use crate::Value;

/// The type of an attribute, as the application's type has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeType {
    /// Text.
    String,
    /// 64 bits.
    Int,
    /// Finite.
    Number,
    /// `true` or `false`.
    Bool,
    /// An instant.
    Time,
    /// A length of time.
    Duration,
    /// An address.
    Ip,
    /// An address block.
    Network,
    /// A UUID.
    Uuid,
    /// A URL, as text.
    Url,
    /// A value of an enum, by its name in the policy.
    Enum,
    /// A nested object, with the attributes of its own type.
    Object(&'static [(&'static str, AttributeType)]),
    /// A list of them.
    List(&'static AttributeType),
    /// May be absent.
    Optional(&'static AttributeType),
}

/// An object that a policy decides about.
///
/// The engine's build compares [`ATTRIBUTES`](Resource::ATTRIBUTES) with the policy, so that a
/// request never finds a name or a type wrong.
pub trait Resource {
    /// Names and types; an attribute's place here is its slot.
    const ATTRIBUTES: &'static [(&'static str, AttributeType)];

    /// The value of the attribute in a slot. A value of another type than
    /// [`ATTRIBUTES`](Resource::ATTRIBUTES) promises is a fault of the service: the request is
    /// refused.
    fn attribute(&self, slot: usize) -> Value<'_>;
}

impl<T: Resource + ?Sized> Resource for &T {
    const ATTRIBUTES: &'static [(&'static str, AttributeType)] = T::ATTRIBUTES;

    fn attribute(&self, slot: usize) -> Value<'_> {
        (**self).attribute(slot)
    }
}
