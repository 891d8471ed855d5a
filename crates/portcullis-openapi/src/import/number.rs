//! Numbers, and the values that stand for fields that are left out.

use super::field::{TEXT, Typed};
use super::text::{is_sayable, quoted};
use crate::node::Node;
use crate::schema::{Kind, Numeric};

/// The constraints of a number.
pub(super) fn numeric(kind: &str, found: &Numeric<'_>) -> Typed {
    let mut typed = Typed::plain(kind);
    let shown = |value: f64| shown(value, kind == "int");
    let options: Vec<String> =
        found.options.iter().filter_map(|value| shown(value.number()?)).collect();
    if !options.is_empty() && options.len() == found.options.len() {
        typed.constraints.push(format!("one of [{}]", options.join(", ")));
        return typed;
    }
    let crossed = matches!((found.min, found.max), (Some(min), Some(max)) if min > max);
    let bound = |value: Option<f64>| value.filter(|_| !crossed).and_then(shown);
    match (bound(found.min), bound(found.max)) {
        (Some(min), Some(max)) => typed.constraints.push(format!("{min}..{max}")),
        (Some(min), None) => typed.constraints.push(format!("min {min}")),
        (None, Some(max)) => typed.constraints.push(format!("max {max}")),
        (None, None) => {}
    }
    typed
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
        (Kind::Bool, Node::Bool(value)) => Some(value.to_string()),
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
            let free = found.pattern.is_none()
                && matches!(found.format, None | Some("string" | "text" | "password"));
            let free = free || !found.options.is_empty();
            (fits && free && is_sayable(text)).then(|| quoted(text))
        }
        _ => None,
    }
}
