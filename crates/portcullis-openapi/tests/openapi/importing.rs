//! What becomes of what a description says.

use portcullis_openapi::{Description, Todo, import};

use crate::{declared, imported};

const BOOKINGS: &str = include_str!("descriptions/bookings.yaml");
const LEDGER: &str = include_str!("descriptions/ledger.json");

fn bookings() -> portcullis_openapi::Imported {
    imported("bookings.yaml", BOOKINGS)
}

fn ledger() -> portcullis_openapi::Imported {
    imported("ledger.json", LEDGER)
}

/// Every line is there, whatever stands between two words of it.
fn has(text: &str, lines: &[&str]) {
    let there: Vec<String> = text.lines().map(words).collect();
    for line in lines {
        assert!(there.contains(&words(line)), "no `{line}` in\n{text}");
    }
}

/// The text, with one blank between its words.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_schema_becomes_an_input() {
    let found = bookings();
    let input = declared(&found, "input new_booking");
    has(
        &input,
        &[
            "rules { unknown refuse }",
            "room: uuid",
            "from: time",
            "day: string? date",
            "guests: int 1..12",
            "contact: contact",
            "attendees: [contact]? 1..100  // TODO: how many?",
            "comment: string? or null max 1000  // TODO: how long?",
            "status: string one of [\"open\", \"held\"] default \"open\"",
            "share: number? 0..0.5",
            "// not in the language: `uniqueItems` of `attendees`",
            "// not in the language: `multipleOf` of `share`",
        ],
    );
    assert!(words(&input).contains("// TODO: the pattern of `code` is not held to"), "{input}");
    assert!(words(&input).contains("// TODO: `extra` is left out, and dropped"), "{input}");
    assert!(words(&input).contains("// TODO: may a client say what `status` is?"), "{input}");
    assert!(
        words(&input).contains("url? through fetched // TODO: if `callback` is only kept"),
        "{input}"
    );
    // What only answers hold no client sends.
    assert!(!words(&input).contains(" id:"), "{input}");
    let contact = declared(&found, "input contact");
    has(&contact, &["name: string 2..80", "phone: string? matching /^\\+[0-9]{6,15}$/"]);
    assert!(
        contact.contains("// TODO: `stands_in_for` is left out"),
        "nested in itself: {contact}"
    );
}

#[test]
fn shapes_of_which_one_holds_are_taken_together() {
    let input = declared(&ledger(), "input new_entry");
    has(
        &input,
        &[
            "amount: int? 1..999",
            "memo: string? max 40",
            "reverses: uuid?",
            "null_value: bool? as \"null\"",
            "pair: [int]? max 2",
            "ratio: number 0.000000001..1.5 default 0.25",
            "// not in the language: an open bound of `ratio`",
        ],
    );
    assert!(words(&input).contains("`mixed` is left out"), "{input}");
}

#[test]
fn parameters_become_fields() {
    let found = bookings();
    has(
        &declared(&found, "route GET /v2/rooms"),
        &[
            "limit: int 1..100 default 20",
            "floor: int? 0..40",
            "tags: [string max 20]? max 5",
            "// not in the language: `filter`: a list or an object in one parameter",
            "// not in the language: `ids`: a list or an object in one parameter",
        ],
    );
    let route = declared(&found, "route GET /v2/bookings/{booking_id}");
    has(
        &route,
        &[
            "params { booking_id: int }",
            "x_client_version: string? matching /^[0-9]{1,3}\\.[0-9]{1,3}$/ as \"X-Client-Version\"",
            "// not in the language: the header `X-Forwarded-For`",
            "// not in the language: the cookie `session`",
        ],
    );
    // A description does not declare this one, and the engine reads it.
    assert!(!words(&route).contains("Authorization"), "{route}");
    has(
        &declared(&found, "route POST /v2/bookings/{booking_id}/cancel"),
        &[
            "body form {",
            "reason: string one of [\"ill\", \"late\", \"other\"]",
            "note: string? max 200",
        ],
    );
    let plans = declared(&found, "route PUT /v2/floorplans");
    has(&plans, &["body raw max 1MiB types [\"image/svg+xml\"]"]);
}

