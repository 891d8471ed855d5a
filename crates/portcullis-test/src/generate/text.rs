//! Values as a test writes them.

use serde_json::Value;

/// A text in quotes, with the escapes of the language.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for found in text.chars() {
        match found {
            '"' | '\\' => out.extend(['\\', found]),
            found if found.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(found))),
            found => out.push(found),
        }
    }
    out.push('"');
    out
}

/// A body, as it stands behind `body`.
pub(super) fn json(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(values) => {
            format!("[{}]", values.iter().map(json).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) => {
            let members =
                members.iter().map(|(name, value)| format!("{}: {}", quoted(name), json(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A value as a query string, a form, a path or a header holds it.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A wire name as it stands behind `fields`: in quotes, where it could be read as something else.
pub(super) fn wire_name(name: &str) -> String {
    let part = |part: &str| {
        !part.is_empty() && part.chars().all(|found| found.is_ascii_alphanumeric() || found == '_')
    };
    let letter = name.starts_with(|first: char| first.is_ascii_alphabetic());
    if letter && name.split('.').all(part) { name.to_owned() } else { quoted(name) }
}
