//! Made-up schemas and values: what an imported policy hands to a handler, the description allows.
//!
//! What the language leaves out by design (`oneOf`, `multipleOf`, `uniqueItems` and their like, see
//! `docs/openapi.md`) is not made up here.

use std::cell::Cell;
use std::net::Ipv4Addr;

use portcullis::{Engine, Policy, Request, Timestamp};
use portcullis_compiler::plan::Pattern;
use portcullis_openapi::{Description, import};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

use crate::holds;

/// Some of these members.
fn some(members: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Map<String, Value>> {
    let all: Vec<_> = members
        .into_iter()
        .map(|(key, value)| prop::option::weighted(0.35, value).prop_map(move |value| (key, value)))
        .collect();
    all.prop_map(|all| {
        all.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
    })
    .boxed()
}

fn one_of(values: Vec<Value>) -> BoxedStrategy<Value> {
    prop::sample::select(values).boxed()
}

fn small() -> BoxedStrategy<Value> {
    one_of(vec![json!(-1), json!(0), json!(1), json!(2), json!(3), json!(1.5), json!(0.5)])
}

fn count() -> BoxedStrategy<Value> {
    (0..4).prop_map(Value::from).boxed()
}

/// A value without lists and objects in it.
fn plain() -> BoxedStrategy<Value> {
    let other =
        vec![Value::Null, json!(true), json!(false), json!(1.0), json!(9_007_199_254_740_993_i64)];
    prop_oneof![
        3 => small(),
        3 => one_of(["", "a", "b", "ab", "bb", "abc", "é"].into_iter().map(Value::from).collect()),
        2 => one_of(other),
    ]
    .boxed()
}

fn value(depth: u32) -> BoxedStrategy<Value> {
    let leaf = plain();
    if depth == 0 {
        return leaf;
    }
    let list = prop::collection::vec(value(depth - 1), 0..4).prop_map(Value::from);
    prop_oneof![6 => leaf, 1 => list, 1 => members(depth - 1)].boxed()
}

/// An object of the names that schemas speak of, and of one more.
fn members(depth: u32) -> BoxedStrategy<Value> {
    let names = prop::sample::select(vec!["a", "b", "c", "d", "other"]);
    prop::collection::btree_map(names, value(depth), 0..5).prop_map(|all| json!(all)).boxed()
}

fn leaf() -> BoxedStrategy<Value> {
    let types = one_of(vec![
        json!("string"),
        json!("integer"),
        json!("number"),
        json!("boolean"),
        json!(["string", "null"]),
        json!(["integer", "null"]),
        json!(["integer", "number"]),
        json!("null"),
    ]);
    let patterns = one_of(["^a", "^[ab]{1,2}$", "b$"].into_iter().map(Value::from).collect());
    let formats = one_of(["uuid", "date", "email", "uri"].into_iter().map(Value::from).collect());
    let keywords = some(vec![
        ("minLength", count()),
        ("maxLength", count()),
        ("minimum", small()),
        ("maximum", small()),
        ("exclusiveMinimum", small()),
        ("exclusiveMaximum", small()),
        ("pattern", patterns),
        ("default", plain()),
    ]);
    let rare = prop::option::weighted(0.15, formats);
    let options = prop::option::weighted(0.3, prop::collection::vec(plain(), 1..6));
    let typed = prop::option::weighted(0.9, types);
    (typed, keywords, options, rare)
        .prop_map(|(kind, mut keywords, options, format)| {
            keywords.extend(kind.map(|kind| ("type".to_owned(), kind)));
            keywords.extend(options.map(|options| ("enum".to_owned(), json!(options))));
            keywords.extend(format.map(|format| ("format".to_owned(), format)));
            Value::Object(keywords)
        })
        .boxed()
}

fn schema(depth: u32) -> BoxedStrategy<Value> {
    if depth == 0 {
        return leaf();
    }
    let list = (schema(depth - 1), some(vec![("minItems", count()), ("maxItems", count())]))
        .prop_map(|(items, mut bounds)| {
            bounds.insert("type".to_owned(), json!("array"));
            bounds.insert("items".to_owned(), items);
            Value::Object(bounds)
        });
    let both = prop::collection::vec(schema(depth - 1), 1..3).prop_map(|all| json!({"allOf": all}));
    let or_null = schema(depth - 1).prop_map(|one| json!({"anyOf": [one, {"type": "null"}]}));
    let reference = (0..2).prop_map(|at| json!({"$ref": format!("#/components/schemas/S{at}")}));
    prop_oneof![
        6 => leaf(),
        2 => list,
        2 => both,
        1 => or_null,
        1 => reference,
        3 => object(depth - 1),
    ]
    .boxed()
}

fn object(depth: u32) -> BoxedStrategy<Value> {
    let names = || prop::sample::select(vec!["a", "b", "c", "d"]);
    let fields = prop::collection::btree_map(names(), schema(depth), 1..4);
    let required = prop::collection::btree_set(names(), 0..3);
    let others = prop::option::weighted(
        0.3,
        prop_oneof![3 => Just(json!(false)), 1 => Just(json!(true)), 1 => leaf()],
    );
    let more = match depth {
        0 => Just(Vec::new()).boxed(),
        _ => prop::collection::vec(object(depth - 1), 0..2).boxed(),
    };
    (fields, required, others, more)
        .prop_map(|(fields, required, others, more)| {
            let mut object = json!({"type": "object", "properties": fields, "required": required});
            if let Some(others) = others {
                object["additionalProperties"] = others;
            }
            if !more.is_empty() {
                object["allOf"] = json!(more);
            }
            object
        })
        .boxed()
}

/// Whether a schema allows a value (JSON Schema 2020-12, as far as it is made up here).
fn allows(schema: &Value, value: &Value, named: &Value) -> bool {
    let also = |schema: &Value| allows(schema, value, named);
    let each = |key: &str| schema[key].as_array().cloned().unwrap_or_default();
    let is = |kind: &Value| match kind.as_str() {
        Some("string") => value.is_string(),
        Some("integer") => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        Some("null") => value.is_null(),
        _ => panic!("{kind} is no type"),
    };
    let alike = |other: &Value| match (value.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one == other,
        _ => value == other,
    };
    let bound = |key: &str, of: Option<f64>, holds: fn(f64, f64) -> bool| {
        of.zip(schema[key].as_f64()).is_none_or(|(of, bound)| holds(of, bound))
    };
    let length = value.as_str().map(|text| text.chars().count() as f64);
    let rows = value.as_array().map(|rows| rows.len() as f64);
    let number = value.as_f64();
    let reference = schema["$ref"].as_str().and_then(|to| to.rsplit('/').next());
    let pattern = schema["pattern"].as_str().map(|found| Pattern::new(found).unwrap());
    let fields = value.as_object().into_iter().flatten().all(|(name, field)| {
        match (schema["properties"].get(name), &schema["additionalProperties"]) {
            (Some(one), _) => allows(one, field, named),
            (None, Value::Bool(allowed)) => *allowed,
            (None, Value::Null) => true,
            (None, other) => allows(other, field, named),
        }
    });
    reference.is_none_or(|to| also(&named[to]))
        && each("allOf").iter().all(also)
        && (each("anyOf").is_empty() || each("anyOf").iter().any(also))
        && match &schema["type"] {
            Value::Null => true,
            Value::Array(kinds) => kinds.iter().any(is),
            kind => is(kind),
        }
        && (schema.get("enum").is_none() || each("enum").iter().any(alike))
        && bound("minLength", length, |of, bound| of >= bound)
        && bound("maxLength", length, |of, bound| of <= bound)
        && bound("minItems", rows, |of, bound| of >= bound)
        && bound("maxItems", rows, |of, bound| of <= bound)
        && bound("minimum", number, |of, bound| of >= bound)
        && bound("maximum", number, |of, bound| of <= bound)
        && bound("exclusiveMinimum", number, |of, bound| of > bound)
        && bound("exclusiveMaximum", number, |of, bound| of < bound)
        && value.as_str().zip(pattern).is_none_or(|(text, pattern)| pattern.is_in(text))
        && (!value.is_object()
            || each("required").iter().all(|name| value.get(name.as_str().unwrap()).is_some()))
        && fields
        && value
            .as_array()
            .into_iter()
            .flatten()
            .all(|row| schema.get("items").is_none_or(|items| allows(items, row, named)))
}

#[test]
fn the_checker_tells_what_is_allowed() {
    let schema = json!({"type": "object", "required": ["a"], "properties": {"a": {"minimum": 1}},
        "additionalProperties": {"type": ["string", "null"], "maxLength": 1}});
    for (value, allowed) in [
        (json!({"a": 1, "b": "x", "c": null}), true),
        (json!({"a": 0}), false),
        (json!({"b": "x"}), false),
        (json!({"a": 1, "b": "xy"}), false),
        (json!([]), false),
    ] {
        assert_eq!(allows(&schema, &value, &Value::Null), allowed, "{value}");
    }
}

#[test]
fn what_is_handed_on_the_description_allows() {
    let accepted = Cell::new(0_usize);
    let bodies = prop::collection::vec(members(2), 24);
    let named = prop::collection::vec(leaf(), 2);
    let mut runner =
        TestRunner::new(Config { source_file: Some(file!()), ..Config::with_cases(256) });
    let held = runner.run(&(object(2), named, bodies), |(schema, named, bodies)| {
        let named = json!({"S0": named[0], "S1": named[1]});
        let description = json!({
            "openapi": "3.1.0",
            "components": {"schemas": named},
            "paths": {"/a": {"post": {
                "security": [],
                "requestBody": {"content": {"application/json": {"schema": schema}}},
                "responses": {"204": {}},
            }}},
        });
        let text = serde_json::to_string(&description).unwrap();
        let read = Description::read("a.json", text.as_bytes()).unwrap();
        let found = import(&read, None).unwrap();
        holds(&found);
        let files = found.files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let engine = Engine::builder(Policy::parse(files).unwrap()).build().unwrap();
        for body in bodies {
            let now = Timestamp::from_seconds(1_780_000_000);
            let request = Request::new("POST", "/a", Ipv4Addr::LOCALHOST.into(), now)
                .https(true)
                .header("Host", b"a.example")
                .header("Content-Type", b"application/json");
            let bytes = serde_json::to_vec(&body).unwrap();
            let admitted = engine.admit(request);
            let Ok(taken) = admitted.and_then(|admitted| admitted.input(Some(&bytes))) else {
                continue;
            };
            accepted.set(accepted.get() + 1);
            let handed: Value = if taken.takes_raw() { body } else { taken.body().unwrap() };
            prop_assert!(
                allows(&schema, &handed, &named),
                "{handed} is handed on, and not valid by {schema} of {named}:\n{}",
                found.files.iter().map(|(_, text)| text.as_str()).collect::<String>()
            );
        }
        Ok(())
    });
    if let Err(why) = held {
        panic!("{why}");
    }
    // Else it would hold of a policy that refuses everything.
    assert!(accepted.get() > 100, "only {} of the bodies were taken", accepted.get());
}
