//! What leaves of real serde types: nested views, envelopes, names that differ.

use std::borrow::Cow;
use std::collections::BTreeMap;

use portcullis::{Accepted, AttributeType, Engine, Policy, Reason, Resource, Value};
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::request;

const POLICY: &str = r#"
transport { hosts ["shop.example"] }
resource person {
    key id: int
    name: string
    mail: string
    card: string secret
    boss: person?
    view public { id name }
    view staff { ...public mail as "email" boss.public as "reportsTo" }
}
enum state { open shut as "SHUT" }
resource order {
    key id: int
    state: state
    owner: person
    watchers: [person]
    tags: [string]
    note: string?
    view plain { id state }
    view noted { id note }
    view full { ...plain owner.staff as "by" watchers.public tags note as "theNote" }
}
route GET /orders/{id} { public params { id: int } loads order by params.id returns order.full }
route GET /wrapped/{id} {
    public params { id: int } loads order by params.id
    returns { order: order.full  count: int  tags: [string]  next: int? as "after" }
}
route GET /rows { public lists order max 9 returns { orders: [order.plain] as "items"  next: int? } }
route GET /own_rows {
    public lists order max 9
    returns { orders: [order.plain] as "items"  next: int? } when order.state == shut
    returns { orders: [order.noted] as "items"  next: int? }
}
resource shelf {
    key code: string
    lock: string secret
    view plain { code }
    view open { code }
}
route GET /shelves/{code} {
    public params { code: string max 9 } loads shelf by params.code lists order max 9
    returns { shelf: shelf.plain  orders: [order.plain] }
}
route POST /shelves/{code} {
    public params { code: string max 9 } loads shelf by params.code creates order
    returns { shelf: shelf.plain  made: order.noted } when order.state == shut
    returns { shelf: shelf.open  made: order.plain }
}
route GET /one_of/{id}/{code} {
    public params { id: int  code: string max 9 } loads order by params.id loads shelf by params.code
    returns nothing when order.id == 9
    returns order.plain when order.state == open
    returns shelf.plain
}
route GET /pairs/{id}/{code} {
    public params { id: int  code: string max 9 } loads order by params.id loads shelf by params.code
    returns { shelf: shelf.plain as "on"  order: order.plain }
}
route GET /figures { public returns { total: int  names: [string]  share: number? } }
route GET /either/{id} {
    public params { id: int } loads order by params.id
    returns nothing when order.state == shut
    returns { order: order.plain }
}
"#;

#[derive(Serialize)]
struct Person<'a> {
    id: u8,
    name: Cow<'a, str>,
    mail: &'a str,
    card: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    boss: Option<Box<Person<'a>>>,
}

#[derive(Serialize, Clone, Copy, PartialEq)]
enum State {
    #[serde(rename = "open")]
    Open,
    #[serde(rename = "SHUT")]
    Shut,
}

#[derive(Serialize)]
struct Order<'a> {
    id: i64,
    state: State,
    owner: Person<'a>,
    watchers: Vec<Person<'a>>,
    #[serde(serialize_with = "sorted")]
    tags: Vec<&'a str>,
    note: Option<&'a str>,
    #[serde(flatten)]
    more: BTreeMap<&'a str, Json>,
    #[serde(skip)]
    #[allow(dead_code, reason = "what is skipped is never serialized")]
    internal: u8,
}

fn sorted<S: serde::Serializer>(tags: &[&str], serializer: S) -> Result<S::Ok, S::Error> {
    let mut tags = tags.to_vec();
    tags.sort_unstable();
    tags.serialize(serializer)
}

impl Resource for Order<'_> {
    const ATTRIBUTES: &'static [(&'static str, AttributeType)] =
        &[("id", AttributeType::Int), ("state", AttributeType::Enum)];

    fn attribute(&self, slot: usize) -> Value<'_> {
        match slot {
            0 => Value::Int(self.id),
            1 => Value::Text(if self.state == State::Open { "open" } else { "shut" }),
            _ => Value::Absent,
        }
    }
}

fn person(id: u8, boss: Option<Person<'static>>) -> Person<'static> {
    let (mail, card) = ("leaked-mail", "leaked-card");
    Person { id, name: "n".into(), mail, card, boss: boss.map(Box::new) }
}

fn order(state: State) -> Order<'static> {
    Order {
        id: 7,
        state,
        owner: Person { mail: "m", ..person(1, Some(person(2, Some(person(3, None))))) },
        watchers: vec![person(4, None), person(5, Some(person(6, None)))],
        tags: vec!["b", "a"],
        note: None,
        more: BTreeMap::from([("secret", json!("leaked-more")), ("extra", json!({"id": 9}))]),
        internal: 1,
    }
}

