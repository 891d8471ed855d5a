//! From text to syntax tree.
//!
//! A text goes through three gates: its size and its nesting are bounded ([`scan`]) before pest
//! sees it, pest says whether it follows the grammar, and one reader for each kind of declaration
//! turns pest's pairs into [`ast`]. Nothing outside this folder knows pest.

mod budget;
mod cors;
mod credential;
mod errors;
mod expectation;
mod explain;
mod expression;
mod headers;
mod input;
mod invariant;
mod layout;
mod lexeme;
mod literal;
mod outbound;
mod reader;
mod resource;
mod role;
mod route;
mod scan;
mod scope;
mod secret;
mod session;
mod setting;
mod test;
mod transport;

use std::ops::Range;

use pest::Parser as _;

use self::{lexeme::Scan, reader::Reader};
use crate::{Code, Diagnostic, FileId, Role, Sources, Span, ast};

/// The parser that pest makes of the grammar, and its `Rule`.
mod pegs {
    #[derive(pest_derive::Parser)]
    #[grammar = "grammar/policy.pest"]
    #[grammar = "grammar/tokens.pest"]
    #[grammar = "grammar/words.pest"]
    pub(super) struct Grammar;
}

pub(crate) use self::layout::{
    Break, Clause, Content, Entry, Group, GroupKind, Piece, Run, layout, tokens,
};
use self::pegs::{Grammar, Rule};

type Pair<'i> = pest::iterators::Pair<'i, Rule>;

/// The largest file that is read, in bytes.
pub const LARGEST_FILE: usize = 1 << 20;
/// How many faults of a file are reported: a file of a million braces has a million.
const MOST_FAULTS: usize = 100;

/// Parses one file.
///
/// The tree holds every declaration that could be read; where a fault is among the diagnostics,
/// it must not be used for anything but more diagnostics.
#[must_use]
pub fn parse(sources: &Sources, file: FileId) -> (ast::File, Vec<Diagnostic>) {
    let Some(source) = sources.file(file) else {
        return (ast::File::default(), Vec::new());
    };
    let text = source.text.as_str();
    let scan = match admit(text, file) {
        Ok(scan) => scan,
        Err(fault) => return (ast::File::default(), vec![fault]),
    };
    let mut parsed = ast::File::default();
    let mut faults = read_whole(text, &scan, file, &mut parsed);
    // What a test sends is made up: it may look like anything.
    if source.role == Role::Policy {
        faults.extend(secrets(text, &scan, file));
    }
    (parsed, faults)
}

fn read_whole(text: &str, scan: &Scan, file: FileId, parsed: &mut ast::File) -> Vec<Diagnostic> {
    if !scan.faults.is_empty() {
        return read_apart(text, scan, file, parsed);
    }
    match read(text, 0..text.len(), file, parsed) {
        Ok(faults) => faults,
        Err(fault) => {
            // One fault hides the next from pest, so each declaration is read by itself.
            let faults = read_apart(text, scan, file, parsed);
            if faults.is_empty() {
                return vec![explain::syntax(&fault, 0, text, scan, file)];
            }
            faults
        }
    }
}

/// The texts that look like secrets.
fn secrets(text: &str, scan: &Scan, file: FileId) -> Vec<Diagnostic> {
    let found = scan.lexemes.iter().enumerate().filter_map(|(at, lexeme)| {
        if lexeme.kind != lexeme::Kind::Text {
            return None;
        }
        let what = secret(text.get(lexeme.range.clone())?)?;
        let before = scan.lexemes.get(..at)?;
        if what == secret::RANDOM && names_publicly(text, before) {
            return None;
        }
        let message = format!("this text looks like {what}");
        Some(
            Diagnostic::error(Code::SecretLiteral, span(file, lexeme.range.clone()), message)
                .label("secrets are never in a policy")
                .help("the host hands keys over; a setting `from host` holds what differs"),
        )
    });
    found.take(MOST_FAULTS).collect()
}

/// Whether the text behind these lexemes is what the outside calls something: every token says its
/// `issuer` and `audience`, and every client what stands behind `as`.
fn names_publicly(text: &str, before: &[lexeme::Lexeme]) -> bool {
    let word = before.iter().rev().find(|lexeme| !lexeme.kind.is_comment());
    let word = word.and_then(|lexeme| text.get(lexeme.range.clone()));
    matches!(word, Some("issuer" | "audience" | "as"))
}

