//! One linear walk over a text before pest sees it: it bounds nesting and names, finds brackets
//! and quotes that are never closed, the comments, and where each declaration begins.
//!
//! It knows just enough of the language for that: quotes, comments, the patterns and regexes in
//! which a bracket is no bracket.

use std::ops::Range;

use super::lexeme::{Fault, Kind, Lexeme, Scan};
use super::span;
use crate::{Code, Diagnostic, FileId};

/// The deepest nesting of brackets. Pest and the readers recurse once for each.
const DEEPEST: usize = 32;
/// The longest name, in characters.
pub(super) const LONGEST_NAME: usize = 64;
pub(super) const NAME_TOO_LONG: &str = "a name has at most 64 characters";

/// The words that a declaration begins with.
pub(super) const DECLARATIONS: &[&str] = &[
    "setting",
    "transport",
    "cors",
    "headers",
    "errors",
    "credential",
    "session",
    "role",
    "scope",
    "enum",
    "resource",
    "input",
    "outbound",
    "budget",
    "group",
    "route",
    "action",
    "invariant",
    "test",
];

/// Walks over a text; an error where it must not be parsed at all.
pub(super) fn scan(text: &str, file: FileId) -> Result<Scan, Diagnostic> {
    let scan = Scanner::new(text, file, false).run()?;
    if scan.faults.is_empty() {
        return Ok(scan);
    }
    // Brackets do not match, so depth says nothing of where a declaration begins. Where the line
    // begins at the margin, as declarations do, is then the better guess.
    Scanner::new(text, file, true).run()
}

