//! What holds of every rule, and what the tests of each share.

use std::collections::BTreeSet;

use portcullis_compiler::{Compilation, compile};
use portcullis_syntax::{Diagnostic, Source, Sources, format};

use super::RULES;

/// The names of what is found in a policy that compiles.
pub(crate) fn codes(text: &str) -> Vec<String> {
    found(text).iter().map(|found| found.code.as_str().to_owned()).collect()
}

/// The same, but for one rule.
pub(crate) fn codes_but(rule: &str, text: &str) -> Vec<String> {
    let mut codes = codes(text);
    codes.retain(|code| code != rule);
    codes
}

/// What is found in a policy that compiles.
pub(crate) fn found(text: &str) -> Vec<Diagnostic> {
    crate::lint(&compiled(text))
}

/// How often one rule finds something in a policy whose callers have tokens.
pub(crate) fn count(rule: &str, rest: &str) -> usize {
    let policy = format!("{}{rest}", with_access!(""));
    codes(&policy).iter().filter(|found| *found == rule).count()
}

fn compiled(text: &str) -> Compilation {
    let mut sources = Sources::new();
    sources.add(Source::new("policy.gate", text));
    let compilation = compile(sources);
    assert!(!compilation.has_errors(), "{:#?}\n{text}", compilation.diagnostics);
    compilation
}

#[test]
fn rules_are_listed_once_and_in_order() {
    let names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    let ordered: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(names, ordered.into_iter().collect::<Vec<_>>());
}

#[test]
fn a_rule_finds_something_in_its_example_and_nothing_once_that_is_mended() {
    for rule in RULES {
        let names = codes(rule.example()).into_iter().collect::<BTreeSet<_>>();
        assert_eq!(names, BTreeSet::from([rule.name.to_owned()]), "{}: its example", rule.name);
        assert!(compiled(rule.mended()).diagnostics.is_empty(), "{}: a warning", rule.name);
        assert_eq!(codes(rule.mended()), [""; 0], "{}: what is mended", rule.name);
        for finding in found(rule.example()) {
            assert_eq!(finding.severity, rule.level, "{}", rule.name);
            assert!(finding.help.is_some(), "{}: no help", rule.name);
        }
    }
}

#[test]
fn what_a_rule_shows_has_the_layout_of_the_formatter() {
    for rule in RULES {
        for text in [rule.example(), rule.mended()] {
            let layout = format(&Source::new("policy.gate", text));
            assert!(
                layout.as_deref().is_ok_and(|layout| layout == text),
                "{}: {layout:?}",
                rule.name
            );
        }
    }
}

#[test]
fn a_rule_says_what_it_is() {
    for rule in RULES {
        assert!(!rule.owasp.is_empty(), "{}: no item of OWASP's", rule.name);
        for text in [rule.finds, rule.why, rule.mend] {
            assert!(text.ends_with('.') && text.len() > 20, "{}: {text}", rule.name);
        }
    }
}
