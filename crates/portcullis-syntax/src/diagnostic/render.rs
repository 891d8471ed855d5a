//! Diagnostics as text for people.

use super::Diagnostic;
use crate::Sources;

/// Whether the text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// For files and pipes.
    Plain,
    /// For a terminal.
    Coloured,
}

/// Renders one diagnostic with the lines it speaks of.
#[must_use]
pub fn render(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    let _ = (diagnostic, sources, style);
    String::new()
}