struct Scanner<'t> {
    text: &'t str,
    file: FileId,
    at: usize,
    /// Whether a declaration's word at the margin ends whatever is open.
    at_margin: bool,
    /// Where the brackets stand that are open.
    open: Vec<usize>,
    /// Where the line begins.
    line: usize,
    /// Whether the line has held nothing but white space so far.
    blank: bool,
    /// Where the docs begin that belong to what follows.
    docs: Option<usize>,
    /// Where the two lexemes before stand, comments apart.
    last: Range<usize>,
    last_but_one: Range<usize>,
    starts: Vec<usize>,
    /// Whether a text or regex that is never closed may have swallowed a bracket.
    swallowed: bool,
    found: Scan,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str, file: FileId, at_margin: bool) -> Scanner<'t> {
        Scanner {
            text,
            file,
            at: 0,
            at_margin,
            open: Vec::new(),
            line: 0,
            blank: true,
            docs: None,
            last: 0..0,
            last_but_one: 0..0,
            starts: Vec::new(),
            swallowed: false,
            found: Scan::default(),
        }
    }

    fn run(mut self) -> Result<Scan, Diagnostic> {
        while let Some(byte) = self.byte(self.at) {
            match byte {
                b'\n' => {
                    self.at += 1;
                    self.line = self.at;
                    self.blank = true;
                    continue;
                }
                b' ' | b'\t' | b'\r' | b',' => {
                    self.at += 1;
                    continue;
                }
                b'/' if self.byte(self.at + 1) == Some(b'/') => self.comment(),
                b'/' if self.follows_matching() => self.regex(),
                // The slash of a network, `10.0.0.0/8` or `fd00::/8`, begins nothing.
                b'/' if self.adheres() => self.push(Kind::Mark, self.at + 1),
                b'/' => self.slashed(),
                b'"' => self.text(),
                b'{' | b'[' | b'(' => self.open()?,
                b'}' | b']' | b')' => self.close(byte),
                byte if is_word(byte) => self.word(),
                _ => {
                    let length = self.rest().chars().next().map_or(1, char::len_utf8);
                    self.push(Kind::Mark, self.at + length);
                }
            }
            self.blank = false;
        }
        self.close_all();
        self.found.parts = self.parts();
        Ok(self.found)
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// The rest of the line.
    fn line_left(&self) -> &'t str {
        self.rest().split('\n').next().unwrap_or("")
    }

    /// How many bytes from here on fulfil a condition.
    fn run_of(&self, test: impl Fn(u8) -> bool) -> usize {
        self.rest().bytes().take_while(|byte| test(*byte)).count()
    }

    fn push(&mut self, kind: Kind, end: usize) {
        if kind != Kind::Doc {
            self.docs = None;
        }
        let range = self.at..end;
        if !kind.is_comment() {
            self.last_but_one = std::mem::replace(&mut self.last, range.clone());
        }
        self.found.lexemes.push(Lexeme { kind, range });
        self.at = end;
    }

    fn fault(&self, code: Code, range: Range<usize>, message: &str) -> Diagnostic {
        Diagnostic::error(code, span(self.file, range), message)
    }

    fn report(&mut self, at: usize, diagnostic: Diagnostic) {
        if self.found.faults.len() <= super::MOST_FAULTS {
            self.found.faults.push(Fault { at, diagnostic });
        }
    }

    fn comment(&mut self) {
        let rest = self.rest();
        let kind = if rest.starts_with("//!") {
            Kind::FileDoc
        } else if rest.starts_with("///") && !rest.starts_with("////") {
            Kind::Doc
        } else {
            Kind::Comment
        };
        let docs = self.docs.or((kind == Kind::Doc).then_some(self.at));
        self.push(kind, self.at + self.line_left().len());
        if kind == Kind::Doc {
            self.docs = docs;
        }
    }

    fn word(&mut self) {
        let length = self.run_of(is_word);
        let range = self.at..self.at + length;
        let word = self.text.get(range.clone()).unwrap_or("");
        let next = self.byte(range.end);
        // A word at the margin behind a `}` begins a declaration too, though a misspelt one.
        let known = DECLARATIONS.contains(&word) && !matches!(next, Some(b':' | b'.'));
        let misspelt = self.line == self.at && self.open.is_empty() && self.last() == "}";
        let declares = self.blank
            && (known && (self.open.is_empty() || self.at_margin && self.line == self.at)
                || misspelt);
        if declares {
            self.close_all();
            self.starts.push(self.docs.unwrap_or(self.at));
            self.swallowed = false;
        }
        if length > LONGEST_NAME && !word.starts_with(|char: char| char.is_ascii_digit()) {
            let diagnostic = self
                .fault(Code::TooLarge, range.clone(), NAME_TOO_LONG)
                .label(format!("this one has {length}"));
            self.report(self.at, diagnostic);
        }
        self.push(Kind::Word, range.end);
    }

    fn text(&mut self) {
        let help = "end it with `\"` on the same line; a line break in it is `\\n`";
        self.enclosed(b'"', Kind::Text, "the text is never closed", help);
    }

    fn regex(&mut self) {
        let help = "end it with `/`; a slash inside is written `\\/`";
        self.enclosed(b'/', Kind::Regex, "the regex is never closed", help);
    }

    /// What begins here and goes on to the same byte again, unescaped, on the same line.
    fn enclosed(&mut self, byte: u8, kind: Kind, unclosed: &str, help: &str) {
        let mut escaped = false;
        for (offset, found) in self.rest().bytes().enumerate().skip(1) {
            match found {
                b'\n' => break,
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                _ if found == byte => return self.push(kind, self.at + offset + 1),
                _ => {}
            }
        }
        let end = self.at + self.line_left().trim_end().len();
        let diagnostic = self.fault(Code::Syntax, self.at..end, unclosed).help(help);
        self.report(self.at, diagnostic);
        self.push(kind, end);
        self.swallowed = true;
    }

    /// Whether what is here adheres to the word or colon before it.
    fn adheres(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|before| self.byte(before));
        before.is_some_and(|before| is_word(before) || before == b':')
    }

    /// Whether a slash begins a regex: only directly after the keyword.
    fn follows_matching(&self) -> bool {
        self.last() == "matching"
    }

    /// The last lexeme that is no comment.
    fn last(&self) -> &'t str {
        self.text.get(self.last.clone()).unwrap_or("")
    }

    /// A pattern up to white space, a comma or `]`; its parameters' braces are its own. A test's
    /// target may also hold brackets.
    fn slashed(&mut self) {
        // `request METHOD TARGET`
        let target = self.text.get(self.last_but_one.clone()) == Some("request");
        let mut end = self.at;
        while let Some(byte) = self.byte(end) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' | b'"' | b'}' => break,
                b']' if !target => break,
                b'/' if self.byte(end + 1) == Some(b'/') => break,
                b'{' => match self.parameter(end) {
                    Some(after) if !target => {
                        end = after;
                        continue;
                    }
                    _ => break,
                },
                _ => end += 1,
            }
        }
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        self.push(Kind::Slashed, end.max(self.at + 1));
    }

    /// Where the `{name}` or `{name...}` that begins here ends.
    fn parameter(&self, at: usize) -> Option<usize> {
        let inner = self.text.get(at + 1..)?;
        let name = inner.bytes().take_while(|byte| is_word(*byte) || *byte == b'.').count();
        (self.byte(at + 1 + name) == Some(b'}')).then_some(at + name + 2)
    }

    fn open(&mut self) -> Result<(), Diagnostic> {
        if self.open.len() == DEEPEST {
            let message = "brackets are nested deeper than 32 levels";
            return Err(self.fault(Code::TooLarge, self.at..self.at + 1, message));
        }
        self.open.push(self.at);
        self.push(Kind::Open, self.at + 1);
        Ok(())
    }

    fn close(&mut self, found: u8) {
        let range = self.at..self.at + 1;
        let closes = |open: &usize| closer(self.byte(*open)) == char::from(found);
        match self.open.iter().rposition(closes) {
            Some(depth) => {
                // What is open inside was never closed.
                let inner = self.open.get(depth + 1..).and_then(|inner| inner.last()).copied();
                self.open.truncate(depth);
                if let Some(inner) = inner.filter(|_| !self.swallowed) {
                    let expected = closer(self.byte(inner));
                    let message = format!("expected `{expected}`, found `{}`", char::from(found));
                    let opened = span(self.file, inner..inner + 1);
                    let diagnostic =
                        self.fault(Code::Syntax, range, &message).and(opened, "opened here");
                    self.report(self.at, diagnostic);
                }
            }
            None if self.swallowed => {}
            None => {
                let message = format!("`{}` closes nothing", char::from(found));
                let diagnostic = self.fault(Code::Syntax, range, &message).help("remove it");
                self.report(self.at, diagnostic);
            }
        }
        self.push(Kind::Close, self.at + 1);
    }

    /// Reports what is open where a declaration or the text ends: the innermost bracket.
    fn close_all(&mut self) {
        let Some(open) = self.open.pop() else { return };
        self.open.clear();
        let start = self.starts.last().copied().unwrap_or(0);
        // One fault with brackets is enough for one declaration.
        if self.found.faults.iter().any(|fault| fault.at >= start) {
            return;
        }
        let expected = closer(self.byte(open));
        let bracket = self.text.get(open..open + 1).unwrap_or("");
        let end = self.found.lexemes.last().map_or(0, |last| last.range.end);
        let diagnostic = self
            .fault(Code::Syntax, open..open + 1, &format!("`{bracket}` is never closed"))
            .and(span(self.file, end..end), format!("expected `{expected}` here"));
        self.report(open, diagnostic);
    }

    /// Cuts the text at the starts; what stands before the first belongs to it if it is comments.
    fn parts(&self) -> Vec<Range<usize>> {
        let mut starts = self.starts.clone();
        let first = starts.first().copied().unwrap_or(0);
        let opening = self.found.lexemes.iter().take_while(|lexeme| lexeme.range.start < first);
        if !starts.is_empty() && opening.into_iter().all(|lexeme| lexeme.kind.is_comment()) {
            starts.remove(0);
        }
        starts.insert(0, 0);
        let ends = starts.iter().skip(1).copied().chain([self.text.len() + 1]);
        // One past the end, so that a fault at the very end lies in the last part.
        starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn closer(open: Option<u8>) -> char {
    match open {
        Some(b'{') => '}',
        Some(b'[') => ']',
        _ => ')',
    }
}