fn full() -> Json {
    json!({
        "id": 7, "state": "open", "tags": ["a", "b"],
        "by": { "id": 1, "name": "n", "email": "m", "reportsTo": { "id": 2, "name": "n" } },
        "watchers": [{ "id": 4, "name": "n" }, { "id": 5, "name": "n" }],
    })
}

#[derive(Serialize)]
struct Shelf {
    code: &'static str,
    lock: &'static str,
}

impl Resource for Shelf {
    const ATTRIBUTES: &'static [(&'static str, AttributeType)] = &[("code", AttributeType::String)];

    fn attribute(&self, _: usize) -> Value<'_> {
        Value::Text(self.code)
    }
}

fn shelf() -> Shelf {
    Shelf { code: "a", lock: "leaked-lock" }
}

fn engine() -> Engine {
    let policy = Policy::parse([("views.gate", POLICY)]).unwrap();
    let engine = Engine::builder(policy).resource::<Order<'_>>("order");
    engine.resource::<Shelf>("shelf").build().unwrap()
}

fn accepted(engine: &Engine, path: &'static str) -> Accepted<'static> {
    sent(engine, "GET", path)
}

fn sent(engine: &Engine, method: &'static str, path: &'static str) -> Accepted<'static> {
    engine.admit(request(method, path).https(true)).unwrap().input(None).unwrap()
}

fn read(json: &[u8]) -> Json {
    serde_json::from_slice(json).unwrap()
}

#[test]
fn a_nested_object_is_shown_by_its_own_view() {
    let engine = engine();
    let accepted = accepted(&engine, "/orders/7");
    let shown = accepted.object(Some(order(State::Open))).unwrap();
    let json = shown.to_json().unwrap();
    assert_eq!(read(&json), full());
    assert!(!String::from_utf8(json).unwrap().contains("leaked"));
    let noted = Order { note: Some("hi"), ..order(State::Open) };
    let again = self::accepted(&engine, "/orders/7");
    let shown = again.object(Some(noted)).unwrap();
    assert_eq!(read(&shown.to_json().unwrap())["theNote"], "hi");
}

#[test]
fn a_nested_object_that_is_no_object_is_refused() {
    #[derive(Serialize)]
    struct Loose<'a> {
        id: i64,
        state: &'a str,
        owner: Json,
        watchers: Json,
        tags: Json,
    }
    impl Resource for Loose<'_> {
        const ATTRIBUTES: &'static [(&'static str, AttributeType)] = Order::ATTRIBUTES;
        fn attribute(&self, slot: usize) -> Value<'_> {
            if slot == 0 { Value::Int(self.id) } else { Value::Text("open") }
        }
    }
    let engine = engine();
    let (one, list, tags) = (json!({"id": 1, "name": "n"}), json!([]), json!(["a"]));
    for (owner, watchers, tags, sound) in [
        (one.clone(), list.clone(), tags.clone(), true),
        (json!("leaked"), list.clone(), tags.clone(), false),
        (json!([one.clone()]), list.clone(), tags.clone(), false),
        (json!(null), list.clone(), tags.clone(), false),
        (json!({"id": {"leaked": 1}}), list.clone(), tags.clone(), false),
        (one.clone(), one.clone(), tags.clone(), false),
        (one.clone(), json!(["leaked"]), tags.clone(), false),
        (one.clone(), json!([[one.clone()]]), tags.clone(), false),
        (one.clone(), list.clone(), json!([{"leaked": 1}]), false),
        (one.clone(), list.clone(), json!({"leaked": 1}), false),
    ] {
        let accepted = accepted(&engine, "/orders/7");
        let loose = Loose { id: 7, state: "open", owner, watchers, tags };
        let shown = accepted.object(Some(loose)).unwrap();
        let answer = shown.to_json();
        assert_eq!(answer.is_ok(), sound);
        if let Err(refusal) = answer {
            assert_eq!(refusal.reason(), Reason::ServiceFault);
            assert!(!format!("{refusal} {refusal:?}").contains("leaked"));
        }
    }
}

/// What serde calls otherwise than the policy is not the policy's: less is shown, and never more.
#[test]
fn a_field_under_another_name_is_not_shown() {
    #[derive(Serialize)]
    #[serde(rename_all = "UPPERCASE")]
    struct Renamed {
        id: i64,
        state: &'static str,
    }
    impl Resource for Renamed {
        const ATTRIBUTES: &'static [(&'static str, AttributeType)] = Order::ATTRIBUTES;
        fn attribute(&self, slot: usize) -> Value<'_> {
            if slot == 0 { Value::Int(self.id) } else { Value::Text(self.state) }
        }
    }
    let engine = engine();
    let accepted = accepted(&engine, "/orders/7");
    let shown = accepted.object(Some(Renamed { id: 7, state: "open" })).unwrap();
    assert_eq!(read(&shown.to_json().unwrap()), json!({}));
}

