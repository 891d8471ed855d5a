//! The formatter: one layout for every file, whatever its author's.
//!
//! A clause stands on its own line, four spaces deeper than its block; what is short and was
//! written on one line stays there. Neighbours line up. Only white space and commas change, which
//! is checked by reading the result again.

mod flat;
mod print;

use crate::{Code, Diagnostic, Source, Sources, grammar};

/// How long a line may be where it can be broken, in characters.
const WIDTH: usize = 100;
/// How much deeper a block is than what it stands in.
const INDENT: usize = 4;

/// Why a text is not formatted.
#[derive(Debug)]
pub enum FormatError {
    /// It does not parse. The spans are of the first file of a [`Sources`] that holds it alone.
    Syntax(Vec<Diagnostic>),
    /// The formatted text would mean something else; a bug of ours.
    Changed,
}

/// The text of a file in the one layout.
///
/// # Errors
/// See [`FormatError`].
pub fn format(source: &Source) -> Result<String, FormatError> {
    let mut sources = Sources::new();
    let file = sources.add(source.clone());
    let (_, mut faults) = grammar::parse(&sources, file);
    // A value of the wrong kind, or that should not be here, can be laid out all the same.
    faults.retain(|fault| {
        !matches!(fault.code, Code::TypeMismatch | Code::BadValue | Code::SecretLiteral)
    });
    if !faults.is_empty() {
        return Err(FormatError::Syntax(faults));
    }
    let entries = grammar::layout(&source.text).ok_or(FormatError::Changed)?;
    let formatted = print::file(&entries);
    let (before, after) = (grammar::tokens(&source.text), grammar::tokens(&formatted));
    if before.is_none() || before != after {
        return Err(FormatError::Changed);
    }
    Ok(formatted)
}
