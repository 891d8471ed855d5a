//! Random descriptions: none makes the import panic, and whatever it writes compiles, has one layout, and
//! lets nobody have what nobody has decided about.

use portcullis_openapi::{Description, Error, import};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::{compiled, holds, plan};

/// Names as descriptions have them, and as nobody would.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "id", "userId", "user_id", "name", "status", "callback_url", "price", "as", "body", "null",
            "string", "role", "password", "items", "view", "key", "X-Thing", "ID", "reset_token",
            "token", "apiKey", "$ref", "type", "waive",
        ])
        .prop_map(str::to_owned),
        1 => "[a-zA-Z0-9_.$ -]{1,12}",
        1 => "\\PC{0,6}",
    ]
}

/// Something of the wrong kind, where something else should be.
fn junk() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        name().prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!({"$ref": "#/components/schemas/S0"})),
    ]
}

/// `value`, or now and then something else.
fn mostly<S>(value: S) -> BoxedStrategy<Value>
where
    S: Strategy<Value = Value> + 'static,
{
    prop_oneof![30 => value, 1 => junk()].boxed()
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-3_i64..200).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-10.0_f64..10.0).prop_map(Value::from),
    ]
}

/// Some of these members.
fn some(members: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let all: Vec<_> = members
        .into_iter()
        .map(|(key, value)| prop::option::weighted(0.3, value).prop_map(move |value| (key, value)))
        .collect();
    all.prop_map(|all| {
        let there = all.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        Value::Object(there.collect::<Map<_, _>>())
    })
    .boxed()
}

fn with(value: Value, key: &str, member: Value) -> Value {
    match value {
        Value::Object(mut object) => {
            object.insert(key.to_owned(), member);
            Value::Object(object)
        }
        other => other,
    }
}

fn reference() -> impl Strategy<Value = Value> {
    (0..4).prop_map(|at| json!({"$ref": format!("#/components/schemas/S{at}")}))
}

fn text() -> BoxedStrategy<Value> {
    let format = prop::sample::select(vec![
        "uuid",
        "date",
        "date-time",
        "email",
        "uri",
        "ipv4",
        "hostname",
        "byte",
        "binary",
        "decimal",
        "",
    ]);
    let pattern = prop_oneof![
        prop::sample::select(vec![
            r"^\d{3}$",
            r"^[a-z/]+$",
            r"(?=x)",
            r"[[]",
            r"^[\w-]{1,5}$",
            r"a--b",
            r"[--a]",
            r"\/",
            "[",
            r"\p{L}",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,8}",
    ];
    some(vec![
        ("format", mostly(format.prop_map(Value::from))),
        ("pattern", mostly(pattern.prop_map(Value::from))),
        ("minLength", mostly(number())),
        ("maxLength", mostly(number())),
        ("enum", mostly(prop::collection::vec(name(), 0..4).prop_map(Value::from))),
        ("default", mostly(name().prop_map(Value::from))),
        ("nullable", mostly(any::<bool>().prop_map(Value::from))),
        ("readOnly", mostly(any::<bool>().prop_map(Value::from))),
        ("writeOnly", mostly(any::<bool>().prop_map(Value::from))),
    ])
    .prop_map(|text| with(text, "type", json!("string")))
    .boxed()
}

fn numeric() -> BoxedStrategy<Value> {
    let kind = prop::sample::select(vec!["integer", "number"]);
    let open = prop_oneof![any::<bool>().prop_map(Value::from), number()];
    let bounds = some(vec![
        ("minimum", mostly(number())),
        ("maximum", mostly(number())),
        ("exclusiveMinimum", mostly(open)),
        ("enum", mostly(prop::collection::vec(number(), 0..4).prop_map(Value::from))),
        ("default", mostly(number())),
        ("multipleOf", mostly(number())),
    ]);
    (kind, bounds).prop_map(|(kind, bounds)| with(bounds, "type", json!(kind))).boxed()
}

fn schema() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        4 => text(),
        3 => numeric(),
        1 => Just(json!({"type": "boolean"})),
        1 => Just(json!({"type": ["string", "null"]})),
        1 => Just(json!({})),
        2 => reference(),
        1 => junk(),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let inner = inner.boxed();
        let fields = prop::collection::btree_map(name(), inner.clone(), 0..4);
        let required = prop::collection::vec(name(), 0..3);
        let object = (fields, required, any::<bool>()).prop_map(|(fields, required, closed)| {
            json!({"type": "object", "properties": fields, "required": required,
                "additionalProperties": !closed})
        });
        let list = (inner.clone(), prop::option::of(number()))
            .prop_map(|(items, max)| json!({"type": "array", "items": items, "maxItems": max}));
        let several = prop::collection::vec(inner, 0..3);
        let several = (prop::sample::select(vec!["allOf", "oneOf", "anyOf"]), several)
            .prop_map(|(key, all)| json!({key: all}));
        prop_oneof![5 => object, 2 => list, 2 => several].boxed()
    })
    .boxed()
}

