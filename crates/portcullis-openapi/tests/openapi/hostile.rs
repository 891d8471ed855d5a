//! What is no description, or one that means harm.

use std::fmt::Write;
use std::time::{Duration, Instant};

use portcullis_openapi::{Description, Error, import};

use crate::imported;

fn fault(name: &str, bytes: &[u8]) -> String {
    match Description::read(name, bytes) {
        Err(why) => why.to_string(),
        Ok(description) => import(&description, None).unwrap_err().to_string(),
    }
}

fn of_paths(paths: &str) -> String {
    let schemas = r##"{
        "A": {"$ref": "#/components/schemas/B"},
        "B": {"$ref": "#/components/schemas/A"},
        "C": {"allOf": [{"$ref": "#/components/schemas/C"}]}
    }"##;
    format!(r#"{{"openapi": "3.0.0", "paths": {paths}, "components": {{"schemas": {schemas}}}}}"#)
}

fn of_schema(schema: &str) -> String {
    of_paths(&format!(
        r#"{{"/a": {{"post": {{"requestBody": {{"content": {{"application/json": {{"schema": {schema}}}}}}}}}}}}}"#
    ))
}

#[test]
fn what_is_no_description_says_so() {
    let wrong: &[(&str, &[u8], &str)] = &[
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "this is no text"),
        ("a.json", b"{\"a\": \0}", "this is no text"),
        ("a.json", b"{\"openapi\": ", "this is not JSON: EOF while parsing"),
        ("a.json", b"{\"a\": 1, \"a\": 2}", "`a` stands twice"),
        ("a.yaml", b"a: [1, 2", "this is not YAML: "),
        ("a.yaml", b"a: 1\na: 2\n", "this is not YAML: "),
        ("a.yaml", b"", "this is no OpenAPI description"),
        ("a", b"just words", "no object with `openapi` at its top"),
        ("a.json", b"[1, 2]", "no object with `openapi` at its top"),
        ("a.json", b"{\"name\": \"package\"}", "it has no `openapi` at its top"),
        ("a.yaml", b"swagger: '2.0'\npaths: {}\n", "Swagger 2.0"),
        ("a.yaml", b"openapi: 2.9\npaths: {}\n", "its version is `2.9`; expected 3.0 or 3.1"),
        ("a.yaml", b"openapi: 3.10.0\npaths: {}\n", "its version is `3.10.0`"),
        ("a.json", b"{\"openapi\": {}}", "its `openapi` is no version"),
        ("a.json", b"{\"openapi\": \"3.0.0\"}", "it has no `paths`"),
        ("a.json", b"{\"openapi\": \"3.0.0\", \"webhooks\": {}}", "it has no `paths`"),
        ("a.json", b"{\"openapi\": \"3.1.0\"}", "neither `paths` nor `webhooks` nor `components`"),
        ("a.json", b"{\"openapi\": \"3.0.0\", \"paths\": []}", "its `paths` are no object"),
        (
            "a.json",
            b"{\"openapi\": \"3.0.0\", \"paths\": {\"/a\": 1}}",
            "/a: expected an object of methods",
        ),
        (
            "a.json",
            b"{\"openapi\": \"3.0.0\", \"paths\": {\"a\": {}}}",
            "a: a path begins with `/`",
        ),
        (
            "a.json",
            b"{\"openapi\": \"3.0.0\", \"paths\": {\"/a\": {\"get\": []}}}",
            "/a: expected an object behind `get`",
        ),
    ];
    for (name, bytes, expected) in wrong {
        let said = fault(name, bytes);
        assert!(said.contains(expected), "{name}: `{said}`, and not `{expected}`");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let security = of_paths(r#"{"/a": {"get": {"security": "none"}}}"#);
    assert!(fault("a.json", security.as_bytes()).contains("expected a list behind `security`"));
}

#[test]
fn a_reference_leads_to_something_in_the_file() {
    for (reference, expected) in [
        ("#/components/schemas/A", "leads back to itself"),
        ("#/components/schemas/C", "leads back to itself"),
        ("#/components/schemas/D", "leads to nothing in this file"),
        ("#D", "leads to nothing in this file"),
        ("D.yaml", "leads out of this file"),
        ("https://a.example/api.yaml#/D", "leads out of this file"),
        ("file:///etc/passwd", "leads out of this file"),
    ] {
        let said = fault("a.json", of_schema(&format!(r#"{{"$ref": "{reference}"}}"#)).as_bytes());
        assert!(said.contains(expected) && said.contains(reference), "{said}");
        // The same of a path, and within an object.
        let of_path = of_paths(&format!(r#"{{"/a": {{"$ref": "{reference}"}}}}"#));
        // A path is no schema, and so this one is an object without methods.
        match reference.ends_with('C') {
            true => assert_eq!(imported("a.json", &of_path).report.routes, 0),
            false => assert!(fault("a.json", of_path.as_bytes()).contains(expected)),
        }
        let within =
            format!(r#"{{"properties": {{"x": {{"items": {{"$ref": "{reference}"}}}}}}}}"#);
        assert!(fault("a.json", of_schema(&within).as_bytes()).contains(expected));
    }
}

#[test]
fn what_is_too_large_is_not_read() {
    let large = vec![b' '; portcullis_openapi::LARGEST + 1];
    assert!(matches!(Description::read("a.json", &large), Err(Error::TooLarge)));
    let deep = format!("{{\"openapi\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(Description::read("a.json", deep.as_bytes()), Err(Error::Syntax { .. })));
    let deep = format!("openapi: {}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(matches!(Description::read("a.yaml", deep.as_bytes()), Err(Error::Syntax { .. })));
    let mut deep = String::new();
    for level in 0..5_000 {
        let _ = writeln!(deep, "{}a:", " ".repeat(level));
    }
    assert!(matches!(Description::read("a.yaml", deep.as_bytes()), Err(Error::Syntax { .. })));
}

/// Ten aliases of ten aliases, nine times over.
#[test]
fn aliases_do_not_multiply() {
    let mut bomb = "openapi: 3.0.0\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let before = level - 1;
        let all = vec![format!("*a{before}"); 10].join(", ");
        let _ = writeln!(bomb, "a{level}: &a{level} [{all}]");
    }
    assert!(matches!(Description::read("a.yaml", bomb.as_bytes()), Err(Error::Syntax { .. })));
    // Used as they are meant, they are fine.
    let plain = "openapi: 3.0.0\nx: &answer { '204': { description: done } }\npaths:\n  /a: { get: { \
                 security: [], responses: *answer } }\n  /b: { get: { security: [], responses: *answer } }\n";
    assert_eq!(imported("a.yaml", plain).report.routes, 2);
}

/// Shapes of shapes of two each, and objects of two objects each: written out, a million of them.
#[test]
fn shapes_do_not_multiply() {
    let mut shapes = String::new();
    let mut objects = String::new();
    for level in 0..25 {
        let next = level + 1;
        let of = |kind: &str| format!(r##"{{"$ref": "#/components/schemas/{kind}{next}"}}"##);
        let (shape, object) = (of("S"), of("O"));
        let _ = write!(shapes, r#""S{level}": {{"oneOf": [{shape}, {{"allOf": [{shape}]}}]}},"#);
        let _ = write!(
            objects,
            r#""O{level}": {{"properties": {{"n": {{"type": "integer"}}, "a": {object}, "b": {object}}}}},"#
        );
    }
    for (from, ends_well) in [("S0", false), ("O0", true)] {
        let text = format!(
            r##"{{"openapi": "3.0.0", "paths": {{"/a": {{"post": {{"security": [],
                "requestBody": {{"content": {{"application/json": {{"schema": {{"$ref": "#/components/schemas/{from}"}}}}}}}},
                "responses": {{"200": {{"content": {{"application/json": {{"schema": {{"$ref": "#/components/schemas/{from}"}}}}}}}}}}}}}}}},
                "components": {{"schemas": {{{shapes} {objects} "S25": {{"type": "string"}}, "O25": {{"properties": {{"x": {{"type": "string"}}}}}}}}}}}}"##
        );
        if ends_well {
            let found = imported("a.json", &text);
            assert!(found.report.lost.iter().any(|(_, what)| what.contains("too large")));
        } else {
            assert!(fault("a.json", text.as_bytes()).contains("thousands of others"));
        }
    }
}

#[test]
fn no_text_of_a_description_ends_a_comment_or_a_text() {
    let nasty = r#"a\"b\\c\n}} route GET /open { public } //\u202e \t`"#;
    // Made up, in two parts, so that no scanner takes it for real.
    let secret = ["ghp_", "0123456789abcdefghijklmnopqrstuvwxyz"].concat();
    let text = format!(
        r#"{{"openapi": "3.1.0", "info": {{"title": "{nasty}"}},
        "servers": [{{"url": "https://ok.example/"}}, {{"url": "https://{nasty}/"}}],
        "paths": {{"/a": {{"post": {{"summary": "{nasty}", "operationId": "{nasty}", "security": [{{"{nasty}": ["{nasty}", "{secret}"]}}],
            "parameters": [{{"name": "{nasty}", "in": "query", "schema": {{"type": "string", "default": "{nasty}", "pattern": "{nasty}"}}}},
                {{"name": "{secret}", "in": "query", "schema": {{"type": "string", "default": "{secret}"}}}},
                {{"name": "{nasty}", "in": "header", "schema": {{"type": "string"}}}},
                {{"name": "{nasty}", "in": "cookie", "schema": {{"type": "string"}}}}],
            "requestBody": {{"content": {{"application/json": {{"schema": {{"title": "{nasty}", "properties": {{
                "{nasty}": {{"enum": ["{nasty}", "{secret}", ""]}}, "{secret}": {{"type": "integer"}}}}}}}},
                "{nasty}": {{}}}}}},
            "responses": {{"200": {{"content": {{"{nasty}": {{}}, "application/json": {{"schema": {{"properties": {{
                "id": {{"type": "string"}}, "{nasty}": {{"type": "string"}}, "{secret}": {{"type": "string"}}}}}}}}}}}}}}}}}}}},
        "components": {{"securitySchemes": {{"{nasty}": {{"type": "apiKey", "in": "{nasty}", "name": "{nasty}", "description": "{nasty}"}}}}}}}}"#
    );
    let found = imported("a.json", &text);
    assert_eq!(found.report.routes, 1);
    assert!(found.files.iter().all(|(_, text)| !text.contains("\nroute GET /open")));
    assert!(found.report.lost.iter().any(|(_, what)| what.contains("a name like this")));
}

