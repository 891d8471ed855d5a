//! Strict JSON (RFC 8259) into a small tree.
//!
//! Two parsers that read one text differently are a way around a check, so what parsers are known
//! to disagree about is refused: duplicate names, numbers out of range, lone surrogates, a byte
//! order mark, anything after the value.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Lists and objects within each other, the outermost counted.
const MAX_DEPTH: usize = 32;

/// A JSON value.
#[derive(Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// A number written without fraction and exponent that fits. `-0` is not one of them: it is
    /// read as the float that it denotes.
    Int(i64),
    /// Any other number; always finite.
    Number(f64),
    Text(String),
    List(Vec<Json>),
    /// Names are unique, in the order of the text.
    Object(Vec<(String, Json)>),
}

/// The text is not JSON, or not strictly so. What it says stays out of any message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not strict JSON")]
pub(crate) struct NotJson;

/// Reads a whole text.
pub(crate) fn parse(bytes: &[u8]) -> Result<Json, NotJson> {
    let mut text = serde_json::Deserializer::from_slice(bytes);
    let value = Node(Depth::default()).deserialize(&mut text).map_err(|_| NotJson)?;
    text.end().map_err(|_| NotJson)?;
    Ok(value)
}

impl Json {
    /// The member of that name, if this is an object that has it.
    pub(crate) fn member(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => {
                members.iter().find(|(key, _)| key == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }
}

/// Says the kind alone: a tree holds what a client sent.
impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Json::Null => "Null",
            Json::Bool(_) => "Bool(..)",
            Json::Int(_) => "Int(..)",
            Json::Number(_) => "Number(..)",
            Json::Text(_) => "Text(..)",
            Json::List(_) => "List(..)",
            Json::Object(_) => "Object(..)",
        })
    }
}

/// How many lists and objects a value stands in.
#[derive(Clone, Copy, Default)]
pub(crate) struct Depth(usize);

impl Depth {
    /// What stands in a list or an object there.
    pub(crate) fn inside<E: Error>(self) -> Result<Depth, E> {
        if self.0 < MAX_DEPTH { Ok(Depth(self.0 + 1)) } else { Err(E::custom("too deep")) }
    }
}

/// Reads one value.
#[derive(Clone, Copy)]
struct Node(Depth);

impl<'de> DeserializeSeed<'de> for Node {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Json, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        // Above i64 the nearest float is what RFC 8259, 6 lets a reader take.
        Ok(i64::try_from(value).map_or(Json::Number(value as f64), Json::Int))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        // `serde_json` refuses what is out of range itself; its word alone is not relied on.
        if value.is_finite() { Ok(Json::Number(value)) } else { Err(E::custom("not finite")) }
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let inside = Node(self.0.inside()?);
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(inside)? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        let inside = Node(self.0.inside()?);
        let mut members: Vec<(String, Json)> = Vec::new();
        while let Some(name) = object.next_key::<String>()? {
            if name == NUMBER_TOKEN {
                let number = object.next_value_seed(NumberText)?;
                // As `serde_json` makes it, such a map holds nothing else.
                return match object.next_key::<String>()? {
                    None => Ok(number),
                    Some(_) => Err(A::Error::custom("a number with members")),
                };
            }
            members.push((name, object.next_value_seed(inside)?));
        }
        if has_duplicate(members.iter().map(|(name, _)| name.as_str())) {
            return Err(A::Error::custom("a name stands twice"));
        }
        Ok(Json::Object(members))
    }
}

/// Reads one value as strictly and keeps nothing of it.
#[derive(Clone, Copy)]
pub(crate) struct Skip(pub(crate) Depth);

impl<'de> DeserializeSeed<'de> for Skip {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Skip {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        if value.is_finite() { Ok(()) } else { Err(E::custom("not finite")) }
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let inside = Skip(self.0.inside()?);
        while list.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let inside = Skip(self.0.inside()?);
        let mut names: Vec<String> = Vec::new();
        while let Some(name) = object.next_key::<String>()? {
            if name == NUMBER_TOKEN {
                object.next_value_seed(NumberText)?;
                return match object.next_key::<String>()? {
                    None => Ok(()),
                    Some(_) => Err(A::Error::custom("a number with members")),
                };
            }
            object.next_value_seed(inside)?;
            names.push(name);
        }
        if has_duplicate(names.iter().map(String::as_str)) {
            return Err(A::Error::custom("a name stands twice"));
        }
        Ok(())
    }
}

/// Sorting keeps a flood of names at n log n, with no hash that an attacker could aim at.
pub(crate) fn has_duplicate<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.windows(2).any(|pair| matches!(pair, [one, other] if one == other))
}

/// What stands for a number where some crate of the service's tree has switched on `serde_json`'s
/// feature `arbitrary_precision`: a map with this one name.
pub(crate) const NUMBER_TOKEN: &str = "$serde_json::private::Number";

