//! Cuts a file into its declarations, before any of it is parsed.
//!
//! So one fault does not hide the next, and what the parser is given is bounded: nesting here, size
//! by the caller. One pass over the bytes, whatever they are.

use std::ops::Range;

/// How deep `{`, `[` and `(` may be nested.
pub(super) const DEEPEST: usize = 32;
/// How long a name may be.
const LONGEST_NAME: usize = 64;

/// The words that open a declaration, and whether this version enforces it.
pub(super) const DECLARATIONS: &[(&str, bool)] = &[
    ("transport", true),
    ("credential", true),
    ("role", true),
    ("enum", true),
    ("resource", true),
    ("input", true),
    ("budget", true),
    ("group", true),
    ("route", true),
    ("test", true),
    ("setting", false),
    ("cors", false),
    ("headers", false),
    ("errors", false),
    ("session", false),
    ("scope", false),
    ("outbound", false),
    ("action", false),
    ("invariant", false),
];

/// A file, cut.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// The declarations, with the docs before them.
    pub(super) declarations: Vec<Piece>,
    /// The lines after `//!`.
    pub(super) docs: Vec<String>,
    /// What is wrong with the brackets, strings and sizes.
    pub(super) faults: Vec<Fault>,
}

/// One declaration.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// From its first doc line to its closing brace.
    pub(super) range: Range<usize>,
    /// Its first word.
    pub(super) word: Range<usize>,
    /// Whether its brackets are whole, so that it can be parsed.
    pub(super) whole: bool,
}

/// A fault of the text's outermost form.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A bracket that is never closed, and where that was noticed.
    Unclosed { open: usize, end: usize },
    /// A bracket that closes nothing, or another than it should.
    Unopened { close: usize, open: Option<usize> },
    /// A string that does not end on its line.
    OpenString(Range<usize>),
    /// Brackets nested too deep.
    TooDeep(usize),
    /// A name that is too long.
    LongName(Range<usize>),
    /// `///` before nothing that it could document.
    LoneDoc(Range<usize>),
    /// `//!` that does not open the file.
    LateFileDoc(Range<usize>),
}

/// Cuts a text. Where a bracket is left open at its end, it is cut again by the left margin: the
/// declarations after the open one are to be read all the same.
pub(super) fn split(text: &str) -> Pieces {
    let pieces = cut(text, false);
    if pieces.faults.iter().any(|fault| matches!(fault, Fault::Unclosed { .. })) {
        return cut(text, true);
    }
    pieces
}

fn cut(text: &str, by_margin: bool) -> Pieces {
    let mut cutter = Cutter {
        text,
        bytes: text.as_bytes(),
        at: 0,
        by_margin,
        pieces: Pieces::default(),
        open: Vec::new(),
        start: None,
        word: None,
        last_doc: None,
        last_word: 0..0,
        too_deep: false,
        sound: true,
    };
    cutter.run();
    cutter.pieces
}

struct Cutter<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    by_margin: bool,
    pieces: Pieces,
    /// The brackets that are open.
    open: Vec<(u8, usize)>,
    /// Where the declaration begins, its docs included.
    start: Option<usize>,
    /// Its first word.
    word: Option<Range<usize>>,
    /// A doc line since the last word or bracket.
    last_doc: Option<Range<usize>>,
    last_word: Range<usize>,
    too_deep: bool,
    sound: bool,
}