#[test]
fn an_envelope_holds_views_and_values_of_its_own() {
    let engine = engine();
    let accepted = accepted(&engine, "/wrapped/7");
    let object = accepted.object(Some(order(State::Open))).unwrap();
    let envelope = || object.envelope().object(&object).field("count", &3).field("tags", &["x"]);
    let whole = json!({ "order": full(), "count": 3, "tags": ["x"] });
    assert_eq!(read(&envelope().to_json().unwrap()), whole);
    assert_eq!(read(&envelope().field("next", &None::<i64>).to_json().unwrap()), whole);
    let next = read(&envelope().field("next", &4).to_json().unwrap());
    assert_eq!(next["after"], 4);
    // What the policy does not name, has another shape, or is missing.
    assert_eq!(
        object.to_json().unwrap_err().reason(),
        Reason::ServiceFault,
        "it is no answer alone"
    );
    for wrong in [
        envelope().field("after", &4),
        envelope().field("secret", &"leaked"),
        envelope().field("next", &json!({"leaked": 1})),
        envelope().field("next", &json!(["leaked"])),
        envelope().field("order", &json!({"leaked": 1})),
        object.envelope().object(&object).field("count", &3),
        object.envelope().field("count", &3).field("tags", &["x"]),
        object.envelope().object(&object).field("count", &None::<i64>).field("tags", &["x"]),
        object.envelope().object(&object).field("count", &3).field("tags", &"x"),
        object.envelope().object(&object).field("count", &3).field("tags", &[["x"]]),
        accepted.envelope(),
    ] {
        assert_eq!(wrong.to_json().unwrap_err().reason(), Reason::ServiceFault);
    }
}

#[test]
fn an_object_of_another_request_enters_no_envelope() {
    let engine = engine();
    let (one, other) = (accepted(&engine, "/wrapped/7"), accepted(&engine, "/wrapped/7"));
    let object = one.object(Some(order(State::Open))).unwrap();
    let stranger = other.object(Some(order(State::Open))).unwrap();
    let envelope = object.envelope().object(&stranger).field("count", &3).field("tags", &["x"]);
    assert_eq!(envelope.to_json().unwrap_err().reason(), Reason::ServiceFault);
    assert!(!object.envelope().is_of(&other));
}

