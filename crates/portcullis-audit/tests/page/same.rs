//! All forms say the same, in the same order, and always.

use portcullis_audit::{Block, Document, Piece, Text, html, markdown, text};

use super::html::elements;
use super::markdown::read;
use super::policies::{HOSTILE, SMALL, page, pages};

/// Every piece of a page, in its order.
fn pieces(document: &Document) -> Vec<String> {
    let mut all = Vec::new();
    let mut add = |text: &Text| {
        for piece in text.pieces() {
            match piece {
                Piece::Words(words) | Piece::Code(words) | Piece::Place(words) => {
                    all.push(words.clone());
                }
                Piece::Mark(mark) => all.push(mark.as_str().to_owned()),
                Piece::Break => {}
            }
        }
    };
    let mut of_blocks = |blocks: &[Block]| {
        for block in blocks {
            match block {
                Block::Words(text) => add(text),
                Block::List(texts) => texts.iter().for_each(&mut add),
                Block::Table(table) => table.rows.iter().flatten().for_each(&mut add),
            }
        }
    };
    of_blocks(&document.lead);
    for section in &document.sections {
        of_blocks(&section.blocks);
        section.parts.iter().for_each(|part| of_blocks(&part.blocks));
    }
    all
}

/// White space is the form's to choose.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

fn stand_in_order(pieces: &[String], page: &str, name: &str) {
    let page = squeezed(page);
    let mut rest = page.as_str();
    for piece in pieces {
        let piece = squeezed(piece);
        let at = rest.find(&piece);
        let at =
            at.unwrap_or_else(|| panic!("{name}: `{piece}` is not there, or not in its place"));
        rest = rest.get(at + piece.len()..).unwrap();
    }
}

#[test]
fn html_and_markdown_hold_every_piece() {
    for (name, document) in pages() {
        let pieces = pieces(&document);
        let (found, _) = elements(&html(&document));
        stand_in_order(&pieces, &found.first().unwrap().text, name);
        stand_in_order(&pieces, &read(&markdown(&document)), name);
    }
}

/// A grid breaks words where a column is narrow: what is held is that every letter of a piece is there.
#[test]
fn text_has_every_caption_and_paragraph_and_no_control_character() {
    for (name, document) in pages() {
        let page = text(&document);
        assert!(!page.contains(|found: char| found.is_control() && found != '\n'), "{name}");
        let said = squeezed(&page);
        let widest = page.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= 100, "{name}: {widest}");
        for section in &document.sections {
            let blocks = section.parts.iter().flat_map(|part| &part.blocks).chain(&section.blocks);
            for block in blocks {
                if let Block::Table(table) = block {
                    assert!(said.contains(&squeezed(&table.caption)), "{name}: {}", table.caption);
                }
            }
        }
    }
}

#[test]
fn a_page_is_the_same_each_time() {
    for policy in [SMALL, HOSTILE] {
        let (one, other) = (page(policy), page(policy));
        assert_eq!(html(&one), html(&other));
        assert_eq!(markdown(&one), markdown(&other));
        assert_eq!(text(&one), text(&other));
    }
}
