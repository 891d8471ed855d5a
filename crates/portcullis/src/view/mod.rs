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
    /// Nothing: whatever stands there is an error.
    Hidden,
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

/// How deep views of nested objects may go. The compiler refuses those that never end.
const DEEPEST: usize = 32;

impl Shape {
    /// What a view lets leave.
    pub(crate) fn of_view(view: &View, resource: &Resource, resources: &[Resource]) -> Shape {
        Shape::of_view_at(view, resource, resources, 0)
    }

    fn of_view_at(view: &View, resource: &Resource, resources: &[Resource], depth: usize) -> Shape {
        let fields = view.fields.iter().filter_map(|shown| {
            let attribute = resource.attributes.get(shown.attribute)?;
            Some(Field {
                name: attribute.name.clone(),
                wire: shown.wire.clone(),
                shape: Shape::of_type(&attribute.kind, shown.view, resources, depth),
                optional: attribute.optional,
            })
        });
        Shape::Object(fields.collect())
    }

    /// What a field of an envelope that is no view lets leave.
    pub(crate) fn of_plain(kind: &Type) -> Shape {
        Shape::of_type(kind, None, &[], 0)
    }

    fn of_type(kind: &Type, view: Option<usize>, resources: &[Resource], depth: usize) -> Shape {
        match kind {
            Type::List(element) => {
                Shape::List(Box::new(Shape::of_type(element, view, resources, depth)))
            }
            Type::Resource(index) => {
                let resource = resources.get(*index);
                let view = resource.zip(view).and_then(|(of, view)| of.views.get(view));
                match resource.zip(view) {
                    Some((resource, view)) if depth < DEEPEST => {
                        Shape::of_view_at(view, resource, resources, depth + 1)
                    }
                    // An object of which nothing may leave is not the same as one that is not
                    // there: it is an error.
                    _ => Shape::Hidden,
                }
            }
            _ => Shape::Scalar,
        }
    }
}

/// A value, as much of it as may leave.
pub(crate) struct Shown<'a, T: ?Sized> {
    value: &'a T,
    shape: &'a Shape,
    optional: bool,
}

impl<'a, T: ?Sized> Shown<'a, T> {
    pub(crate) fn new(value: &'a T, shape: &'a Shape) -> Shown<'a, T> {
        Shown { value, shape, optional: false }
    }

    /// A value that may be absent, which is sent as nothing.
    pub(crate) fn maybe(value: &'a T, shape: &'a Shape, optional: bool) -> Shown<'a, T> {
        Shown { value, shape, optional }
    }
}

impl<T: Serialize + ?Sized> Serialize for Shown<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.optional && probe::is_absent(self.value) {
            return serializer.serialize_none();
        }
        self.value.serialize(filter::Filter { inner: serializer, shape: self.shape })
    }
}

#[cfg(test)]
mod tests;
