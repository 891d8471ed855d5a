//! What an author is told about a text that does not follow the grammar.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use insta::assert_snapshot;
use portcullis_syntax::diagnostic::{Style, render};
use portcullis_syntax::{Code, Diagnostic, FileId, Source, Sources, Span, parse};

/// All that is said about a text.
fn told(text: &str) -> String {
    let mut sources = Sources::new();
    let file = sources.add(Source::new("shop.gate", text));
    let (_, faults) = parse(&sources, file);
    let told: Vec<_> = faults.iter().map(|fault| render(fault, &sources, Style::Plain)).collect();
    told.join("\n\n")
}

/// The messages and helps only.
fn said(text: &str) -> String {
    let mut sources = Sources::new();
    let file = sources.add(Source::new("shop.gate", text));
    let (_, faults) = parse(&sources, file);
    let line = |fault: &Diagnostic| {
        let span = fault.span().expect("a fault has a place");
        let help = fault.help.as_deref().unwrap_or("-");
        format!("{} [{}] {} | {help}", fault.code, sources.slice(span), fault.message)
    };
    faults.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_fault_of_a_file_is_told() {
    let text = "\
transport {
    host [\"shop.example\"]
}

resorce order { key id: uuid }

/// Fine.
role user { read:orders }

budget few { limit 5 per 0s }

role admin { read:orders
";
    assert_snapshot!(told(text), @r#"
    error[syntax]: expected a clause of `transport` or `}`, found `host`
     --> shop.gate:2:5
      |
    2 |     host ["shop.example"]
      |     ^^^^
      |
      = help: did you mean `hosts`?

    error[syntax]: expected a declaration, found `resorce`
     --> shop.gate:5:1
      |
    5 | resorce order { key id: uuid }
      | ^^^^^^^
      |
      = help: did you mean `resource`?

    error[bad_literal]: expected a duration above zero, found `0s`
      --> shop.gate:10:26
       |
    10 | budget few { limit 5 per 0s }
       |                          ^^

    error[syntax]: `{` is never closed
      --> shop.gate:12:12
       |
    12 | role admin { read:orders
       |            ^            - expected `}` here
    "#);
}

#[test]
fn near_misses_are_offered() {
    assert_snapshot!(said("budget a { limt 5 per 1m }"), @"syntax [limt] expected a clause of `budget` or `}`, found `limt` | did you mean `limit`?");
    assert_snapshot!(said("Resource a { }"), @"syntax [Resource] expected a declaration, found `Resource` | did you mean `resource`?");
    assert_snapshot!(said("route GET /z { allow when owner unles x }"), @"syntax [unles] expected a clause of `route`, an operator or `}`, found `unles` | did you mean `unless`?");
    assert_snapshot!(said("input a { x: string trimm }"), @"syntax [trimm] expected a constraint, a field like `id:`, a clause of `input` or `}`, found `trimm` | did you mean `trim`?");
    assert_snapshot!(said("credential a jwt { caller { id: string form \"sub\" } }"), @"syntax [form] expected a field like `id:`, `from` or `}`, found `form` | did you mean `from`?");
    assert_snapshot!(said("setting a: string from hots"), @"syntax [hots] expected `host`, found `hots` | did you mean `host`?");
    // Nothing is near.
    assert_snapshot!(said("route GET /z { frobnicate }"), @"syntax [frobnicate] expected a clause of `route` or `}`, found `frobnicate` | -");
}

#[test]
fn habits_from_elsewhere_are_mended() {
    assert_snapshot!(said("resource a { predicate p { a.b = c } }"), @"syntax [=] expected an operator or `}`, found `=` | write `==` to compare");
    assert_snapshot!(said("resource a { predicate p { a && b } }"), @"syntax [&&] expected an operator or `}`, found `&&` | write `and`");
    assert_snapshot!(said("resource a { predicate p { a || b } }"), @"syntax [||] expected an operator or `}`, found `||` | write `or`");
    assert_snapshot!(said("resource a { predicate p { !a } }"), @"syntax [!] expected a condition, found `!` | write `not`");
    assert_snapshot!(said("transport { hosts ['a'] }"), @"syntax ['] expected a value or `]`, found `'` | write texts in double quotes");
    assert_snapshot!(said("budget a { limit 5 per 1m; }"), @"syntax [;] expected a clause of `budget` or `}`, found `;` | remove it: nothing needs an end mark");
    assert_snapshot!(said("transport { https = required }"), @"syntax [=] expected a name, found `=` | remove it: a clause is its word and then its value");
    assert_snapshot!(said("role OrderAdmin { }"), @"syntax [OrderAdmin] expected a name, found `OrderAdmin` | names are in snake_case: write `order_admin`");
    assert_snapshot!(said("route get / { public }"), @"syntax [get] expected a method like `GET`, found `get` | methods are in capitals: `GET`, `POST`");
    assert_snapshot!(said("input a { x: int 1 .. 5 }"), @"syntax [1] expected a constraint, a field like `id:`, a clause of `input` or `}`, found `1` | no space stands inside a range: write `1..5`");
    assert_snapshot!(said("input a { x: int 1.. 5 }"), @"syntax [5] expected a constraint, a field like `id:`, a clause of `input` or `}`, found `5` | no space stands inside a range: write `1..5`");
    assert_snapshot!(said("input a { x : int }"), @"syntax [x] expected a field like `id:`, `check`, `rules`, `waive` or `}`, found `x` | no space stands before the colon of a field");
    assert_snapshot!(said("resource a { key id uuid }"), @"syntax [id] expected a field like `id:`, found `id` | write `id:`");
    assert_snapshot!(said("resource header { }"), @"syntax [header] expected a name, found the reserved word `header` | -");
    assert_snapshot!(said("input form { }"), @"syntax [form] expected another name, found `form` | no input is called `form` or `raw`");
    assert_snapshot!(said("budget a { limit 5 per 15min }"), @"syntax [15min] expected a value, found `15min` | durations end in `s`, `m`, `h` or `d`, sizes in `KiB`, `MiB` or `GiB`");
    assert_snapshot!(said("route GET /a//b { public }"), @"syntax [/a] expected a path pattern like `/orders/{id}`, found `/a` | a pattern is like `/orders/{id}`: no `//`, and white space before a `{` that opens a block");
    assert_snapshot!(said("route GET /a{ public }"), @"syntax [/a] expected a path pattern like `/orders/{id}`, found `/a` | a pattern is like `/orders/{id}`: no `//`, and white space before a `{` that opens a block");
    assert_snapshot!(said("transport { https: required }"), @"syntax [https] expected a clause of `transport` or `}`, found `https` | a word directly before `:` or `.` is a name, never a keyword");
    assert_snapshot!(said("resource a { predicate p { a . b } }"), @"syntax [.] expected an operator or `}`, found `.` | no space stands inside `order.full`, `1..5` or `...summary`");
}

#[test]
fn and_with_or_needs_parentheses() {
    assert_snapshot!(told("resource a { predicate p { (x or y) and z or w } }"), @"
    error[syntax]: `and` and `or` are mixed without parentheses
     --> shop.gate:1:43
      |
    1 | resource a { predicate p { (x or y) and z or w } }
      |                                     ---   ^^
      |                                     |
      |                                     the chain began with `and`
      |
      = help: put parentheses around what belongs together: `(a and b) or c`
    ");
    assert_snapshot!(told("resource a { predicate p { x or y and z } }"), @"
    error[syntax]: `and` and `or` are mixed without parentheses
     --> shop.gate:1:35
      |
    1 | resource a { predicate p { x or y and z } }
      |                              --   ^^^
      |                              |
      |                              the chain began with `or`
      |
      = help: put parentheses around what belongs together: `(a and b) or c`
    ");
    assert_snapshot!(told("resource a { predicate p { (x and y) or (z and w) } }"), @"");
}

#[test]
fn comparisons_are_not_chained() {
    assert_snapshot!(told("resource a { predicate p { x == y == z } }"), @"
    error[syntax]: `==` follows a comparison: comparisons are not chained
     --> shop.gate:1:35
      |
    1 | resource a { predicate p { x == y == z } }
      |                                   ^^
      |
      = help: join two comparisons with `and`
    ");
}

#[test]
fn docs_that_document_nothing() {
    assert_snapshot!(told("group /a {\n    /// Why.\n    needs a:b\n}"), @"
    error[syntax]: `///` documents nothing here
     --> shop.gate:2:5
      |
    2 |     /// Why.
      |     ^^^^^^^^
      |
      = help: write `//` for a comment; `///` stands before a declaration, route, field, predicate or view
    ");
    assert_snapshot!(told("role a { }\n/// Nothing follows.\n"), @"
    error[syntax]: `///` documents nothing here
     --> shop.gate:2:1
      |
    2 | /// Nothing follows.
      | ^^^^^^^^^^^^^^^^^^^^
      |
      = help: write `//` for a comment; `///` stands before a declaration, route, field, predicate or view
    ");
    assert_snapshot!(said("role a { b:c }\n//! Too late.\n"), @"syntax [//! Too late.] `//!` stands only at the start of a file | write `//` for a comment");
}

#[test]
fn brackets_and_quotes_that_are_never_closed() {
    assert_snapshot!(told("role a { b:c\n\nrole d { e:f }\n"), @"
    error[syntax]: `{` is never closed
     --> shop.gate:1:8
      |
    1 | role a { b:c
      |        ^    - expected `}` here
    ");
    assert_snapshot!(told("group /a {\n    needs [a:b\n}\n"), @"
    error[syntax]: expected `]`, found `}`
     --> shop.gate:3:1
      |
    2 |     needs [a:b
      |           - opened here
    3 | }
      | ^
    ");
    assert_snapshot!(told("role a { b:c } }"), @"
    error[syntax]: `}` closes nothing
     --> shop.gate:1:16
      |
    1 | role a { b:c } }
      |                ^
      |
      = help: remove it
    ");
    assert_snapshot!(told("transport {\n    hosts [\"a]\n}\n"), @r#"
    error[syntax]: the text is never closed
     --> shop.gate:2:12
      |
    2 |     hosts ["a]
      |            ^^^
      |
      = help: end it with `"` on the same line; a line break in it is `\n`
    "#);
    assert_snapshot!(told("input a { x: string matching /^[a-z]+$ }"), @r"
    error[syntax]: the regex is never closed
     --> shop.gate:1:30
      |
    1 | input a { x: string matching /^[a-z]+$ }
      |                              ^^^^^^^^^^^
      |
      = help: end it with `/`; a slash inside is written `\/`
    ");
}

#[test]
fn literals_without_a_value() {
    assert_snapshot!(said("budget a { limit 99999999999999999999 per 1m }"), @"bad_literal [99999999999999999999] `99999999999999999999` does not fit an int | ints have 64 bits: -9223372036854775808 to 9223372036854775807");
    assert_snapshot!(said("budget a { limit 1 per 0s }"), @"bad_literal [0s] expected a duration above zero, found `0s` | -");
    assert_snapshot!(said("budget a { limit 1 per 999999999999999999d }"), @"bad_literal [999999999999999999d] `999999999999999999d` is too large for a duration | -");
    assert_snapshot!(said("budget a { ipv6 /129 }"), @"bad_literal [/129] expected a prefix of at most 128 bits, found `/129` | -");
    assert_snapshot!(said("transport { body_limit 0KiB }"), @"bad_literal [0KiB] expected a size above zero, found `0KiB` | -");
    assert_snapshot!(said("transport { proxies [10.0.0.0/33, fd00::/129, 300.0.0.1] }"), @"
    bad_literal [10.0.0.0/33] expected a prefix of at most 32 bits, found `/33` | -
    bad_literal [fd00::/129] expected a prefix of at most 128 bits, found `/129` | -
    bad_literal [300.0.0.1] `300.0.0.1` is no IP address | -
    ");
    assert_snapshot!(said("transport { hosts any \"a\\qb\" }"), @r#"bad_literal [\q] there is no escape `\q` | the escapes are `\"`, `\\`, `\n`, `\t` and `\u{1F600}`"#);
    assert_snapshot!(said("transport { hosts any \"a\\u{110000}\" }"), @r"bad_literal [\u{110000}] there is no character U+110000 | write the code point as in `\u{1F600}`");
    assert_snapshot!(said("transport { hosts any \"a\\u12\" }"), @r"bad_literal [\u] expected one to six hexadecimal digits in braces after `\u` | write the code point as in `\u{1F600}`");
    assert_snapshot!(said("test \"a\" { at 2026-02-30T00:00:00Z }"), @"bad_literal [2026-02-30T00:00:00Z] there is no time `2026-02-30T00:00:00Z` | a time is like `2026-01-31T00:00:00Z`");
    assert_snapshot!(said("test \"a\" { at 2026-06-30T23:59:60Z }"), @"bad_literal [2026-06-30T23:59:60Z] there is no time `2026-06-30T23:59:60Z` | a time is like `2026-01-31T00:00:00Z`");
    assert_snapshot!(said("test \"a\" { expect admit times 0 }"), @"bad_literal [0] expected a count of 1 to 4294967295, found `0` | -");
}

/// Settings may stand for most values, so that their kind is the compiler's to check; not these.
#[test]
fn values_of_another_kind() {
    assert_snapshot!(said("test \"a\" { header { \"a\": 5 } }"), @"type_mismatch [5] expected a header's value in quotes, found `5` | -");
    assert_snapshot!(said("test \"a\" { at moment }"), @"syntax [moment] expected a time like `2026-01-31T00:00:00Z`, found `moment` | -");
    assert_snapshot!(said("test \"a\" { after 5 }"), @"syntax [5] expected a duration like `15m`, found `5` | -");
}

#[test]
fn names_and_nesting_are_bounded() {
    let longest = "a".repeat(64);
    assert_eq!(said(&format!("role {longest} {{ }}")), "");
    assert_snapshot!(said(&format!("role {longest}a {{ }}")), @"too_large [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa] a name has at most 64 characters | -");
    assert_snapshot!(said(&format!("route GET /{{{longest}a}} {{ }}")), @"too_large [/{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}] a name has at most 64 characters | -");
    let nested = |depth: usize| {
        format!("resource a {{ predicate p {{ {}x{} }} }}", "(".repeat(depth), ")".repeat(depth))
    };
    assert_eq!(said(&nested(30)), "");
    assert_snapshot!(said(&nested(31)), @"too_large [(] brackets are nested deeper than 32 levels | -");
    let repeated =
        |word: &str, times| format!("resource a {{ predicate p {{ {}x }} }}", word.repeat(times));
    assert_eq!(said(&repeated("not ", 32)), "");
    assert_eq!(said(&repeated("x else ", 31)), "");
    assert!(said(&repeated("not ", 33)).starts_with("too_large"));
    assert!(said(&repeated("x else ", 32)).starts_with("too_large"));
}

#[test]
fn tabs_and_wide_characters_keep_the_place() {
    assert_snapshot!(told("role a {\n\t\tread:orders; // é漢\n}"), @"
    error[syntax]: expected a permission like `read:orders`, `waive` or `}`, found `;`
     --> shop.gate:2:14
      |
    2 |         read:orders; // é漢
      |                    ^
      |
      = help: remove it: nothing needs an end mark
    ");
    assert_snapshot!(told("test \"漢字 é\" { frobnicate }"), @r#"
    error[syntax]: expected a clause of `test` or `}`, found `frobnicate`
     --> shop.gate:1:15
      |
    1 | test "漢字 é" { frobnicate }
      |                 ^^^^^^^^^^
    "#);
}

#[test]
fn any_span_can_be_rendered() {
    let mut sources = Sources::new();
    let empty = sources.add(Source::new("empty.gate", ""));
    let wide = sources.add(Source::new("wide.gate", "é\r\n\u{1b}[31m漢\tx"));
    for file in [empty, wide, FileId(7)] {
        for start in 0..16 {
            for end in 0..16 {
                let fault = Diagnostic::error(Code::Syntax, Span { file, start, end }, "a fault")
                    .and(Span { file: wide, start: end, end: start }, "and there")
                    .help("mend it");
                let text = render(&fault, &sources, Style::Plain);
                assert!(text.starts_with("error[syntax]: a fault"), "{text}");
                assert!(text.ends_with("help: mend it"), "{text}");
                assert!(!text.contains('\u{1b}'), "{text}");
            }
        }
    }
}

#[test]
fn two_files_are_shown_apart() {
    let mut sources = Sources::new();
    let a = sources.add(Source::new("a.gate", "\nrole user { }\n"));
    let b = sources.add(Source::new("b.gate", "role user { }\n"));
    let fault =
        Diagnostic::warning(Code::Duplicate, Span { file: b, start: 5, end: 9 }, "twice `user`")
            .label("again")
            .and(Span { file: a, start: 6, end: 10 }, "first here");
    assert_snapshot!(render(&fault, &sources, Style::Plain), @"
    warning[duplicate]: twice `user`
     --> b.gate:1:6
      |
    1 | role user { }
      |      ^^^^ again
      |
     ::: a.gate:2:6
      |
    2 | role user { }
      |      ---- first here
    ");
    assert!(render(&fault, &sources, Style::Coloured).contains('\u{1b}'));
}

#[test]
fn a_line_that_nobody_wrote_by_hand_is_cut() {
    let text = format!("role a {{ {}; }}", "b:c ".repeat(100_000));
    assert!(told(&text).len() < 10_000);
}

#[test]
fn places_that_are_far_apart_are_shown_by_themselves() {
    let far = "// nothing\n".repeat(5_000);
    let mut sources = Sources::new();
    let text = format!("role a {{ }}\n{far}role a {{ }}\n");
    let end = u32::try_from(text.len() - 11 + 5).unwrap_or(0);
    let file = sources.add(Source::new("shop.gate", text));
    let at = |start: u32| Span { file, start, end: start + 1 };
    let fault = Diagnostic::error(Code::Duplicate, at(end), "role `a` is declared twice")
        .and(at(5), "the first one");
    assert_snapshot!(render(&fault, &sources, Style::Plain), @"
    error[duplicate]: role `a` is declared twice
        --> shop.gate:5002:6
         |
    5002 | role a { }
         |      ^
         |
        ::: shop.gate:1:6
         |
       1 | role a { }
         |      - the first one
    ");
}

#[test]
fn a_byte_order_mark_is_skipped_at_the_start() {
    let marked = Source::new("shop.gate", "\u{feff}rol a { }\n");
    assert_eq!(marked.text, "rol a { }\n");
    assert_eq!(
        Source::from_bytes("shop.gate", b"\xef\xbb\xbfrole a { }".to_vec()).text,
        "role a { }"
    );
    assert!(said("\u{feff}\u{feff}role a { }\n").starts_with("syntax [\u{feff}]"));
}