#[test]
fn a_list_enters_its_envelope_row_by_row() {
    let engine = engine();
    let accepted = accepted(&engine, "/rows");
    let rows = accepted.list([order(State::Open), order(State::Shut)]).unwrap();
    let items = json!({ "items": [{ "id": 7, "state": "open" }, { "id": 7, "state": "SHUT" }] });
    assert_eq!(read(&rows.envelope().list(&rows).to_json().unwrap()), items);
    let none = accepted.list(Vec::<Order<'_>>::new()).unwrap();
    assert_eq!(read(&none.envelope().list(&none).to_json().unwrap()), json!({ "items": [] }));
    assert_eq!(rows.envelope().to_json().unwrap_err().reason(), Reason::ServiceFault);
    // The list alone is not what the route returns.
    assert_eq!(rows.to_json().unwrap_err().reason(), Reason::ServiceFault);
}

#[test]
fn each_row_of_an_envelope_has_the_view_that_fits_it() {
    let engine = engine();
    let accepted = accepted(&engine, "/own_rows");
    let rows = accepted.list([order(State::Open), order(State::Shut)]).unwrap();
    let items = json!({ "items": [{ "id": 7 }, { "id": 7, "state": "SHUT" }], "next": 4 });
    let envelope = rows.envelope().list(&rows).field("next", &4);
    assert_eq!(read(&envelope.to_json().unwrap()), items);
    let none = accepted.list(Vec::<Order<'_>>::new()).unwrap();
    assert_eq!(read(&none.envelope().list(&none).to_json().unwrap()), json!({ "items": [] }));
    // Neither the list alone nor the envelope without it is what the route returns.
    for list in [&rows, &none] {
        assert_eq!(list.to_json().unwrap_err().reason(), Reason::ServiceFault);
        assert_eq!(list.envelope().to_json().unwrap_err().reason(), Reason::ServiceFault);
    }
}

#[test]
fn an_envelope_holds_a_list_and_what_is_beside_it() {
    let engine = engine();
    let accepted = accepted(&engine, "/shelves/a");
    let beside = accepted.object(Some(shelf())).unwrap();
    let rows = beside.list([order(State::Open)]).unwrap();
    let shown = rows.envelope().object(&beside).list(&rows).to_json().unwrap();
    let expected = json!({ "shelf": { "code": "a" }, "orders": [{ "id": 7, "state": "open" }] });
    assert_eq!(read(&shown), expected);
    assert!(rows.envelope().list(&rows).to_json().is_err());
    // What is beside the list alone is no answer, and the choice is not made before the list is there.
    assert!(beside.to_json().is_err() && serde_json::to_vec(&beside.view()).is_err());
    assert!(beside.envelope().object(&beside).list(&rows).to_json().is_err());
}

#[test]
fn an_envelope_holds_what_is_made_and_what_is_beside_it() {
    let engine = engine();
    for (state, expected) in [
        (State::Open, json!({ "shelf": { "code": "a" }, "made": { "id": 7, "state": "open" } })),
        (State::Shut, json!({ "shelf": { "code": "a" }, "made": { "id": 7 } })),
    ] {
        let accepted = sent(&engine, "POST", "/shelves/a");
        let beside = accepted.object(Some(shelf())).unwrap();
        let made = beside.create(order(state)).unwrap();
        let shown = made.envelope().object(&beside).object(&made).to_json().unwrap();
        assert_eq!(read(&shown), expected);
    }
}

#[test]
fn an_envelope_holds_two_objects() {
    let engine = engine();
    let accepted = accepted(&engine, "/pairs/7/a");
    let both = accepted.objects(Some(order(State::Open)), Some(shelf())).unwrap();
    let shown = both.envelope().objects(&both).to_json().unwrap();
    let expected = json!({ "on": { "code": "a" }, "order": { "id": 7, "state": "open" } });
    assert_eq!(read(&shown), expected);
    assert!(both.envelope().to_json().is_err());
    assert!(both.envelope().objects(&both).objects(&both).to_json().is_err(), "each once");
}

#[test]
fn of_two_objects_the_one_is_shown_that_the_route_returns() {
    let engine = engine();
    for (state, expected) in
        [(State::Open, json!({ "id": 7, "state": "open" })), (State::Shut, json!({ "code": "a" }))]
    {
        let accepted = accepted(&engine, "/one_of/7/a");
        let both = accepted.objects(Some(order(state)), Some(shelf())).unwrap();
        assert_eq!(read(&both.to_json().unwrap()), expected);
    }
    let nine = accepted(&engine, "/one_of/9/a");
    let both = nine.objects(Some(Order { id: 9, ..order(State::Open) }), Some(shelf())).unwrap();
    assert_eq!(both.to_json().unwrap(), b"");
    let pairs = accepted(&engine, "/pairs/7/a");
    let both = pairs.objects(Some(order(State::Open)), Some(shelf())).unwrap();
    assert!(both.to_json().is_err(), "an envelope is no view");
}

/// What is put in must have been decided for the envelope that is chosen.
#[test]
fn an_object_that_has_changed_enters_no_envelope_of_before() {
    let engine = engine();
    let accepted = accepted(&engine, "/either/7");
    let open = accepted.object(Some(order(State::Open))).unwrap();
    let same = accepted.object(Some(order(State::Open))).unwrap();
    let shut = accepted.object(Some(order(State::Open))).unwrap();
    let shut = shut.replace(order(State::Shut)).unwrap();
    assert!(open.envelope().object(&same).to_json().is_ok());
    assert!(open.envelope().object(&shut).to_json().is_err());
}

#[test]
fn an_envelope_of_values_alone_has_no_object() {
    let engine = engine();
    let accepted = accepted(&engine, "/figures");
    let filled = accepted.envelope().field("total", &5).field("names", &vec!["a"]);
    assert_eq!(read(&filled.to_json().unwrap()), json!({ "total": 5, "names": ["a"] }));
    let share = accepted.envelope().field("total", &5).field("names", &[""; 0]);
    assert!(share.field("share", &f64::NAN).to_json().is_err());
}

#[test]
fn nothing_is_an_empty_answer() {
    let engine = engine();
    let accepted = accepted(&engine, "/either/7");
    let open = accepted.object(Some(order(State::Open))).unwrap();
    let shown = open.envelope().object(&open).to_json().unwrap();
    assert_eq!(read(&shown), json!({ "order": { "id": 7, "state": "open" } }));
    let shut = accepted.object(Some(order(State::Shut))).unwrap();
    assert_eq!(shut.to_json().unwrap(), b"");
    assert_eq!(shut.envelope().to_json().unwrap(), b"");
    // Where nothing is returned, nothing may be put in.
    assert!(shut.envelope().object(&shut).to_json().is_err());
    assert!(serde_json::to_vec(&shut.view()).is_err());
}
