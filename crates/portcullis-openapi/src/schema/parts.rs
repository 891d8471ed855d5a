//! The keywords of the schemas that hold of one value together.

use std::collections::HashSet;

use super::Text;
use crate::node::Node;
use crate::read::Version;

/// How long a UUID is.
const UUID: i64 = 36;
/// How long a URL of the language may be.
const URL: i64 = 2048;

/// Whether two values are the same one: `1` and `1.0` are.
fn alike(one: &Node, other: &Node) -> bool {
    one == other || one.number().is_some_and(|number| other.number() == Some(number))
}

/// The schemas that hold of one value together.
pub(super) struct Parts<'n> {
    pub(super) all: Vec<&'n Node>,
    /// Of each whether `null` will do in its place.
    pub(super) or_null: Vec<bool>,
    pub(super) notes: Vec<String>,
    /// Why no value is let in.
    pub(super) never: Vec<String>,
    /// Whether one of the shapes, where there are several, may be `null`.
    shapes: Option<bool>,
    /// 3.0 has a `nullable`, and 3.1 has a type of it.
    version: Version,
}

impl<'n> Parts<'n> {
    pub(super) fn new(version: Version) -> Parts<'n> {
        let (all, or_null, notes, never) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Parts { all, or_null, notes, never, shapes: None, version }
    }

    pub(super) fn add(&mut self, part: &'n Node, or_null: bool) {
        self.all.push(part);
        self.or_null.push(or_null);
    }

    pub(super) fn first(&self, key: &str) -> Option<&'n Node> {
        self.all.iter().find_map(|part| part.get(key))
    }

    pub(super) fn every(&self, key: &str) -> impl Iterator<Item = &'n Node> {
        self.all.iter().filter_map(move |part| part.get(key))
    }

    fn counts(&self, key: &str) -> impl Iterator<Item = i64> {
        self.every(key).filter_map(Node::int).filter(|count| *count >= 0)
    }

    /// The tightest of the counts from below and from above.
    pub(super) fn range(&mut self, min: &str, max: &str) -> (Option<i64>, Option<i64>) {
        let found = (self.counts(min).max(), self.counts(max).min());
        if matches!(found, (Some(low), Some(high)) if low > high) {
            self.never(&format!("a `{min}` above the `{max}`"));
        }
        found
    }

    /// Says why no value is let in.
    pub(super) fn never(&mut self, why: &str) {
        if !self.never.iter().any(|known| known == why) {
            self.never.push(why.to_owned());
        }
    }

    pub(super) fn note(&mut self, note: &str) {
        if !self.notes.iter().any(|known| known == note) {
            self.notes.push(note.to_owned());
        }
    }

    /// Says of the shapes of which one must hold whether it may be `null`.
    pub(super) fn shapes_are_nullable(&mut self, nullable: bool) {
        self.shapes = Some(nullable);
    }

    /// Whether `null` will do: some part says so, and none forbids it.
    pub(super) fn nullable(&self) -> bool {
        let mut said = self.shapes == Some(true);
        for (part, or_null) in self.all.iter().zip(&self.or_null) {
            if *or_null {
                said = true;
                continue;
            }
            let types = match part.get("type") {
                Some(Node::Text(kind)) => Some(kind == "null"),
                Some(Node::List(kinds)) => Some(kinds.iter().any(|k| k.text() == Some("null"))),
                _ => None,
            };
            let nullable = self.version == Version::Three0 && part.is("nullable");
            let types = types.map(|types| types || nullable);
            let listed = part.get("enum").map(|all| all.elements().contains(&Node::Null));
            let constant = part.get("const").map(|value| *value == Node::Null);
            let all = [types, listed, constant];
            if all.contains(&Some(false)) {
                return false;
            }
            said |= all.contains(&Some(true));
        }
        said && self.shapes != Some(false)
    }

    /// What the elements of a list are, all of it together.
    pub(super) fn items(&self) -> Vec<&'n Node> {
        let mut items: Vec<&'n Node> = Vec::new();
        for found in self.every("items") {
            if !items.contains(&found) {
                items.push(found);
            }
        }
        items
    }

    /// The texts of a keyword, each once.
    fn texts(&self, key: &str) -> Vec<&'n str> {
        let mut seen = HashSet::new();
        self.every(key).filter_map(Node::text).filter(|text| seen.insert(*text)).collect()
    }

    /// The types that every part lets it have; nothing where none names any, and the other keywords speak
    /// of none. `null` is no type here.
    pub(super) fn types(&self) -> Option<Vec<String>> {
        let mut kinds: Option<Vec<&str>> = None;
        for part in &self.all {
            let mut here: Vec<&str> = match part.get("type") {
                Some(Node::Text(kind)) => vec![kind],
                Some(Node::List(listed)) => listed.iter().filter_map(Node::text).collect(),
                _ => continue,
            };
            here.retain(|kind| *kind != "null");
            // Every int is a number.
            if here.contains(&"number") {
                here.retain(|kind| *kind != "integer");
            }
            let both = |one: &&'n str, other: &&'n str| match (*one, *other) {
                ("integer", "number") | ("number", "integer") => Some("integer"),
                (one, other) => (one == other).then_some(one),
            };
            kinds = Some(match kinds {
                None => here,
                Some(known) => known
                    .iter()
                    .filter_map(|one| here.iter().find_map(|other| both(one, other)))
                    .collect(),
            });
        }
        let kinds = kinds.or_else(|| self.inferred().map(|kind| vec![kind]))?;
        Some(kinds.into_iter().map(str::to_owned).collect())
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

    fn lists_values(&self) -> bool {
        self.first("const").or(self.first("enum")).is_some()
    }

    /// The values that fit, where only some are listed. What is listed and does not fit is told.
    pub(super) fn options(&mut self, fits: impl Fn(&Node) -> bool) -> Vec<&'n Node> {
        let mut values = self.values();
        values.retain(|value| **value != Node::Null);
        let count = values.len();
        values.retain(|value| fits(value));
        if self.lists_values() && values.is_empty() {
            self.never("an `enum` of which no value is of its type and within its bounds");
        } else if values.len() < count {
            self.note("some values of the `enum`");
        }
        values
    }

    /// Lists and objects are not named one by one.
    pub(super) fn whole(&mut self) {
        if self.lists_values() {
            self.never("an `enum` of lists or objects");
        }
    }

    /// The one value of a flag, where it is one.
    pub(super) fn boolean(&mut self) -> Option<bool> {
        let values = self.options(|value| matches!(value, Node::Bool(_)));
        let (yes, no) = (values.contains(&&Node::Bool(true)), values.contains(&&Node::Bool(false)));
        (yes != no).then_some(yes)
    }

    pub(super) fn text(&mut self) -> Text<'n> {
        let (min, max) = self.range("minLength", "maxLength");
        let fits = |text: &str| {
            let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
            min.is_none_or(|min| min <= length) && max.is_none_or(|max| length <= max)
        };
        let values = self.options(|value| value.text().is_some_and(fits));
        let mut seen = HashSet::new();
        let options: Vec<&str> =
            values.into_iter().filter_map(Node::text).filter(|one| seen.insert(*one)).collect();
        let (patterns, formats) = (self.texts("pattern"), self.texts("format"));
        if options.is_empty() && patterns.len() > 1 {
            self.never("a second `pattern`");
        }
        if options.is_empty() && formats.len() > 1 {
            self.never("a second `format`");
        }
        let found = Text { min, max, patterns, format: formats.first().copied(), options };
        if !found.options.is_empty() || found.format != Some("uuid") || found.is_free(UUID, UUID) {
            return found;
        }
        // It is a type of the language, which takes no constraint of a text.
        self.note("the format `uuid` beside a pattern or a length");
        let (min, max) = (min.unwrap_or(0).max(UUID), max.unwrap_or(UUID).min(UUID));
        if min > max {
            self.never("a length that no UUID has");
        }
        Text { min: Some(min), max: Some(max), format: None, ..found }
    }
}

impl Text<'_> {
    /// Whether nothing more is said of a text whose length is between these.
    fn is_free(&self, shortest: i64, longest: i64) -> bool {
        self.patterns.is_empty()
            && self.min.is_none_or(|min| min <= shortest)
            && self.max.is_none_or(|max| longest <= max)
    }

    /// Whether a type of the language says all of it: that of its format.
    pub(crate) fn is_typed(&self) -> bool {
        match self.format {
            Some("uri" | "url") => self.is_free(1, URL),
            _ => self.is_free(0, i64::MAX),
        }
    }
}

impl Parts<'_> {
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
