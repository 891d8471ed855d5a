//! Where text comes from: the files of a policy and the spans that point into them.

use std::fmt;
use std::sync::OnceLock;

/// The position of a file in its [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A half-open range of bytes in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// From here to the end of `other`, which lies later in the same file.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start, end: other.end.max(self.start) }
    }
}

/// A value and where it stands in the text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spanned<T> {
    /// The value.
    pub node: T,
    /// Where it stands.
    pub span: Span,
}

impl<T: fmt::Debug> fmt::Debug for Spanned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

/// What a file may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A `*.gate` file: declarations of the policy.
    Policy,
    /// A `*.test.gate` file: tests, read by the tools only.
    Test,
}

/// What may stand before a text in UTF-8, and says nothing (RFC 3629, 6).
pub(crate) const BYTE_ORDER_MARK: char = '\u{feff}';

/// One file of a policy.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path as the reader knows it, for diagnostics.
    pub name: String,
    /// The text.
    pub text: String,
    /// Whether it holds declarations or tests; told by its name.
    pub role: Role,
}

impl Source {
    /// A file whose role is told by its name: `*.test.gate` holds tests, all else is policy. A byte order mark,
    /// which some editors put first, is no part of the text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        let name = name.into();
        let role = if name.ends_with(".test.gate") { Role::Test } else { Role::Policy };
        let mut text = text.into();
        if text.starts_with(BYTE_ORDER_MARK) {
            text.drain(..BYTE_ORDER_MARK.len_utf8());
        }
        Source { name, text, role }
    }

    /// A file as it was read. Bytes that are no UTF-8 are a fault of the text like others: what
    /// comes before them is kept, and a NUL, which no text may hold, stands where they begin, with the
    /// character of the first one's number behind it.
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Source {
        let text = String::from_utf8(bytes).unwrap_or_else(|error| {
            let valid = error.utf8_error().valid_up_to();
            let (text, rest) = error.as_bytes().split_at(valid);
            let first = rest.first().copied().map_or('\0', char::from);
            format!("{}\0{first}", String::from_utf8_lossy(text))
        });
        Source::new(name, text)
    }
}

/// The files that a policy was read from, in the order of their names.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
    /// Where the lines of each file end, once anybody asks: a large policy may have many findings.
    line_ends: Vec<OnceLock<Vec<usize>>>,
}

impl Sources {
    /// No files yet.
    #[must_use]
    pub fn new() -> Sources {
        Sources::default()
    }

    /// Adds a file and says how to name it.
    pub fn add(&mut self, source: Source) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(source);
        self.line_ends.push(OnceLock::new());
        id
    }

    /// The file of an id.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&Source> {
        self.files.get(id.0 as usize)
    }

    /// All files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        (0u32..).map(FileId).zip(&self.files)
    }

    /// The text that a span covers, or nothing where the span lies outside.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.file(span.file)
            .and_then(|file| file.text.get(span.start as usize..span.end as usize))
            .unwrap_or("")
    }

    /// Line and column (in characters), both from 1, of a byte of a file.
    #[must_use]
    pub fn position(&self, file: FileId, byte: u32) -> (u32, u32) {
        let text = self.file(file).map_or("", |file| &file.text);
        let mut byte = (byte as usize).min(text.len());
        while !text.is_char_boundary(byte) {
            byte -= 1;
        }
        let ends =
            self.line_ends.get(file.0 as usize).map(|ends| ends.get_or_init(|| line_ends(text)));
        let ends = ends.map_or(&[] as &[usize], Vec::as_slice);
        let line = ends.partition_point(|end| *end < byte);
        let start =
            line.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |end| end + 1);
        let column = text.get(start..byte).unwrap_or("").chars().count();
        let from_one = |number: usize| u32::try_from(number + 1).unwrap_or(u32::MAX);
        (from_one(line), from_one(column))
    }
}

fn line_ends(text: &str) -> Vec<usize> {
    text.match_indices('\n').map(|(end, _)| end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let text = "a\n\né\u{1f980}b\n";
        let mut sources = Sources::new();
        sources.add(Source::new("empty.gate", ""));
        let file = sources.add(Source::new("a.gate", text));
        assert_eq!(sources.position(FileId(0), 0), (1, 1));
        let found =
            (0..=u32::try_from(text.len()).unwrap() + 1).map(|byte| sources.position(file, byte));
        let expected = [
            (1, 1),
            (1, 2),
            (2, 1),
            (3, 1),
            (3, 1),
            (3, 2),
            (3, 2),
            (3, 2),
            (3, 2),
            (3, 3),
            (3, 4),
            (4, 1),
            (4, 1),
        ];
        assert_eq!(found.collect::<Vec<_>>(), expected);
        assert_eq!(sources.position(FileId(9), 3), (1, 1));
    }
}
