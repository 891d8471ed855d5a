//! What the formatter makes of a text, and that it makes nothing else of it.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

mod sentence;

use insta::assert_snapshot;
use portcullis_syntax::{FormatError, Source, Sources, format, parse};
use proptest::prelude::*;

fn formatted(text: &str) -> String {
    format(&Source::new("a.gate", text)).unwrap_or_else(|error| panic!("{error:?}\n{text}"))
}

#[test]
fn neighbours_line_up() {
    let text = "
transport { https required in production
https off in development
body_limit 64KiB
hosts [ \"shop.example\" \"www.shop.example\", ] }
role guest {read:products}
role user inherits guest {read:orders, write:orders}
role admin inherits [user, manager] as \"ROLE_ADMIN\" { write:users }
input listing { page: int min 1 default 1
search: string? trim max 100
  sort:string one of [\"a\" \"b\"] }
resource order { key id: uuid
  card:string secret
  status: order_status

  predicate owner { order.user_id==caller.id }
  view summary { id status as \"orderStatus\" }
  view full { ...summary card }
}";
    assert_snapshot!(formatted(text), @r#"
    transport {
        https       required in production
        https       off in development
        body_limit  64KiB
        hosts       ["shop.example", "www.shop.example"]
    }
    role guest                                           { read:products }
    role user   inherits guest                           { read:orders write:orders }
    role admin  inherits [user, manager] as "ROLE_ADMIN" { write:users }
    input listing {
        page:    int      min 1 default 1
        search:  string?  trim max 100
        sort:    string   one of ["a", "b"]
    }
    resource order {
        key      id: uuid
        card:    string  secret
        status:  order_status

        predicate owner { order.user_id == caller.id }
        view summary { id status as "orderStatus" }
        view full    { ...summary card }
    }
    "#);
}

#[test]
fn what_was_on_one_line_stays_there_if_it_fits() {
    let text = "
budget few { limit 5 per 15m key caller.id }
budget many { limit 5 per 15m key [request.ip, body.email, caller.id, caller.organisation] algorithm sliding_window }
enum plan {
  free pro }
route GET / { public returns a.b }
role none { }";
    assert_snapshot!(formatted(text), @"
    budget few { limit 5 per 15m  key caller.id }
    budget many {
        limit      5 per 15m
        key        [request.ip, body.email, caller.id, caller.organisation]
        algorithm  sliding_window
    }
    enum plan {
        free
        pro
    }
    route GET / { public  returns a.b }
    role none {}
    ");
}

#[test]
fn comments_stay_where_they_are() {
    let text = "//!  of the file
// before all
group /api { // behind the brace
  // on its own
  accept [ // in a list
    access // the first
    // the last
    pat ]
  needs // in a clause
    read:orders // behind it

  /// documents

  route GET / { public } // behind a route
  // at the end
}
// behind all";
    assert_snapshot!(formatted(text), @"
    //!  of the file
    // before all
    group /api {  // behind the brace
        // on its own
        accept [  // in a list
            access,  // the first
            // the last
            pat,
        ]
        needs  // in a clause
            read:orders  // behind it

        /// documents

        route GET / { public }  // behind a route
        // at the end
    }
    // behind all
    ");
}

#[test]
fn blank_lines_are_kept_one_at_a_time() {
    let text = "\n\n\nenum a {\n\n\n b\n\n\n c\n\n d }\n\n\n\nenum e { f }\nenum g { h }\n\n\n";
    assert_snapshot!(formatted(text), @"
    enum a {
        b

        c

        d
    }

    enum e { f }
    enum g { h }
    ");
}

#[test]
fn long_lines_break_at_their_parts_then_at_conditions_then_in_lists() {
    let text = r#"
input a {
  password: string 8..128 containing [lower, upper, digit, "@$!%*?&"] fault "Password must include all kinds"
  name: string trim 2..100
}
group /orders {
  deny when order.status == shipped and order.total > 1_000_000 unless caller is admin as conflict
  deny when (order.status == shipped or order.status == cancelled) and order.total > 1_000_000 and order.paid unless caller is admin as conflict
  needs [read:orders:of:everybody, write:orders:of:everybody, delete:orders:of:everybody, list:orders]
}"#;
    assert_snapshot!(formatted(text), @r#"
    input a {
        password:  string  8..128 containing [lower, upper, digit, "@$!%*?&"]
                   fault "Password must include all kinds"
        name:      string  trim 2..100
    }
    group /orders {
        deny  when order.status == shipped and order.total > 1_000_000
              unless caller is admin
              as conflict
        deny  when (order.status == shipped or order.status == cancelled)
              and order.total > 1_000_000
              and order.paid
              unless caller is admin
              as conflict
        needs [
            read:orders:of:everybody,
            write:orders:of:everybody,
            delete:orders:of:everybody,
            list:orders,
        ]
    }
    "#);
}

#[test]
fn tests_and_their_json() {
    let text = r#"
test "a" { caller { id: "u1" role: user }
request GET /orders/7 from 203.0.113.9
body {"a":[1,2,{"b":null}],"c":{}}
expect admit times 5 expect fields [id, total] }
test "b" { request POST /
body { "a": 1,
"b": [] } expect refuse not_found }"#;
    assert_snapshot!(formatted(text), @r#"
    test "a" {
        caller   { id: "u1"  role: user }
        request  GET /orders/7 from 203.0.113.9
        body     { "a": [1, 2, { "b": null }], "c": {} }
        expect   admit times 5
        expect   fields [id, total]
    }
    test "b" {
        request POST /
        body {
            "a": 1,
            "b": []
        }
        expect refuse not_found
    }
    "#);
}

#[test]
fn what_does_not_parse_is_not_formatted() {
    for text in ["role {", "budget a { limit 5 per 0s }", "role a { b:c } \0"] {
        let result = format(&Source::new("a.gate", text));
        assert!(matches!(result, Err(FormatError::Syntax(faults)) if faults.len() == 1), "{text}");
    }
}

#[test]
fn a_value_of_the_wrong_kind_is_formatted() {
    assert_eq!(formatted("budget a { limit \"x\" per 5 }"), "budget a { limit \"x\" per 5 }\n");
}

#[test]
fn nothing_stays_nothing() {
    assert_eq!(formatted(""), "");
    assert_eq!(formatted(" \n\n,"), "");
    assert_eq!(formatted("// only this"), "// only this\n");
}

proptest! {
    /// `format` itself refuses where a token or comment is lost, so `Ok` says that none is.
    #[test]
    fn every_sentence_has_a_layout_that_is_final(text in sentence::sentence()) {
        let once = formatted(&text);
        prop_assert_eq!(formatted(&once), once);
    }
}

/// A text in which every word of the language stands, and a comment of each kind.
const WHOLE: [(&str, &str); 2] = [
    ("every_clause.gate", include_str!("whole/every_clause.gate")),
    ("every_clause.test.gate", include_str!("whole/every_clause.test.gate")),
];

#[test]
fn every_clause_is_read_and_printed_as_it_was() {
    for (name, text) in WHOLE {
        let mut sources = Sources::new();
        let file = sources.add(Source::new(name, text));
        let (_, faults) = parse(&sources, file);
        assert!(faults.is_empty(), "{faults:#?}");
        let printed = format(&Source::new(name, text)).expect("a layout");
        assert_eq!(printed, text, "the text is in the layout of the formatter");
        // All on one line and nothing aligned, it means the same and is printed the same.
        let flat: String = text
            .lines()
            .map(|line| match line.contains("//") {
                true => format!("{}\n", line.trim()),
                false => format!("{} ", line.split_whitespace().collect::<Vec<_>>().join(" ")),
            })
            .collect();
        let again = format(&Source::new(name, flat)).expect("a layout");
        let comments = |text: &str| text.matches("//").count();
        assert_eq!(comments(&again), comments(text));
        assert_eq!(format(&Source::new(name, again.as_str())).expect("a layout"), again);
    }
}

#[test]
fn every_word_of_the_grammar_stands_in_the_whole_text() {
    let words = include_str!("../src/grammar/words.pest");
    let words = words.lines().filter(|line| line.starts_with("kw_"));
    let words: Vec<&str> = words.filter_map(|line| line.split('"').nth(1)).collect();
    assert!(words.len() > 100);
    let stands = |word: &str| {
        WHOLE.iter().any(|(_, text)| {
            let is_word = |char: char| char.is_ascii_alphanumeric() || char == '_';
            text.split(|char: char| !is_word(char)).any(|found| found == word)
        })
    };
    let missing: Vec<&&str> = words.iter().filter(|word| !stands(word)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
