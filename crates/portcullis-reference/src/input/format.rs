//! The formats of text, character by character.

use super::{time, types};

/// Whether a text is of a format.
pub(super) fn is_of(format: &str, text: &str) -> bool {
    match format {
        "email" => is_email(text),
        "slug" => is_slug(text),
        "ip" => types::ip(text).is_some(),
        "date" => time::day(text).is_some(),
        "time" => time::time(text).is_some(),
        other => panic!("`{other}` is no format"),
    }
}

/// Cuts off white space at both ends: every character with Unicode's property `White_Space`.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| {
        matches!(
            c,
            '\u{9}'..='\u{d}'
                | ' '
                | '\u{85}'
                | '\u{a0}'
                | '\u{1680}'
                | '\u{2000}'..='\u{200a}'
                | '\u{2028}'
                | '\u{2029}'
                | '\u{202f}'
                | '\u{205f}'
                | '\u{3000}'
        )
    })
}

/// WHATWG HTML, "valid email address", and as long as SMTP carries it (RFC 5321, 4.5.3.1).
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let in_local = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    (1..=64).contains(&local.len())
        && local.chars().all(in_local)
        && text.len() <= 254
        && domain.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn is_slug(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    text.len() <= 128 && text.split('-').all(is_word)
}
