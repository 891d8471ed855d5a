//! Where a description and a policy differ.

use portcullis_compiler::compile;
use portcullis_openapi::{Description, Difference, drift};
use portcullis_syntax::{Source, Sources};

use crate::{compiled, imported, plan};

const DESCRIPTION: &str = r#"{
    "openapi": "3.1.0",
    "servers": [{ "url": "https://a.example/v1" }, { "url": "https://b.example/v2" }],
    "paths": {
        "/orders/{orderId}": {
            "get": { "parameters": [{ "name": "expand", "in": "query" }, { "name": "Accept", "in": "header" }] },
            "put": { "requestBody": { "content": { "application/json": { "schema": { "type": "object",
                "required": ["total"],
                "properties": { "id": { "readOnly": true }, "total": {}, "note": {}, "colour": {} } } } } } },
            "head": {}
        },
        "/orders": { "post": { "requestBody": { "content": { "application/json": {} } } } },
        "/orders/": { "get": {} },
        "/gone": { "get": {} }
    }
}"#;

fn differences(policy: &str, base: Option<&str>) -> Vec<Difference> {
    let description = Description::read("a.json", DESCRIPTION.as_bytes()).unwrap();
    let mut sources = Sources::new();
    sources.add(Source::new("a.gate", policy));
    let compilation = compile(sources);
    assert!(!compilation.has_errors(), "{:?}", compilation.diagnostics);
    drift(&description, plan(&compilation), base).unwrap()
}

fn said(found: &[Difference]) -> Vec<(&str, &str, String)> {
    let name = |found: &Difference| found.name.clone().unwrap_or_default();
    let route = |found: &Difference| format!("{} {} {}", found.method, found.path, name(found));
    let said = |found| (Difference::what(found), Difference::side(found), route(found));
    found.iter().map(said).collect()
}

trait Shown {
    fn what(&self) -> &'static str;
    fn side(&self) -> &'static str;
}

impl Shown for Difference {
    fn what(&self) -> &'static str {
        self.what
    }

    fn side(&self) -> &'static str {
        self.side.as_str()
    }
}

#[test]
fn routes_and_names_that_one_side_has() {
    let policy = r#"
        input change { total: int? note: string? max 9 size: int default 1 }
        group /v1/orders {
            route GET /{id} { public params { id: uuid } query { page: int? } }
            route PUT /{whatever} { public params { whatever: uuid } body change }
            route POST / { public }
        }
        route GET /v1/gone { retired }
        route GET /v1/more { public }
        route GET /v1/old { retired }
    "#;
    let found = differences(policy, None);
    assert_eq!(
        said(&found),
        [
            ("query", "description", "GET /v1/orders/{id} expand".to_owned()),
            ("query", "policy", "GET /v1/orders/{id} page".to_owned()),
            ("field", "both", "PUT /v1/orders/{whatever} total".to_owned()),
            ("field", "description", "PUT /v1/orders/{whatever} colour".to_owned()),
            ("field", "policy", "PUT /v1/orders/{whatever} size".to_owned()),
            ("body", "description", "POST /v1/orders ".to_owned()),
            ("route", "description", "GET /v1/orders/ ".to_owned()),
            ("route", "both", "GET /v1/gone ".to_owned()),
            ("route", "policy", "GET /v1/more ".to_owned()),
        ]
    );
    assert_eq!(
        found[2].message,
        "`PUT /v1/orders/{whatever}` has the field `total`, which may be left out in the policy and must be \
         sent in the description"
    );
}

#[test]
fn any_base_of_the_servers_will_do_or_the_one_that_is_given() {
    let policy = "route GET /v2/gone { public } route GET /gone { public }";
    let gone = |base| {
        let found = differences(policy, base);
        found.iter().filter(|one| one.path.ends_with("/gone")).map(|one| one.path.clone()).collect()
    };
    let paths: Vec<String> = gone(None);
    assert_eq!(paths, ["/gone"], "the description has it at `/v2`, too");
    let paths: Vec<String> = gone(Some(""));
    assert_eq!(paths, ["/v2/gone"]);
}

#[test]
fn what_was_imported_does_not_differ() {
    for (name, text) in [
        ("bookings.yaml", include_str!("descriptions/bookings.yaml")),
        ("ledger.json", include_str!("descriptions/ledger.json")),
    ] {
        let compilation = compiled(&imported(name, text));
        let description = Description::read(name, text.as_bytes()).unwrap();
        let found = drift(&description, plan(&compilation), None).unwrap();
        // What the language cannot say is on one side alone, and nothing is on the other.
        for difference in found {
            assert_eq!(Shown::side(&difference), "description", "{difference:?}");
        }
    }
}

#[test]
fn no_difference_moves_a_terminal() {
    let text = r#"{"openapi": "3.1.0", "paths": {"/a\u001b[2J\u202e": {"get": {}}}}"#;
    let description = Description::read("a.json", text.as_bytes()).unwrap();
    let found = imported("b.json", r#"{"openapi": "3.1.0", "paths": {"/b": {"get": {}}}}"#);
    let found = drift(&description, plan(&compiled(&found)), None).unwrap();
    assert!(found[0].message.contains(r"/a\u{1b}[2J\u{202e}"), "{}", found[0].message);
}
