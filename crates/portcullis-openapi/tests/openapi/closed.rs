//! What is imported is never more open than the description: what cannot be said is told, and closed.

use portcullis_openapi::{Imported, Todo, drift};

use crate::{compiled, declared, imported, plan};

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An API of one operation.
fn one(path: &str, method: &str, operation: &str, schemas: &str) -> Imported {
    let text = format!(
        r##"{{"openapi": "3.1.0", "components": {{"schemas": {{{schemas}}},
            "securitySchemes": {{"token": {{"type": "http", "scheme": "bearer"}}}}}},
            "paths": {{"{path}": {{"{method}": {{"security": [{{"token": []}}], {operation}}}}}}}}}"##
    );
    imported("one.json", &text)
}

fn answering(path: &str, method: &str, schema: &str) -> (Imported, String) {
    let parameters: Vec<String> = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            format!(
                r#"{{"name": "{name}", "in": "path", "required": true, "schema": {{"type": "string", "maxLength": 9}}}}"#
            )
        })
        .collect();
    let operation = format!(
        r#""parameters": [{}], "responses": {{"200": {{"content": {{"application/json": {{"schema": {schema}}}}}}}}}"#,
        parameters.join(", ")
    );
    let found = one(path, method, &operation, "");
    let route = words(&declared(&found, &format!("route {}", method.to_ascii_uppercase())));
    (found, route)
}

fn taking(schema: &str) -> (Imported, String) {
    let operation = format!(
        r#""requestBody": {{"content": {{"application/json": {{"schema": {schema}}}}}}}, "responses": {{"204": {{}}}}"#
    );
    let found = one("/a", "post", &operation, "");
    let text = found.files.iter().map(|(_, text)| words(text)).collect::<Vec<_>>().join(" ");
    (found, text)
}

/// Every word of lint's list, so that one that is added there is missed here.
#[test]
fn what_lint_takes_for_a_secret_is_one() {
    let list_of_lint = include_str!("../../../portcullis-lint/src/words.rs");
    let (_, rest) = list_of_lint.split_once("const SECRET: &[&str] = &[").unwrap();
    let (list, _) = rest.split_once("];").unwrap();
    let names: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    assert!(names.len() > 10, "{names:?}");
    let (_, rest) = list_of_lint.split_once("const SECRET_KEY: &[&str] = &[").unwrap();
    let (list, _) = rest.split_once("];").unwrap();
    let keys = list.split('"').skip(1).step_by(2).map(|kind| format!("{kind}_key"));
    for name in names.into_iter().map(str::to_owned).chain(keys) {
        let schema = format!(
            r#"{{"type": "object", "properties": {{"id": {{"type": "string"}}, "{name}": {{"type": "string"}}}}}}"#
        );
        // A view: that it has no error of lint's is seen to wherever anything is imported here.
        let (found, _) = answering("/things/{id}", "get", &schema);
        let resource = words(&declared(&found, "resource thing"));
        assert!(resource.contains(&format!("{name}: string? secret")), "{resource}");
        // A flat answer, which lint does not look into.
        let flat = schema.replace(r#""id""#, r#""note""#);
        let (_, route) = answering("/things", "get", &flat);
        assert!(route.contains("returns { note: string? }"), "{route}");
        assert!(route.contains(&format!("// TODO: the description shows `{name}`")), "{route}");
    }
}

#[test]
fn no_answer_shows_what_looks_like_a_secret() {
    let hashes = r#"{"type": "object", "properties": {"password_hash": {"type": "string"},
        "resetToken": {"type": "string"}, "recovery": {"type": "array", "items": {"type": "string"}},
        "next_page_token": {"type": "string"}}}"#;
    let (_, route) = answering("/me", "get", hashes);
    assert!(route.contains("the description shows `password_hash`, `resetToken`"), "{route}");
    assert!(route.contains("recovery: [string]?") && !route.contains(": string? as"), "{route}");
    assert!(route.contains("next_page_token: string?"), "only where a page is: {route}");
    // Nothing else is in it: then nothing leaves.
    let only = r#"{"type": "object", "properties": {"secret": {"type": "string"}}}"#;
    for path in ["/me", "/things/{id}"] {
        let (_, route) = answering(path, "get", only);
        assert!(route.contains("returns nothing") && !route.contains("opaque"), "{route}");
    }
    // No view says it, and a secret is in it.
    let deep = r#"{"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "object", "properties":
        {"api_key": {"type": "string"}}}}]}"#;
    let (found, route) = answering("/me", "get", deep);
    assert!(route.contains("the description shows `api_key` returns nothing"), "{route}");
    assert_eq!(found.report.todos[&Todo::Answer], 1);
    // Its key alone is known of it, and that is one.
    let plain = r#"{"type": "object", "properties": {"ok": {"type": "boolean"}}}"#;
    let (found, route) = answering("/invitations/{token}/accept", "post", plain);
    assert!(route.contains("loads invitation by params.token"), "{route}");
    assert!(!declared(&found, "resource invitation").contains("view"));
}

