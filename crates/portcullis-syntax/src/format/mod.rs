//! The formatter: one indentation, one spacing, aligned columns. Line breaks stay the author's.
//!
//! It works on tokens, so that what this version does not enforce is formatted like the rest; and
//! what it has written must hold the same tokens and comments, or it gives back nothing.

mod layout;
mod token;

use crate::{Diagnostic, Severity, Source, Sources, parse};
use token::{Token, lex};

/// Why a text is not formatted.
#[derive(Debug)]
pub enum FormatError {
    /// It does not parse.
    Syntax(Vec<Diagnostic>),
    /// The formatted text would mean something else; a fault of the formatter.
    Changed,
}

/// The text of a file in the one layout.
///
/// # Errors
/// See [`FormatError`].
pub fn format(source: &Source) -> Result<String, FormatError> {
    faults(source).map_or(Ok(()), |faults| Err(FormatError::Syntax(faults)))?;
    let formatted = layout::print(&source.text);
    let again = Source { text: formatted, ..source.clone() };
    if meaning(&source.text) != meaning(&again.text) || faults(&again).is_some() {
        return Err(FormatError::Changed);
    }
    Ok(again.text)
}

fn faults(source: &Source) -> Option<Vec<Diagnostic>> {
    let mut sources = Sources::new();
    let file = sources.add(source.clone());
    let (_, faults) = parse(&sources, file);
    let faulty = faults.iter().any(|fault| fault.severity == Severity::Error);
    faulty.then_some(faults)
}

/// What the text says: its tokens and comments, without commas and white space.
fn meaning(text: &str) -> Vec<String> {
    let mut said = Vec::new();
    for token in text.lines().flat_map(lex) {
        match token {
            Token::Comma => {}
            Token::Comment(text) => said.push(text.trim_end().to_owned()),
            Token::Word(text) | Token::Mark(text) | Token::Open(text) | Token::Close(text) => {
                said.push(text.to_owned());
            }
        }
    }
    said
}

#[cfg(test)]
mod tests;
