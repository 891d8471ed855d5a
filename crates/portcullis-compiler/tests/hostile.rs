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
    assert_eq!(codes(&predicates(11, twice)), []);
    for count in [14, 40, 400] {
        let found = codes(&predicates(count, twice));
        assert!(!found.is_empty() && found.iter().all(|code| *code == Code::TooLarge), "{count}");
    }
}

/// One that is large is as large wherever it is asked.
#[test]
fn a_large_predicate_that_is_asked_often() {
    let large = vec!["r.id == 1"; 9_000].join(" or ");
    let asked = vec!["large"; 1_000].join(" and ");
    let text = format!(
        "resource r {{ key id: int predicate large {{ {large} }} predicate often {{ {asked} }} }}"
    );
    assert_eq!(codes(&text), [Code::TooLarge]);
}

/// Each of them is no larger than one may be, and all together are more than a policy may say.
#[test]
fn many_predicates_that_are_large_together() {
    let mut text = String::from("resource r { key id: int\n");
    for chain in 0..400 {
        writeln!(text, "predicate p{chain}_0 {{ r.id == {chain} }}").unwrap();
        for index in 1..=11 {
            let before = index - 1;
            writeln!(
                text,
                "predicate p{chain}_{index} {{ p{chain}_{before} and p{chain}_{before} }}"
            )
            .unwrap();
        }
    }
    text.push('}');
    assert_eq!(codes(&text), [Code::TooLarge]);
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

/// Resources, each of which nests the one before in so many attributes.
fn nested(count: usize, attributes: &[&str]) -> Vec<Code> {
    let mut text = String::from("resource r0 { key id: int view v { id } }\n");
    for index in 1..=count {
        let before = index - 1;
        let declared = attributes.iter().map(|name| format!("{name}: r{before} "));
        let shown = attributes.iter().map(|name| format!("{name}.v "));
        writeln!(
            text,
            "resource r{index} {{ key id: int {} view v {{ {} }} }}",
            declared.collect::<String>(),
            shown.collect::<String>()
        )
        .unwrap();
    }
    codes(&text)
}

#[test]
fn views_of_objects_nested_deep_show_no_cycle() {
    assert_eq!(nested(32, &["a"]), []);
    let found = nested(60, &["a"]);
    assert!(!found.is_empty() && found.iter().all(|code| *code == Code::TooLarge));
}

/// Written out, as the engine has them, they are a tree.
#[test]
fn views_that_show_two_nested_objects_each() {
    assert_eq!(nested(11, &["a", "b"]), []);
    let found = nested(31, &["a", "b"]);
    assert!(!found.is_empty() && found.iter().all(|code| *code == Code::TooLarge));
}

/// What is deep by one way is too deep, though another way to it is short.
#[test]
fn a_view_is_as_deep_as_its_longest_way() {
    let mut text = String::from("resource r0 { key id: int view v { id } }\n");
    for index in 1..=40 {
        let before = index - 1;
        writeln!(
            text,
            "resource r{index} {{ key id: int a: r{before} b: r0 view v {{ a.v b.v }} }}"
        )
        .unwrap();
    }
    writeln!(text, "resource top {{ key id: int a: r40 b: r1 view v {{ b.v a.v }} }}").unwrap();
    let found = codes(&text);
    assert_eq!(found, [Code::TooLarge; 9], "r33 to r40, and the one on top");
}

#[test]
fn a_key_with_alternatives_without_end() {
    let key = vec!["caller.id"; 5_000].join(" else ");
    let found = codes(&format!("{CREDENTIAL} budget b {{ limit 5 per 1m key {key} }}"));
    assert_eq!(found, [Code::TooLarge]);
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