#[test]
fn an_object_with_the_name_of_a_secret_is_kept_back() {
    let value = r#"{"type": "object", "properties": {"value": {"type": "string"}}}"#;
    let schema = format!(
        r#"{{"type": "object", "properties": {{"id": {{"type": "string"}}, "password": {value},
        "tokens": {{"type": "array", "items": {value}}}, "apiKey": {value}}}}}"#
    );
    let (found, _) = answering("/things/{id}", "get", &schema);
    let resource = words(&declared(&found, "resource thing"));
    assert!(resource.contains("view full { id }"), "{resource}");
    assert!(
        resource.contains("shows `password`, `tokens`, `apiKey`: it is kept back"),
        "{resource}"
    );
    // Also where it is what the route is about.
    let around = |name: &str, inner: &str| {
        format!(
            r#"{{"type": "object", "properties": {{"{name}": {inner}, "on": {{"type": "boolean"}}}}}}"#
        )
    };
    let keyed = r#"{"type": "object", "properties": {"id": {"type": "string"}, "value": {"type": "string"}}}"#;
    let (_, route) = answering("/tokens/{id}", "get", &around("token", keyed));
    assert!(route.contains("returns { on: bool? }"), "{route}");
    let list = format!(r#"{{"type": "array", "items": {keyed}}}"#);
    let (_, route) = answering("/tokens", "get", &around("tokens", &list));
    assert!(route.contains("shows `tokens`") && route.contains("returns { on: bool? }"), "{route}");
}