fn parameter() -> BoxedStrategy<Value> {
    let place = prop::sample::select(vec!["path", "query", "query", "header", "cookie", "other"]);
    (name(), place, any::<bool>(), schema(), any::<bool>())
        .prop_map(|(name, place, required, schema, explode)| {
            json!({"name": name, "in": place, "required": required, "schema": schema,
                "explode": explode})
        })
        .boxed()
}

fn content() -> BoxedStrategy<Value> {
    let kind = prop::sample::select(vec![
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "*/*",
        "",
        "image/*",
        "Image/PNG; q=1",
        "text/plain",
    ]);
    (kind, schema())
        .prop_map(|(kind, schema)| json!({"content": {kind: {"schema": schema}}}))
        .boxed()
}

fn security() -> BoxedStrategy<Value> {
    let scheme = prop::sample::select(vec!["oauth", "bearer", "key", "basic", "unknown"]);
    let scope = prop_oneof![
        prop::sample::select(vec!["read", "pets:read", "a:b:c:d:e", "https://a.example/x", "*"])
            .prop_map(str::to_owned),
        name(),
    ];
    let way = prop::collection::btree_map(scheme, prop::collection::vec(scope, 0..3), 0..3);
    mostly(prop::collection::vec(way.prop_map(|way| json!(way)), 0..3).prop_map(Value::from))
}

fn operation() -> BoxedStrategy<Value> {
    let status = prop::sample::select(vec!["200", "201", "204", "404", "default", "2XX"]);
    some(vec![
        ("summary", mostly(name().prop_map(Value::from))),
        ("operationId", mostly(name().prop_map(Value::from))),
        (
            "parameters",
            mostly(prop::collection::vec(mostly(parameter()), 0..3).prop_map(Value::from)),
        ),
        ("requestBody", mostly(content())),
        (
            "responses",
            mostly((status, content()).prop_map(|(status, content)| json!({status: content}))),
        ),
        ("security", security()),
    ])
}

fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(vec![
            "/", "/pets", "/pets/", "/pets/{id}", "/pets/{petId}", "/pets/{userId}/toys", "/users/{id}/pets/{pet}",
            "/auth/login", "/admin/{token}", "/pets/{id}/owner", "/a.b/{x}.json", "/x:y", "/a//b", "/{a}/{b}/{a}", "/../x", "/{null}",
        ])
        .prop_map(str::to_owned),
        1 => "/\\PC{0,10}",
    ]
}

fn description() -> impl Strategy<Value = Value> {
    let methods = prop::sample::select(vec!["get", "post", "put", "patch", "delete", "head"]);
    let item = prop::collection::btree_map(methods, operation(), 0..3);
    let paths = prop::collection::btree_map(path(), item, 1..5);
    let schemas = prop::collection::vec(schema(), 4);
    let version = prop::sample::select(vec!["3.0.2", "3.1.0"]);
    let servers = prop::option::of(prop::sample::select(vec![
        "https://a.example/v1",
        "/v2",
        "http://localhost:80",
        "https://{x}/{y}",
        "//",
        "",
        "/{v}",
    ]));
    (version, paths, schemas, security(), any::<bool>(), servers).prop_map(
        |(version, paths, schemas, security, all, servers)| {
            let named = schemas.into_iter().enumerate();
            let named: Map<_, _> =
                named.map(|(at, schema)| (format!("S{at}"), schema)).collect();
            let mut found = json!({
                "openapi": version,
                "paths": paths,
                "components": {
                    "schemas": named,
                    "securitySchemes": {
                        "oauth": {"type": "oauth2", "flows": {"x": {"tokenUrl": "https://a.example/t"}}},
                        "bearer": {"type": "http", "scheme": "Bearer"},
                        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
                        "basic": {"type": "http", "scheme": "basic"},
                    },
                },
            });
            if all {
                found["security"] = security;
            }
            if let Some(server) = servers {
                found["servers"] = json!([{"url": server}]);
            }
            found
        },
    )
}

proptest! {
    // Each is a whole policy; `PROPTEST_CASES` asks for more of them.
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_is_written_compiles(description in description()) {
        let text = serde_json::to_string(&description).unwrap();
        let read = Description::read("a.json", text.as_bytes());
        match read.and_then(|read| import(&read, None).map(|found| (read, found))) {
            Ok((read, found)) => {
                holds(&found);
                let compilation = compiled(&found);
                portcullis_openapi::drift(&read, plan(&compilation), None).unwrap();
            }
            Err(why) => prop_assert!(!matches!(why, Error::Unsound(_)), "{why}\n{text}"),
        }
    }

    /// A description that was cut, or whose letters were changed, is read or is not: nothing panics.
    #[test]
    fn no_bytes_make_it_panic(
        description in description(),
        at in any::<prop::sample::Index>(),
        put in prop::collection::vec(any::<u8>(), 0..4),
        yaml in any::<bool>(),
    ) {
        let mut bytes = serde_json::to_vec(&description).unwrap();
        let at = at.index(bytes.len());
        bytes.splice(at..(at + put.len()).min(bytes.len()), put);
        let name = if yaml { "a.yaml" } else { "a.json" };
        if let Ok(read) = Description::read(name, &bytes)
            && let Err(why) = import(&read, None)
        {
            prop_assert!(!matches!(why, Error::Unsound(_)), "{why}");
        }
    }
}
