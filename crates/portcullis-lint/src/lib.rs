//! Rules that a policy should keep: what compiles, and is probably not what was meant.
//!
//! One rule, one file under `rules`, which says what it finds, why that is bad and how to mend it. Never
//! linked into a service.

#[macro_use]
mod samples;

mod clauses;
mod declared;
mod durations;
mod fields;
mod guessed;
mod logic;
pub mod ownership;
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
use portcullis_syntax::ast::Waiver;

pub use page::page;
pub use rule::{Owasp, Rule};
pub use rules::RULES;

/// The rule of that name.
#[must_use]
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name).copied()
}

/// What the rules find in a policy.
#[derive(Debug, Default)]
pub struct Verdict<'c> {
    /// What is not waived, and the waivers that silence nothing.
    pub open: Vec<Diagnostic>,
    /// What is waived, each with its waiver.
    pub waived: Vec<(Diagnostic, &'c Waiver)>,
    /// Every waiver of the policy, in the order in which they stand.
    pub waivers: Vec<&'c Waiver>,
}

/// The findings of every rule, waived ones left out; and the waivers that silence nothing. A policy
/// that does not compile has none.
#[must_use]
pub fn lint(compilation: &Compilation) -> Vec<Diagnostic> {
    verdict(compilation).open
}

/// The findings of every rule, waived ones apart. A policy that does not compile has none.
#[must_use]
pub fn verdict(compilation: &Compilation) -> Verdict<'_> {
    if compilation.has_errors() {
        return Verdict::default();
    }
    let checks = RULES.iter().filter_map(|rule| rule.check);
    let mut found = checks.flat_map(|check| check(compilation)).collect::<Vec<_>>();
    let key = |found: &Diagnostic| (found.span(), found.code);
    found.sort_by(|one, other| {
        key(one).cmp(&key(other)).then_with(|| one.message.cmp(&other.message))
    });
    // Rules look at every profile; what they say of several is said once.
    found.dedup();
    waivers::apply(compilation, found)
}