impl Cutter<'_> {
    fn byte(&self, offset: usize) -> u8 {
        self.bytes.get(self.at + offset).copied().unwrap_or(0)
    }

    fn run(&mut self) {
        while self.at < self.bytes.len() {
            match self.byte(0) {
                b'"' => self.string(),
                b'/' if self.byte(1) == b'/' => self.comment(),
                b'/' if self.text.get(self.last_word.clone()) == Some("matching") => self.regex(),
                b'/' if self.begins_token() => self.pattern(),
                bracket @ (b'{' | b'[' | b'(') => self.opens(bracket),
                bracket @ (b'}' | b']' | b')') => self.closes(bracket),
                byte if byte.is_ascii_alphabetic() || byte == b'_' => self.word(),
                byte if byte.is_ascii_whitespace() || byte == b',' => self.at += 1,
                _ => {
                    self.begin();
                    self.last_word = 0..0;
                    self.at += 1;
                }
            }
        }
        if let Some((_, open)) = self.open.first().copied() {
            self.pieces.faults.push(Fault::Unclosed { open, end: self.bytes.len() });
            self.sound = false;
        }
        self.lone_doc();
        self.end();
    }

    /// Something of a declaration stands here.
    fn begin(&mut self) {
        let at = self.last_doc.take().map_or(self.at, |doc| doc.start);
        self.start.get_or_insert(at);
    }

    /// A declaration ends here.
    fn end(&mut self) {
        let word = self.word.take();
        if let Some(start) = self.start.take() {
            let word = word.unwrap_or(start..start);
            let range = start..self.at;
            self.pieces.declarations.push(Piece { range, word, whole: self.sound });
        }
        self.open.clear();
        self.sound = true;
        self.too_deep = false;
    }

    fn line_end(&self) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        rest.iter().position(|b| *b == b'\n').map_or(self.bytes.len(), |end| self.at + end)
    }

    fn comment(&mut self) {
        let line = self.at..self.line_end();
        match (self.byte(2), self.byte(3)) {
            (b'!', _) => {
                if self.start.is_some() || !self.pieces.declarations.is_empty() {
                    self.pieces.faults.push(Fault::LateFileDoc(line.clone()));
                    self.sound = false;
                }
                let doc = self.text.get(line.start + 3..line.end).unwrap_or("");
                self.pieces.docs.push(doc.trim().to_owned());
            }
            (b'/', next) if next != b'/' && self.start.is_none() => {
                // Docs of several lines begin at the first of them.
                let start = self.last_doc.take().map_or(line.start, |doc| doc.start);
                self.last_doc = Some(start..line.end);
            }
            _ => {}
        }
        self.at = line.end;
    }

    fn lone_doc(&mut self) {
        if let Some(doc) = self.last_doc.take() {
            self.pieces.faults.push(Fault::LoneDoc(doc));
        }
    }

    fn string(&mut self) {
        self.begin();
        let start = self.at;
        self.at += 1;
        loop {
            match self.bytes.get(self.at) {
                Some(b'\\') => self.at += 2,
                Some(b'"') => break,
                None | Some(b'\n') => {
                    self.at = self.at.min(self.bytes.len());
                    self.pieces.faults.push(Fault::OpenString(start..self.at));
                    self.sound = false;
                    return;
                }
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        self.last_word = 0..0;
    }

    /// A regex holds brackets and quotes that are none of ours.
    fn regex(&mut self) {
        self.last_word = 0..0;
        let end = self.line_end();
        let mut class = false;
        self.at += 1;
        while self.at < end {
            match self.byte(0) {
                b'\\' => self.at += 1,
                b'[' => class = true,
                b']' => class = false,
                b'/' if !class => break,
                _ => {}
            }
            self.at += 1;
        }
        self.at = (self.at + 1).min(end.max(self.at));
    }

    fn begins_token(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.bytes.get(at)).copied();
        before.is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b',' | b'['))
    }

    /// A path holds braces of its own, and no comment begins in it.
    fn pattern(&mut self) {
        self.begin();
        self.last_word = 0..0;
        while self.at < self.bytes.len()
            && !self.byte(0).is_ascii_whitespace()
            && !matches!(self.byte(0), b',' | b']')
        {
            self.at += 1;
        }
    }

    fn word(&mut self) {
        let start = self.at;
        while self.byte(0).is_ascii_alphanumeric() || self.byte(0) == b'_' {
            self.at += 1;
        }
        let word = start..self.at;
        if word.len() > LONGEST_NAME {
            self.pieces.faults.push(Fault::LongName(word.clone()));
            self.sound = false;
        }
        let text = self.text.get(word.clone()).unwrap_or("");
        let opens_line = start == 0 || self.bytes.get(start - 1) == Some(&b'\n');
        if self.by_margin
            && !self.open.is_empty()
            && opens_line
            && !matches!(self.byte(0), b':' | b'.')
            && DECLARATIONS.iter().any(|(known, _)| *known == text)
        {
            // A declaration at the left margin while another is open: that one lacks its brace.
            if let Some((_, open)) = self.open.first().copied() {
                self.pieces.faults.push(Fault::Unclosed { open, end: start });
            }
            self.sound = false;
            let at = std::mem::replace(&mut self.at, start);
            self.end();
            self.at = at;
        }
        if self.open.is_empty() && self.is_hosted_setting(text) {
            self.at = word.end;
            self.last_word = 0..0;
            self.end();
            return;
        }
        let at = std::mem::replace(&mut self.at, start);
        self.begin();
        self.at = at;
        self.word.get_or_insert(word.clone());
        self.last_word = word;
    }

    /// `setting issuer: string from host` ends without a brace.
    fn is_hosted_setting(&self, text: &str) -> bool {
        text == "host"
            && self.text.get(self.last_word.clone()) == Some("from")
            && self.word.clone().and_then(|word| self.text.get(word)) == Some("setting")
    }

    fn opens(&mut self, bracket: u8) {
        self.begin();
        self.last_word = 0..0;
        self.open.push((bracket, self.at));
        if self.open.len() > DEEPEST {
            if !std::mem::replace(&mut self.too_deep, true) {
                self.pieces.faults.push(Fault::TooDeep(self.at));
            }
            self.sound = false;
        }
        self.at += 1;
    }

    fn closes(&mut self, bracket: u8) {
        self.last_word = 0..0;
        let open = match bracket {
            b'}' => b'{',
            b']' => b'[',
            _ => b'(',
        };
        match self.open.pop() {
            Some((found, _)) if found == open => {}
            other => {
                let open = other.map(|(_, at)| at);
                // One report a declaration: the rest follows from it.
                if self.sound {
                    self.pieces.faults.push(Fault::Unopened { close: self.at, open });
                }
                self.sound = false;
                self.begin();
            }
        }
        self.at += 1;
        if self.open.is_empty() && (bracket == b'}' || !self.sound) {
            self.end();
        }
    }
}
