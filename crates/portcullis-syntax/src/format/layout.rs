//! Indentation, spacing and columns.

use super::token::{Token, lex};

/// One level of brackets.
const INDENT: usize = 4;
/// Between a column and what follows it, and before a comment that ends a line.
const GAP: usize = 2;

/// What opens a declaration whose block may stand on its line: there the block begins the column.
const BLOCKS: &[&str] = &[
    "action",
    "budget",
    "cors",
    "credential",
    "enum",
    "errors",
    "headers",
    "input",
    "outbound",
    "predicate",
    "resource",
    "role",
    "scope",
    "session",
    "setting",
    "transport",
    "view",
];

/// A line, without its indentation.
struct Line {
    depth: usize,
    /// Up to the column.
    head: String,
    /// From the column on.
    tail: String,
    comment: String,
    column: Column,
}

/// What a line lines up with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    /// Nothing: it is blank, a comment, or opens or closes a block.
    None,
    /// The clause lines around it, after their first word.
    Clause,
    /// The one-line blocks around it, before their brace.
    Block,
}

pub(super) fn print(text: &str) -> String {
    let mut depth = 0usize;
    let mut lines: Vec<Line> = Vec::new();
    for line in text.lines() {
        let mut tokens = lex(line);
        // A comma at the start of a line says nothing.
        let commas = tokens.iter().take_while(|token| **token == Token::Comma).count();
        tokens.drain(..commas);
        let said = tokens.iter().filter(|token| **token != Token::Comma);
        let closing = said.take_while(|token| matches!(token, Token::Close(_))).count();
        let opened = tokens.iter().filter(|token| matches!(token, Token::Open(_))).count();
        let closed = tokens.iter().filter(|token| matches!(token, Token::Close(_))).count();
        let own = depth.saturating_sub(closing);
        depth = (depth + opened).saturating_sub(closed);
        let line = self::line(&tokens, own, opened == closed);
        let blank = is_blank(&line);
        // No blank line begins a file or a block, none ends one, and none follows another.
        if blank && lines.last().is_none_or(|last| is_blank(last) || opens(last)) {
            continue;
        }
        if closing > 0 {
            while lines.last().is_some_and(is_blank) {
                lines.pop();
            }
        }
        lines.push(line);
    }
    while lines.last().is_some_and(is_blank) {
        lines.pop();
    }
    align(&mut lines);
    let mut out = String::new();
    for line in &lines {
        let mut text = format!("{}{}{}", " ".repeat(line.depth * INDENT), line.head, line.tail);
        if !line.comment.is_empty() {
            if !text.trim().is_empty() {
                text.push_str(&" ".repeat(GAP));
            }
            text.push_str(&line.comment);
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

fn is_blank(line: &Line) -> bool {
    line.head.is_empty() && line.tail.is_empty() && line.comment.is_empty()
}

fn opens(line: &Line) -> bool {
    line.head.ends_with(['{', '[', '(']) || line.tail.ends_with(['{', '[', '('])
}

fn line(tokens: &[Token<'_>], depth: usize, whole: bool) -> Line {
    let comment = match tokens.last() {
        Some(Token::Comment(text)) => (*text).to_owned(),
        _ => String::new(),
    };
    let code = match tokens {
        [code @ .., Token::Comment(_)] => code,
        code => code,
    };
    let mut found =
        Line { depth, head: String::new(), tail: String::new(), comment, column: Column::None };
    let first = match code.first() {
        Some(Token::Word(word)) if code.len() > 1 => *word,
        _ => {
            found.head = spaced(code);
            return found;
        }
    };
    let brace = code.iter().position(|token| *token == Token::Open("{"));
    let ends = code.last() == Some(&Token::Close("}"));
    let (column, at) = match brace {
        Some(at) if whole && ends && at > 0 && BLOCKS.contains(&first) => (Column::Block, at),
        // JSON has no columns.
        _ if !whole || first.starts_with('"') || code.get(1) == Some(&Token::Mark(":")) => {
            (Column::None, code.len())
        }
        _ => (Column::Clause, 1),
    };
    let (head, tail) = code.split_at(at.min(code.len()));
    found.head = spaced(head);
    found.tail = spaced(tail);
    found.column = column;
    // A group, a route or a test is a line of its own kind.
    if matches!(first, "group" | "route" | "test" | "invariant") && brace.is_some() {
        found.head = spaced(code);
        found.tail.clear();
        found.column = Column::None;
    }
    found
}

/// Pads the heads of lines that stand together.
fn align(lines: &mut [Line]) {
    let mut start = 0;
    while start < lines.len() {
        let key = |line: &Line| (line.depth, line.column);
        let Some(first) = lines.get(start).map(key) else {
            return;
        };
        let run = lines.iter().skip(start).take_while(|line| key(line) == first).count().max(1);
        if first.1 != Column::None {
            let group = lines.iter().skip(start).take(run);
            let width = group.map(|line| line.head.chars().count()).max().unwrap_or(0);
            // A line by itself has no column to keep.
            let gap = if run > 1 { GAP } else { 1 };
            for line in lines.iter_mut().skip(start).take(run) {
                let pad = width + gap - line.head.chars().count();
                line.head.push_str(&" ".repeat(pad));
            }
        }
        start += run;
    }
}

/// Tokens with one space between them, but where they stand close.
fn spaced(tokens: &[Token<'_>]) -> String {
    let mut out = String::new();
    let mut before: Option<Token<'_>> = None;
    for (index, token) in tokens.iter().enumerate() {
        let next = tokens.get(index + 1);
        let text = match token {
            // A comma before a bracket that closes says nothing.
            Token::Comma if matches!(next, None | Some(Token::Close(_) | Token::Comma)) => continue,
            Token::Comma if before.is_none() => continue,
            Token::Comma => ",",
            Token::Word(text)
            | Token::Mark(text)
            | Token::Open(text)
            | Token::Close(text)
            | Token::Comment(text) => text,
        };
        let close = match (before, token) {
            (None, _) | (_, Token::Comma | Token::Mark(_)) => true,
            (Some(Token::Open("{")), _) | (_, Token::Close("}")) => false,
            (Some(Token::Open(_)), _) | (_, Token::Close(_)) => true,
            _ => false,
        };
        if !close {
            out.push(' ');
        }
        out.push_str(text);
        before = Some(*token);
    }
    out
}
