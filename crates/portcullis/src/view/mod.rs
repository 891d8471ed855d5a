//! Lets only the fields of a view leave, over the application's own type: a serde serializer that
//! stands between the type and the format, and makes no value of its own.
//!
//! What it cannot filter safely is an error, never passed: an object where the policy has text, a
//! list where it has an object, an enum variant that carries data.

mod filter;
mod key;
mod probe;

use portcullis_compiler::plan::{Resource, Type, View};
use serde::{Serialize, Serializer};

/// What of a value may leave.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// One plain value.
    Scalar,
    /// A list of them.
    List(Box<Shape>),
    /// These fields of an object.
    Object(Vec<Field>),
}

/// A field that may leave.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    /// What the application's type calls it when it is serialized.
    name: String,
    /// What the outside calls it.
    wire: String,
    shape: Shape,
    /// Whether an absent one is left out; else it is an error.
    optional: bool,
}

impl Shape {
    /// What a view lets leave.
    pub(crate) fn of_view(view: &View, resource: &Resource) -> Shape {
        let fields = view.fields.iter().filter_map(|shown| {
            let attribute = resource.attributes.get(shown.attribute)?;
            Some(Field {
                name: attribute.name.clone(),
                wire: shown.wire.clone(),
                shape: Shape::of_type(&attribute.kind),
                optional: attribute.optional,
            })
        });
        Shape::Object(fields.collect())
    }

    fn of_type(kind: &Type) -> Shape {
        match kind {
            Type::List(element) => Shape::List(Box::new(Shape::of_type(element))),
            _ => Shape::Scalar,
        }
    }
}

/// A value, as much of it as may leave.
pub(crate) struct Shown<'a, T: ?Sized> {
    value: &'a T,
    shape: &'a Shape,
}

impl<'a, T: ?Sized> Shown<'a, T> {
    pub(crate) fn new(value: &'a T, shape: &'a Shape) -> Shown<'a, T> {
        Shown { value, shape }
    }
}

impl<T: Serialize + ?Sized> Serialize for Shown<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(filter::Filter { inner: serializer, shape: self.shape })
    }
}

#[cfg(test)]
mod tests;
