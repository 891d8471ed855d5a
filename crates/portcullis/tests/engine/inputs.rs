//! What a handler is given of a request, and what a client is told of it.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::{Accepted, Engine, Policy, Reason, Refusal};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::request;

const POLICY: &str = r#"
transport { hosts ["shop.example"] }
enum size { small large as "L" }
outbound avatars { hosts ["img.example"] }
input place { street: string trim max 20  zip: string matching /^[0-9]{5}$/ as "zipCode" }
input all {
    text:    string    trim lowercase 1..5
    loud:    string    trim uppercase max 8
    mail:    string    trim lowercase email
    number:  number    0..1.5
    whole:   int       min -3
    flag:    bool
    at:      time
    wait:    duration
    from:    ip
    net:     network
    id:      uuid
    site:    url
    size:    size
    tags:    [string trim 1..3] max 3
    home:    place
    others:  [place] max 2
    guide:   uuid? or null
    gone:    int?      1..5
    kept:    int       default 7
    avatar:  url?      through avatars
    secret:  string    8..12 containing [lower, upper, digit, "-_"]  fault "is too weak"
}
input page { limit: int 1..100 default 20  q: string? trim max 5  s: [size] max 2 default [small] }
route POST /all { public  body all }
route POST /form { public  body form page }
route POST /raw { public  body raw max 8KiB types ["image/png"] }
route POST /any { public  body raw max 8KiB }
route GET /list { public  query page  header { x_tenant: string max 5  no: int? as "X-No" } }
route GET /at/{start}/{size} { public  params { start: time  size: size } }
"#;

fn engine() -> Engine {
    let policy = Policy::parse([("inputs.gate", POLICY)]).unwrap();
    Engine::builder(policy).build().unwrap()
}

fn good() -> Value {
    json!({
        "text": " AbC ", "loud": "straße", "mail": " Ann@Example.COM ", "number": 1, "whole": -3,
        "flag": true, "at": "2026-01-31T09:30:00.5+02:00", "wait": "15m", "from": "::ffff:10.0.0.1",
        "net": "10.0.0.0/8", "id": "9D3D1F5E-0000-4000-8000-000000000456",
        "site": "HTTPS://Shop.Example:443/a/../b", "size": "L", "tags": [" a", "bcd"],
        "home": {"street": " Elm ", "zipCode": "12345"}, "others": [{"street": "", "zipCode": "00000"}],
        "guide": null, "secret": "Abcdefg-1"
    })
}

fn post<'e>(
    engine: &'e Engine,
    target: &'e str,
    kind: &'e [u8],
    body: &[u8],
) -> Result<Accepted<'e>, Refusal> {
    engine.admit(request("POST", target).header("Content-Type", kind))?.input(Some(body))
}

fn read(engine: &Engine, body: &Value) -> Result<Value, BTreeMap<String, Vec<String>>> {
    let text = body.to_string();
    match post(engine, "/all", b"application/json", text.as_bytes()) {
        Ok(accepted) => Ok(accepted.body().unwrap()),
        Err(refusal) => {
            assert_eq!(refusal.reason(), Reason::InvalidInput);
            let mut faults: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for fault in refusal.faults() {
                faults.entry(fault.field.clone()).or_default().push(fault.message.clone());
            }
            Err(faults)
        }
    }
}

#[test]
fn a_handler_is_given_what_is_normal_under_the_names_of_the_policy() {
    let expected = json!({
        "text": "abc", "loud": "STRASSE", "mail": "ann@example.com", "number": 1.0, "whole": -3,
        "flag": true, "at": "2026-01-31T07:30:00.5Z", "wait": 900, "from": "10.0.0.1",
        "net": "10.0.0.0/8", "id": "9d3d1f5e-0000-4000-8000-000000000456",
        "site": "https://shop.example/b", "size": "L", "tags": ["a", "bcd"],
        "home": {"street": "Elm", "zip": "12345"}, "others": [{"street": "", "zip": "00000"}],
        "guide": null, "kept": 7, "secret": "Abcdefg-1"
    });
    assert_eq!(read(&engine(), &good()), Ok(expected));
}