/// Bounds a text before it is parsed: its size, its bytes, its nesting.
fn admit(text: &str, file: FileId) -> Result<Scan, Diagnostic> {
    if text.len() > LARGEST_FILE {
        let message = format!("the file has {} bytes, expected at most 1 MiB", text.len());
        return Err(Diagnostic::error(Code::TooLarge, span(file, 0..0), message)
            .help("split it: every `*.gate` file of the folder is read"));
    }
    match text.find('\0') {
        Some(at) => Err(not_text(text, at, file)),
        None => scan::scan(text, file),
    }
}

/// A NUL, or bytes that are no UTF-8, of which [`Source::from_bytes`](crate::Source::from_bytes) keeps the first
/// one behind a NUL at the end.
fn not_text(text: &str, at: usize, file: FileId) -> Diagnostic {
    let fault = |message: String| Diagnostic::error(Code::NotText, span(file, at..at + 1), message);
    let mut rest = text.get(at + 1..).unwrap_or("").chars();
    match (rest.next().map(u32::from), rest.next()) {
        (Some(byte @ 0x80..=0xff), None) => {
            let help = match (at, byte) {
                (0, 0xfe | 0xff) => "it looks like UTF-16: save the file as UTF-8",
                _ => "save the file as UTF-8; it may be in Latin-1 or Windows-1252",
            };
            fault(format!("the byte 0x{byte:02X} here is no UTF-8, expected text in UTF-8"))
                .help(help)
        }
        _ => fault("the file holds a NUL byte, expected text".to_owned()),
    }
}

/// What a text, its quotes around it, looks like, if it looks like a secret.
pub(crate) fn secret(token: &str) -> Option<&'static str> {
    secret::looks_like(&literal::text(token).ok()?)
}

/// Reads every declaration by itself and gathers the faults of all.
fn read_apart(text: &str, scan: &Scan, file: FileId, parsed: &mut ast::File) -> Vec<Diagnostic> {
    *parsed = ast::File::default();
    let mut faults = Vec::new();
    for part in &scan.parts {
        if faults.len() > MOST_FAULTS {
            break;
        }
        let mut broken = scan.faults.iter().filter(|fault| part.contains(&fault.at)).peekable();
        if broken.peek().is_some() {
            faults.extend(broken.map(|fault| fault.diagnostic.clone()));
            continue;
        }
        match read(text, part.clone(), file, parsed) {
            Ok(found) => faults.extend(found),
            Err(fault) => faults.push(explain::syntax(&fault, part.start, text, scan, file)),
        }
    }
    if faults.len() > MOST_FAULTS {
        faults.truncate(MOST_FAULTS);
        let message = format!("more than {MOST_FAULTS} faults: the rest are not reported");
        let end = text.len();
        faults.push(Diagnostic::error(Code::TooLarge, span(file, end..end), message));
    }
    faults
}

/// Reads the declarations in a part of a text.
fn read(
    text: &str,
    part: Range<usize>,
    file: FileId,
    parsed: &mut ast::File,
) -> Result<Vec<Diagnostic>, Box<pest::error::Error<Rule>>> {
    let mut reader = Reader::new(file, part.start);
    let text = text.get(part.start..part.end.min(text.len())).unwrap_or("");
    let whole = Grammar::parse(Rule::file, text)?;
    for pair in whole.clone().flatten() {
        reader.check_literal(&pair);
        reader.check_said(&pair);
        reader.check_name(&pair);
    }
    for pair in whole.flat_map(Pair::into_inner) {
        reader.declaration(pair, parsed);
    }
    Ok(reader.finish())
}

/// A range of bytes of a file as a span.
fn span(file: FileId, range: Range<usize>) -> Span {
    let at = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
    Span { file, start: at(range.start), end: at(range.end) }
}

/// An author's words as a message quotes them: of a length that a reader takes in, and with what
/// a terminal would act on, or not show, spelt out.
fn shown(text: &str) -> String {
    let mut shown = String::new();
    for (position, char) in text.chars().enumerate() {
        match char {
            _ if position == 40 => {
                shown.push('…');
                break;
            }
            '\'' | '"' | '\\' => shown.push(char),
            _ => shown.extend(char.escape_debug()),
        }
    }
    shown
}