#[test]
fn no_keyword_hides_a_secret_in_what_no_view_says() {
    let secret = r#"{"type": "object", "properties": {"password": {"type": "string"}}}"#;
    let several = r#""type": ["array", "object"]"#;
    for schema in [
        format!(r#"{{"type": "object", "patternProperties": {{"^x": {secret}}}}}"#),
        format!(r#"{{{several}, "patternProperties": {{"^password": {{}}}}}}"#),
        format!(r#"{{"type": "array", "prefixItems": [{secret}]}}"#),
        format!(
            r##"{{"type": "array", "items": {{"$ref": "#/components/schemas/A", {}}}}}"##,
            &secret[1..secret.len() - 1]
        ),
        format!(r#"{{{several}, "if": true, "then": {secret}}}"#),
        format!(r#"{{{several}, "else": {{"not": {secret}}}}}"#),
        format!(r#"{{{several}, "contains": {secret}}}"#),
        format!(r#"{{{several}, "dependentSchemas": {{"a": {secret}}}}}"#),
        format!(r#"{{{several}, "$defs": {{"a": {secret}}}}}"#),
        format!(r#"{{{several}, "unevaluatedItems": {secret}}}"#),
        format!(r#"{{{several}, "required": ["password"]}}"#),
        format!(r#"{{{several}, "dependentRequired": {{"a": ["password"]}}}}"#),
        r#"{"enum": [[{"password": "x"}]]}"#.to_owned(),
        format!(
            r##"{{{several}, "discriminator": {{"propertyName": "k", "mapping": {{"a": "#/components/schemas/B"}}}}}}"##
        ),
    ] {
        let operation = format!(
            r#""responses": {{"200": {{"content": {{"application/json": {{"schema": {schema}}}}}}}}}"#
        );
        let schemas = format!(r#""A": {{"description": "any"}}, "B": {secret}"#);
        let route = words(&declared(&one("/a", "get", &operation, &schemas), "route GET"));
        assert!(route.contains("password` returns nothing"), "{schema}: {route}");
    }
    // A word of a text is no name.
    let (_, route) =
        answering("/a", "get", r#"{"type": ["array", "object"], "title": "password"}"#);
    assert!(route.contains("returns opaque"), "{route}");
}

#[test]
fn a_secret_is_known_however_it_is_spelt() {
    let shown = |names: &[&str]| {
        let fields: Vec<String> =
            names.iter().map(|name| format!(r#""{name}": {{"type": "string"}}"#)).collect();
        let schema = format!(
            r#"{{"type": "object", "properties": {{"id": {{"type": "string"}}, {}}}}}"#,
            fields.join(", ")
        );
        let (found, _) = answering("/things/{id}", "get", &schema);
        words(&declared(&found, "resource thing"))
    };
    let long = "a_name_that_is_longer_than_any_that_the_importer_makes_password";
    for name in [
        "id_token",
        "idToken",
        "user_id_token",
        "accesstoken",
        "userpassword",
        "PASSWORD1",
        "token2",
        "Passwords",
        "recovery_codes",
        "recoveryCodes",
        "backupcodes",
        "session_id",
        "sessionId",
        "JSESSIONID",
        "credentials",
        "apikey2",
        "privatekey",
        "passwordhash",
        "clientsecret",
        "creditcardNumber",
        long,
    ] {
        assert!(shown(&[name]).contains("view full { id }"), "{name}: {}", shown(&[name]));
    }
    let harmless = [
        "token_id",
        "token_type",
        "next_page_token",
        "token_limits",
        "has_token",
        "zip_code",
        "session_name",
        "passwordless",
        "monkey",
        "spinning",
        "id_type",
    ];
    assert!(shown(&harmless).contains(&format!("view full {{ id {} }}", harmless.join(" "))));
}

#[test]
fn a_permission_of_one_credential_does_not_stand_for_that_of_another() {
    let needed = |security: &str| {
        let text = format!(
            r#"{{"openapi": "3.1.0", "components": {{"securitySchemes": {{
            "u": {{"type": "oauth2", "flows": {{}}}}, "s": {{"type": "http", "scheme": "bearer"}}}}}},
            "paths": {{"/a": {{"get": {{"security": {security}, "responses": {{"204": {{}}}}}}}}}}}}"#
        );
        words(&declared(&imported("a.json", &text), "route GET"))
    };
    let all = "one set of scopes of several: all are asked for";
    let route = needed(r#"[{"u": ["orders:read"]}, {"s": ["svc:orders"]}]"#);
    assert!(route.contains("accept [u, s]") && route.contains(all), "{route}");
    assert!(route.contains("needs [orders:read, svc:orders]"), "{route}");
    let route = needed(r#"[{"u": ["orders:read"]}, {"u": ["svc:orders"]}]"#);
    assert!(route.contains("needs any [orders:read, svc:orders]"), "{route}");
    let route = needed(r#"[{"u": ["orders:read"]}, {"s": ["orders:read"]}]"#);
    assert!(route.contains("needs orders:read") && !route.contains(all), "{route}");
    let route = needed(r#"[{"u": ["orders:read"]}, {"s": []}]"#);
    assert!(route.contains("needs [orders:read]") && route.contains(all), "{route}");
    // One that is named twice is one.
    let route = needed(r#"[{"u": ["a:b", "a:b"]}]"#);
    assert!(route.contains("needs a:b") && !route.contains("not in the language"), "{route}");
}

#[test]
fn two_fields_of_one_name_keep_their_own_outside() {
    let schema = r#"{"type": "object", "required": ["ID"], "properties": {"id": {"type": "boolean"},
        "ID": {"type": "integer"}, "Id": {"type": "boolean"}}}"#;
    let (found, text) = taking(schema);
    for line in ["id: bool?", "id_2: int as \"ID\"", "id_3: bool? as \"Id\""] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let route = plan(&compiled(&found)).routes[0].clone();
    assert_eq!(route.method, "POST");
    // In a query string, too; and which of them loads an object is not told.
    let parameter = |name: &str| {
        format!(
            r#"{{"name": "{name}", "in": "query", "required": true, "schema": {{"type": "integer"}}}}"#
        )
    };
    for (first, second) in [("id", "ID"), ("ID", "id")] {
        let operation = format!(
            r#""parameters": [{}, {}], "responses": {{"200": {{"content": {{"application/json": {{"schema":
            {{"type": "object", "properties": {{"id": {{"type": "integer"}}}}}}}}}}}}}}"#,
            parameter(first),
            parameter(second)
        );
        let found = one("/things", "get", &operation, "");
        let route = words(&declared(&found, "route GET"));
        let wire = |wire: &str, name: &str| match wire == name {
            true => format!("{name}: int"),
            false => format!("{name}: int as \"{wire}\""),
        };
        assert!(route.contains(&wire(first, "id")), "{route}");
        assert!(route.contains(&wire(second, "id_2")), "{route}");
        assert!(!route.contains("loads"), "{route}");
    }
}

#[test]
fn an_object_in_another_is_not_the_one_that_is_loaded() {
    let order = |inner: &str| {
        format!(
            r#"{{"type": "object", "properties": {{"number": {{"type": "string"}}, "{inner}":
            {{"type": "object", "properties": {{"id": {{"type": "string"}}, "email": {{"type": "string"}}}}}}}}}}"#
        )
    };
    let (found, route) = answering("/orders/{order_id}", "get", &order("customer"));
    assert!(route.contains("loads order by params.order_id"), "{route}");
    assert!(route.contains("returns order.full"), "{route}");
    assert!(words(&declared(&found, "resource order")).contains("key order_id: string"));
    assert!(!words(&declared(&found, "resource customer")).contains("key"));
    // What the path names, and what says nothing of what it is, is.
    for inner in ["order", "data"] {
        let (_, route) = answering("/orders/{order_id}", "get", &order(inner));
        assert!(route.contains("by params.order_id"), "{route}");
        assert!(route.contains(&format!("{inner}: {inner}.full")), "{route}");
    }
    // The same of what is created.
    let (_, route) = answering("/orders", "post", &order("customer"));
    assert!(!route.contains("creates customer"), "{route}");
    assert!(
        route.contains("`customer` does not leave until") && !route.contains("opaque"),
        "{route}"
    );
    // A profile is loaded by whose it is, and not by its own key.
    let profile = r#"{"type": "object", "properties": {"id": {"type": "string"}}}"#;
    for (parameter, key) in [("user_id", "user_id"), ("id", "user_id")] {
        let (found, route) = answering(&format!("/users/{{{parameter}}}/profile"), "get", profile);
        assert!(route.contains(&format!("loads profile by params.{parameter}")), "{route}");
        let resource = words(&declared(&found, "resource profile"));
        assert!(resource.contains(&format!("key {key}: string")), "{resource}");
        assert!(resource.contains("view full { id }"), "{resource}");
    }
}