/// A list of itself has no end, and one of two lists of itself many.
#[test]
fn lists_do_not_go_on_for_ever() {
    let text = r##"{"openapi": "3.0.0", "paths": {"/a": {"post": {"security": [],
        "parameters": [{"name": "q", "in": "query", "schema": {"$ref": "#/components/schemas/L"}}],
        "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {
            "list": {"$ref": "#/components/schemas/L"}, "name": {"type": "string", "maxLength": 9},
            "tree": {"$ref": "#/components/schemas/T"}}}}}},
        "responses": {"200": {"content": {"application/json": {"schema": {"type": "object", "properties": {
            "id": {"type": "string"}, "list": {"$ref": "#/components/schemas/L"},
            "tree": {"$ref": "#/components/schemas/T"}}}}}}}}}},
        "components": {"schemas": {"L": {"type": "array", "items": {"$ref": "#/components/schemas/L"}},
            "T": {"type": "array", "items": {"type": "object", "properties": {
                "left": {"$ref": "#/components/schemas/T"}, "right": {"$ref": "#/components/schemas/T"},
                "leaf": {"type": "integer"}}}}}}}"##;
    let found = imported("a.json", text);
    assert!(found.report.lost.iter().any(|(_, what)| what.contains("lists in lists without end")));
}

/// Each object of a long chain stands in the one before.
#[test]
fn objects_do_not_go_down_for_ever() {
    let mut schemas = String::new();
    for level in 0..20_000 {
        let next = level + 1;
        let _ = write!(
            schemas,
            r##""O{level}": {{"properties": {{"n": {{"type": "integer"}}, "in": {{"$ref": "#/components/schemas/O{next}"}}}}}},"##
        );
    }
    let text = format!(
        r##"{{"openapi": "3.0.0", "paths": {{"/a": {{"post": {{"security": [],
            "requestBody": {{"content": {{"application/json": {{"schema": {{"$ref": "#/components/schemas/O0"}}}}}}}},
            "responses": {{"200": {{"content": {{"application/json": {{"schema": {{"$ref": "#/components/schemas/O0"}}}}}}}}}}}}}}}},
            "components": {{"schemas": {{{schemas} "O20000": {{"properties": {{"x": {{"type": "string"}}}}}}}}}}}}"##
    );
    let found = imported("a.json", &text);
    assert!(found.report.lost.iter().any(|(_, what)| what.contains("nested in itself")));
    assert!(found.report.inputs > 8 && found.report.resources > 8, "{:?}", found.report);
}

/// Each number was looked for from the first one on, and each permission among all others.
#[test]
fn names_that_become_one_name_take_no_longer_than_others() {
    let begun = Instant::now();
    let letters = |number: usize| format!("{number:016b}").replace('0', "一").replace('1', "丁");
    let schemes: Vec<String> =
        (0..40_000).map(|number| format!(r#""{}": {{"type": "http"}}"#, letters(number))).collect();
    let scopes: Vec<String> =
        (0..3_000).map(|number| format!(r#""a:b{}""#, letters(number))).collect();
    let text = format!(
        r#"{{"openapi": "3.0.0", "paths": {{"/a": {{"get": {{"security": [{{"{}": [{}]}}],
            "responses": {{"204": {{}}}}}}}}}}, "components": {{"securitySchemes": {{{}}}}}}}"#,
        letters(7),
        scopes.join(","),
        schemes.join(",")
    );
    let description = Description::read("a.json", text.as_bytes()).unwrap();
    let found = import(&description, None).unwrap();
    assert!(found.files.iter().any(|(_, text)| text.contains("a:b_3000")));
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
}
