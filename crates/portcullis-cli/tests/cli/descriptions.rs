//! `init`, `import` and `drift`.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::{run, said};

const DESCRIPTION: &str = r#"
openapi: 3.0.3
info: { title: Parcels, version: '1' }
servers: [{ url: https://api.parcels.example/v1 }]
paths:
  /parcels/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string, format: uuid } }]
    get:
      security: [{ token: [] }]
      responses:
        200: { description: one, content: { application/json: { schema: { $ref: '#/components/schemas/Parcel' } } } }
components:
  securitySchemes: { token: { type: http, scheme: bearer } }
  schemas: { Parcel: { type: object, required: [id], properties: { id: { type: string, format: uuid }, to: { type: string } } } }
"#;

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn complaint(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    text
}

#[test]
fn a_new_policy_is_whole_and_does_what_it_says() {
    let here = TempDir::new().unwrap();
    let at = here.path();
    let (status, text) = said(&run(at, &["init"]));
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("What to do next:"), "{text}");
    assert_eq!(names(&at.join("policy")), ["api.gate", "api.test.gate"]);
    let (status, text) = said(&run(at, &["lint", "--deny", "warnings", "policy"]));
    assert_eq!((status, text.as_str()), (0, "policy: nothing to find in 1 file\n"));
    assert_eq!(run(at, &["fmt", "--check", "policy"]).status.code(), Some(0));
    let (status, text) = said(&run(at, &["test", "policy"]));
    assert_eq!(status, 0, "{text}");
    assert!(text.ends_with(" passed, 0 failed\n") && !text.starts_with("0 "), "{text}");
}

#[test]
fn a_policy_is_written_into_a_folder_that_is_new_or_empty() {
    let here = TempDir::new().unwrap();
    let at = here.path();
    std::fs::create_dir(at.join("empty")).unwrap();
    std::fs::write(at.join("file"), "mine").unwrap();
    for folder in ["empty", "a/new/one"] {
        assert_eq!(run(at, &["init", folder]).status.code(), Some(0), "{folder}");
        assert_eq!(names(&at.join(folder)), ["api.gate", "api.test.gate"]);
    }
    // The second time it is no more empty.
    let before = std::fs::read(at.join("empty/api.gate")).unwrap();
    assert!(complaint(at, &["init", "empty"]).contains("empty: the folder is not empty"));
    assert_eq!(std::fs::read(at.join("empty/api.gate")).unwrap(), before);
    assert!(complaint(at, &["init", "file"]).contains("file: this is a file"));
    assert!(complaint(at, &["init", "file/policy"]).starts_with("portcullis: file/policy: "));
    assert_eq!(std::fs::read(at.join("file")).unwrap(), b"mine");
    // One file of another name is enough to keep a folder as it is.
    std::fs::create_dir(at.join("other")).unwrap();
    std::fs::write(at.join("other/.hidden"), "").unwrap();
    assert!(complaint(at, &["init", "other"]).contains("not empty"));
    assert_eq!(names(&at.join("other")), [".hidden"]);
    // Nothing is left of what was begun.
    assert_eq!(names(at), ["a", "empty", "file", "other"]);
    let inside = TempDir::new().unwrap();
    assert_eq!(run(inside.path(), &["init", "."]).status.code(), Some(0));
    assert_eq!(names(inside.path()), ["api.gate", "api.test.gate"]);
}

/// What is written is for all who work on the policy.
#[cfg(unix)]
#[test]
fn a_new_folder_is_no_private_one() {
    use std::os::unix::fs::PermissionsExt;
    let here = TempDir::new().unwrap();
    std::fs::create_dir(here.path().join("usual")).unwrap();
    std::fs::write(here.path().join("usual/file"), "").unwrap();
    std::fs::create_dir(here.path().join("empty")).unwrap();
    let mode = |path: &str| here.path().join(path).metadata().unwrap().permissions().mode();
    for folder in ["new", "empty"] {
        assert_eq!(run(here.path(), &["init", folder]).status.code(), Some(0));
        assert_eq!(mode(folder), mode("usual"));
        assert_eq!(mode(&format!("{folder}/api.gate")), mode("usual/file"));
    }
}

#[test]
fn a_description_becomes_a_policy_that_does_not_differ() {
    let here = TempDir::new().unwrap();
    let at = here.path();
    std::fs::write(at.join("api.yaml"), DESCRIPTION).unwrap();
    let (status, text) = said(&run(at, &["import", "openapi", "api.yaml", "--output", "made"]));
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("1 route: 0 open to everybody, 0 closed"), "{text}");
    assert!(text.contains("  1  whose an object is\n"), "{text}");
    assert_eq!(names(&at.join("made")), ["api.gate", "resources.gate", "routes.gate"]);
    assert_eq!(run(at, &["fmt", "--check", "made"]).status.code(), Some(0));
    let (status, text) = said(&run(at, &["lint", "made"]));
    assert_eq!(status, 0, "it compiles: {text}");
    assert!(text.contains("warning[unchecked_object]"), "{text}");
    let (status, text) = said(&run(at, &["drift", "made", "openapi", "api.yaml"]));
    assert_eq!((status, text.as_str()), (0, "no difference between made and api.yaml\n"));
    // Nothing is overwritten.
    let again = complaint(at, &["import", "openapi", "api.yaml", "-o", "made"]);
    assert!(again.contains("made: the folder is not empty"), "{again}");
}

