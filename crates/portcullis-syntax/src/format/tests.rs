//! Layouts, and that nothing is lost.

use proptest::prelude::*;

use super::{FormatError, format, meaning};
use crate::Source;

fn formatted(text: &str) -> String {
    format(&Source::new("a.gate", text)).expect("the text parses")
}

#[test]
fn columns_indentation_and_blank_lines() {
    let text = "

//! About.


role a {read:a}   // first
role longer inherits a{ write:a }
group /api {

  accept [access,other]
      budget [ everyone , ]


  route GET /a/{id} { params {id: uuid}
    needs read:a
  allow when (caller is a)  and caller.id==\"x\" // why


  }
}
";
    insta::assert_snapshot!(formatted(text), @r#"
    //! About.

    role a                  { read:a }  // first
    role longer inherits a  { write:a }
    group /api {
        accept  [access, other]
        budget  [everyone]

        route GET /a/{id} { params { id: uuid }
            needs  read:a
            allow  when (caller is a) and caller.id == "x"  // why
        }
    }
    "#);
}

#[test]
fn what_is_not_enforced_yet_is_formatted_too() {
    let text = "cors{origins [\"https://a.example\"]
credentials
max_age 24h
}
input a { name: string matching /^[a-z{ ]+$/  max 5
tags: [string 1..20]? max 10 }";
    insta::assert_snapshot!(formatted(text), @r#"
    cors { origins ["https://a.example"]
        credentials
        max_age 24h
    }
    input a { name: string matching /^[a-z{ ]+$/ max 5
        tags: [string 1..20]? max 10 }
    "#);
}

#[test]
fn a_text_with_faults_is_left_alone() {
    let source = Source::new("a.gate", "role a { read:a");
    assert!(matches!(format(&source), Err(FormatError::Syntax(_))));
}

proptest! {
    /// White space, commas and comments at any place between two tokens.
    #[test]
    fn formatting_twice_is_formatting_once_and_loses_nothing(
        gaps in prop::collection::vec(
            prop_oneof![Just(" "), Just("  "), Just("\n"), Just("\n\n\n"), Just(" // note\n"), Just(" , ")],
            60,
        ),
    ) {
        let tokens = [
            "role", "a", "{", "read:a", "write:a", "}", "enum", "b", "{", "c", "d", "}", "group", "/x", "{",
            "accept", "[", "access", "]", "route", "GET", "/y/{id}", "{", "params", "{", "id:", "uuid", "}",
            "needs", "read:a", "allow", "when", "(", "caller", "is", "a", ")", "returns", "o.v", "}", "}",
        ];
        let mut text = String::new();
        for (token, gap) in tokens.iter().zip(&gaps) {
            text.push_str(token);
            text.push_str(gap);
        }
        let once = formatted(&text);
        prop_assert_eq!(meaning(&text), meaning(&once));
        prop_assert_eq!(&formatted(&once), &once);
    }
}
