//! For a terminal. The width is fixed, so that a page is the same wherever it was made.

use comfy_table::presets::{UTF8_FULL, UTF8_FULL_CONDENSED};
use comfy_table::{ContentArrangement, Table as Grid, TableStyle};

use crate::document::{Block, Document, Mark, Piece, Section, Table, Text};

const WIDTH: usize = 100;
/// A grid whose columns would be narrower than this is read worse than its rows one below the other.
const NARROWEST: usize = 15;

/// The document as text.
#[must_use]
pub fn text(document: &Document) -> String {
    let mut page = Page::default();
    page.heading(&document.title, '=');
    page.blocks(&document.lead);
    for section in &document.sections {
        page.section(section);
    }
    page.0
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn section(&mut self, section: &Section) {
        self.heading(&section.title, '=');
        self.blocks(&section.blocks);
        for part in &section.parts {
            self.heading(&part.title, '-');
            self.blocks(&part.blocks);
        }
    }

    fn heading(&mut self, title: &str, line: char) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(title);
        self.0.push('\n');
        self.0.extend(std::iter::repeat_n(line, title.chars().count()));
        self.0.push('\n');
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.0.push('\n');
            match block {
                Block::Words(text) => self.paragraph(text, "", ""),
                Block::List(texts) => {
                    for text in texts {
                        self.paragraph(text, "- ", "  ");
                    }
                }
                Block::Table(table) => self.table(table),
            }
        }
    }

    fn paragraph(&mut self, text: &Text, first: &str, rest: &str) {
        for line in plain(text).lines() {
            self.wrapped(line, first, rest);
        }
    }

    fn table(&mut self, table: &Table) {
        self.0.push_str(&table.caption);
        self.0.push('\n');
        if table.columns.len() * (NARROWEST + 3) > WIDTH {
            self.records(table);
        } else {
            self.grid(table);
        }
    }

    fn grid(&mut self, table: &Table) {
        // Lines between the rows are needed only where some row takes several.
        let condensed = grid(table, UTF8_FULL_CONDENSED);
        let frame = 4;
        let lines = match condensed.len() == table.rows.len() + frame {
            true => condensed,
            false => grid(table, UTF8_FULL),
        };
        for line in lines {
            self.0.push_str(line.trim_end());
            self.0.push('\n');
        }
    }

    /// Where there are many columns: each row under its heading, columns that say the same together.
    fn records(&mut self, table: &Table) {
        for row in &table.rows {
            let Some((head, cells)) = row.split_first() else { continue };
            self.paragraph(head, "* ", "  ");
            let mut said: Vec<(Vec<&str>, &Text)> = Vec::new();
            for (column, cell) in table.columns.iter().skip(1).zip(cells) {
                match said.iter_mut().find(|(_, known)| *known == cell) {
                    Some((columns, _)) => columns.push(column),
                    None => said.push((vec![column], cell)),
                }
            }
            for (columns, cell) in said {
                self.record(&columns.join(", "), &plain(cell));
            }
        }
    }

    fn record(&mut self, columns: &str, cell: &str) {
        let several = cell.lines().count() > 1;
        if several {
            self.0.push_str(&format!("    {columns}:\n"));
        }
        for line in cell.lines() {
            let first = if several { "      ".to_owned() } else { format!("    {columns}: ") };
            self.wrapped(line, &first, "        ");
        }
    }

    fn wrapped(&mut self, text: &str, first: &str, rest: &str) {
        let options = textwrap::Options::new(WIDTH);
        for line in textwrap::wrap(text, options.initial_indent(first).subsequent_indent(rest)) {
            self.0.push_str(line.trim_end());
            self.0.push('\n');
        }
    }
}

fn grid(table: &Table, style: TableStyle) -> Vec<String> {
    let mut grid = Grid::new();
    grid.load_style(style)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(WIDTH).unwrap_or(u16::MAX))
        .set_header(&table.columns);
    for row in &table.rows {
        grid.add_row(row.iter().map(plain));
    }
    grid.lines().collect()
}

fn plain(text: &Text) -> String {
    let mut all = String::new();
    for piece in text.pieces() {
        match piece {
            Piece::Words(words) => all.push_str(words),
            Piece::Code(code) => {
                all.push('`');
                all.push_str(code);
                all.push('`');
            }
            Piece::Place(place) => {
                all.push('(');
                all.push_str(place);
                all.push(')');
            }
            Piece::Mark(mark @ (Mark::Gap | Mark::Review)) => {
                all.push_str(&mark.as_str().to_uppercase());
            }
            Piece::Mark(mark) => all.push_str(mark.as_str()),
            Piece::Break => all.push('\n'),
        }
    }
    all
}
