//! What the walk over a text finds before pest sees it.

use std::ops::Range;

use crate::Diagnostic;

/// What a walk over a text finds.
#[derive(Default)]
pub(super) struct Scan {
    /// All but white space, in the order of the text.
    pub(super) lexemes: Vec<Lexeme>,
    /// The text cut up so that each part holds one declaration (or what cannot be told apart).
    pub(super) parts: Vec<Range<usize>>,
    /// What pest could only report in a roundabout way.
    pub(super) faults: Vec<Fault>,
}

/// A fault and the byte whose part it spoils.
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) diagnostic: Diagnostic,
}

/// A piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lexeme {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

/// The kinds of [`Lexeme`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, digits and `_`
    Word,
    /// `"text"`
    Text,
    /// `/…/` after `matching`
    Regex,
    /// A pattern, a target or a prefix: all that begins with a slash
    Slashed,
    /// One of `{[(`
    Open,
    /// One of `}])`
    Close,
    /// Any other character
    Mark,
    /// `// …`
    Comment,
    /// `/// …`
    Doc,
    /// `//! …`
    FileDoc,
}

impl Kind {
    pub(super) fn is_comment(self) -> bool {
        matches!(self, Kind::Comment | Kind::Doc | Kind::FileDoc)
    }
}
