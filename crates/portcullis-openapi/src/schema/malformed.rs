//! Keywords whose values are of another kind than JSON Schema has them.

use super::parts::Parts;
use crate::node::Node;

impl Parts<'_> {
    /// Lets no value in where a keyword is none: one that is passed over would let in more.
    pub(super) fn malformed(&mut self) {
        for part in self.all.clone() {
            for (key, value) in part.members() {
                // Left empty it says nothing.
                if *value != Node::Null && !is_well_formed(key, value) {
                    self.never(&format!("a malformed `{key}`"));
                }
            }
        }
        let is_schema = |part: &Node| matches!(part, Node::Object(_) | Node::Bool(_));
        if self.every("allOf").flat_map(Node::elements).any(|part| !is_schema(part)) {
            self.never("a part of `allOf` that is no schema");
        }
    }
}

fn is_well_formed(key: &str, value: &Node) -> bool {
    let is_count = || value.int().is_some_and(|count| count >= 0);
    let all_texts = || match value {
        Node::List(all) => all.iter().all(|one| one.text().is_some()),
        _ => false,
    };
    match key {
        "minLength" | "minItems" | "minProperties" => is_count(),
        // Beyond all counts that there are it bounds nothing.
        "maxLength" | "maxItems" | "maxProperties" => {
            is_count() || value.number().is_some_and(|count| count > i64::MAX as f64 / 2.0)
        }
        "minimum" | "maximum" => value.number().is_some_and(f64::is_finite),
        "exclusiveMinimum" | "exclusiveMaximum" => {
            matches!(value, Node::Bool(_)) || value.number().is_some_and(f64::is_finite)
        }
        "pattern" | "format" => value.text().is_some(),
        "type" => value.text().is_some() || all_texts(),
        "enum" | "allOf" | "oneOf" | "anyOf" => matches!(value, Node::List(_)),
        // What needs none of its fields says so in older drafts.
        "required" => *value == Node::Bool(false) || all_texts(),
        "properties" | "patternProperties" => matches!(value, Node::Object(_)),
        "additionalProperties" | "unevaluatedProperties" => {
            matches!(value, Node::Object(_) | Node::Bool(_))
        }
        "readOnly" | "writeOnly" => matches!(value, Node::Bool(_)),
        "$ref" => value.text().is_some(),
        _ => true,
    }
}
