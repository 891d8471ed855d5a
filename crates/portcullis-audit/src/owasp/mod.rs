//! The ten risks of the OWASP API Security Top 10 (2023), one file each: what the policy does about it, on
//! which routes, and what it does not.

mod api01;
mod api02;
mod api03;
mod api04;
mod api05;
mod api06;
mod api07;
mod api08;
mod api09;
mod api10;

use portcullis_compiler::plan::Route;
use portcullis_lint::Owasp;

use crate::document::{Mark, Section, Table, Text};
use crate::subject::{Subject, several};

/// One of the ten.
struct Item {
    risk: Owasp,
    /// What it is.
    what: &'static str,
    /// What the policy does about it.
    does: Vec<Text>,
    /// What is not protected, or should be agreed with.
    gaps: Vec<Gap>,
    /// What protects each route, or what holds for all.
    table: Table,
    /// What is said where the table has no rows.
    without: &'static str,
    /// What no policy can answer.
    beyond: Option<&'static str>,
}

/// What is not protected, or should be agreed with.
struct Gap {
    mark: Mark,
    says: Text,
    /// Where that is so; nowhere in particular, where there are none.
    at: Vec<Text>,
}

pub(crate) fn section(subject: &Subject<'_>) -> Section {
    let items = [
        api01::item(subject),
        api02::item(subject),
        api03::item(subject),
        api04::item(subject),
        api05::item(subject),
        api06::item(subject),
        api07::item(subject),
        api08::item(subject),
        api09::item(subject),
        api10::item(subject),
    ];
    let mut overview =
        Table::new("The ten at a glance", &["Risk", "What the policy does", "To look at"]);
    for item in &items {
        let name = Text::default().words(item.risk.to_string());
        let does = Text::lines(item.does.iter().cloned()).or("nothing");
        overview.row([name, does, count(&item.gaps)]);
    }
    let mut section =
        Section::new("owasp", "The ten risks of the OWASP list (2023)").table(overview, "");
    section.parts = items.into_iter().map(part).collect();
    section
}

fn count(gaps: &[Gap]) -> Text {
    let of = |mark: Mark| gaps.iter().filter(|gap| gap.mark == mark).count();
    let counts = [Mark::Gap, Mark::Review].map(|mark| (mark, of(mark)));
    let counts = counts.iter().filter(|(_, count)| *count > 0);
    let counts =
        counts.map(|(mark, count)| Text::default().words(format!("{count} × ")).mark(*mark));
    Text::joined(counts, ", ").or("nothing")
}

fn part(item: Item) -> Section {
    let mut section = Section::of_risk(item.risk).says(Text::said(item.what));
    section = match item.does.is_empty() {
        true => section.says(Text::said("The policy does nothing about it.")),
        false => section.says(Text::said("What the policy does:")).lists(item.does),
    };
    let gaps = item.gaps.into_iter().map(|gap| {
        let text = Text::default().mark(gap.mark).words(": ").then(gap.says);
        match gap.at.is_empty() {
            true => text,
            false => text.words(": ").then(Text::joined(gap.at, "; ")),
        }
    });
    let gaps = gaps.collect::<Vec<_>>();
    section = match gaps.is_empty() {
        true => section.says(Text::said("Nothing to look at was found.")),
        false => section.says(Text::said("To look at:")).lists(gaps),
    };
    section = section.table(item.table, item.without);
    match item.beyond {
        Some(beyond) => section.says(Text::said(beyond)),
        None => section,
    }
}

/// What is found, so that each sentence stands once, with all the places where it holds.
#[derive(Default)]
struct Gaps(Vec<Gap>);

impl Gaps {
    /// Nothing, where it holds nowhere.
    fn at(&mut self, mark: Mark, says: &'static str, at: Vec<Text>) {
        if !at.is_empty() {
            self.0.push(Gap { mark, says: Text::said(says), at });
        }
    }

    fn when(&mut self, holds: bool, mark: Mark, says: &'static str) {
        if holds {
            self.0.push(Gap { mark, says: Text::said(says), at: Vec::new() });
        }
    }
}

/// The routes of which something holds, with their places.
fn routes<'p>(subject: &Subject<'p>, found: impl Iterator<Item = &'p Route>) -> Vec<Text> {
    found.map(|route| subject.placed(route)).collect()
}

/// `what is so: 3 routes`; nothing, where it is so of none.
fn counted(count: usize, what: &str, says: &'static str) -> Option<Text> {
    let text = || Text::said(says).words(format!(": {}", several(count, what)));
    (count > 0).then(text)
}
