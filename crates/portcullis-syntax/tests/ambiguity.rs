//! The grammar hides no second reading behind pest's ordered choice.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

mod parses;
mod sentence;

use parses::Grammar;
use portcullis_syntax::{Source, format};
use proptest::prelude::*;

thread_local! {
    static GRAMMAR: Grammar = Grammar::read(sentence::GRAMMAR_TEXT);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(2_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Named after keywords, since a name that is none is hardly ever mistaken.
    #[test]
    fn every_sentence_has_exactly_one_parse(text in sentence::sentence_of_keywords()) {
        let (parses, twice) = GRAMMAR.with(|grammar| {
            let parses = grammar.parses(&text);
            (parses, (parses > 1).then(|| format!("{:?}", grammar.two_readings(&text))))
        });
        prop_assert_eq!(parses, 1, "{}", twice.unwrap_or_default());
        // And ordered choice finds that one: it commits to none that leads nowhere.
        let formatted = format(&Source::new("a.gate", text.as_str()));
        prop_assert!(formatted.is_ok(), "{:?}", formatted);
    }
}

#[test]
fn a_second_parse_would_be_found() {
    let grammar = Grammar::read(
        r#"
        WHITESPACE = _{ " " }
        file = { SOI ~ (pair | single)* ~ EOI }
        pair = { word ~ word }
        single = { word }
        word = @{ ('a'..'z')+ }
        "#,
    );
    assert_eq!(grammar.parses(""), 1);
    assert_eq!(grammar.parses("a"), 1);
    assert_eq!(grammar.parses("ab cd"), 2);
    assert_eq!(grammar.parses(" a b c d "), 5);
    assert_eq!(grammar.parses("a B"), 0);
    assert_eq!(grammar.two_readings("a b"), Some(("file", "a b")));
}

/// What the rule of an input's name keeps out: `body form X` would be `body form`, then `X`.
#[test]
fn without_its_guard_the_grammar_would_have_two_readings() {
    let text = "route POST / { public body form retired }";
    GRAMMAR.with(|grammar| assert_eq!(grammar.parses(text), 1));
    let guard = "!(kw_form | kw_raw) ~ name";
    let unguarded = sentence::GRAMMAR_TEXT.replace(guard, "name");
    assert_ne!(unguarded, sentence::GRAMMAR_TEXT);
    let unguarded = Grammar::read(&unguarded);
    assert_eq!(unguarded.parses(text), 2);
    assert_eq!(unguarded.two_readings(text), Some(("declaration", text)));
}
