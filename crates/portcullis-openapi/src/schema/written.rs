//! Where a schema is written, of several in each other.

use std::collections::HashSet;

use super::DEEPEST;
use crate::Error;
use crate::node::Node;
use crate::read::{Description, Version};
use crate::reference::target;

impl Description {
    /// The outermost of the schemas in each other that says something of its own, up to the innermost one.
    pub(super) fn written<'n>(
        &'n self,
        node: &'n Node,
        inner: &'n Node,
    ) -> Result<&'n Node, Error> {
        let mut found = node;
        for _ in 0..2 * DEEPEST {
            if found.id() == inner.id() {
                break;
            }
            let reference = found.text_of("$ref");
            // Beside a reference 3.0 says nothing.
            let heard = reference.is_none() || self.version == Version::Three1;
            if heard && found.members().any(|(key, _)| is_constraint(key)) {
                return Ok(found);
            }
            found = match reference {
                Some(reference) => target(&self.root, reference)?,
                None => {
                    let inside = ["allOf", "oneOf", "anyOf"].into_iter();
                    let mut inside =
                        inside.filter_map(|key| found.get(key)).flat_map(Node::elements);
                    let is_null = |inside: &&Node| inside.text_of("type") == Some("null");
                    match inside.find(|inside| !is_null(inside)) {
                        Some(inside) => inside,
                        None => return Ok(found),
                    }
                }
            };
        }
        Ok(found)
    }
}

impl Description {
    /// Whether a schema says nothing but that a value is an object.
    pub(crate) fn says_nothing<'n>(&'n self, schema: &'n Node) -> Result<bool, Error> {
        let mut open = vec![schema];
        let mut seen = HashSet::new();
        while let Some(node) = open.pop() {
            if !seen.insert(node.id()) {
                continue;
            }
            if *node == Node::Bool(false) {
                return Ok(false);
            }
            for (key, value) in node.members() {
                let empty = value.elements().is_empty() && value.members().next().is_none();
                match (key, value) {
                    ("$ref", Node::Text(reference)) => open.push(target(&self.root, reference)?),
                    ("allOf", Node::List(all)) => open.extend(all),
                    ("type", Node::Text(kind)) if kind == "object" => {}
                    ("additionalProperties" | "unevaluatedProperties", Node::Bool(true)) => {}
                    ("properties" | "additionalProperties", Node::Object(_)) if empty => {}
                    ("required", Node::List(_)) if empty => {}
                    ("oneOf" | "anyOf", _) => return Ok(false),
                    (key, _) if is_constraint(key) => return Ok(false),
                    _ => {}
                }
            }
        }
        Ok(true)
    }
}

/// Whether a keyword beside a reference changes what the value may be.
fn is_constraint(key: &str) -> bool {
    const SAYS_NOTHING: &[&str] = &[
        "$ref",
        "allOf",
        "oneOf",
        "anyOf",
        "$comment",
        "title",
        "description",
        "summary",
        "default",
        "example",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "nullable",
        "externalDocs",
        "xml",
    ];
    !SAYS_NOTHING.contains(&key) && !key.starts_with("x-")
}
