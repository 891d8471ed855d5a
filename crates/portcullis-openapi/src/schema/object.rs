//! What schemas say together of an object.

use super::parts::Parts;
use super::{Object, Property};
use crate::node::Node;

impl<'n> Parts<'n> {
    pub(super) fn object(&mut self) -> Object<'n> {
        let mut object = Object::default();
        for part in &self.all {
            let closes = |key: &str| part.get(key) == Some(&Node::Bool(false));
            object.closed |= closes("additionalProperties") || closes("unevaluatedProperties");
            for (name, node) in part.get("properties").into_iter().flat_map(Node::members) {
                object.add(name, Some(node), false);
            }
        }
        for required in self.every("required") {
            for name in required.elements().iter().filter_map(Node::text) {
                object.add(name, None, true);
            }
        }
        self.besides(&mut object);
        object
    }

    /// What all parts say of fields that they do not name.
    pub(super) fn besides(&mut self, object: &mut Object<'n>) {
        for part in self.all.clone() {
            self.beside(part, object);
        }
    }

    /// What a part says of the fields that it does not name, and others do.
    fn beside(&mut self, part: &'n Node, object: &mut Object<'n>) {
        let named = part.get("properties");
        let is_named = |name: &str| named.is_some_and(|named| named.get(name).is_some());
        let Some(others) = part.get("additionalProperties") else { return };
        // Which of them these name nobody looks up here.
        if part.get("patternProperties").is_some() && *others != Node::Bool(false) {
            return;
        }
        match others {
            Node::Bool(false) => {
                let lost = |name: &&str, one: &Property<'n>| one.required && !is_named(name);
                if object.properties.iter().any(|(name, one)| lost(name, one)) {
                    self.never("a field that must be there and is forbidden");
                }
                object.properties.retain(|name, _| is_named(name));
            }
            Node::Object(schema) if !schema.is_empty() => {
                let mut unnamed = Vec::new();
                unnamed.extend(object.properties.keys().copied().filter(|name| !is_named(name)));
                unnamed.into_iter().for_each(|name| object.add(name, Some(others), false));
            }
            _ => {}
        }
    }
}

impl<'n> Object<'n> {
    /// One more schema of a field, or that it must be there.
    fn add(&mut self, name: &'n str, node: Option<&'n Node>, required: bool) {
        let none = Property { nodes: Vec::new(), required: false };
        let known = self.properties.entry(name).or_insert(none);
        known.required |= required;
        if let Some(node) = node.filter(|node| !known.nodes.contains(node)) {
            known.nodes.push(node);
        }
    }
}
