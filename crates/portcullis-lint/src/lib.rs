//! Rules that a policy should keep: what compiles, and is probably not what was meant.
//!
//! One rule, one file under `rules`, and one line of `RULES`. Never linked into a service.

mod rules;
mod texts;
mod waivers;

pub use waivers::waivers;

use portcullis_compiler::Compilation;
use portcullis_syntax::{Code, Diagnostic};

/// A rule: the code that its findings have, and how it looks for them.
type Rule = (Code, fn(&Compilation) -> Vec<Diagnostic>);

/// Every rule.
const RULES: &[Rule] = &[
    (Code::AnyHost, rules::any_host::check),
    (Code::EmptyWildcard, rules::empty_wildcard::check),
    (Code::VoidUnavailable, rules::void_unavailable::check),
    (Code::NeverGranted, rules::never_granted::check),
    (Code::NeverNeeded, rules::never_needed::check),
    (Code::UnusedBudget, rules::unused_budget::check),
    (Code::InsecureOrigin, rules::insecure_origin::check),
    (Code::PublicSuffixOrigin, rules::public_suffix_origin::check),
    (Code::WeakCsp, rules::weak_csp::check),
    (Code::UnreachableHost, rules::unreachable_host::check),
    (Code::UncheckedObject, rules::unchecked_object::check),
    (Code::MissingReturns, rules::missing_returns::check),
];

/// The findings of every rule, waived ones left out; and the waivers that silence nothing. A policy
/// that does not compile has none.
#[must_use]
pub fn lint(compilation: &Compilation) -> Vec<Diagnostic> {
    if compilation.has_errors() {
        return Vec::new();
    }
    let mut found = RULES.iter().flat_map(|(_, check)| check(compilation)).collect::<Vec<_>>();
    found.sort_by_key(|diagnostic| (diagnostic.span(), diagnostic.code));
    // Rules look at every profile; what they say of several is said once.
    found.dedup();
    let known = RULES.iter().map(|(code, _)| *code).collect::<Vec<_>>();
    waivers::apply(compilation, found, &known)
}
