//! The page that a review of a policy begins with: what the policy does about the ten risks of the OWASP
//! list, who may call what, how often, with which input, and which fields leave.
//!
//! All of it is read off the compiled plan. What a role alone decides is decided here as the engine would;
//! what depends on more is said in the author's words. Nothing here does I/O or reads a clock, and the same
//! policy always gives the same page.

mod decide;
mod document;
mod matrix;
mod owasp;
mod places;
mod render;
mod sections;
mod subject;

pub use document::{Block, Document, Mark, Piece, Section, Table, Text};
pub use matrix::{Because, Call, Cell, Matrix, Row, Rows, Who};
pub use render::{html, markdown, text};

use portcullis_compiler::{Compilation, plan::Plan};

use subject::Subject;

/// The profile that a page shows where nobody says which: `production`, where there is one; else the
/// first by name. Nothing, where the policy does not compile.
#[must_use]
pub fn profile_shown(compilation: &Compilation) -> Option<&str> {
    let profiles = &compilation.profiles;
    let shown = profiles.iter().find(|profile| *profile == "production").or(profiles.first());
    shown.filter(|profile| compilation.plan(profile).is_some()).map(String::as_str)
}

/// The page about a policy under a profile; nothing, where it has no plan of that profile. `name` is what the
/// reader calls the policy, such as its folder.
#[must_use]
pub fn audit(compilation: &Compilation, profile: &str, name: &str) -> Option<Document> {
    let subject = Subject::new(compilation, compilation.plan(profile)?, name);
    let mut shown = sections::of_profile(&subject);
    let others = compilation.profiles.iter().filter(|other| *other != profile);
    let others = others.filter_map(|other| {
        let subject = Subject::new(compilation, compilation.plan(other)?, name);
        Some((other.as_str(), sections::of_profile(&subject)))
    });
    let others = others.collect::<Vec<_>>();
    shown.push(sections::profiles::section(&subject, &shown, &others));
    shown.insert(0, sections::findings::section(&subject));
    let lead = sections::summary::blocks(&subject);
    Some(Document { title: "Policy audit".to_owned(), lead, sections: shown })
}

/// Who may call what.
#[must_use]
pub fn matrix(plan: &Plan) -> Matrix {
    Matrix::new(plan)
}