#[test]
fn a_policy_is_printed_and_nothing_with_it() {
    let here = TempDir::new().unwrap();
    let at = here.path();
    std::fs::write(at.join("api.yaml"), DESCRIPTION).unwrap();
    let output = run(at, &["import", "openapi", "api.yaml", "--output", "-"]);
    let (status, text) = said(&output);
    assert_eq!(status, 0);
    assert!(text.starts_with("//! Parcels: made of its OpenAPI description."), "{text}");
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("1 route: "));
    assert_eq!(names(at), ["api.yaml"]);
    std::fs::write(at.join("printed.gate"), &text).unwrap();
    assert_eq!(run(at, &["lint", "printed.gate"]).status.code(), Some(0));
    assert_eq!(run(at, &["fmt", "--check", "printed.gate"]).status.code(), Some(0));
    // A proxy takes the servers' path away.
    let (_, text) = said(&run(at, &["import", "openapi", "api.yaml", "-o", "-", "--base", ""]));
    assert!(text.contains("route GET /parcels/{id} {"), "{text}");
    let wrong = complaint(at, &["import", "openapi", "api.yaml", "-o", "-", "--base", "v1"]);
    assert!(wrong.contains("begins with `/`"), "{wrong}");
}

#[test]
fn differences_are_findings() {
    let here = TempDir::new().unwrap();
    let at = here.path();
    std::fs::write(at.join("api.yaml"), DESCRIPTION).unwrap();
    std::fs::write(at.join("a.gate"), "route GET /v1/others { public }").unwrap();
    let (status, text) = said(&run(at, &["drift", "a.gate", "openapi", "api.yaml"]));
    assert_eq!(status, 1);
    assert_eq!(
        text,
        "`GET /v1/parcels/{id}` is described, and the policy has no such route\n\
         `GET /v1/others` is in the policy, and not described\n\
         2 differences between a.gate and api.yaml\n"
    );
    let (status, text) =
        said(&run(at, &["drift", "a.gate", "openapi", "api.yaml", "--format", "json"]));
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((status, lines.len()), (1, 2), "{text}");
    let first = &lines[0];
    assert_eq!(first["side"], "description");
    assert_eq!((&first["method"], &first["path"]), (&"GET".into(), &"/v1/parcels/{id}".into()));
    assert_eq!((&first["what"], &first["name"]), (&"route".into(), &Value::Null));
    // A policy with faults says these, and is not compared.
    std::fs::write(at.join("a.gate"), "route GET /v1/others { pblic }").unwrap();
    let (status, text) = said(&run(at, &["drift", "a.gate", "openapi", "api.yaml"]));
    assert_eq!(status, 1);
    assert!(text.starts_with("error[syntax]"), "{text}");
}

#[test]
fn what_is_no_description_is_refused_and_nothing_is_written() {
    let here = TempDir::new().unwrap();
    let at = here.path();
    let large = format!("{DESCRIPTION}# {}", "x".repeat(20 * 1024 * 1024));
    let remote = DESCRIPTION.replace("'#/components/schemas/Parcel'", "'other.yaml#/Parcel'");
    let dangling =
        DESCRIPTION.replace("#/components/schemas/Parcel", "#/components/schemas/Letter");
    let circle = DESCRIPTION.replace(
        "Parcel: { type: object",
        "Parcel: { allOf: [{ $ref: '#/components/schemas/Parcel' }], type: object",
    );
    for (name, bytes, expected) in [
        ("a.json", &b"{\"openapi\": "[..], "this is not JSON"),
        ("b.yaml", b"paths: [", "this is not YAML"),
        ("c.json", b"{\"swagger\": \"2.0\"}", "Swagger 2.0"),
        ("d.json", b"{\"name\": \"x\"}", "no `openapi` at its top"),
        ("e.png", b"\x89PNG\r\n\x1a\n\0\0", "this is no text"),
        ("f.yaml", large.as_bytes(), "at most 16 MiB"),
        ("g.yaml", remote.as_bytes(), "leads out of this file"),
        ("h.yaml", dangling.as_bytes(), "leads to nothing in this file"),
        ("i.yaml", circle.as_bytes(), "leads back to itself"),
        ("j.json", b"", "this is not JSON"),
    ] {
        std::fs::write(at.join(name), bytes).unwrap();
        let text = complaint(at, &["import", "openapi", name]);
        let begins = format!("portcullis: {name}: ");
        assert!(text.starts_with(&begins) && text.contains(expected), "{text}");
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(!at.join("policy").exists(), "{name}");
        std::fs::write(at.join("a.gate"), "route GET /a { public }").unwrap();
        // What an answer shows is not compared, nor where its references lead.
        if !expected.starts_with("leads") {
            assert!(complaint(at, &["drift", "a.gate", "openapi", name]).contains(expected));
        }
    }
    std::fs::create_dir(at.join("folder")).unwrap();
    assert!(complaint(at, &["import", "openapi", "folder"]).contains("folder: this is a folder"));
    assert!(complaint(at, &["import", "openapi", "missing"]).starts_with("portcullis: missing: "));
    assert!(complaint(at, &["drift", "missing", "openapi", "d.json"]).contains("d.json: "));
    assert!(!at.join("policy").exists());
    assert_eq!(run(at, &["import"]).status.code(), Some(2));
    assert_eq!(run(at, &["drift", "a.gate"]).status.code(), Some(2));
}
