//! What fits on one line: clauses, and the groups in them that their author left on one line.

use crate::grammar::{Clause, Content, Entry, Group, GroupKind, Piece};

/// A line that grows piece by piece, with the white space that belongs between them.
#[derive(Default)]
pub(super) struct Line {
    text: String,
    /// Whether what follows adheres to the last piece.
    adheres: bool,
}

impl Line {
    pub(super) fn push(&mut self, text: &str, before: usize, adheres: bool) {
        if !self.text.is_empty() && !self.adheres {
            self.text.extend(std::iter::repeat_n(' ', before));
        }
        self.text.push_str(text);
        self.adheres = adheres;
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// How many characters a text has.
pub(super) fn width(text: &str) -> usize {
    text.chars().count()
}

/// Pieces on one line; nothing where a comment or a group's lines forbid it.
pub(super) fn pieces<'p, 't: 'p>(
    pieces: impl IntoIterator<Item = &'p Piece<'t>>,
) -> Option<String> {
    let mut line = Line::default();
    for piece in pieces {
        match piece {
            Piece::Token(token) => line.push(token.text, token.before, token.adheres),
            Piece::Group(inner) => line.push(&group(inner)?, 1, false),
            Piece::Comment { .. } => return None,
        }
    }
    Some(line.finish())
}

/// A group on one line.
pub(super) fn group(group: &Group<'_>) -> Option<String> {
    let (open, close, pad) = match group.kind {
        GroupKind::Block | GroupKind::Object => ("{", "}", " "),
        GroupKind::List | GroupKind::Array => ("[", "]", ""),
    };
    if group.opening.is_some() {
        return None;
    }
    if group.entries.is_empty() {
        return Some(format!("{open}{close}"));
    }
    // A list has one form for one length; a block is as its author wrote it.
    if group.broken && matches!(group.kind, GroupKind::Block | GroupKind::Object) {
        return None;
    }
    let mut text = format!("{open}{pad}");
    let mut last_was_word = true;
    for (position, entry) in group.entries.iter().enumerate() {
        if position > 0 {
            text.push_str(match group.kind {
                GroupKind::Block if entry.word && last_was_word => " ",
                GroupKind::Block => "  ",
                _ => ", ",
            });
        }
        last_was_word = entry.word;
        text.push_str(&self::entry(entry)?);
    }
    text.push_str(pad);
    text.push_str(close);
    Some(text)
}

fn entry(entry: &Entry<'_>) -> Option<String> {
    match (&entry.content, entry.trailing) {
        (Content::Clause(clause), None) => cells(clause).map(|cells| join(&cells)),
        _ => None,
    }
}

/// A clause's columns, each on one line.
pub(super) fn cells(clause: &Clause<'_>) -> Option<Vec<String>> {
    clause.cells.iter().map(pieces).collect()
}

/// Columns that nothing lines up with.
pub(super) fn join(cells: &[String]) -> String {
    let filled: Vec<&str> =
        cells.iter().map(String::as_str).filter(|cell| !cell.is_empty()).collect();
    filled.join(" ")
}
