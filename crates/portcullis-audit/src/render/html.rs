//! For a browser: one file, with no script, and with nothing from elsewhere.

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use crate::document::{Block, Document, Mark, Piece, Section, Table, Text};

const STYLE: &str = include_str!("style.css");
/// Nothing is loaded and nothing runs, whatever a policy's texts hold.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The document as one HTML page.
#[must_use]
pub fn html(document: &Document) -> String {
    let mut tables = 0;
    let lead = blocks(&document.lead, &mut tables);
    let sections = document.sections.iter().map(|found| section(found, &mut tables));
    let sections = sections.collect::<Vec<_>>();
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="referrer" content="no-referrer";
                meta name="color-scheme" content="light dark";
                title { (document.title) }
                // Our own text, not a policy's.
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                header { h1 { (document.title) } }
                nav aria-labelledby="contents" {
                    h2 id="contents" { "Contents" }
                    ol { @for found in &document.sections { li { (link(found)) (parts(found)) } } }
                }
                main id="content" tabindex="-1" {
                    section aria-label="Summary" { (lead) }
                    @for section in &sections { (section) }
                }
                footer { p { "Made by " code { "portcullis audit" } " from the policy alone." } }
            }
        }
    };
    page.into_string()
}

fn link(section: &Section) -> Markup {
    markup! { a href={ "#" (section.id) } { (section.title) } }
}

fn parts(section: &Section) -> Markup {
    markup! {
        @if !section.parts.is_empty() {
            ul { @for part in &section.parts { li { (link(part)) } } }
        }
    }
}

fn section(section: &Section, tables: &mut usize) -> Markup {
    let own = blocks(&section.blocks, tables);
    let parts = section.parts.iter().map(|part| {
        let inner = blocks(&part.blocks, tables);
        markup! {
            section aria-labelledby=(part.id) { h3 id=(part.id) tabindex="-1" { (part.title) } (inner) }
        }
    });
    let parts = parts.collect::<Vec<_>>();
    markup! {
        section aria-labelledby=(section.id) {
            h2 id=(section.id) tabindex="-1" { (section.title) }
            (own)
            @for part in &parts { (part) }
        }
    }
}

fn blocks(blocks: &[Block], tables: &mut usize) -> Markup {
    markup! {
        @for block in blocks {
            @match block {
                Block::Words(text) => p { (inline(text)) },
                Block::List(texts) => ul { @for text in texts { li { (inline(text)) } } },
                Block::Table(found) => (table(found, tables)),
            }
        }
    }
}

/// A wide table scrolls by itself. So that the keyboard can scroll it, it can be focused, and so it has
/// a name (WCAG 2.1.1).
fn table(table: &Table, tables: &mut usize) -> Markup {
    *tables += 1;
    let id = format!("table-{tables}");
    markup! {
        div.table role="region" tabindex="0" aria-labelledby=(id) {
            table.wide[table.columns.len() > 3] {
                caption id=(id) { (table.caption) }
                thead { tr { @for column in &table.columns { th scope="col" { (column) } } } }
                tbody {
                    @for row in &table.rows {
                        tr {
                            @for (index, cell) in row.iter().enumerate() {
                                @if index == 0 { th scope="row" { (inline(cell)) } }
                                @else { td { (inline(cell)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn inline(text: &Text) -> Markup {
    markup! {
        @for piece in text.pieces() {
            @match piece {
                Piece::Words(words) => (words),
                Piece::Code(code) => code { (code) },
                Piece::Place(place) => span.place { "(" (place) ")" },
                Piece::Mark(mark) => strong class=(class(*mark)) { (mark.as_str()) },
                Piece::Break => br;,
            }
        }
    }
}

fn class(mark: Mark) -> &'static str {
    match mark {
        Mark::May => "may",
        Mark::If => "if",
        Mark::No => "no",
        Mark::Gap => "gap",
        Mark::Review => "review",
    }
}
