//! Real serde types through views.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Field, Shape, Shown};

fn field(name: &str, shape: Shape, optional: bool) -> Field {
    Field { name: name.to_owned(), wire: name.to_owned(), shape, optional }
}

/// `id`, `note?` as `"theNote"`, `tags: [..]`
fn shape() -> Shape {
    let note = Field { wire: "theNote".to_owned(), ..field("note", Shape::Scalar, true) };
    let tags = field("tags", Shape::List(Box::new(Shape::Scalar)), true);
    Shape::Object(vec![field("id", Shape::Scalar, false), note, tags])
}

fn shown<T: Serialize + ?Sized>(value: &T) -> Option<Value> {
    serde_json::to_value(Shown::new(value, &shape())).ok()
}

#[test]
fn only_the_fields_of_the_view_leave() {
    #[derive(Serialize)]
    struct Order<'a> {
        id: u128,
        note: Option<Cow<'a, str>>,
        tags: Vec<&'a str>,
        card_token: &'a str,
    }
    let mut order =
        Order { id: 7, note: Some("hello".into()), tags: vec!["a", "b"], card_token: "secret" };
    assert_eq!(shown(&order), Some(json!({"id": 7, "theNote": "hello", "tags": ["a", "b"]})));
    order.note = None;
    assert_eq!(shown(&order), Some(json!({"id": 7, "tags": ["a", "b"]})));
    assert_eq!(shown(&Some(&Box::new(&order))), shown(&order));
}

#[test]
fn flattened_renamed_skipped_and_wrapped_fields_work() {
    #[derive(Serialize)]
    struct Id(u8);
    #[derive(Serialize)]
    struct Inner {
        id: Id,
        password: &'static str,
    }
    fn shout<S: serde::Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{text}!"))
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Outer {
        #[serde(flatten)]
        inner: Inner,
        #[serde(rename = "note", serialize_with = "shout")]
        some_note: &'static str,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tags: Vec<Status>,
        #[serde(flatten)]
        more: HashMap<&'static str, &'static str>,
    }
    #[derive(Serialize, Clone, Copy)]
    #[serde(rename_all = "lowercase")]
    enum Status {
        Paid,
    }
    #[derive(Serialize)]
    #[serde(transparent)]
    struct Wrapped(Outer);
    let outer = |tags| {
        Wrapped(Outer {
            inner: Inner { id: Id(1), password: "p" },
            some_note: "n",
            tags,
            more: HashMap::from([("secret", "s")]),
        })
    };
    assert_eq!(shown(&outer(vec![])), Some(json!({"id": 1, "theNote": "n!"})));
    let paid = outer(vec![Status::Paid]);
    assert_eq!(shown(&paid), Some(json!({"id": 1, "theNote": "n!", "tags": ["paid"]})));
}

#[test]
fn what_cannot_be_filtered_is_refused() {
    #[derive(Serialize)]
    struct Hidden {
        secret: u8,
    }
    #[derive(Serialize)]
    enum Variant {
        Unit,
        New(u8),
        Tuple(u8, u8),
        Struct { id: u8 },
    }
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Any {
        Object { id: Box<Any> },
        Hidden(Hidden),
        List(Vec<u8>),
        None(Option<u8>),
        Float(f64),
        Variant(Variant),
        Text(&'static str),
    }
    assert!(shown(&Any::Object { id: Box::new(Any::Text("x")) }).is_some());
    assert!(shown(&Any::Object { id: Box::new(Any::Variant(Variant::Unit)) }).is_some());
    // In the place of a plain value.
    for wrong in [
        Any::Hidden(Hidden { secret: 1 }),
        Any::List(vec![1]),
        Any::None(None),
        Any::Float(f64::NAN),
        Any::Variant(Variant::New(1)),
        Any::Variant(Variant::Tuple(1, 2)),
        Any::Variant(Variant::Struct { id: 1 }),
    ] {
        assert_eq!(shown(&Any::Object { id: Box::new(wrong) }), None);
    }
    // In the place of the object.
    assert_eq!(shown("text"), None);
    assert_eq!(shown(&1), None);
    assert_eq!(shown(&()), None);
    assert_eq!(shown(&[1, 2]), None);
    assert_eq!(shown(&(1, "a")), None);
    assert_eq!(shown(&None::<Hidden>), None);
    assert_eq!(shown(&Variant::Unit), None);
    assert_eq!(shown(&Variant::Struct { id: 1 }), None);
    assert_eq!(shown(&BTreeMap::from([(1, 2)])), None, "a key that is no text");
    // In the place of a list.
    assert_eq!(shown(&json!({"id": 1, "tags": {"a": 1}})), None);
    assert_eq!(shown(&json!({"id": 1, "tags": [{"a": 1}]})), None);
    assert_eq!(shown(&json!({"id": 1, "tags": "a"})), None);
}

#[test]
fn a_field_that_is_said_twice_is_refused() {
    #[derive(Serialize)]
    struct Twice {
        id: u8,
        #[serde(flatten)]
        more: BTreeMap<&'static str, u8>,
    }
    assert_eq!(shown(&Twice { id: 1, more: BTreeMap::from([("id", 2)]) }), None);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-c]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let keys = prop_oneof!["id", "note", "tags", "secret", "[a-c]"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(keys, inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Whatever a type serializes as, nothing outside of the view leaves.
    #[test]
    fn nothing_else_ever_leaves(value in any_json()) {
        if let Some(Value::Object(left)) = shown(&value) {
            for (wire, leaf) in &left {
                let name = if wire == "theNote" { "note" } else { wire.as_str() };
                prop_assert!(["id", "note", "tags"].contains(&name));
                prop_assert_eq!(Some(leaf), value.get(name));
                match leaf {
                    Value::Array(elements) => {
                        prop_assert_eq!(name, "tags");
                        prop_assert!(!elements.iter().any(|e| e.is_object() || e.is_array()));
                    }
                    leaf => prop_assert!(!leaf.is_object()),
                }
            }
        }
    }
}
