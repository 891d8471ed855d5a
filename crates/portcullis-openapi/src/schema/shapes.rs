//! `oneOf` and `anyOf`: the shapes of which one must hold.

use super::parts::Parts;
use super::{Kind, Object, Property, Text, is_null};
use crate::Error;
use crate::node::Node;
use crate::read::Description;

impl Description {
    /// The shapes of which one must hold.
    pub(super) fn shapes<'n>(
        &'n self,
        parts: &mut Parts<'n>,
        depth: usize,
        work: &mut usize,
    ) -> Result<Vec<Kind<'n>>, Error> {
        let mut shapes = Vec::new();
        for (part, or_null) in parts.all.clone().into_iter().zip(parts.or_null.clone()) {
            for key in ["oneOf", "anyOf"] {
                let Some(Node::List(variants)) = part.get(key) else { continue };
                let (null, rest): (Vec<&Node>, Vec<&Node>) = variants.iter().partition(is_null);
                if rest.len() < 2 {
                    continue;
                }
                if !shapes.is_empty() {
                    parts.note(&format!("a second `{key}`"));
                    continue;
                }
                let mut nullable = or_null || !null.is_empty();
                let mut never = Vec::new();
                for variant in rest {
                    let schema = self.read_schema(&[variant], depth + 1, work)?;
                    nullable |= schema.nullable;
                    // A shape that nothing has is none.
                    match schema.never.is_empty() {
                        true => shapes.push(schema.kind),
                        false => never.extend(schema.never),
                    }
                }
                parts.shapes_are_nullable(nullable);
                if shapes.is_empty() {
                    never.iter().for_each(|why| parts.never(why));
                    return Ok(shapes);
                }
                parts.note(&format!("`{key}`"));
            }
        }
        Ok(shapes)
    }
}

/// What holds of a value that is one of several.
pub(super) fn union<'n>(shapes: Vec<Kind<'n>>, parts: &mut Parts<'n>) -> Kind<'n> {
    let count = shapes.len();
    if shapes.iter().all(|shape| matches!(shape, Kind::Object(_))) {
        return Kind::Object(parts.object_of(shapes));
    }
    let mut texts = Vec::new();
    for shape in shapes {
        if let Kind::Text(text) = shape {
            texts.push(text);
        }
    }
    if texts.len() == count {
        if texts.iter().all(|text| !text.options.is_empty()) {
            let mut options: Vec<&str> = texts.into_iter().flat_map(|text| text.options).collect();
            let mut seen = std::collections::HashSet::new();
            options.retain(|option| seen.insert(*option));
            return Kind::Text(Text { options, ..Text::default() });
        }
        let longest = texts.iter().map(|text| text.max).collect::<Option<Vec<i64>>>();
        let max = longest.and_then(|all| all.into_iter().max());
        return Kind::Text(Text { max, ..Text::default() });
    }
    parts.notes.clear();
    Kind::Unknown("it is one of several types")
}

impl<'n> Parts<'n> {
    /// What holds of an object that has one of several shapes beside what holds of it anyway.
    pub(super) fn object_of(&mut self, shapes: Vec<Kind<'n>>) -> Object<'n> {
        let mut object = self.object();
        if shapes.is_empty() {
            return object;
        }
        let closed = |shape: &Kind<'n>| matches!(shape, Kind::Object(shape) if shape.closed);
        if shapes.iter().all(closed) {
            object.closed = true;
            // None of them sees what is named beside it.
            let named = |name: &str| {
                shapes.iter().any(
                    |shape| matches!(shape, Kind::Object(shape) if shape.properties.contains_key(name)),
                )
            };
            if object.properties.iter().any(|(name, one)| one.required && !named(name)) {
                self.never("a field that must be there and is forbidden");
            }
            object.properties.retain(|name, _| named(name));
        }
        for shape in shapes {
            if let Kind::Object(shape) = shape {
                object.take(shape);
            }
        }
        // What forbids other fields forbids those of the shapes.
        self.besides(&mut object);
        object
    }
}

impl<'n> Object<'n> {
    /// Takes the fields of one shape of several, which may all be left out.
    pub(super) fn take(&mut self, shape: Object<'n>) {
        for (name, property) in shape.properties {
            let one = Property { required: false, ..property };
            self.properties.entry(name).or_insert(one);
        }
    }
}
