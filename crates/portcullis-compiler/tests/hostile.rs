//! Policies that are small as text and large in what they mean: each gets its fault, and soon.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

use std::fmt::Write as _;

use portcullis_compiler::compile;
use portcullis_syntax::{Code, Source, Sources};

/// The codes of what is wrong with a policy.
fn codes(text: &str) -> Vec<Code> {
    let mut sources = Sources::new();
    sources.add(Source::new("policy.gate", text));
    compile(sources).diagnostics.iter().map(|fault| fault.code).collect()
}

const CREDENTIAL: &str = "credential access jwt { issuer \"i\" audience \"a\" algorithms [EdDSA]
    lifetime 15m caller { id: string from \"sub\" } }\n";

/// A resource of predicates, each made of the one before, and a route that asks the last.
fn predicates(count: usize, of: impl Fn(&str) -> String) -> String {
    let mut text = format!("{CREDENTIAL} resource r {{ key id: int predicate p0 {{ r.id == 1 }}\n");
    for index in 1..=count {
        let asked = of(&format!("p{}", index - 1));
        writeln!(text, "predicate p{index} {{ {asked} }}").unwrap();
    }
    let route = "accept [access] params { id: int } loads r by params.id returns nothing";
    writeln!(text, "}} route GET /r/{{id}} {{ {route} allow when p{count} }}").unwrap();
    text
}

#[test]
fn predicates_that_ask_others_twice() {
    let twice = |before: &str| format!("{before} and {before}");
    assert_eq!(codes(&predicates(8, twice)), []);
    for count in [9, 40, 400] {
        let found = codes(&predicates(count, twice));
        assert!(!found.is_empty() && found.iter().all(|code| *code == Code::TooLarge), "{count}");
    }
}

#[test]
fn a_chain_of_predicates() {
    let one = |before: &str| before.to_owned();
    assert_eq!(codes(&predicates(100, one)), []);
    let nested =
        |before: &str| format!("not (r.id == 2 and (r.id == 3 or (r.id == 4 and {before})))");
    for text in [predicates(5_000, one), predicates(2_000, nested)] {
        let found = codes(&text);
        assert!(!found.is_empty() && found.iter().all(|code| *code == Code::TooLarge));
    }
}

#[test]
fn predicates_of_nested_objects() {
    let mut text =
        format!("{CREDENTIAL} resource r0 {{ key id: int predicate p {{ r0.id == 1 }} }}\n");
    for index in 1..=40 {
        let before = index - 1;
        writeln!(
            text,
            "resource r{index} {{ key id: int a: r{before} b: r{before}
                predicate p {{ r{index}.a.p and r{index}.b.p }} }}"
        )
        .unwrap();
    }
    let found = codes(&text);
    assert!(!found.is_empty() && found.iter().all(|code| *code == Code::TooLarge));
}

#[test]
fn views_that_spread_each_other() {
    let views = |count: usize, of: &dyn Fn(usize) -> String| {
        let mut text = String::from("resource r { key id: int name: string view v0 { id }\n");
        for index in 1..=count {
            writeln!(text, "view v{index} {{ {} }}", of(index - 1)).unwrap();
        }
        text.push('}');
        codes(&text)
    };
    assert_eq!(views(30, &|before| format!("...v{before}")), []);
    let chain = views(3_000, &|before| format!("...v{before}"));
    assert!(!chain.is_empty() && chain.iter().all(|code| *code == Code::TooLarge));
    let twice = views(60, &|before| format!("...v{before} ...v{before}"));
    assert!(twice.contains(&Code::TooLarge) && twice.contains(&Code::Duplicate));
}

#[test]
fn views_of_objects_nested_deep_show_no_cycle() {
    let mut text = String::from("resource r0 { key id: int view v { id } }\n");
    for index in 1..=60 {
        let before = index - 1;
        writeln!(text, "resource r{index} {{ key id: int x: r{before} view v {{ x.v }} }}")
            .unwrap();
    }
    let found = codes(&text);
    assert!(!found.is_empty() && found.iter().all(|code| *code == Code::TooLarge));
}

#[test]
fn brackets_in_predicates_in_brackets() {
    // As deep as the text may nest, in each of as many predicates as a condition may hold.
    let nest = |before: &str| {
        let open = "(r.id == 1 and ".repeat(27);
        format!("{open}{before}{}", ")".repeat(27))
    };
    let found = codes(&predicates(30, nest));
    assert!(!found.is_empty() && found.iter().all(|code| *code == Code::TooLarge));
}
