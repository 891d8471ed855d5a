//! Texts that want the parser to crash, hang or run out of stack: each gets a diagnostic.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

mod sentence;

use portcullis_syntax::diagnostic::{Style, render};
use portcullis_syntax::{Code, Diagnostic, Source, Sources, format, parse};
use proptest::prelude::*;

/// The faults of a text, each of which can also be rendered.
fn faults(text: &str) -> Vec<Diagnostic> {
    let mut sources = Sources::new();
    let file = sources.add(Source::new("a.gate", text));
    let (_, faults) = parse(&sources, file);
    assert!(faults.len() <= 101, "{} faults", faults.len());
    for fault in faults.iter().take(10) {
        let rendered = render(fault, &sources, Style::Plain);
        assert!(rendered.len() < 20_000, "{} bytes are rendered", rendered.len());
        let span = fault.span().expect("a fault has a place");
        assert!(span.start <= span.end && span.end as usize <= text.len());
    }
    faults
}

/// A text repeated up to a length.
fn fill(piece: &str, length: usize) -> String {
    piece.repeat(length / piece.len())
}

const MIB: usize = 1 << 20;

#[test]
fn a_file_has_at_most_a_mebibyte() {
    assert!(faults(&" ".repeat(MIB)).is_empty());
    let found = faults(&" ".repeat(MIB + 1));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].code, Code::TooLarge);
}

#[test]
fn a_nul_byte_is_no_text() {
    let found = faults("role a { }\n// \0\n");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].code, Code::NotText);
    assert_eq!(found[0].span().map(|span| span.start), Some(14));
}

#[test]
fn endless_repetition_ends_with_a_diagnostic() {
    let pieces = [
        "(",
        "[",
        "{",
        ")",
        "]",
        "}",
        "not ",
        "a and ",
        "a else ",
        "a:",
        "a.",
        "\"",
        "\"a\" ",
        "\"\\",
        "/",
        "/x ",
        "matching /",
        "1",
        "1:",
        "1_",
        "A",
        "a",
        "'",
        ";",
        "=",
        "é",
        "role\n",
        "role x {\n",
        "/// a\n",
        "//! a\n",
        "...",
        "..",
        "1..",
        "\u{feff}",
    ];
    for piece in pieces {
        let length = MIB / 8;
        for text in [
            format!("role a {{ }} x {}", fill(piece, length)),
            format!("resource a {{ predicate p {{ {}", fill(piece, length)),
            format!("resource a {{ predicate p {{ {} }} }}", fill(piece, length)),
        ] {
            assert!(!faults(&text).is_empty(), "{piece:?} is no policy");
        }
        // Some of them may well stand in a list.
        faults(&format!("transport {{ hosts [{}] }}", fill(piece, length)));
    }
}

#[test]
fn long_chains_take_no_stack() {
    let chain = fill("x and ", MIB / 4);
    assert_eq!(faults(&format!("resource a {{ predicate p {{ {chain}x }} }}")), Vec::new());
    let chain = fill("not ", MIB / 4);
    assert_eq!(faults(&format!("resource a {{ predicate p {{ {chain}x }} }}")).len(), 1);
    let chain = fill("x else ", MIB / 4);
    assert_eq!(faults(&format!("resource a {{ predicate p {{ {chain}x }} }}")).len(), 1);
}

#[test]
fn the_deepest_nesting_takes_no_stack() {
    // A thread of the size that test runners and servers commonly give.
    let deep = std::thread::Builder::new().stack_size(2 << 20).spawn(|| {
        let parens = format!("{}x{}", "(not ".repeat(30), ")".repeat(30));
        assert_eq!(faults(&format!("resource a {{ predicate p {{ {parens} }} }}")), Vec::new());
        let json = format!("{}{}", "[{ \"a\": ".repeat(15) + "1", "} ]".repeat(15));
        let text = format!("test \"a\" {{ body {json} }}");
        assert_eq!(faults(&text), Vec::new());
        assert!(format(&Source::new("a.gate", text)).is_ok());
    });
    deep.expect("a thread starts").join().expect("it ends well");
}

#[test]
fn more_faults_than_anybody_reads_are_cut_off() {
    let found = faults(&"role a { ; }\n".repeat(1000));
    assert_eq!(found.len(), 101);
    assert_eq!(found[100].code, Code::TooLarge);
}

/// Pieces that mean something somewhere, in any order.
fn soup() -> impl Strategy<Value = String> {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "\"",
        "\"a\"",
        "\\",
        "'",
        "/",
        "//",
        "///",
        "//!",
        "/a/{b}",
        "\n",
        " ",
        ",",
        ":",
        ".",
        "..",
        "...",
        "?",
        "=",
        "==",
        "!",
        "&&",
        ";",
        "-",
        "*",
        "**",
        "é",
        "\u{202e}",
        "role",
        "resource",
        "route",
        "group",
        "test",
        "budget",
        "input",
        "matching",
        "when",
        "and",
        "or",
        "not",
        "else",
        "exists",
        "GET",
        "a",
        "a:b",
        "id:",
        "1",
        "1..5",
        "15m",
        "10.0.0.0/8",
        "::1",
        "view",
        "predicate",
        "body",
        "caller",
        "request",
        "waive",
        "limit",
        "per",
        "key",
    ];
    proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..60)
        .prop_map(|pieces| pieces.concat())
}

/// Cuts a piece out of a text, at whole characters.
fn without(text: &str, at: usize, length: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    let at = at % (chars.len() + 1);
    let end = (at + length).min(chars.len());
    chars[..at].iter().chain(&chars[end..]).collect()
}

proptest! {
    #[test]
    fn any_text_gets_an_answer(text in any::<String>()) {
        faults(&text);
    }

    #[test]
    fn any_bytes_get_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        faults(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_soup_gets_an_answer(text in soup()) {
        let broken = faults(&text);
        prop_assert_eq!(format(&Source::new("a.gate", text)).is_err(), !broken.is_empty());
    }

    #[test]
    fn a_sentence_with_a_hole_gets_an_answer(
        text in sentence::sentence(),
        at in any::<usize>(),
        length in 1_usize..20,
    ) {
        faults(&without(&text, at, length));
    }
}
