//! Texts of a description as texts of a policy.

use std::fmt::Write;

use portcullis_syntax::{Code, Source, Sources, parse};

use crate::shown::is_format;

/// The longest text that is taken over into a comment, in characters.
const LONGEST: usize = 160;

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            // Also what turns the direction of a line, or looks like nothing.
            letter if letter.is_control() || is_format(letter) => {
                // A string takes all that is written to it.
                let _ = write!(quoted, "\\u{{{:x}}}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a policy may hold this text: one that looks like a secret does not compile, and none is empty.
pub(super) fn is_sayable(text: &str) -> bool {
    if text.trim().is_empty() || text.contains('\0') || text.len() > 4096 {
        return false;
    }
    let mut sources = Sources::new();
    let declared = format!("setting found: string {{ always {} }}", quoted(text));
    let file = sources.add(Source::new("found.gate", declared));
    let (_, faults) = parse(&sources, file);
    !faults
        .iter()
        .any(|fault| matches!(fault.code, Code::SecretLiteral) || fault.code == Code::BadLiteral)
}

/// A text on one line, and not too long, for a comment.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|l: char| l.is_whitespace() || l.is_control() || is_format(l)).collect();
    let text = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or("")),
        None => text,
    }
}

/// A comment in front of a declaration, where there is something to say.
pub(super) fn documented(text: Option<&str>) -> Option<String> {
    let text = one_line(text?);
    (!text.is_empty()).then(|| format!("/// {text}"))
}

/// Names between commas, each as code.
pub(super) fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{}`", one_line(name))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_quoted_so_that_it_is_read_back() {
        assert_eq!(quoted("a \"b\" \\ \n\u{7}\u{202e}"), r#""a \"b\" \\ \n\u{7}\u{202e}""#);
        assert!(is_sayable("a \"b\" \\ \n\u{7}\u{202e}"));
        assert!(!is_sayable(""));
        // Made up, in two parts, so that no scanner takes it for real.
        assert!(!is_sayable(&["ghp_", "0123456789abcdefghijklmnopqrstuvwxyz"].concat()));
        assert_eq!(one_line(" a\r\n\tb  c "), "a b c");
        assert!(one_line(&"x".repeat(1000)).chars().count() <= LONGEST + 1);
    }
}
