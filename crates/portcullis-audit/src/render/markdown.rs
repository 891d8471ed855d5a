//! For a merge request or a wiki: CommonMark with the tables of GitHub.

use crate::document::{Block, Document, Piece, Section, Table, Text};

/// The document as Markdown.
#[must_use]
pub fn markdown(document: &Document) -> String {
    let mut page = format!("# {}\n", words(&document.title, Within::Line));
    blocks(&document.lead, &mut page);
    for section in &document.sections {
        self::section(section, &mut page);
    }
    page
}

fn section(section: &Section, page: &mut String) {
    heading("##", &section.title, page);
    blocks(&section.blocks, page);
    for part in &section.parts {
        heading("###", &part.title, page);
        blocks(&part.blocks, page);
    }
}

fn heading(level: &str, title: &str, page: &mut String) {
    page.push_str(&format!("\n{level} {}\n", words(title, Within::Line)));
}

fn blocks(blocks: &[Block], page: &mut String) {
    for block in blocks {
        page.push('\n');
        match block {
            Block::Words(text) => {
                inline(text, Within::Line, page);
                page.push('\n');
            }
            Block::List(texts) => {
                for text in texts {
                    page.push_str("- ");
                    inline(text, Within::Line, page);
                    page.push('\n');
                }
            }
            Block::Table(table) => self::table(table, page),
        }
    }
}

fn table(table: &Table, page: &mut String) {
    page.push_str(&format!("**{}**\n\n|", words(&table.caption, Within::Line)));
    for column in &table.columns {
        page.push_str(&format!(" {} |", words(column, Within::Cell)));
    }
    page.push_str("\n|");
    page.push_str(&" --- |".repeat(table.columns.len()));
    page.push('\n');
    for row in &table.rows {
        page.push('|');
        for cell in row {
            page.push(' ');
            inline(cell, Within::Cell, page);
            page.push_str(" |");
        }
        page.push('\n');
    }
}

/// In a cell a pipe ends it, in code too, unless a backslash stands before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Line,
    Cell,
}

fn inline(text: &Text, within: Within, page: &mut String) {
    let pieces = text.pieces();
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Words(said) if index == 0 => page.push_str(&beginning(said, within)),
            Piece::Words(said) => page.push_str(&words(said, within)),
            Piece::Code(code) => page.push_str(&quoted(code, within)),
            Piece::Place(place) => page.push_str(&format!("({})", words(place, within))),
            Piece::Mark(mark) => page.push_str(&format!("**{}**", mark.as_str())),
            Piece::Break => page.push_str("<br>"),
        }
    }
}

/// Words with which a line begins, and which could so be a heading, a list or a rule.
fn beginning(said: &str, within: Within) -> String {
    let text = words(said, within);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.get(digits..).and_then(|rest| rest.chars().next()) {
        Some('.' | ')') if digits > 0 => {
            let (number, rest) = text.split_at(digits);
            format!("{number}\\{rest}")
        }
        Some('#' | '+' | '-' | '=') if digits == 0 => format!("\\{text}"),
        _ => text,
    }
}

/// Words that are words. What a renderer would make a link or a mention of by itself is code, since in that alone
/// no renderer looks for any: a backslash or an entity before it is gone by the time that some look.
fn words(said: &str, within: Within) -> String {
    let parts = said.split_inclusive(char::is_whitespace).map(|part| {
        let word = part.trim_end();
        let space = part.get(word.len()..).unwrap_or("");
        match is_live(word) {
            true => format!("{}{space}", quoted(word, within)),
            false => format!("{}{space}", escaped(word)),
        }
    });
    parts.collect()
}

/// Whether a word would be a link by the extended autolinks of GitHub (GFM 0.29, 6.9), or call somebody.
fn is_live(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    ["://", "www.", "@", "mailto:", "xmpp:"].iter().any(|sign| word.contains(sign))
}

/// Nothing in the words is an emphasis, a link, a tag or a cell.
fn escaped(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for found in words.chars() {
        if r"\`*_[]<>|~&$!".contains(found) {
            text.push('\\');
        }
        text.push(found);
    }
    text
}

/// Code, between more backticks than it has in a row (CommonMark 0.31, 6.1).
fn quoted(code: &str, within: Within) -> String {
    let longest = code.split(|found| found != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // One space at each end is taken away again, where both are there and there is more than spaces.
    let padded = code.starts_with(['`', ' ']) || code.ends_with(['`', ' ']);
    let space = if padded && !code.trim().is_empty() { " " } else { "" };
    let code = match within {
        Within::Line => code.to_owned(),
        Within::Cell => code.replace('|', r"\|"),
    };
    format!("{fence}{space}{code}{space}{fence}")
}
