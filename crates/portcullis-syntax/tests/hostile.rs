//! Texts that are no policies: each gets a diagnostic, and none a crash, a hang or an overflow.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say what they expect"
)]

use portcullis_syntax::diagnostic::{Style, render};
use portcullis_syntax::{Source, Sources, parse};
use proptest::prelude::*;

/// The codes that a text gets; every one of its faults can be rendered.
fn codes(text: &str) -> Vec<&'static str> {
    let mut sources = Sources::new();
    let file = sources.add(Source::new("hostile.gate", text));
    let (_, faults) = parse(&sources, file);
    faults
        .iter()
        .map(|fault| {
            let said = render(fault, &sources, Style::Plain);
            assert!(said.contains(fault.code.as_str()));
            fault.code.as_str()
        })
        .collect()
}

#[test]
fn large_texts_are_refused_at_once() {
    let large = "role a { read:a }\n".repeat(3_000_000);
    assert!(large.len() > 50 * 1024 * 1024);
    assert_eq!(codes(&large), ["too_large"]);
}

#[test]
fn nesting_is_bounded_with_brackets_and_without() {
    let route = |condition: &str| format!("route GET /a {{ public allow when {condition} }}");
    let most = 900_000;
    for text in [
        "{".repeat(10_000),
        "[".repeat(10_000),
        "(".repeat(most),
        route(&format!("{}true{}", "(".repeat(10_000), ")".repeat(10_000))),
        route(&format!("{} true", "not ".repeat(most / 40))),
        route(&format!("a {}", "else a ".repeat(most / 80))),
        format!("test \"x\" {{ body {}{} }}", "[".repeat(10_000), "]".repeat(10_000)),
        format!("input a {{ b: {}string{} }}", "[".repeat(10_000), "]".repeat(10_000)),
        "group /a {".repeat(10_000),
    ] {
        assert!(!codes(&text).is_empty(), "{text:.40}");
    }
    // What is long and not deep is only long.
    assert_eq!(codes(&route(&format!("true {}", "and true ".repeat(10_000)))), [""; 0]);
}

#[test]
fn bytes_that_are_no_text_are_named() {
    assert_eq!(codes("role a {\0}"), ["not_text"]);
    assert_eq!(codes("\u{1}"), ["not_text"]);
    assert!(codes(&"a".repeat(100_000)).contains(&"too_large"));
    assert!(!codes(&"\"".repeat(100_000)).is_empty());
    assert!(!codes("é").is_empty());
    assert_eq!(codes(""), [""; 0]);
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        codes(&text);
    }

    #[test]
    fn no_soup_of_words_panics(words in prop::collection::vec(prop_oneof![
        Just("role"), Just("route"), Just("GET"), Just("/a/{id}"), Just("{"), Just("}"), Just("["), Just("]"),
        Just("("), Just(")"), Just("\""), Just("when"), Just("allow"), Just("and"), Just("not"), Just("name:"),
        Just("string"), Just("matching"), Just("/["), Just("..."), Just("1..5"), Just("//"), Just("///"), Just("\n"),
        Just("input"), Just("test"), Just("\\"), Just("é"), Just("{id"), Just("10.0.0.0/8"), Just("::1"),
    ], 0..60)) {
        codes(&words.join(" "));
        codes(&words.concat());
    }
}
