//! Strict JSON, held against a parser that many use.

use proptest::prelude::*;

use crate::json::Json;

#[test]
fn what_is_strict() {
    for good in [
        "{}",
        " [ ] ",
        "null",
        "-0",
        "0.5e-3",
        "1E+2",
        r#""\u00e9\ud83d\ude00\/""#,
        "[1,[2,{}]]",
        "123456789012345678901234567890",
    ] {
        assert!(Json::read(good.as_bytes()).is_some(), "{good}");
    }
}

#[test]
fn what_is_not() {
    for bad in [
        "",
        " ",
        "{",
        "{}x",
        "{} {}",
        "[1,]",
        "{,}",
        r#"{"a":1,}"#,
        r#"{"a" 1}"#,
        "{a:1}",
        "01",
        "1.",
        ".5",
        "+1",
        "-",
        "1e",
        "1e999",
        "-1e999",
        "NaN",
        "nul",
        "'a'",
        "\"a",
        "\"\n\"",
        r#""\x""#,
        r#""\u12""#,
        r#""\ud800""#,
        r#""\ud800\u0041""#,
        r#""\udc00""#,
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"\u0061":1}"#,
        r#"[{"b":{"a":1,"a":2}}]"#,
        "\u{feff}{}",
        "// x\n1",
        "\u{a0}1",
    ] {
        assert_eq!(Json::read(bad.as_bytes()), None, "{bad}");
    }
    assert_eq!(Json::read(b"\"\xff\""), None);
}

#[test]
fn at_most_32_levels() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(Json::read(nested(32).as_bytes()).is_some());
    assert!(Json::read(nested(33).as_bytes()).is_none());
    let objects = |depth: usize| r#"{"a":"#.repeat(depth) + "1" + &"}".repeat(depth);
    assert!(Json::read(objects(32).as_bytes()).is_some());
    assert!(Json::read(objects(33).as_bytes()).is_none());
    assert!(Json::read("[".repeat(100_000).as_bytes()).is_none());
}

fn same(ours: &Json, theirs: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (ours, theirs) {
        (Json::Null, Value::Null) => true,
        (Json::Bool(ours), Value::Bool(theirs)) => ours == theirs,
        (Json::Text(ours), Value::String(theirs)) => ours == theirs,
        (Json::Number(ours), Value::Number(theirs)) => {
            ours.parse::<f64>().ok() == theirs.as_f64() || ours.contains(['.', 'e', 'E'])
        }
        (Json::List(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| same(a, b))
        }
        (Json::Object(ours), Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().all(|(key, ours)| theirs.get(key).is_some_and(|b| same(ours, b)))
        }
        _ => false,
    }
}

proptest! {
    // No more than a few pieces: too short for 32 levels, and keys are seldom met twice.
    #[test]
    fn agrees_with_serde_json(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"b\":", "\\u", "\\n", "d83d", "de00",
                "0", "1", "-", ".", "e", "E9", "999", "null", "true", " ", "\n", "é", "\t",
            ]),
            0..9,
        )
    ) {
        let text = pieces.concat();
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        match (Json::read(text.as_bytes()), theirs) {
            (Some(ours), Ok(theirs)) => prop_assert!(same(&ours, &theirs)),
            (Some(_), Err(_)) => prop_assert!(false, "accepted {text}"),
            (None, Ok(_)) => prop_assert!(
                text.matches("\"b\":").count() > 1 || text.matches("\"a\"").count() > 1,
                "refused {}", text
            ),
            (None, Err(_)) => {}
        }
    }
}