/// Reads the text in such a map. `serde_json` hands that text over owned, and text of the input
/// borrowed: so a client who writes the name gets a refusal, with the feature and without.
pub(crate) struct NumberText;

impl<'de> DeserializeSeed<'de> for NumberText {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Json, D::Error> {
        from.deserialize_any(self)
    }
}

impl Visitor<'_> for NumberText {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Json, E> {
        Err(E::custom("a reserved name"))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Json, E> {
        if let Ok(int) = text.parse::<i64>()
            && text != "-0"
        {
            return Ok(Json::Int(int));
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Json::Number(number)),
            _ => Err(E::custom("not finite")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Json, MAX_DEPTH, NUMBER_TOKEN, NotJson, parse};

    fn is_refused(text: &[u8]) -> bool {
        parse(text) == Err(NotJson)
    }

    #[test]
    fn numbers_keep_whether_they_are_whole() {
        let cases = [
            ("0", Json::Int(0)),
            ("-7", Json::Int(-7)),
            ("9223372036854775807", Json::Int(i64::MAX)),
            ("-9223372036854775808", Json::Int(i64::MIN)),
            ("9223372036854775808", Json::Number(9_223_372_036_854_775_808.0)),
            ("18446744073709551616", Json::Number(18_446_744_073_709_551_616.0)),
            ("1.0", Json::Number(1.0)),
            ("1e0", Json::Number(1.0)),
            ("-0", Json::Number(-0.0)),
            ("1e-999", Json::Number(0.0)),
        ];
        for (text, expected) in cases {
            assert!(parse(text.as_bytes()) == Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_tree_keeps_its_order() {
        let tree = parse(br#" {"b":[null,true,"\u00e9\ud83d\ude00"],"a":{}} "#).unwrap();
        assert!(
            tree.member("b").unwrap()
                == &Json::List(vec![Json::Null, Json::Bool(true), Json::Text("é😀".to_owned())])
        );
        assert!(tree.member("a").unwrap() == &Json::Object(Vec::new()));
        assert!(tree.member("c").is_none());
        let Json::Object(members) = tree else { panic!("an object") };
        assert_eq!(members[0].0, "b");
    }

    #[test]
    fn what_parsers_disagree_about_is_refused() {
        let cases: &[&[u8]] = &[
            b"",
            b" ",
            b"{\"a\":1,\"a\":1}",
            b"{\"a\":1,\"\\u0061\":2}",
            b"[{\"x\":{\"a\":1,\"b\":2,\"a\":3}}]",
            b"1e999",
            b"-1e999",
            b"NaN",
            b"Infinity",
            b"01",
            b"+1",
            b"1.",
            b".5",
            b"0x1",
            b"\"\\ud800\"",
            b"\"\\udc00\"",
            b"\"\\ud800\\u0041\"",
            b"{\"\\ud800\":1}",
            b"\"\xff\"",
            b"\"\xed\xa0\x80\"",
            b"\xef\xbb\xbf{}",
            b"{} {}",
            b"{}x",
            b"{},",
            b"{}\0",
            b"[1,]",
            b"{\"a\":1,}",
            b"{a:1}",
            b"{'a':1}",
            b"[1 2]",
            b"\"a\nb\"",
            b"\"a\tb\"",
            b"\"\\x41\"",
            b"// a\n{}",
            b"{} // a",
            b"nul",
            b"True",
            b"\"open",
            b"[",
        ];
        for text in cases {
            assert!(is_refused(text), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn the_stand_in_for_a_number_is_no_back_door() {
        for value in ["\"12\"", "\"1\\u0032\"", "12", "{}", "\"12\",\"a\":1"] {
            assert!(is_refused(format!("{{\"{NUMBER_TOKEN}\":{value}}}").as_bytes()), "{value}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert!(is_refused(nested(MAX_DEPTH + 1).as_bytes()));
        assert!(is_refused("[".repeat(1_000_000).as_bytes()));
        assert!(is_refused("{\"a\":".repeat(1_000_000).as_bytes()));
    }

    #[test]
    fn a_flood_of_names_is_read_and_its_one_duplicate_found() {
        let names: Vec<String> = (0..100_000).map(|n| format!("\"k{n}\":0")).collect();
        let unique = format!("{{{}}}", names.join(","));
        assert!(parse(unique.as_bytes()).is_ok());
        assert!(is_refused(format!("{{{},\"k0\":0}}", names.join(",")).as_bytes()));
    }

    #[test]
    fn nothing_of_the_text_is_shown() {
        let tree = parse(br#"{"password":"hunter2"}"#).unwrap();
        assert_eq!(
            format!("{tree:?} {:?} {NotJson}", NotJson),
            "Object(..) NotJson not strict JSON"
        );
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn whatever_is_accepted_serde_accepts(text in r#"[\[\]{}:,"a0-9eE+.\\u -]{0,40}"#) {
            if parse(text.as_bytes()).is_ok() {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
            }
        }
    }
}
