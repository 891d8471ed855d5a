//! Rules that a policy should keep: what compiles, and is probably not what was meant.
//!
//! One rule, one file under `rules`, which says what it finds, why that is bad and how to mend it. Never
//! linked into a service.

mod clauses;
mod declared;
mod logic;
mod page;
mod reach;
mod relation;
mod rule;
mod rules;
mod sent;
mod settings;
mod texts;
mod versions;
mod waivers;
mod words;

use portcullis_compiler::Compilation;
use portcullis_syntax::Diagnostic;

pub use page::page;
pub use rule::{Owasp, Rule};
pub use rules::RULES;
pub use waivers::{Waived, waived};

/// The rule of that name.
#[must_use]
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name).copied()
}

/// The findings of every rule, waived ones left out; and the waivers that silence nothing. A policy
/// that does not compile has none.
#[must_use]
pub fn lint(compilation: &Compilation) -> Vec<Diagnostic> {
    waivers::apply(compilation, all(compilation))
}

/// The findings of every rule, waived or not, in the order of their places.
fn all(compilation: &Compilation) -> Vec<Diagnostic> {
    if compilation.has_errors() {
        return Vec::new();
    }
    let checks = RULES.iter().filter_map(|rule| rule.check);
    let mut found = checks.flat_map(|check| check(compilation)).collect::<Vec<_>>();
    found.sort_by_key(|diagnostic| (diagnostic.span(), diagnostic.code));
    // Rules look at every profile; what they say of several is said once.
    found.dedup();
    found
}
