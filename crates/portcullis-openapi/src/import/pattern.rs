//! Regular expressions: from those of JavaScript, which JSON Schema has, to those of the language.

use portcullis_compiler::plan::Pattern;

/// A regular expression of the language, if this one can be one, as it stands between the slashes.
pub(super) struct Translated {
    pub(super) text: String,
    /// Whether it bounds how long a text is.
    pub(super) bounded: bool,
    pattern: Pattern,
}

impl Translated {
    /// Whether it is found in a text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.pattern.is_in(text)
    }
}

/// Translates an expression; why not, otherwise.
pub(super) fn translated(pattern: &str) -> Result<Translated, &'static str> {
    if pattern.is_empty() {
        return Err("an empty pattern says nothing");
    }
    let text = walk(pattern)?;
    match Pattern::new(&text) {
        Ok(pattern) => Ok(Translated { bounded: pattern.is_bounded(), text, pattern }),
        Err(_) => {
            Err("it has no counterpart: the language has no look-around and no back-references")
        }
    }
}

/// Writes out what means another thing here: there `\d`, `\w` and `\s` are ASCII's, a slash ends the
/// expression, and brackets stand in brackets.
fn walk(pattern: &str) -> Result<String, &'static str> {
    let mut text = String::new();
    let mut letters = pattern.chars().peekable();
    let mut class = false;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                let Some(escaped) = letters.next() else {
                    return Err("it ends in a backslash");
                };
                match (escaped, class) {
                    ('d', false) => text.push_str("[0-9]"),
                    ('d', true) => text.push_str("0-9"),
                    ('D', false) => text.push_str("[^0-9]"),
                    ('w', false) => text.push_str("[A-Za-z0-9_]"),
                    ('w', true) => text.push_str("A-Za-z0-9_"),
                    ('W', false) => text.push_str("[^A-Za-z0-9_]"),
                    ('D' | 'W', true) => return Err("a class in a class is not taken over"),
                    ('b' | 'B', false) => {
                        text.push_str(if escaped == 'b' { "(?-u:\\b)" } else { "(?-u:\\B)" });
                    }
                    ('b', true) => text.push_str("\\x08"),
                    ('0', _) => text.push_str("\\x00"),
                    ('1'..='9' | 'k', _) => return Err("the language has no back-references"),
                    ('c', _) => return Err("a control letter is not taken over"),
                    ('\n', _) => return Err("it has several lines"),
                    ('p' | 'P', _) if letters.peek() == Some(&'{') => {
                        text.extend(['\\', escaped]);
                    }
                    ('t' | 'n' | 'r' | 'f' | 'v' | 's' | 'S' | 'x' | 'u', _) => {
                        text.extend(['\\', escaped]);
                    }
                    // Of other letters, and of these two, the escape is another thing here, or nothing.
                    ('<' | '>', _) => text.push(escaped),
                    (escaped, _) if escaped.is_ascii_punctuation() => {
                        text.extend(['\\', escaped]);
                    }
                    (escaped, _) => text.push(escaped),
                }
            }
            '\n' | '\r' => return Err("it has several lines"),
            '/' => text.push_str("\\/"),
            '[' if class => text.push_str("\\["),
            '[' => {
                class = true;
                text.push('[');
                if letters.peek() == Some(&'^') {
                    letters.next();
                    text.push('^');
                }
                if letters.peek() == Some(&']') {
                    return Err("an empty class matches nothing, or anything");
                }
            }
            ']' if class => {
                class = false;
                text.push(']');
            }
            // Two of them are an operator here.
            '&' | '~' if class => {
                text.push('\\');
                text.push(letter);
            }
            '-' if class && letters.peek() == Some(&'-') => {
                return Err("a range from or to a hyphen is not taken over");
            }
            // There it is no end of a line, of which this language knows one.
            '.' if !class => text.push_str(r"[^\n\r\u{2028}\u{2029}]"),
            letter => text.push(letter),
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_another_thing_is_written_out() {
        let said = |pattern| translated(pattern).map(|found| (found.text, found.bounded));
        let ok = |text: &str, bounded| Ok((text.to_owned(), bounded));
        assert_eq!(said(r"^\d{5}$"), ok("^[0-9]{5}$", true));
        assert_eq!(said(r"^[\w.-]+$"), ok("^[A-Za-z0-9_.-]+$", false));
        assert_eq!(said(r"^a/b[[/]$"), ok(r"^a\/b[\[\/]$", true));
        assert_eq!(said(r"^\<\A\a[\>\z]\.\t$"), ok(r"^<Aa[>z]\.\t$", true));
        assert_eq!(said(r"^.{1,5}[.]\.$"), ok(r"^[^\n\r\u{2028}\u{2029}]{1,5}[.]\.$", true));
        for end in ["\n", "\r", "\u{2028}", "\u{2029}"] {
            assert!(translated("^.$").is_ok_and(|found| !found.is_in(end) && found.is_in("é")));
        }
        assert_eq!(said(r"[a&&b]"), ok(r"[a\&\&b]", false));
        assert_eq!(said(r"^\d{0,18}(\.\d{0,2})?$"), ok(r"^[0-9]{0,18}(\.[0-9]{0,2})?$", true));
        for wrong in
            ["(?=a)", r"(a)\1", "a\nb", "", "[", r"\", "[]", "(?<!a)b", r"[\W]", "a{9999999}"]
        {
            assert!(said(wrong).is_err(), "{wrong}");
        }
    }
}
