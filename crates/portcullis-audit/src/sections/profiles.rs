//! What differs between profiles: settings, and all that the page says otherwise of another one.

use std::collections::HashMap;

use portcullis_syntax::ast::Item;

use crate::document::{Block, Section, Table, Text};
use crate::subject::Subject;

/// `shown` is the page's own profile; `others` are the rest, each with its sections.
pub(crate) fn section(
    subject: &Subject<'_>,
    shown: &[Section],
    others: &[(&str, Vec<Section>)],
) -> Section {
    let mut section = Section::new("profiles", "Profiles and settings");
    section = section.table(settings(subject), "The policy has no settings.");
    if others.is_empty() {
        return section.says(Text::said("There is one profile."));
    }
    let here = said(shown);
    for (name, sections) in others {
        let there = said(sections);
        let caption = format!("What differs under {name}");
        let mut table = Table::new(caption, &["Where", &subject.plan.profile, name]);
        for (place, text) in &here.all {
            let other = there.by_place.get(place.as_str()).map(|at| there.text(*at));
            if other != Some(text) {
                let other = other.cloned().unwrap_or_default().or("not said");
                table.row([Text::default().words(place), text.clone().or("nothing"), other]);
            }
        }
        for (place, text) in &there.all {
            if !here.by_place.contains_key(place.as_str()) {
                let text = text.clone().or("nothing");
                table.row([Text::default().words(place), Text::said("not said"), text]);
            }
        }
        if table.rows.is_empty() {
            let text = Text::said("Nothing differs under ").code(name).words(".");
            section = section.says(text);
        } else {
            section = section.table(table, "");
        }
    }
    section
}

/// The values of settings, in every profile at once.
fn settings(subject: &Subject<'_>) -> Table {
    let columns = ["Setting", "Type", "Value"];
    let mut table = Table::new("Settings", &columns);
    for item in subject.items() {
        let Item::Setting(setting) = item else { continue };
        let values = setting.values.iter().map(|(profile, value)| {
            let text = Text::default().code(&profile.node).words(": ");
            text.code(subject.places.words(value.span))
        });
        let values = match setting.from_host {
            Some(_) => Text::said("given by the service when it starts"),
            None => Text::lines(values),
        };
        table.row([
            subject.named(&setting.name.node, setting.name.span),
            Text::default().code(subject.places.words(setting.kind.span)),
            values,
        ]);
    }
    table
}

/// All that some sections say, by where they say it.
#[derive(Default)]
struct Said {
    all: Vec<(String, Text)>,
    by_place: HashMap<String, usize>,
    /// How often a place has been named: rows may be headed alike.
    times: HashMap<String, usize>,
}

impl Said {
    fn add(&mut self, place: String, text: &Text) {
        let times = self.times.entry(place.clone()).or_default();
        *times += 1;
        let place = if *times == 1 { place } else { format!("{place} ({times})") };
        self.by_place.insert(place.clone(), self.all.len());
        self.all.push((place, text.clone()));
    }

    fn text(&self, at: usize) -> &Text {
        static NOTHING: std::sync::LazyLock<Text> = std::sync::LazyLock::new(Text::default);
        self.all.get(at).map_or(&*NOTHING, |(_, text)| text)
    }
}

fn said(sections: &[Section]) -> Said {
    let mut said = Said::default();
    // What is said of the ten risks follows from what stands below.
    for section in sections.iter().filter(|section| section.id != "owasp") {
        for block in section.blocks.iter().chain(section.parts.iter().flat_map(|part| &part.blocks))
        {
            let Block::Table(table) = block else { continue };
            for row in &table.rows {
                let Some((head, cells)) = row.split_first() else { continue };
                let head = plain(head);
                // Where a clause stands is no difference.
                let cells = table.columns.iter().skip(1).zip(cells);
                for (column, cell) in cells.filter(|(column, _)| *column != "Place") {
                    said.add(format!("{}: {head}: {column}", table.caption), cell);
                }
            }
        }
    }
    said
}

/// Without its form.
fn plain(text: &Text) -> String {
    use crate::document::Piece;
    let mut all = String::new();
    for piece in text.pieces() {
        match piece {
            Piece::Words(words) | Piece::Code(words) => all.push_str(words),
            Piece::Mark(mark) => all.push_str(mark.as_str()),
            Piece::Place(_) | Piece::Break => {}
        }
    }
    all.trim().to_owned()
}