#[test]
fn an_answer_is_a_view_an_envelope_or_opaque() {
    let found = bookings();
    has(&declared(&found, "route GET /v2/rooms"), &["lists room max 50", "returns [room.full]"]);
    has(
        &declared(&found, "route GET /v2/bookings"),
        &[
            "lists booking max 100  // TODO: how many at once?",
            "returns { items: [booking.full]  next_page: string? }",
        ],
    );
    has(&declared(&found, "route POST /v2/bookings"), &["creates booking", "returns booking.full"]);
    has(
        &declared(&found, "route DELETE /v2/rooms/{room_id}"),
        &["loads room by params.room_id", "returns nothing"],
    );
    // What looks like a secret leaves in no view, whatever the description shows.
    let room = declared(&found, "resource room");
    has(&room, &["door_pin: string? secret", "view full { id name seats }"]);
    let status = declared(&ledger(), "route GET /ledger/status");
    assert!(words(&status).contains("returns opaque \"TODO: "), "{status}");
    let imports = declared(&ledger(), "route POST /ledger/imports");
    has(&imports, &["body raw max 1MiB types [\"application/json\"]", "returns nothing"]);
    // `{ "anyOf": [A, null] }` is an optional A, which is nested in itself here.
    let account = declared(&ledger(), "resource account");
    assert!(words(&account).contains("`parent` is in no view"), "{account}");
}

#[test]
fn whom_the_description_lets_in() {
    let found = bookings();
    has(&declared(&found, "route GET /v2/rooms"), &["public"]);
    has(&declared(&found, "route GET /v2/rooms/{room_id}"), &["public optional", "accept [oauth]"]);
    // Its own is that of the whole description.
    has(&declared(&found, "route GET /v2/bookings"), &["accept [oauth]", "needs bookings:read"]);
    let both = declared(&found, "route DELETE /v2/rooms/{room_id}");
    has(&both, &["needs [rooms:write, scopes:admin]"]);
    has(
        &declared(&found, "scope rooms_write"),
        &["scope rooms_write as \"rooms.write\" { rooms:write }"],
    );
    let signed_in = declared(&found, "route POST /v2/bookings/{booking_id}/cancel");
    has(&signed_in, &["accept [key]", "signed_in"]);
    let entries = declared(&ledger(), "route GET /ledger/accounts/{account_id}/entries");
    has(&entries, &["needs any [entries:read, entries:audit]"]);
    let oidc = declared(&ledger(), "credential oidc jwt");
    has(&oidc, &["issuer \"https://login.ledger.example\""]);
}

#[test]
fn nobody_gets_in_where_the_description_does_not_say_how() {
    let found = bookings();
    // Two credentials at once, and one that nothing declares.
    for route in ["route PUT /v2/bookings/{booking_id}", "route PUT /v2/floorplans"] {
        has(&declared(&found, route), &["allow when false"]);
    }
    // No `security` at all.
    let status = declared(&ledger(), "route GET /ledger/status");
    has(&status, &["allow when false"]);
    assert!(
        words(&status).contains("// TODO: the description does not say who may call this"),
        "{status}"
    );
    assert_eq!((found.report.closed, ledger().report.closed), (2, 1));
    // Of a description that names no credential the policy names one that nobody has.
    let silent = r#"{"openapi": "3.0.0", "paths": {"/a": {"get": {"responses": {"204": {}}}}}}"#;
    let found = imported("silent.json", silent);
    has(
        &declared(&found, "route GET /a"),
        &["accept [access]", "allow when false", "returns nothing"],
    );
    assert!(words(&declared(&found, "transport")).contains("hosts any \"TODO: "));
}

#[test]
fn what_no_route_can_say_is_left_out_and_told() {
    let found = bookings();
    let routes = &found.files.iter().find(|(name, _)| name == "routes.gate").unwrap().1;
    assert!(
        words(routes).contains("// GET /v2/floorplans/{name}.svg is left out, and so refused: ")
    );
    let told = |found: &portcullis_openapi::Imported, place: &str| {
        found.report.lost.iter().any(|(at, _)| at == place)
    };
    assert!(told(&found, "GET /v2/floorplans/{name}.svg"));
    assert!(told(&ledger(), "POST /ledger/entries:search"));
    assert_eq!(found.report.todos[&Todo::Attempts], 1, "signing in wants budgets");
    assert_eq!(found.report.routes, 10);
}