#[test]
fn a_type_of_the_handlers_tells_null_from_what_was_left_out() {
    #[derive(Debug, PartialEq, Deserialize)]
    enum Size {
        #[serde(rename = "L")]
        Large,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Some_ {
        size: Size,
        tags: Vec<String>,
        #[serde(default, deserialize_with = "twice")]
        guide: Option<Option<String>>,
        gone: Option<u8>,
        kept: u8,
    }
    fn twice<'de, D: serde::Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Option<String>>, D::Error> {
        Option::<String>::deserialize(from).map(Some)
    }
    let engine = engine();
    let mut body = good();
    for (sent, given) in [(Some(Value::Null), Some(None)), (None, None)] {
        body.as_object_mut().unwrap().remove("guide");
        if let Some(sent) = sent {
            body["guide"] = sent;
        }
        let text = body.to_string();
        let accepted = post(&engine, "/all", b"application/json", text.as_bytes()).unwrap();
        let tags = vec!["a".to_owned(), "bcd".to_owned()];
        let expected = Some_ { size: Size::Large, tags, guide: given, gone: None, kept: 7 };
        assert_eq!(accepted.body::<Some_>().unwrap(), expected);
        // Another type than the policy declares is the service's fault, and not the client's.
        let fault = accepted.body::<Vec<u8>>().unwrap_err();
        assert_eq!(fault.reason(), Reason::ServiceFault);
    }
}

#[test]
fn every_constraint_says_what_it_asks() {
    let wrong = json!({
        "text": "", "loud": "ßßßßß", "mail": "ann", "number": 1.6, "whole": 1.0, "flag": "true",
        "at": "2026-02-30T00:00:00Z", "wait": "0s", "from": "10.0.0.01", "net": "10.0.0.1/8",
        "id": "9d3d1f5e000040008000000000000456", "site": "javascript:alert(1)", "size": "large",
        "tags": ["", "abcd", "a", "b"], "home": {"street": 1}, "others": {}, "guide": 1,
        "gone": null, "kept": "7", "avatar": "https://169.254.169.254/", "secret": "short"
    });
    let said = read(&engine(), &wrong).unwrap_err();
    let one = |field: &str| said[field].join("; ");
    assert_eq!(one("text"), "must have at least 1 character");
    assert_eq!(one("loud"), "must have at most 8 characters");
    assert_eq!(one("mail"), "must be an e-mail address");
    assert_eq!(one("number"), "must be at most 1.5");
    assert_eq!(one("whole"), "must be a whole number");
    assert_eq!(one("flag"), "must be true or false");
    assert_eq!(one("at"), "must be a time like 2026-01-31T09:30:00Z");
    assert_eq!(one("wait"), "must be a duration like 15m");
    assert_eq!(one("from"), "must be an IP address");
    assert_eq!(one("net"), "must be a network like 10.0.0.0/8");
    assert_eq!(one("id"), "must be a UUID");
    assert_eq!(one("site"), "must be an absolute http or https URL without credentials");
    assert_eq!(one("size"), "must be one of \"small\", \"L\"");
    assert_eq!(one("tags"), "must have at most 3 elements");
    assert_eq!(one("tags.0"), "must have at least 1 character");
    assert_eq!(one("tags.1"), "must have at most 3 characters");
    assert_eq!(one("home.street"), "must be a string");
    assert_eq!(one("home.zipCode"), "is required");
    assert_eq!(one("others"), "must be a list");
    assert_eq!(one("guide"), "must be a UUID");
    assert_eq!(one("gone"), "must be a whole number");
    assert_eq!(one("kept"), "must be a whole number");
    assert_eq!(one("secret"), "is too weak");
    assert!(said.contains_key("avatar"));
    assert_eq!(said.len(), 24, "{said:?}");
    let shown = format!("{said:?}");
    for sent in ["169.254", "javascript", "short", "ann\""] {
        assert!(!shown.contains(sent), "{shown}");
    }
}

