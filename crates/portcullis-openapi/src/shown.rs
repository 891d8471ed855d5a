//! Texts of a description in messages.

/// Letters that are not seen, and change how others are.
pub(crate) fn is_format(letter: char) -> bool {
    matches!(letter,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A text that does nothing to a terminal: what is not seen is written out.
pub(crate) fn shown(text: &str) -> String {
    escaped(text, |_| false)
}

/// The same, on the lines that it has.
pub(crate) fn shown_lines(text: &str) -> String {
    escaped(text, |letter| letter == '\n')
}

fn escaped(text: &str, keep: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if (letter.is_control() || is_format(letter)) && !keep(letter) {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use crate::Error;

    #[test]
    fn no_message_moves_a_terminal() {
        let text = || "a\u{1b}[2J\r\u{9b}\u{202e}\n".to_owned();
        let all = [
            Error::Malformed { place: text(), why: text() },
            Error::NotOpenApi(text()),
            Error::Remote(text()),
            Error::Dangling(text()),
            Error::Circle(text()),
            Error::Syntax { format: "YAML", why: text() },
            Error::Unsound(text()),
        ];
        for error in all {
            let said = error.to_string();
            assert!(said.contains(r"a\u{1b}[2J\u{d}\u{9b}\u{202e}"), "{said}");
            assert!(!said.trim_end().contains(char::is_control), "{said}");
        }
    }
}
