//! The keywords of the schemas that hold of one value together.

use std::collections::HashSet;

use super::{Numeric, Object, Property, Text};
use crate::node::Node;

/// How long a UUID is.
const UUID: i64 = 36;
/// Beyond it one number stands for several ints.
const EXACT: f64 = 9_007_199_254_740_991.0;

/// Whether two values are the same one: `1` and `1.0` are.
fn alike(one: &Node, other: &Node) -> bool {
    one == other || one.number().is_some_and(|number| other.number() == Some(number))
}

/// The schemas that hold of one value together.
#[derive(Default)]
pub(super) struct Parts<'n> {
    pub(super) all: Vec<&'n Node>,
    pub(super) notes: Vec<String>,
    /// Constraints that are not held to.
    pub(super) loose: Vec<String>,
    pub(super) nullable: bool,
}

impl<'n> Parts<'n> {
    pub(super) fn first(&self, key: &str) -> Option<&'n Node> {
        self.all.iter().find_map(|part| part.get(key))
    }

    fn every(&self, key: &str) -> impl Iterator<Item = &'n Node> {
        self.all.iter().filter_map(move |part| part.get(key))
    }

    fn counts(&self, key: &str) -> impl Iterator<Item = i64> {
        self.every(key).filter_map(Node::int).filter(|count| *count >= 0)
    }

    /// The tightest of the counts from below and from above.
    pub(super) fn range(&mut self, min: &str, max: &str) -> (Option<i64>, Option<i64>) {
        let found = (self.counts(min).max(), self.counts(max).min());
        if matches!(found, (Some(low), Some(high)) if low > high) {
            self.loosen(&format!("a `{min}` above `{max}`"));
        }
        found
    }

    /// Says that a constraint is not held to.
    pub(super) fn loosen(&mut self, what: &str) {
        if !self.loose.iter().any(|known| known == what) {
            self.loose.push(what.to_owned());
        }
    }

    /// What the elements of a list are; of several schemas that differ the others are told.
    pub(super) fn items(&mut self) -> Option<&'n Node> {
        let first = self.first("items")?;
        if self.every("items").any(|other| other != first) {
            self.loosen("a second `items`");
        }
        Some(first)
    }

    /// The one text of a keyword; of several that differ the others are told.
    fn only(&mut self, key: &str) -> Option<&'n str> {
        let first = self.every(key).find_map(Node::text)?;
        let others = self.every(key).filter_map(Node::text).any(|other| other != first);
        if others {
            self.loosen(&format!("a second `{key}`"));
        }
        Some(first)
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

    /// The values that every `enum` and `const` has.
    fn values(&self) -> Vec<&'n Node> {
        let consts = self.every("const").map(std::slice::from_ref);
        let mut sets = consts.chain(self.every("enum").map(Node::elements));
        let Some(first) = sets.next() else { return Vec::new() };
        let mut values: Vec<&'n Node> = first.iter().collect();
        for set in sets {
            values.retain(|value| set.iter().any(|other| alike(value, other)));
        }
        values
    }

    /// The values of a type, where only some are listed. What is listed and of another type is told.
    fn options(&mut self, fits: impl Fn(&Node) -> bool) -> Vec<&'n Node> {
        let mut values = self.values();
        let listed = self.first("const").or(self.first("enum")).is_some();
        let null = |value: &&Node| **value == Node::Null;
        self.nullable |= values.iter().any(null) && values.len() > 1;
        values.retain(|value| !null(value));
        let count = values.len();
        values.retain(|value| fits(value));
        if listed && values.is_empty() {
            self.loosen("an `enum` of which no value is of its type");
        } else if values.len() < count {
            self.note("some values of the `enum`");
        }
        values
    }

    pub(super) fn text(&mut self) -> Text<'n> {
        let values = self.options(|value| value.text().is_some());
        let mut seen = HashSet::new();
        let options: Vec<&str> = values.into_iter().filter_map(Node::text).collect();
        let options: Vec<&str> =
            options.into_iter().filter(|option| seen.insert(*option)).collect();
        let (min, max) = self.range("minLength", "maxLength");
        let (pattern, format) = (self.only("pattern"), self.only("format"));
        // These are types of the language, which take no constraint of a text.
        let typed =
            matches!(format, Some("uuid" | "date-time" | "ipv4" | "ipv6" | "ip" | "uri" | "url"));
        if typed && options.is_empty() {
            let uuid = format == Some("uuid");
            let free = |bound: Option<i64>, all: bool| bound.is_none() || (uuid && all);
            if pattern.is_some() {
                self.loosen("a `pattern` beside its `format`");
            }
            let low = free(min, min.is_some_and(|min| min <= UUID)) || min == Some(0);
            if !low || !free(max, max.is_some_and(|max| max >= UUID)) {
                self.loosen("a length beside its `format`");
            }
        }
        Text { min, max, pattern, format, options }
    }

    pub(super) fn numeric(&mut self, whole: bool) -> Numeric<'n> {
        let options = self.options(|value| match whole {
            true => value.int().is_some(),
            false => value.number().is_some_and(|number| number.abs() <= EXACT),
        });
        let mut open = false;
        let mut tightest = |inclusive: &str, exclusive: &str, step: f64| {
            let mut best: Option<(f64, bool)> = None;
            for part in &self.all {
                let number = |key: &str| part.get(key).and_then(Node::number);
                // 3.0 says it of the bound, 3.1 has a bound of its own.
                let of_bound = part.is(exclusive);
                let here = [(number(inclusive), of_bound), (number(exclusive), true)];
                for (bound, apart) in here {
                    let Some(bound) = bound.filter(|bound| bound.is_finite()) else { continue };
                    let tighter = best.is_none_or(|(known, known_apart)| {
                        (bound - known) * step > 0.0 || (bound == known && apart && !known_apart)
                    });
                    if tighter {
                        best = Some((bound, apart));
                    }
                }
            }
            best.map(|(bound, apart)| {
                if apart && whole && bound.fract() == 0.0 {
                    return bound + step;
                }
                open |= apart && !whole;
                bound
            })
        };
        let min = tightest("minimum", "exclusiveMinimum", 1.0);
        let max = tightest("maximum", "exclusiveMaximum", -1.0);
        if open {
            self.note("an open bound");
        }
        let round =
            |value: Option<f64>, to: fn(f64) -> f64| value.map(|n| if whole { to(n) } else { n });
        let (mut min, mut max) = (round(min, f64::ceil), round(max, f64::floor));
        if whole && self.every("format").any(|format| format.text() == Some("int32")) {
            let (low, high) = (f64::from(i32::MIN), f64::from(i32::MAX));
            min = Some(min.map_or(low, |min| min.max(low)));
            max = Some(max.map_or(high, |max| max.min(high)));
        }
        if matches!((min, max), (Some(min), Some(max)) if min > max) {
            self.loosen("a `minimum` above the `maximum`");
        }
        Numeric { min, max, options }
    }

    pub(super) fn object(&mut self) -> Object<'n> {
        let mut object = Object::default();
        let texts = |part: &'n Node| {
            part.get("required").map_or(&[][..], Node::elements).iter().filter_map(Node::text)
        };
        let required: HashSet<&str> = self.all.iter().copied().flat_map(texts).collect();
        let mut twice = Vec::new();
        for part in &self.all {
            let closes = |key: &str| part.get(key) == Some(&Node::Bool(false));
            object.closed |= closes("additionalProperties") || closes("unevaluatedProperties");
            for (name, node) in part.get("properties").into_iter().flat_map(Node::members) {
                let property = Property { node, required: required.contains(name) };
                let known = object.properties.entry(name).or_insert(property);
                if known.node != node {
                    twice.push(name);
                }
            }
        }
        for name in twice {
            self.loosen(&format!("a second schema of `{name}`"));
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