#[test]
fn who_signs_in_creates_no_object() {
    let session = r#"{"type": "object", "required": ["id"], "properties": {"id": {"type": "string"},
        "access_token": {"type": "string"}, "expires_in": {"type": "integer"},
        "user": {"type": "object", "properties": {"id": {"type": "string"}}}}}"#;
    for path in ["/login", "/v1/auth/sign-in", "/sessions", "/oauth/token"] {
        let (found, route) = answering(path, "post", session);
        assert!(!route.contains("creates"), "{route}");
        assert!(route.contains("// TODO: does this sign somebody in?"), "{route}");
        assert!(route.contains("returns { id: string expires_in: int? }"), "{route}");
        assert!(
            route.contains("`access_token`") && route.contains("`user` does not leave"),
            "{route}"
        );
        assert!(found.report.todos[&Todo::Credential] >= 2);
    }
    let (_, route) = answering("/users", "post", session);
    assert!(route.contains("creates user"), "{route}");
}

#[test]
fn what_nothing_meets_lets_nobody_in() {
    // In a path no field can say it, so the route does.
    let path = |schema: &str| {
        let operation = format!(
            r#""parameters": [{{"name": "n", "in": "path", "required": true, "schema": {schema}}}],
            "responses": {{"204": {{}}}}"#
        );
        words(&declared(&one("/a/{n}", "get", &operation, ""), "route GET"))
    };
    let route = path(r#"{"type": "integer", "minimum": 5, "maximum": 1}"#);
    assert!(
        route.contains("nobody may call this until") && route.contains("allow when false"),
        "{route}"
    );
    assert!(!path(r#"{"type": "integer", "minimum": 1}"#).contains("nobody may call"));
    // No field of the body can be said, or it is no object: nobody looks into it.
    for schema in [
        r#"{"type": "object", "properties": {"any": {}}}"#,
        r#"{"type": "array", "items": {"type": "string"}}"#,
        r#"{"type": "object", "additionalProperties": false}"#,
    ] {
        let (_, text) = taking(schema);
        assert!(
            text.contains("nobody may call this until") && text.contains("allow when false"),
            "{text}"
        );
    }
    // The description says that it may be anything.
    for schema in [r#"{"type": "object"}"#, "{}"] {
        assert!(!taking(schema).1.contains("allow when false"));
    }
    // What must be there and has no type is asked for, so that nobody is handed an object without it.
    let (found, text) = taking(
        r#"{"required": ["any", "more"], "properties": {"any": {}, "on": {"type": "boolean"}}}"#,
    );
    assert!(text.contains("any: string max 1 settable when false"), "{text}");
    assert!(text.contains("more: string max 1 settable when false"), "{text}");
    assert_eq!(found.report.todos[&Todo::Input], 2);
    // A field that one part forbids and another needs.
    let (_, text) = taking(
        r#"{"properties": {"on": {"type": "boolean"}}, "additionalProperties": false,
            "allOf": [{"required": ["off"], "properties": {"off": {"type": "boolean"}}}]}"#,
    );
    assert!(text.contains("a field that must be there and is forbidden"), "{text}");
    assert!(text.contains("allow when false"), "{text}");
}

#[test]
fn what_forbids_other_fields_forbids_those_of_the_shapes() {
    let flag = |name: &str| format!(r#""{name}": {{"type": "boolean"}}"#);
    let (a, b, c) = (flag("a"), flag("b"), flag("c"));
    let two = format!(r#""oneOf": [{{"properties": {{{b}}}}}, {{"properties": {{{c}}}}}]"#);
    let closed = r#""additionalProperties": false"#;
    for schema in [
        format!(r#"{{"type": "object", {closed}, "properties": {{{a}}}, {two}}}"#),
        format!(r#"{{"allOf": [{{{closed}, "properties": {{{a}}}}}, {{{two}}}]}}"#),
    ] {
        let (_, text) = taking(&schema);
        assert!(text.contains("rules { unknown refuse } a: bool? }"), "{schema}: {text}");
    }
    // Nothing is named beside it.
    let (_, text) = taking(&format!(r#"{{{closed}, {two}}}"#));
    assert!(text.contains("allow when false") && !text.contains("b: bool"), "{text}");
    let shapes = format!(
        r#""oneOf": [{{{closed}, "properties": {{{b}}}}}, {{{closed}, "properties": {{{c}}}}}]"#
    );
    for schema in [
        format!(r#"{{{two}, "unevaluatedProperties": false}}"#),
        format!(r#"{{"type": "object", {two}, "unevaluatedProperties": false}}"#),
        format!(r#"{{{shapes}}}"#),
        format!(r#"{{"type": "object", {shapes}}}"#),
        // No shape lets it be there.
        format!(r#"{{"properties": {{{a}}}, {shapes}}}"#),
    ] {
        let (_, text) = taking(&schema);
        assert!(text.contains("rules { unknown refuse }"), "{schema}: {text}");
        assert!(
            text.contains("b: bool? c: bool? }") && !text.contains("a: bool"),
            "{schema}: {text}"
        );
    }
    let (_, text) = taking(&format!(r#"{{"required": ["a"], "properties": {{{a}}}, {shapes}}}"#));
    assert!(text.contains("a field that must be there and is forbidden"), "{text}");
    assert!(text.contains("allow when false"), "{text}");
    // One that is open keeps it so.
    let (_, text) = taking(&format!(
        r#"{{"oneOf": [{{{closed}, "properties": {{{b}}}}}, {{"properties": {{{c}}}}}]}}"#
    ));
    assert!(!text.contains("unknown refuse"), "{text}");
}

#[test]
fn a_type_beside_shapes_keeps_what_they_ask_for() {
    let (_, text) = taking(
        r#"{"properties": {
            "a": {"type": "string", "oneOf": [{"const": "x", "title": "X"}, {"const": "y"}]},
            "b": {"type": "integer", "oneOf": [{"const": 1}, {"const": 2}]},
            "c": {"type": "integer", "anyOf": [{"maximum": 5}, {"minimum": 10, "maximum": 20}]},
            "d": {"type": "string", "maxLength": 1, "anyOf": [{"enum": ["x", "xy"]}, {"const": "x"}]},
            "e": {"type": "number", "minimum": 1, "anyOf": [{"const": 0.5}, {"enum": [1.5]}]},
            "f": {"type": "integer", "anyOf": [{"const": 7}, {"minimum": 1, "maximum": 3}]},
            "g": {"type": "string", "minLength": 5, "oneOf": [{"const": "x"}, {"const": "y"}]}
        }}"#,
    );
    for line in [
        "a: string? one of [\"x\", \"y\"]",
        "b: int? one of [1, 2]",
        "c: int? max 20",
        "d: string? one of [\"x\"]",
        "e: number? one of [1.5]",
        "f: int? 1..7",
        "g: string? max 1 settable when false",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[test]
fn a_body_of_which_no_field_can_be_said_is_closed_where_anything_is_asked_of_it() {
    for schema in [
        r#"{"type": "object", "additionalProperties": {"type": "integer", "maximum": 5}}"#,
        r#"{"const": {"a": 1}}"#,
        r#"{"enum": [{"a": 1}]}"#,
        r#"{"additionalProperties": false}"#,
        r#"{"not": {}}"#,
        "false",
        r#"{"allOf": [{"not": {"type": "object"}}]}"#,
        r#"{"minItems": 1}"#,
        r#"{"exclusiveMinimum": 5}"#,
        r#"{"format": "uuid"}"#,
        r#"{"type": "object", "maxProperties": 0}"#,
        r#"{"type": "object", "propertyNames": {"enum": ["a"]}}"#,
        r#"{"type": "object", "patternProperties": {"^a": {"type": "integer"}}}"#,
        r#"{"type": ["array", "object"]}"#,
        r#"{"oneOf": [{"maxProperties": 1}, {"maxProperties": 2}]}"#,
    ] {
        let (_, text) = taking(schema);
        assert!(text.contains("body raw"), "{schema}: {text}");
        assert!(text.contains("nobody may call this until"), "{schema}: {text}");
        assert!(text.contains("allow when false"), "{schema}: {text}");
    }
    for schema in [
        "{}",
        "true",
        r#"{"type": "object", "title": "any", "x-any": 1}"#,
        r#"{"type": "object", "additionalProperties": true, "properties": {}, "required": []}"#,
        r#"{"allOf": [{"type": "object"}, {"description": "any"}]}"#,
    ] {
        let (_, text) = taking(schema);
        assert!(
            text.contains("body raw") && !text.contains("allow when false"),
            "{schema}: {text}"
        );
    }
}

#[test]
fn what_must_be_sent_has_no_default() {
    let (_, text) = taking(
        r#"{"required": ["a"], "properties": {"a": {"type": "integer", "default": 1},
            "b": {"type": "integer", "default": 1}}}"#,
    );
    assert!(text.contains("a: int b: int default 1"), "{text}");
}

#[test]
fn a_keyword_that_is_malformed_lets_no_value_in() {
    for (schema, key) in [
        (r#"{"type": "string", "maxLength": "10"}"#, "maxLength"),
        (r#"{"type": "string", "maxLength": -1}"#, "maxLength"),
        (r#"{"type": "string", "minLength": 1.5}"#, "minLength"),
        (r#"{"type": "string", "pattern": 5}"#, "pattern"),
        (r#"{"type": "string", "format": ["uuid"]}"#, "format"),
        (r#"{"type": "integer", "minimum": "5"}"#, "minimum"),
        (r#"{"type": "integer", "exclusiveMaximum": "5"}"#, "exclusiveMaximum"),
        (r#"{"type": 5, "maxLength": 3}"#, "type"),
        (r#"{"type": ["string", 5]}"#, "type"),
        (r#"{"type": "string", "enum": "a"}"#, "enum"),
        (r#"{"type": "string", "allOf": {"maxLength": 3}}"#, "allOf"),
        (r#"{"type": "string", "allOf": ["x"]}"#, "allOf"),
        (r#"{"type": "array", "items": {"type": "boolean"}, "maxItems": "3"}"#, "maxItems"),
        (r#"{"type": "array", "items": {"type": "string", "maxLength": "3"}}"#, "maxLength"),
    ] {
        let (found, text) =
            taking(&format!(r#"{{"properties": {{"a": {schema}, "b": {{"type": "boolean"}}}}}}"#));
        assert!(text.contains("a: string? max 1 settable when false b: bool?"), "{schema}: {text}");
        assert!(found.report.lost.iter().any(|(_, what)| what.contains(key)), "{schema}: {text}");
    }
    for schema in [
        r#"{"properties": {"b": {"type": "boolean"}}, "additionalProperties": "false"}"#,
        r#"{"properties": {"b": {"type": "boolean"}}, "required": "b"}"#,
        r#"{"type": "object", "properties": ["b"]}"#,
    ] {
        let (_, text) = taking(schema);
        assert!(
            text.contains("a malformed `") && text.contains("allow when false"),
            "{schema}: {text}"
        );
    }
    // Left empty, or beyond all counts, it asks for nothing.
    let (_, text) = taking(
        r#"{"properties": {"a": {"type": "string", "maxLength": null}, "b": {"type": "array", "maxItems": 1e30,
        "items": {"type": "boolean"}}}}"#,
    );
    assert!(text.contains("a: string? max 1000") && text.contains("b: [bool]? max 100"), "{text}");
    // Who writes it so does not want it sent, or shown.
    let (_, text) = taking(
        r#"{"properties": {"a": {"type": "boolean", "readOnly": "true"}, "b": {"type": "boolean"}}}"#,
    );
    assert!(text.contains("{ b: bool? }"), "{text}");
    let (_, route) = answering(
        "/a",
        "get",
        r#"{"properties": {"a": {"type": "boolean", "writeOnly": "true"}, "b": {"type": "boolean"}}}"#,
    );
    assert!(route.contains("returns { b: bool? }"), "{route}");
}

#[test]
fn a_format_that_is_looser_here_is_told_or_bounded() {
    let (found, text) = taking(
        r#"{"properties": {
            "a": {"type": "string", "format": "ipv4"},
            "b": {"type": "string", "format": "hostname"},
            "c": {"type": "integer", "format": "uint8"},
            "d": {"type": "integer", "format": "int16", "minimum": 5},
            "e": {"type": "integer", "format": "uint64"},
            "f": {"type": "integer", "format": "odd"},
            "g": {"type": "number", "format": "decimal"},
            "h": {"type": "number", "format": "double"},
            "i": {"type": "integer", "format": "int64"},
            "j": {"type": "string", "pattern": "^.{1,5}$"}
        }}"#,
    );
    for line in [
        "the format `ipv4` of `a`: any address is taken a: ip?",
        "the format `hostname` of `b` b: string? max 253",
        "c: int? 0..255 d: int? 5..32767 e: int? 0..9007199254740991",
        "the format `odd` of `f` f: int?",
        "the format `decimal` of `g` g: number? h: number? i: int?",
        r"j: string? matching /^[^\n\r\u{2028}\u{2029}]{1,5}$/",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert_eq!(found.report.lost.len(), 4, "{:?}", found.report.lost);
}

#[test]
fn null_is_taken_where_every_part_lets_it() {
    let (_, text) = taking(
        r##"{"properties": {
            "a": {"type": ["boolean", "null"]},
            "b": {"allOf": [{"type": ["boolean", "null"]}, {"type": "boolean"}]},
            "c": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
            "d": {"type": ["string", "null"], "enum": ["x"]},
            "e": {"type": ["string", "null"], "enum": ["x", null]},
            "f": {"type": "boolean", "nullable": true}
        }}"##,
    );
    for line in ["a: bool? or null", "c: bool? or null", "e: string? or null one of"] {
        assert!(text.contains(line), "{line} in {text}");
    }
    for name in ["b: bool?", "d: string?", "f: bool?"] {
        assert!(
            text.contains(name) && !text.contains(&format!("{name} or null")),
            "{name} in {text}"
        );
    }
}

#[test]
fn a_path_for_a_few_is_open_to_nobody() {
    let operation = r#""responses": {"204": {}}"#;
    let found = one("/admin/users", "get", operation, "");
    assert!(words(&declared(&found, "route GET")).contains("for a few: nobody may"));
    let text = r#"{"openapi": "3.0.0", "paths": {"/internal-jobs": {"post": {"security": [], "responses": {"204": {}}}}}}"#;
    let route = words(&declared(&imported("a.json", text), "route POST"));
    assert!(route.contains("public") && route.contains("allow when false"), "{route}");
}

/// OpenAPI 3.0 and 3.1 let a description have no path (3.0.3, "Paths Object"; 3.1, "OpenAPI Object").
#[test]
fn a_description_without_operations_is_a_policy_without_routes() {
    for text in [
        r#"{"openapi": "3.0.0", "paths": {}}"#,
        r#"{"openapi": "3.1.0", "paths": {"/a": {}}}"#,
        r#"{"openapi": "3.1.0", "components": {}}"#,
        r#"{"openapi": "3.1.0", "webhooks": {"newOrder": {"post": {}}}}"#,
    ] {
        let found = imported("a.json", text);
        assert_eq!(found.report.routes, 0);
        let written: String = found.files.iter().map(|(_, text)| text.as_str()).collect();
        assert!(written.contains("// The description has no operation: every request is refused."));
        assert_eq!(written.contains("the webhook `newOrder`"), text.contains("newOrder"));
        assert!(found.report.lost.iter().any(|(_, what)| what.contains("it has no operation")));
        let description = portcullis_openapi::Description::read("a.json", text.as_bytes()).unwrap();
        assert_eq!(drift(&description, plan(&compiled(&found)), None).unwrap(), []);
    }
}