#[test]
fn the_base_of_the_servers_is_before_every_path() {
    let found = ledger();
    let transport = declared(&found, "transport");
    has(&transport, &["hosts [\"api.ledger.example\"]"]);
    assert!(
        transport.contains("TODO: the servers' paths begin with `/ledger`, `/v1`"),
        "{transport}"
    );
    let description = Description::read("ledger.json", LEDGER.as_bytes()).unwrap();
    let found = import(&description, Some("")).unwrap();
    declared(&found, "route GET /status");
    let found = import(&description, Some("/x/")).unwrap();
    declared(&found, "route GET /x/status");
}

/// The page shows a description and the policy that is made of it.
#[test]
fn the_page_about_it_is_true() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.md"));
    let page = page.unwrap();
    let block = |kind: &str| {
        let (_, rest) = page.split_once(&format!("```{kind}\n")).unwrap();
        rest.split_once("```").unwrap().0
    };
    let found = imported("page.yaml", block("yaml"));
    let texts: Vec<&str> = found.files.iter().map(|(_, text)| text.trim_end()).collect();
    assert_eq!(texts.join("\n\n"), block("gate").trim_end());
}

/// An operation that takes this body.
fn taking(security: &str, schema: &str) -> portcullis_openapi::Imported {
    let text = format!(
        r##"{{"openapi": "3.1.0", "components": {{
            "securitySchemes": {{"oauth": {{"type": "oauth2", "flows": {{}}}}}}}},
            "paths": {{"/a": {{"post": {{"security": {security},
                "requestBody": {{"content": {{"application/json": {{"schema": {schema}}}}}}},
                "responses": {{"204": {{}}}}}}}}}}}}"##
    );
    imported("taking.json", &text)
}

#[test]
fn a_scope_that_is_no_list_of_texts_lets_nobody_in() {
    for scopes in [r#""admin""#, r#"["admin", 1]"#, "null", "{}"] {
        let found = taking(
            &format!(r#"[{{"oauth": {scopes}}}]"#),
            r#"{"type": "object", "properties": {"n": {"type": "boolean"}}}"#,
        );
        has(&declared(&found, "route POST /a"), &["allow when false"]);
        assert_eq!(found.report.closed, 1, "{scopes}");
    }
}

#[test]
fn of_several_constraints_all_hold_or_it_is_told() {
    let found = taking(
        "[]",
        r#"{"type": "object", "properties": {
            "text": {"allOf": [{"type": "string", "minLength": 1, "maxLength": 100},
                {"minLength": 3, "maxLength": 10}]},
            "count": {"allOf": [{"type": "integer", "minimum": 1, "maximum": 1000},
                {"minimum": 5, "maximum": 10}]},
            "above": {"type": "integer", "minimum": 10, "exclusiveMinimum": 0},
            "after": {"type": "integer", "minimum": 10, "exclusiveMinimum": 10},
            "word": {"type": "string", "allOf": [{"pattern": "^a{1,5}$"}, {"pattern": "^b{1,5}$"}]},
            "one": {"type": "string", "enum": ["a", "b"], "allOf": [{"enum": ["b", "c"]}]},
            "none": {"type": "string", "enum": ["a"], "allOf": [{"enum": ["c"]}]},
            "link": {"type": "string", "format": "uri", "maxLength": 90},
            "key": {"type": "string", "format": "uuid", "maxLength": 36, "pattern": "^a"},
            "plain": {"type": "string", "format": "uuid", "maxLength": 36},
            "never": {"type": "integer", "minimum": 5, "maximum": 1},
            "kind": {"type": "string", "enum": [1, 2]},
            "half": {"type": "integer", "enum": [1, 1.5]},
            "rows": {"type": "array", "maxItems": 9, "items": {"type": "boolean"},
                "allOf": [{"maxItems": 3}, {"items": {"enum": [true]}}]},
            "small": {"type": "integer", "format": "int32", "minimum": 0},
            "short": {"type": "string", "format": "uuid", "maxLength": 5},
            "long": {"type": "string", "minLength": 5, "maxLength": 2},
            "many": {"type": "array", "minItems": 5, "maxItems": 2, "items": {"type": "boolean"}},
            "said": {"type": "string", "enum": ["", "a"], "pattern": "^b{1,3}$"},
            "huge": {"type": "integer", "enum": [9223372036854775807]},
            "objects": {"type": "array", "items": {"type": "boolean"}, "enum": [[true]]},
            "both": {"allOf": [{"type": "integer"}, {"type": "string"}]},
            "flag": {"type": "boolean", "enum": [false]},
            "few": {"type": "string", "enum": ["a", "bc", "bcd"], "maxLength": 2, "pattern": "^b"},
            "price": {"type": "number", "enum": [0, 2, 9], "exclusiveMinimum": 0, "maximum": 5},
            "twice": {"type": "string", "minLength": 2}
        }, "required": ["both"], "allOf": [{"properties": {"twice": {"type": "string", "maxLength": 5}}}]}"#,
    );
    let route = words(&found.files.iter().map(|(_, text)| text.as_str()).collect::<String>());
    for line in [
        "text: string? 3..10",
        "count: int? 5..10",
        "above: int? min 10",
        "after: int? min 11",
        "one: string? one of [\"b\"]",
        "half: int? one of [1]",
        "small: int? 0..2147483647",
        "rows: [bool one of [true]]? max 3",
        "link: string? max 90",
        "key: string? 36..36 matching /^a/",
        "twice: string? 2..5",
        "flag: bool? one of [false]",
        "few: string? one of [\"bc\"]",
        "price: number? one of [2]",
    ] {
        assert!(route.contains(line), "no `{line}` in {route}");
    }
    for (name, why) in [
        ("word", "a second `pattern`"),
        ("none", "an `enum` of which no value is of its type and within its bounds"),
        ("never", "a `minimum` above the `maximum`"),
        ("kind", "an `enum` of which no value is of its type and within its bounds"),
        ("short", "a length that no UUID has"),
        ("long", "a `minLength` above the `maxLength`"),
        ("many", "a `minItems` above the `maxItems`"),
        ("said", "an `enum` of which no value can be said, or meets its pattern"),
        ("huge", "an `enum` of which no value is of its type and within its bounds"),
        ("objects", "an `enum` of lists or objects"),
        ("both", "no value has all the types that it must have"),
    ] {
        let closed = format!("{name}: string max 1 settable when false");
        let optional = format!("{name}: string? max 1 settable when false");
        let todo = format!("// TODO: nobody may send `{name}`, ");
        assert!(route.contains(&closed) || route.contains(&optional), "{name} in {route}");
        assert!(route.contains(&todo) && route.contains(why), "{name}: {why} in {route}");
        assert!(found.report.lost.iter().any(|(_, what)| what.contains(why)), "{name}");
    }
}

