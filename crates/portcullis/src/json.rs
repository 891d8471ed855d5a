//! Strict JSON: no duplicate keys, bounded depth, finite numbers, whole characters, no trailing
//! bytes. Two parsers that differ on any of these can be played against each other.

use std::collections::HashSet;
use std::fmt;

use ahash::RandomState;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// How deep lists and objects may be nested.
const DEEPEST: usize = 32;

/// A JSON value.
#[derive(Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// A whole number of 64 bits, written without fraction and exponent.
    Int(i64),
    /// Any other number.
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// The bytes are not strict JSON. It says nothing of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotJson;

// What a client or a token says stays out of logs.
impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Json")
    }
}

impl Json {
    /// The value of an object's member.
    pub(crate) fn member(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => {
                members.iter().find(|(known, _)| known == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }
}

/// Parses bytes that are one JSON value and nothing else.
pub(crate) fn parse(bytes: &[u8]) -> Result<Json, NotJson> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0 }.deserialize(&mut deserializer).map_err(|_| NotJson)?;
    deserializer.end().map_err(|_| NotJson)?;
    Ok(value)
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: Error>(self) -> Result<Strict, E> {
        if self.depth >= DEEPEST {
            return Err(E::custom("nested too deep"));
        }
        Ok(Strict { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        // Beyond 64 bits with a sign it is a number like any other, and no `int`.
        Ok(i64::try_from(value).map_or(Json::Number(value as f64), Json::Int))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        if value.is_finite() { Ok(Json::Number(value)) } else { Err(E::custom("not finite")) }
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(element) = elements.next_element_seed(inner)? {
            list.push(element);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut members: Vec<(String, Json)> = Vec::new();
        // A keyed hash: a flood of keys cannot be made to collide.
        let mut seen: HashSet<String, RandomState> = HashSet::default();
        while let Some(key) = entries.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom("a key stands twice"));
            }
            members.push((key, entries.next_value_seed(inner)?));
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_json_is_taken() {
        let found = parse(br#" {"a": [1, -2, 1.5, true, null, "x\u00e9"], "b": {}} "#).unwrap();
        let list = [
            Json::Int(1),
            Json::Int(-2),
            Json::Number(1.5),
            Json::Bool(true),
            Json::Null,
            Json::Text("xé".to_owned()),
        ];
        assert!(found.member("a") == Some(&Json::List(list.to_vec())));
        assert!(found.member("b") == Some(&Json::Object(Vec::new())));
        assert!(parse(b"9223372036854775807").unwrap() == Json::Int(i64::MAX));
        assert!(matches!(parse(b"9223372036854775808").unwrap(), Json::Number(_)));
        assert!(matches!(parse(b"1.0").unwrap(), Json::Number(_)));
        assert!(matches!(parse(b"1e2").unwrap(), Json::Number(_)));
    }

    #[test]
    fn what_two_parsers_could_read_differently_is_refused() {
        let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(deep(32).as_bytes()).is_ok());
        assert_eq!(parse(deep(33).as_bytes()), Err(NotJson));
        assert_eq!(parse(deep(100_000).as_bytes()), Err(NotJson));
        for wrong in [
            &br#"{"a": 1, "a": 1}"#[..],
            br#"{"a": {"b": 1, "\u0062": 2}}"#,
            b"1e999",
            b"-1e999",
            br#""\ud800""#,
            br#""\udc00\ud800""#,
            b"\xef\xbb\xbf{}",
            b"{} {}",
            b"{}x",
            b"",
            b"NaN",
            b"'a'",
            b"[1,]",
            b"{\"a\":1,}",
            b"\"\xff\"",
            b"\"\x00\"",
            b"01",
            b"+1",
            b".5",
        ] {
            assert_eq!(parse(wrong), Err(NotJson), "{}", String::from_utf8_lossy(wrong));
        }
    }

    #[test]
    fn a_flood_of_keys_is_read_in_linear_time() {
        let keys = (0..100_000).map(|key| format!("\"{key}\":1")).collect::<Vec<_>>().join(",");
        assert!(parse(format!("{{{keys}}}").as_bytes()).is_ok());
    }
}
