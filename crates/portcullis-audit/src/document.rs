//! The page before it has a form. All renderers say what stands here, and nothing else.

use portcullis_lint::Owasp;

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// What it begins with.
    pub lead: Vec<Block>,
    /// Its sections.
    pub sections: Vec<Section>,
}

/// A section, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What links name it by; no two of a page are alike.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// What it says.
    pub blocks: Vec<Block>,
    /// Its parts. They have none of their own.
    pub parts: Vec<Section>,
}

impl Section {
    pub(crate) fn new(id: &'static str, title: &'static str) -> Section {
        Section {
            id: id.to_owned(),
            title: title.to_owned(),
            blocks: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// `api1`, and what OWASP calls it.
    pub(crate) fn of_risk(risk: Owasp) -> Section {
        let id = risk.id().split(':').next().unwrap_or_default().to_lowercase();
        Section { id, title: risk.to_string(), blocks: Vec::new(), parts: Vec::new() }
    }

    pub(crate) fn says(mut self, text: Text) -> Section {
        self.blocks.push(Block::Words(text));
        self
    }

    /// Nothing is added where the list is empty.
    pub(crate) fn lists(mut self, texts: Vec<Text>) -> Section {
        if !texts.is_empty() {
            self.blocks.push(Block::List(texts));
        }
        self
    }

    /// With the table; or, where that has no rows, with what is said in its place.
    pub(crate) fn table(mut self, table: Table, without: &'static str) -> Section {
        self.blocks.push(match table.rows.is_empty() {
            true => Block::Words(Text::said(without)),
            false => Block::Table(table),
        });
        self
    }
}

/// What a section is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Words(Text),
    /// A list, its order is that of the text.
    List(Vec<Text>),
    /// A table.
    Table(Table),
}

/// A table. The first cell of a row is the row's heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// The headings of its columns.
    pub columns: Vec<String>,
    /// Its rows, each with one cell a column.
    pub rows: Vec<Vec<Text>>,
}

impl Table {
    pub(crate) fn new(caption: impl AsRef<str>, columns: &[&str]) -> Table {
        Table {
            caption: visible(caption.as_ref()),
            columns: columns.iter().map(|column| visible(column)).collect(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Text>) {
        self.rows.push(cells.into_iter().collect());
    }
}

/// Words, with what is quoted in them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(Vec<Piece>);

/// A piece of a text. None holds a control character, or one that turns the direction of writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Our words, or a sentence of the author's.
    Words(String),
    /// What stands in a policy, on the wire, or in a request.
    Code(String),
    /// `file:line:column`
    Place(String),
    /// A word that is to be found at a glance.
    Mark(Mark),
    /// What follows begins a line.
    Break,
}

/// A word that is to be found at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The caller may.
    May,
    /// It depends.
    If,
    /// The caller may not.
    No,
    /// Nothing in the policy protects here.
    Gap,
    /// The policy says so, and somebody should agree.
    Review,
}

impl Mark {
    /// The word. No renderer shows a mark by colour alone.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Mark::May => "may",
            Mark::If => "if",
            Mark::No => "no",
            Mark::Gap => "gap",
            Mark::Review => "review",
        }
    }
}

impl Text {
    /// The pieces.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A sentence of ours, what is quoted in backticks. An author's words never come here: in them a
    /// backtick is a backtick.
    pub(crate) fn said(sentence: &'static str) -> Text {
        let mut text = Text::default();
        for (index, part) in sentence.split('`').enumerate() {
            text = if index % 2 == 0 { text.words(part) } else { text.code(part) };
        }
        text
    }

    pub(crate) fn words(self, words: impl AsRef<str>) -> Text {
        self.put(words.as_ref(), Piece::Words)
    }

    pub(crate) fn code(self, code: impl AsRef<str>) -> Text {
        self.put(code.as_ref(), Piece::Code)
    }

    pub(crate) fn place(self, place: impl AsRef<str>) -> Text {
        self.put(place.as_ref(), Piece::Place)
    }

    pub(crate) fn mark(mut self, mark: Mark) -> Text {
        self.0.push(Piece::Mark(mark));
        self
    }

    pub(crate) fn then(mut self, text: Text) -> Text {
        self.0.extend(text.0);
        self
    }

    /// What follows begins a line, unless nothing is there yet.
    pub(crate) fn line(mut self) -> Text {
        if !self.0.is_empty() {
            self.0.push(Piece::Break);
        }
        self
    }

    /// Each on a line of its own.
    pub(crate) fn lines(texts: impl IntoIterator<Item = Text>) -> Text {
        texts.into_iter().fold(Text::default(), |all, text| all.line().then(text))
    }

    /// One after the other, these words between them.
    pub(crate) fn joined(texts: impl IntoIterator<Item = Text>, between: &str) -> Text {
        texts.into_iter().fold(Text::default(), |all, text| match all.is_empty() {
            true => text,
            false => all.words(between).then(text),
        })
    }

    /// Names, each as code.
    pub(crate) fn names<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Text {
        Text::joined(names.into_iter().map(|name| Text::default().code(name)), ", ")
    }

    /// The text, or these words where it says nothing.
    pub(crate) fn or(self, words: &'static str) -> Text {
        if self.is_empty() { Text::said(words) } else { self }
    }

    fn put(mut self, text: &str, piece: fn(String) -> Piece) -> Text {
        if !text.is_empty() {
            self.0.push(piece(visible(text)));
        }
        self
    }
}

/// With what nobody sees made visible: a policy's texts may hold escapes for a terminal, and characters
/// that show the rest of a line in another order than it is read (CVE-2021-42574).
fn visible(text: &str) -> String {
    let hidden = |found: char| {
        found.is_control()
            || matches!(found, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(found, '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
    };
    if !text.contains(hidden) {
        return text.to_owned();
    }
    let mut seen = String::with_capacity(text.len() + 8);
    for found in text.chars() {
        if hidden(found) {
            seen.extend(found.escape_unicode());
        } else {
            seen.push(found);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::{Piece, Text};

    #[test]
    fn what_nobody_sees_is_shown() {
        let text = Text::default().words("a\u{1b}[2Jb").code("x\u{202e}y").place("f\n:1:1");
        let pieces = [
            Piece::Words("a\\u{1b}[2Jb".to_owned()),
            Piece::Code("x\\u{202e}y".to_owned()),
            Piece::Place("f\\u{a}:1:1".to_owned()),
        ];
        assert_eq!(text.pieces(), pieces);
    }

    #[test]
    fn a_sentence_of_ours_quotes_in_backticks() {
        let pieces = [Piece::Words("say ".to_owned()), Piece::Code("public".to_owned())];
        assert_eq!(Text::said("say `public`").pieces(), pieces);
    }
}