#[test]
fn a_reference_that_says_more_is_an_input_of_its_own() {
    let text = |version: &str, more: &str| {
        let route = |schema: &str| {
            format!(
                r#"{{"post": {{"security": [], "responses": {{"204": {{}}}},
                "requestBody": {{"content": {{"application/json": {{"schema": {schema}}}}}}}}}}}"#
            )
        };
        let user = r##"{"$ref": "#/components/schemas/User", "description": "one"}"##;
        format!(
            r#"{{"openapi": "{version}", "paths": {{"/a": {}, "/b": {}, "/c": {}}}, "components": {{"schemas": {{"User":
            {{"type": "object", "properties": {{"on": {{"type": "boolean"}}}}}}}}}}}}"#,
            route(user),
            route(more),
            route(user)
        )
    };
    let beside = r##"{"$ref": "#/components/schemas/User", "required": ["on"], "properties": {"on": {}},
        "additionalProperties": false}"##;
    let all = r##"{"allOf": [{"$ref": "#/components/schemas/User"}], "required": ["on"]}"##;
    for (version, more) in [("3.1.0", beside), ("3.0.3", all), ("3.1.0", all)] {
        let found = imported("a.json", &text(version, more));
        has(&declared(&found, "route POST /a"), &["body user"]);
        has(&declared(&found, "route POST /b"), &["body user_2"]);
        has(&declared(&found, "route POST /c"), &["body user"]);
        has(&declared(&found, "input user"), &["on: bool?"]);
        let input = declared(&found, "input user_2");
        has(&input, &["on: bool"]);
        assert_eq!(input.contains("unknown refuse"), more == beside, "{input}");
    }
    // Beside a reference 3.0 says nothing.
    let found = imported("a.json", &text("3.0.3", beside));
    has(&declared(&found, "route POST /b"), &["body user"]);
}