#[test]
fn a_body_that_is_not_strict_has_one_fault() {
    let engine = engine();
    let doubled = good().to_string().replacen("\"flag\":true", "\"flag\":true,\"flag\":true", 1);
    let within =
        good().to_string().replacen("\"flag\":true", "\"x\":[{\"a\":1,\"a\":2}],\"flag\":1", 1);
    for (body, message) in [
        (doubled.as_str(), "must be strict JSON"),
        (within.as_str(), "must be strict JSON"),
        ("{\"text\": 1} x", "must be strict JSON"),
        ("{\"text\": \"\\ud800\"}", "must be strict JSON"),
        ("{\"x\": 1e999}", "must be strict JSON"),
        ("{\"$serde_json::private::Number\": \"1\"}", "must be strict JSON"),
        ("[]", "must be a JSON object"),
        ("\"\"", "must be a JSON object"),
        ("7", "must be a JSON object"),
        ("", "a body is required"),
    ] {
        let refused = post(&engine, "/all", b"application/json", body.as_bytes()).unwrap_err();
        let faults = refused.faults();
        assert_eq!(faults.len(), 1, "{body}: {faults:?}");
        assert_eq!((faults[0].field.as_str(), faults[0].message.as_str()), ("", message), "{body}");
    }
}

#[test]
fn a_form_and_a_query_string_are_read_alike() {
    let engine = engine();
    let cases = [
        ("", Ok(json!({"limit": 20, "s": ["small"]}))),
        (
            "limit=7&q=+a+&s=L&s=small&x=1&x=2",
            Ok(json!({"limit": 7, "q": "a", "s": ["L", "small"]})),
        ),
        ("q=%C3%a9%2B", Ok(json!({"limit": 20, "q": "é+", "s": ["small"]}))),
        ("&&q=&", Ok(json!({"limit": 20, "q": "", "s": ["small"]}))),
        ("limit=7&limit=7", Err(vec!["limit"])),
        ("limit=07&q=abcdef&s=large&s=L&s=L", Err(vec!["limit", "q", "s", "s.0"])),
        ("limit=+7", Err(vec!["limit"])),
        ("limit=1.0", Err(vec!["limit"])),
        ("limit", Err(vec!["limit"])),
        ("q=%ff", Err(vec![""])),
    ];
    for (sent, expected) in cases {
        let target = format!("/list?{sent}");
        let get = request("GET", &target).header("X-Tenant", b"t1");
        let answers: [Result<Value, Refusal>; 2] = [
            engine.admit(get).unwrap().input(None).map(|found| found.query().unwrap()),
            post(
                &engine,
                "/form",
                b"application/x-www-form-urlencoded",
                format!("x=1&{sent}").as_bytes(),
            )
            .map(|found| found.body().unwrap()),
        ];
        for answer in answers {
            match (answer, &expected) {
                (Ok(found), Ok(wanted)) => assert_eq!(found, *wanted, "{sent}"),
                (Err(refusal), Err(fields)) => {
                    let found: BTreeSet<&str> =
                        refusal.faults().iter().map(|fault| fault.field.as_str()).collect();
                    assert_eq!(found, fields.iter().copied().collect(), "{sent}");
                }
                (Ok(found), Err(_)) => panic!("{sent}: {found}"),
                (Err(refusal), Ok(_)) => panic!("{sent}: {refusal:?}"),
            }
        }
    }
}

#[test]
fn headers_and_parameters_have_types_too() {
    let engine = engine();
    let headers = |lines: &'static [(&'static str, &'static [u8])]| {
        let mut get = request("GET", "/list");
        lines.iter().for_each(|(name, value)| get.add_header(name, value));
        let accepted = engine.admit(get).unwrap().input(None);
        accepted.map(|found| found.header::<Value>().unwrap()).map_err(|refusal| {
            refusal.faults().iter().map(|fault| fault.field.clone()).collect::<Vec<_>>()
        })
    };
    assert_eq!(headers(&[("X-TENANT", b" t1 ")]), Ok(json!({"x_tenant": "t1"})));
    assert_eq!(
        headers(&[("x-tenant", b"t1"), ("x-no", b"4")]),
        Ok(json!({"x_tenant": "t1", "no": 4}))
    );
    assert_eq!(headers(&[("x-no", b"x")]), Err(vec!["X-No".to_owned(), "x-tenant".to_owned()]));
    assert_eq!(
        headers(&[("x-tenant", b"t1"), ("X-Tenant", b"t1")]),
        Err(vec!["x-tenant".to_owned()])
    );
    assert_eq!(headers(&[("x-tenant", b"\xff")]), Err(vec!["x-tenant".to_owned()]));
    let target = "/at/2026-01-31T09:30:00%2B02:00/L";
    let accepted = engine.admit(request("GET", target)).unwrap().input(None).unwrap();
    let params: Value = accepted.params().unwrap();
    assert_eq!(params, json!({"start": "2026-01-31T07:30:00Z", "size": "L"}));
}

