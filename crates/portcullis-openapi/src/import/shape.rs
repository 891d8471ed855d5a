//! What a success holds.

use super::Importer;
use super::object::Pattern;
use super::text::listed;
use crate::Error;
use crate::name::{singular, snake};
use crate::operation::{Operation, Place};
use crate::schema::{Kind, Object, Schema};

/// What a success holds.
pub(super) enum Shape<'n> {
    /// One object.
    One { schema: Schema<'n>, object: Object<'n> },
    /// A list of objects.
    Rows { schema: Schema<'n>, object: Object<'n>, max: Option<i64> },
    /// An object around one of these, with plain values beside it.
    Envelope { whole: Object<'n>, wire: &'n str, inner: Box<Shape<'n>> },
    /// Something that no view says.
    Other(String),
}

impl<'n> Importer<'n> {
    /// What the success of an operation holds; nothing where it holds nothing.
    pub(super) fn shape(
        &self,
        operation: &Operation<'n>,
        pattern: &Pattern,
    ) -> Result<Option<Shape<'n>>, Error> {
        let Some((_, content)) = operation.success() else { return Ok(None) };
        if content.is_empty() {
            return Ok(None);
        }
        let json = content.iter().find(|media| media.is_json() && media.schema.is_some());
        let Some(schema) = json.and_then(|media| media.schema) else {
            let kinds: Vec<String> = content.iter().map(|media| media.essence()).collect();
            return Ok(Some(Shape::Other(format!("it answers {}", listed(&kinds)))));
        };
        let schema = self.description.schema(schema)?;
        if let Kind::Object(object) = &schema.kind
            && !object.has_identity()
            && let Some((wire, inner)) = self.within(object, operation, pattern)?
        {
            let whole = object.clone();
            return Ok(Some(Shape::Envelope { whole, wire, inner: Box::new(inner) }));
        }
        Ok(Some(self.shape_of(schema)?))
    }

    fn shape_of(&self, schema: Schema<'n>) -> Result<Shape<'n>, Error> {
        match schema.kind.clone() {
            Kind::Object(object) => Ok(Shape::One { schema, object }),
            Kind::List(list) if list.items.is_empty() => {
                Ok(Shape::Other("it answers a list of anything".to_owned()))
            }
            Kind::List(list) => {
                let element = self.description.schema_of(&list.items)?;
                match element.kind.clone() {
                    Kind::Object(object) => {
                        Ok(Shape::Rows { schema: element, object, max: list.max })
                    }
                    _ => Ok(Shape::Other("it answers a list of plain values".to_owned())),
                }
            }
            Kind::Unknown(why) => Ok(Shape::Other(why.to_owned())),
            _ => Ok(Shape::Other("it answers a plain value".to_owned())),
        }
    }

    /// The only object, or list of objects, in an object of plain values, if it is what the path is about.
    /// The customer of an order is not: whoever may see the one need not see the other.
    fn within(
        &self,
        object: &Object<'n>,
        operation: &Operation<'n>,
        pattern: &Pattern,
    ) -> Result<Option<(&'n str, Shape<'n>)>, Error> {
        // These say that something is in them, and not what.
        const WRAPS: &[&str] = &[
            "data", "result", "item", "payload", "response", "content", "object", "record",
            "entity", "body", "value", "element", "entry", "row", "list",
        ];
        let mut found = None;
        for (wire, property) in &object.properties {
            let shape = self.shape_of(self.description.schema_of(&property.nodes)?)?;
            if !matches!(shape, Shape::Other(_)) && found.replace((*wire, shape)).is_some() {
                return Ok(None);
            }
        }
        // `?order_id=` names an order, as the path may.
        let asked = operation.parameters_in(Place::Query).map(|one| snake(one.name));
        let asked: Vec<String> =
            asked.chain(pattern.parameters.last().map(|(_, name)| name.clone())).collect();
        let is_about = |name: &str| {
            let is_key = |asked: &String| asked.strip_suffix("_id") == Some(name);
            pattern.is_about(name) || asked.iter().any(is_key)
        };
        Ok(found.filter(|(wire, shape)| {
            let name = singular(&snake(wire));
            let is_named = WRAPS.contains(&name.as_str())
                || match shape {
                    Shape::One { schema, .. } | Shape::Rows { schema, .. } => {
                        is_about(&name)
                            || schema.name.map(snake).is_some_and(|name| is_about(&name))
                    }
                    Shape::Envelope { .. } | Shape::Other(_) => false,
                };
            // A path that names no object is about many.
            is_named || matches!(shape, Shape::Rows { .. }) && !pattern.ends_in_parameter()
        }))
    }

    /// Whether an object has plain values alone.
    pub(super) fn is_flat(&self, object: &Object<'n>) -> Result<bool, Error> {
        for property in object.properties.values() {
            let shape = self.shape_of(self.description.schema_of(&property.nodes)?)?;
            if !matches!(shape, Shape::Other(_)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
