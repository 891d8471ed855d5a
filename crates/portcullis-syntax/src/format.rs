//! The formatter.

use crate::{Diagnostic, Source};

/// Why a text is not formatted.
#[derive(Debug)]
pub enum FormatError {
    /// It does not parse.
    Syntax(Vec<Diagnostic>),
    /// The formatted text would mean something else; a bug of ours.
    Changed,
}

/// The text of a file in the one layout.
///
/// # Errors
/// See [`FormatError`].
pub fn format(source: &Source) -> Result<String, FormatError> {
    Ok(source.text.clone())
}