#[test]
fn bytes_are_taken_by_their_size_and_media_type() {
    let engine = engine();
    let reason = |target: &str, kind: &[u8], length: usize| {
        post(&engine, target, kind, &vec![0; length]).map_err(|refusal| refusal.reason()).err()
    };
    assert_eq!(reason("/raw", b"image/png", 8 << 10), None);
    assert_eq!(reason("/raw", b"Image/PNG; x=y", 1), None);
    assert_eq!(reason("/raw", b"image/png", (8 << 10) + 1), Some(Reason::BodyTooLarge));
    assert_eq!(reason("/raw", b"image/gif", 1), Some(Reason::UnsupportedMediaType));
    assert_eq!(reason("/raw", b"application/json", 1), Some(Reason::UnsupportedMediaType));
    assert_eq!(reason("/raw", b"image/png", 0), Some(Reason::InvalidInput));
    assert_eq!(reason("/any", b"application/json", 1), None);
    let admitted = engine.admit(request("POST", "/raw")).unwrap();
    assert_eq!(admitted.body_limit(), 8 << 10);
}

/// A value for each field that is of no use there.
fn wrong(field: &str) -> Value {
    match field {
        "home" | "others" => json!(1),
        "tags" => json!([1, 2, 3, 4]),
        _ => json!({"$ne": ""}),
    }
}

proptest! {
    /// What was read once is read again as the same.
    #[test]
    fn what_is_normal_stays_as_it_is(
        text in "[ \u{a0}AaßİǅΣς]{0,6}",
        loud in "[ \u{a0}AaßİǅΣς]{0,6}",
        mail in "[ Aa.]{1,4}@[Aa-]{1,3}",
        site in "https?://[A-Za-z0-9.%é]{1,6}(:443)?(/[a-z.%2é]{0,5}){0,3}(\\?[a-z ]{0,2})?",
        number in 0.0..=1.5_f64,
        at in "2026-01-0[0-9]T[0-2][0-9]:00:00(\\.[0-9]{1,10})?(Z|z|[+-]0[0-9]:30)",
        from in "(::ffff:)?10\\.0\\.0\\.[0-9]{1,3}|[0-9a-f:]{2,6}",
    ) {
        let engine = engine();
        let mut body = good();
        for (name, value) in [
            ("text", json!(text)), ("loud", json!(loud)), ("mail", json!(mail)),
            ("site", json!(site)), ("number", json!(number)), ("at", json!(at)), ("from", json!(from)),
        ] {
            body[name] = value;
        }
        if let Ok(once) = read(&engine, &body) {
            let mut again = body.clone();
            for name in ["text", "loud", "mail", "site", "number", "at", "from"] {
                again[name] = once[name].clone();
            }
            prop_assert_eq!(read(&engine, &again), Ok(once));
        }
    }

    /// Every fault is told at once: those that were made, and no other.
    #[test]
    fn faults_are_complete(choice in prop::collection::vec(any::<bool>(), 20)) {
        let engine = engine();
        let mut body = good();
        let fields: Vec<String> = body.as_object().unwrap().keys().cloned().collect();
        let mut expected = BTreeSet::new();
        for (field, wrong_one) in fields.iter().zip(choice) {
            if !wrong_one {
                continue;
            }
            body[field] = wrong(field);
            match field.as_str() {
                "tags" => expected.extend(["tags", "tags.0", "tags.1", "tags.2", "tags.3"].map(str::to_owned)),
                _ => { expected.insert(field.clone()); }
            }
        }
        let found: BTreeSet<String> =
            read(&engine, &body).map_or_else(|faults| faults.into_keys().collect(), |_| BTreeSet::new());
        prop_assert_eq!(found, expected);
    }
}
