//! The keywords of the schemas that hold of one value together.

use std::collections::HashSet;

use super::{Numeric, Object, Property, Text};
use crate::node::Node;

/// The schemas that hold of one value together.
pub(super) struct Parts<'n> {
    pub(super) all: Vec<&'n Node>,
    pub(super) notes: Vec<String>,
    pub(super) nullable: bool,
}

impl<'n> Parts<'n> {
    pub(super) fn first(&self, key: &str) -> Option<&'n Node> {
        self.all.iter().find_map(|part| part.get(key))
    }

    pub(super) fn count(&self, key: &str) -> Option<i64> {
        self.first(key).and_then(Node::int).filter(|count| *count >= 0)
    }

    pub(super) fn note(&mut self, note: &str) {
        if !self.notes.iter().any(|known| known == note) {
            self.notes.push(note.to_owned());
        }
    }

    /// The types that are named, or that the other keywords speak of. `null` is no type here.
    pub(super) fn types(&mut self) -> Vec<String> {
        let mut kinds: Vec<String> = Vec::new();
        let mut add = |kind: &str| {
            if !kinds.iter().any(|known| known == kind) {
                kinds.push(kind.to_owned());
            }
        };
        let mut nullable = self.nullable;
        for part in &self.all {
            nullable |= part.is("nullable");
            match part.get("type") {
                Some(Node::Text(kind)) if kind == "null" => nullable = true,
                Some(Node::Text(kind)) => add(kind),
                Some(Node::List(listed)) => {
                    for kind in listed.iter().filter_map(Node::text) {
                        if kind == "null" { nullable = true } else { add(kind) }
                    }
                }
                _ => {}
            }
        }
        self.nullable = nullable;
        if kinds.is_empty() {
            kinds.extend(self.inferred().map(str::to_owned));
        }
        kinds
    }

    fn inferred(&self) -> Option<&'static str> {
        let has = |key: &str| self.first(key).is_some();
        let values = self.values();
        let values: Vec<&&Node> = values.iter().filter(|value| ***value != Node::Null).collect();
        let all =
            |is: fn(&Node) -> bool| !values.is_empty() && values.iter().all(|value| is(value));
        if has("properties") || has("required") {
            Some("object")
        } else if has("items") || has("maxItems") {
            Some("array")
        } else if all(|value| value.text().is_some())
            || ["pattern", "minLength", "maxLength"].into_iter().any(has)
        {
            Some("string")
        } else if all(|value| value.int().is_some()) {
            Some("integer")
        } else if all(|value| value.number().is_some()) || has("minimum") || has("maximum") {
            Some("number")
        } else if all(|value| matches!(value, Node::Bool(_))) {
            Some("boolean")
        } else {
            None
        }
    }

    /// The values of `enum` or `const`.
    fn values(&self) -> Vec<&'n Node> {
        if let Some(value) = self.first("const") {
            return vec![value];
        }
        let listed = self.first("enum").map_or(&[][..], Node::elements);
        listed.iter().collect()
    }

    pub(super) fn text(&mut self) -> Text<'n> {
        let values = self.values();
        self.nullable |= values.contains(&&Node::Null) && values.len() > 1;
        let mut seen = HashSet::new();
        let options = values.into_iter().filter_map(Node::text);
        Text {
            min: self.count("minLength"),
            max: self.count("maxLength"),
            pattern: self.first("pattern").and_then(Node::text),
            format: self.first("format").and_then(Node::text),
            options: options.filter(|option| seen.insert(*option)).collect(),
        }
    }

    pub(super) fn numeric(&mut self, whole: bool) -> Numeric<'n> {
        let values = self.values();
        let number = |key: &str| self.first(key).and_then(Node::number).filter(|n| n.is_finite());
        let mut sides = [
            (number("minimum"), "exclusiveMinimum", 1.0),
            (number("maximum"), "exclusiveMaximum", -1.0),
        ];
        let mut open = false;
        for (bound, key, step) in &mut sides {
            let apart = match self.first(key) {
                // 3.0 says it of the bound, 3.1 has a bound of its own.
                Some(Node::Bool(apart)) => *apart && bound.is_some(),
                Some(found) => {
                    *bound = found.number().or(*bound);
                    true
                }
                None => false,
            };
            if let (true, Some(value)) = (apart, *bound) {
                if whole && value.fract() == 0.0 {
                    *bound = Some(value + *step)
                } else {
                    open |= !whole
                }
            }
        }
        if open {
            self.note("an open bound");
        }
        let [(min, ..), (max, ..)] = sides;
        let round =
            |value: Option<f64>, to: fn(f64) -> f64| value.map(|n| if whole { to(n) } else { n });
        Numeric {
            min: round(min, f64::ceil),
            max: round(max, f64::floor),
            options: values.into_iter().filter(|value| value.number().is_some()).collect(),
        }
    }

    pub(super) fn object(&self) -> Object<'n> {
        let mut object = Object::default();
        let texts = |part: &'n Node| {
            part.get("required").map_or(&[][..], Node::elements).iter().filter_map(Node::text)
        };
        let required: HashSet<&str> = self.all.iter().copied().flat_map(texts).collect();
        for part in &self.all {
            let closes = |key: &str| part.get(key) == Some(&Node::Bool(false));
            object.closed |= closes("additionalProperties") || closes("unevaluatedProperties");
            for (name, node) in part.get("properties").into_iter().flat_map(Node::members) {
                let property = Property { node, required: required.contains(name) };
                object.properties.entry(name).or_insert(property);
            }
        }
        object
    }

    /// Notes what no type and no constraint says.
    pub(super) fn lost(&mut self) {
        const LOST: &[&str] = &[
            "multipleOf",
            "uniqueItems",
            "not",
            "if",
            "patternProperties",
            "dependentRequired",
            "dependentSchemas",
            "propertyNames",
            "contains",
            "prefixItems",
            "minProperties",
            "maxProperties",
        ];
        for key in LOST {
            let found = self.first(key).is_some_and(|value| *value != Node::Bool(false));
            if found {
                self.note(&format!("`{key}`"));
            }
        }
        if self
            .all
            .iter()
            .any(|part| matches!(part.get("additionalProperties"), Some(Node::Object(_))))
        {
            self.note("`additionalProperties`");
        }
    }
}
