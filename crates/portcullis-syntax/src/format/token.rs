//! The tokens of a line, as far as the layout asks.

/// A piece of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A word, a literal, a path, a regex, an operator.
    Word(&'t str),
    /// `:` after text, `?` after a bracket: stands close to what is before it.
    Mark(&'t str),
    /// `{ [ (`
    Open(&'t str),
    /// `} ] )`
    Close(&'t str),
    Comma,
    /// To the end of the line.
    Comment(&'t str),
}

/// Cuts a line. No token of the language goes over a line break.
pub(super) fn lex(line: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r']);
        let Some(first) = rest.chars().next() else {
            return tokens;
        };
        let length = match first {
            '"' => string(rest),
            '/' if rest.starts_with("//") => rest.len(),
            '/' if tokens.last() == Some(&Token::Word("matching")) => regex(rest),
            '/' => rest.find([' ', '\t', '\r', ',', ']']).unwrap_or(rest.len()),
            ',' | '{' | '}' | '[' | ']' | '(' | ')' => 1,
            '=' | '!' | '<' | '>' => operator(rest),
            ':' | '?' => 1,
            _ => rest.find(ends_word).unwrap_or(rest.len()).max(first.len_utf8()),
        };
        let (text, after) = rest.split_at(length);
        tokens.push(match first {
            '/' if text.starts_with("//") => Token::Comment(text.trim_end()),
            ',' => Token::Comma,
            '{' | '[' | '(' => Token::Open(text),
            '}' | ']' | ')' => Token::Close(text),
            ':' | '?' => Token::Mark(text),
            _ => Token::Word(text),
        });
        rest = after;
    }
}

fn ends_word(character: char) -> bool {
    matches!(
        character,
        ' ' | '\t' | '\r' | ',' | '{' | '}' | '[' | ']' | '(' | ')' | '"' | '=' | '!' | '<' | '>'
    )
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn regex(text: &str) -> usize {
    let (mut escaped, mut class) = (false, false);
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '/' if !class => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn operator(text: &str) -> usize {
    if text.get(1..2) == Some("=") { 2 } else { 1 }
}
