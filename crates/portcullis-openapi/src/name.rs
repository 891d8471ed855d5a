//! Names of the language, made of names that are spelt otherwise.

use std::collections::{HashMap, HashSet};

/// The longest name that is made; the language takes 64 characters.
const LONGEST: usize = 48;

/// The words that are never names, and `as`, which could be taken for the clause in a view.
const RESERVED: &[&str] = &[
    "and", "or", "not", "in", "is", "can", "exists", "else", "unless", "when", "true", "false",
    "null", "now", "caller", "request", "params", "query", "header", "body", "waive", "as",
];

/// What a type, a role or a body's kind is called in the language already.
const TYPES: &[&str] = &[
    "string",
    "int",
    "number",
    "bool",
    "time",
    "duration",
    "ip",
    "network",
    "uuid",
    "url",
    "role",
    "permissions",
    "scopes",
    "form",
    "raw",
    "anonymous",
];

/// The words of a name between underscores, as long as it is.
pub(crate) fn spelt(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut name = String::new();
    for (at, letter) in letters.iter().enumerate() {
        if !letter.is_ascii_alphanumeric() {
            if !name.ends_with('_') && !name.is_empty() {
                name.push('_');
            }
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        let small = |found: Option<&char>| {
            found.is_some_and(|found| found.is_ascii_lowercase() || found.is_ascii_digit())
        };
        let large = |found: Option<&char>| found.is_some_and(char::is_ascii_uppercase);
        // `vehicleId`, `HTTPServer`
        let begins = letter.is_ascii_uppercase()
            && (small(before) || large(before) && after.is_some_and(char::is_ascii_lowercase));
        if begins && !name.ends_with('_') && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// A name in `snake_case` that is none of the language's words.
pub(crate) fn snake(text: &str) -> String {
    let mut name = spelt(text);
    name.truncate(LONGEST);
    let name = name.trim_end_matches('_');
    match name.chars().next() {
        None => "unnamed".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("n{name}"),
        Some(_) if RESERVED.contains(&name) => format!("{name}_value"),
        Some(_) => name.to_owned(),
    }
}

/// The same for what stands where a type may stand.
pub(crate) fn of_type(text: &str) -> String {
    let name = snake(text);
    if TYPES.contains(&name.as_str()) { format!("{name}_object") } else { name }
}

/// The name of one of many: `orders` is a list of `order`.
pub(crate) fn singular(name: &str) -> String {
    let cut = |end: &str| name.strip_suffix(end).filter(|stem| stem.len() > 1);
    if let Some(stem) = cut("ies") {
        return format!("{stem}y");
    }
    for end in ["sses", "shes", "ches", "xes"] {
        if cut(end).is_some() {
            return cut("es").unwrap_or(name).to_owned();
        }
    }
    let plural = cut("s").filter(|stem| !stem.ends_with(['s', 'u', 'i']));
    plural.unwrap_or(name).to_owned()
}

/// Names of one kind, each given once.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: HashSet<String>,
    /// Where the search for a free number begins: all numbers before it are taken.
    numbers: HashMap<String, usize>,
}

impl Names {
    /// The name, or one like it where that is taken.
    pub(crate) fn unique(&mut self, wanted: &str) -> String {
        let name = self.like(wanted);
        self.taken.insert(name.clone());
        name
    }

    /// The same, without giving it away.
    pub(crate) fn like(&mut self, wanted: &str) -> String {
        if !self.taken.contains(wanted) {
            return wanted.to_owned();
        }
        let number = self.numbers.entry(wanted.to_owned()).or_insert(2);
        loop {
            let name = format!("{wanted}_{number}");
            if !self.taken.contains(&name) {
                return name;
            }
            *number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_snake_case() {
        for (text, name) in [
            ("vehicleId", "vehicle_id"),
            ("HTTPServer", "http_server"),
            ("X-Request-ID", "x_request_id"),
            ("already_so", "already_so"),
            ("2fa", "n2fa"),
            ("Größe", "gr_e"),
            ("日本", "unnamed"),
            ("_id", "id"),
            ("null", "null_value"),
            ("caller", "caller_value"),
            ("v2Beta", "v2_beta"),
        ] {
            assert_eq!(snake(text), name, "{text}");
        }
        assert_eq!(of_type("URL"), "url_object");
        assert!(snake(&"Ab".repeat(100)).len() <= LONGEST);
    }

    #[test]
    fn one_of_many() {
        for (many, one) in [
            ("orders", "order"),
            ("categories", "category"),
            ("boxes", "box"),
            ("addresses", "address"),
            ("status", "status"),
            ("address", "address"),
            ("sheep", "sheep"),
        ] {
            assert_eq!(singular(many), one);
        }
        let mut names = Names::default();
        assert_eq!([names.unique("a"), names.unique("a"), names.unique("a")], ["a", "a_2", "a_3"]);
    }
}
