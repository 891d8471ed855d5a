//! Numbers, and the values that stand for fields that are left out.

use super::field::{TEXT, Typed};
use super::text::{is_sayable, quoted};
use super::value::Untyped;
use crate::node::Node;
use crate::schema::{Kind, Numeric};

/// The type and the constraints of a number.
pub(super) fn numeric(kind: &str, found: &Numeric<'_>) -> Result<Typed, Untyped> {
    let mut typed = Typed::plain(kind);
    let shown = |value: f64| shown(value, kind == "int");
    if !found.options.is_empty() {
        // What cannot be written is not let in.
        let options = found.options.iter().filter_map(|value| shown(value.number()?));
        let options: Vec<String> = options.collect();
        if options.is_empty() {
            return Err(Untyped::Never("an `enum` of which no value can be said".to_owned()));
        }
        typed.constraints.push(format!("one of [{}]", options.join(", ")));
        return Ok(typed);
    }
    match (found.min.and_then(shown), found.max.and_then(shown)) {
        (Some(min), Some(max)) => typed.constraints.push(format!("{min}..{max}")),
        (Some(min), None) => typed.constraints.push(format!("min {min}")),
        (None, Some(max)) => typed.constraints.push(format!("max {max}")),
        (None, None) => {}
    }
    Ok(typed)
}

/// A number as the language writes it; nothing for one that a policy should not hold.
fn shown(value: f64, whole: bool) -> Option<String> {
    // Beyond it one number stands for several ints.
    if value.abs() > 9_007_199_254_740_991.0 || (whole && value.fract() != 0.0) {
        return None;
    }
    Some(if value.fract() == 0.0 { format!("{}", value as i64) } else { format!("{value}") })
}

/// What stands for a value that is left out, if it fulfils what is asked of it.
pub(super) fn default_of(value: &Node, kind: &Kind<'_>) -> Option<String> {
    let within = |value: f64, found: &Numeric<'_>| {
        let low = found.min.is_none_or(|min| min <= value);
        let high = found.max.is_none_or(|max| value <= max);
        let listed = found.options.is_empty()
            || found.options.iter().any(|option| option.number() == Some(value));
        low && high && listed
    };
    match (kind, value) {
        (Kind::Bool(only), Node::Bool(value)) => {
            only.is_none_or(|only| only == *value).then(|| value.to_string())
        }
        (Kind::Int(found), value) => {
            value.int().map(|n| n as f64).filter(|n| within(*n, found)).and_then(|n| shown(n, true))
        }
        (Kind::Number(found), value) => {
            value.number().filter(|n| within(*n, found)).and_then(|n| shown(n, false))
        }
        (Kind::Text(found), Node::Text(text)) => {
            let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
            let fits = found.min.is_none_or(|min| min <= length)
                && length <= found.max.unwrap_or(TEXT)
                && (found.options.is_empty() || found.options.contains(&text.as_str()));
            let free = found.patterns.is_empty()
                && matches!(found.format, None | Some("string" | "text" | "password"));
            let free = free || (!found.options.is_empty() && found.patterns.is_empty());
            (fits && free && is_sayable(text)).then(|| quoted(text))
        }
        _ => None,
    }
}
