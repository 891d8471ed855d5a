//! `portcullis test --generate`

use std::path::{Path, PathBuf};

use super::{folder, run, said};

const POLICY: &str = r#"
transport {
    hosts ["a.example"]
    https required in production
    https off in development
}
setting open: bool { production false development true }
credential access jwt {
    issuer "i" audience "a" algorithms [ES256] lifetime 15m
    caller { id: string from "sub" number: int from "n" team: team from "team" roles: [role] from "roles" }
}
credential pat opaque { prefix "t_" caller { id: string scopes: scopes } }
role reader { read:notes }
role writer inherits reader { write:notes }
enum team { red blue }
resource pad { key number: int team: team }
resource note {
    key id: uuid
    owner: string
    watchers: [string]
    pad: pad
    predicate mine { note.owner == caller.id }
    predicate watched { caller.id in note.watchers }
    view own { id owner as "owned-by" }
}
outbound pictures { schemes [https] hosts ["*.pictures.example"] ports [8443] redirects 0 }
input address { street: string 3..40  zip: string matching /^[0-9]{5}$/ }
input change {
    rules     { present 9.. unknown refuse }
    title:    string trim lowercase 10..40
    secret:   string 8..64 containing [lower, upper, digit, "@$!"]
    code:     string matching /^(?:AB|CD)-[A-F0-9]{4}(?:\.[0-9]{1,3})?$/
    mail:     string lowercase email
    day:      string date
    picture:  url through pictures
    tags:     [string matching /^#[a-z]{2,8}$/] min 2 max 5
    home:     address
    share:    number 0.25..0.75
    level:    int one of [7, 9]
    team:     team
    from:     time
    until:    time
    check     body.from < body.until at until fault "later"
    spare:    string? max 5
}
input odd { word: string matching /^a\b{20}b$/ max 9 }
group /notes {
    accept [access]
    header { client: string 2..9 }
    route GET / {
        query { page: int min 1  order: string one of ["up", "down"] }
        needs read:notes
        lists note max 5
        allow when mine
        returns [note.own]
    }
    route GET /{id} {
        params { id: uuid }
        needs read:notes
        loads note by params.id
        allow when mine or watched
        allow when open and note.pad.team == caller.team
        returns note.own
    }
    route PUT /{id} { params { id: uuid } needs write:notes body change returns nothing }
    route POST /{id}/odd { params { id: uuid } needs write:notes body odd returns nothing }
    route POST /form { needs write:notes body form { a: string max 9 } returns nothing }
    route POST /raw { needs write:notes body raw max 1KiB types ["image/png"] returns nothing }
}
route GET /pads/{number} {
    accept [access]
    params { number: int 100..200 }
    signed_in
    loads pad by params.number
    allow when pad.number == caller.number
    returns nothing
}
route GET /scripts { accept [pat] needs read:notes returns nothing }
route GET /old { retired }
route GET /files/{path...} { public params { path: string max 40 } returns nothing }
action share { needs write:notes loads note allow when note.owner == caller.id }
"#;

const TESTS: &str = r#"
test "a reader who watches a note sees it" {
    caller access { id: "ann" roles: [reader] }
    request GET /notes/6b1f0c9e-0000-4000-8000-000000000009
    header { "client": "me" }
    resource note { watchers: ["ann"] }
    expect admit
}
test "writers do not come by this" {
    caller access { roles: [writer] }
    request GET /pads/150
    profile production
    expect refuse forbidden
}
"#;

#[test]
fn the_missing_cases_are_written_and_pass() {
    let here = folder(&[("a.gate", POLICY), ("a.test.gate", TESTS)]);
    let at = here.path();
    let (status, text) = said(&run(at, &["test", ".", "--generate"]));
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("to ./generated.test.gate: read each group"), "{text}");
    let written = std::fs::read_to_string(at.join("generated.test.gate")).unwrap();
    for title in [
        "GET /notes: anonymous",
        "GET /notes: reader",
        "GET /notes/{id}: reader (mine)",
        "GET /notes/{id}: writer (watched)",
        "GET /notes/{id}: writer (other)",
        "GET /notes/{id}: reader (their pad.team) in production",
        "GET /notes/{id}: reader (their pad.team) in development",
        "PUT /notes/{id}: writer",
        "POST /notes/{id}/odd: reader",
        "POST /notes/form: writer",
        "POST /notes/raw: writer",
        "GET /pads/{number}: writer (their number)",
        "GET /scripts: a caller",
        "GET /old: anonymous",
        "GET /files/{path...}: anonymous",
        "act share: writer (mine)",
        "act share: writer (other)",
    ] {
        let found = written.contains(&format!("test \"{title}\""));
        assert!(found, "{title} in\n{written}");
    }
    for (title, expected) in [
        ("GET /notes/{id}: reader (watched)", None),
        ("GET /pads/{number}: writer (other)", None),
        ("POST /notes/{id}/odd: writer", None),
        ("act share: anonymous", None),
        ("PUT /notes/{id}: writer", Some("expect admit")),
        ("PUT /notes/{id}: reader", Some("expect refuse missing_permission")),
        ("act share: reader (mine)", Some("refuse missing_permission")),
        ("GET /notes/{id}: reader (their pad.team) in production", Some("refuse forbidden")),
        ("GET /notes/{id}: reader (their pad.team) in development", Some("[id, \"owned-by\"]")),
        ("GET /pads/{number}: writer (their number)", Some("number: 100")),
        ("GET /notes: reader", Some("rows 1")),
        ("GET /scripts: a caller", Some("scopes: [read:notes]")),
        ("GET /old: anonymous", Some("refuse retired")),
    ] {
        let test = written.split_once(&format!("test \"{title}\""));
        let test = test.map(|(_, rest)| rest.split("\ntest ").next().unwrap());
        let test = test.map(|test| test.split_whitespace().collect::<Vec<_>>().join(" "));
        match (test.as_deref(), expected) {
            (None, None) => {}
            (Some(test), Some(expected)) => assert!(test.contains(expected), "{title}: {test}"),
            (found, expected) => assert_eq!(found, expected, "{title}\n{written}"),
        }
    }
    assert!(
        written.contains("// confirm: PUT /notes/{id}\n// refuse missing_credential: anonymous\n")
    );
    assert!(text.contains("left out 1 case:\n    POST /notes/{id}/odd (1 case): "), "{text}");
    assert!(text.contains("no value that is taken can be made up for `word`"), "{text}");

    // It is what the formatter writes, it passes, and nothing more is missing.
    assert_eq!(said(&run(at, &["fmt", "--check", "generated.test.gate"])), (0, String::new()));
    let (status, text) = said(&run(at, &["test", "."]));
    assert_eq!(status, 0, "{text}");
    let (status, text) = said(&run(at, &["test", ".", "--generate", "-o", "more.test.gate"]));
    assert_eq!(status, 0);
    assert!(text.starts_with("no case is missing that can be made up\nleft out 1 case:"), "{text}");
    assert!(!at.join("more.test.gate").exists());
}

#[test]
fn nothing_is_ever_overwritten() {
    let here = folder(&[("a.gate", POLICY), ("generated.test.gate", TESTS)]);
    let at = here.path();
    for (arguments, why) in [
        (&["test", ".", "--generate"][..], "./generated.test.gate: this file is there already"),
        (&["test", ".", "--generate", "--output", "a.gate"], "ends in `.test.gate`"),
        (&["test", ".", "a.gate", "--generate"], "give one PATH"),
        (
            &["test", ".", "--generate", "--output", "no/x.test.gate"],
            "no/x.test.gate: No such file",
        ),
        (&["test", ".", "--output", "x.test.gate"], "--generate"),
        (&["test", ".", "--generate", "--watch"], "cannot be used with"),
    ] {
        let output = run(at, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(why), "{arguments:?}: {told}");
    }
    assert_eq!(std::fs::read_to_string(at.join("generated.test.gate")).unwrap(), TESTS);
    let output = run(at, &["test", ".", "--generate", "--output", "-"]);
    let told = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(told.contains("to standard output"), "{told}");
    let (status, text) = said(&output);
    assert_eq!(status, 0);
    assert!(text.starts_with("//! Written by `portcullis test --generate`"), "{text}");
    std::fs::write(at.join("a.gate"), "rol a { }").unwrap();
    let (status, text) = said(&run(at, &["test", ".", "--generate", "--output", "x.test.gate"]));
    assert_eq!(status, 1);
    assert!(text.contains("error[syntax]") && !at.join("x.test.gate").exists(), "{text}");
}

#[test]
fn a_file_alone_is_refused_where_its_tests_would_not_be_read() {
    let here = folder(&[("in/a.gate", POLICY)]);
    let at = here.path();
    for (below, file, folder) in
        [("", "in/a.gate", "test in --generate"), ("in", "a.gate", "test . --generate")]
    {
        let output = run(&at.join(below), &["test", file, "--generate"]);
        assert_eq!(output.status.code(), Some(2));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(folder), "{told}");
    }
    assert!(!at.join("in/generated.test.gate").exists());
    let output = run(at, &["test", "in/a.gate", "--generate", "--output", "-"]);
    assert_eq!(output.status.code(), Some(0));
    // What is said there is done.
    assert_eq!(said(&run(at, &["test", "in", "--generate"])).0, 0);
    let (status, text) = said(&run(at, &["test", "in"]));
    assert!(status == 0 && !text.contains("0 passed"), "{text}");
}

#[test]
fn a_caller_of_several_roles_is_no_case_of_each() {
    let with = |roles: &str| {
        let test = format!(
            "test \"several\" {{ caller access {{ roles: [{roles}] }} request GET /n expect admit }}"
        );
        let policy =
            "credential access jwt { issuer \"i\" audience \"a\" algorithms [EdDSA] lifetime 15m
                caller { id: string from \"sub\"  roles: [role] from \"roles\" } }
            role reader { read:notes }
            role writer inherits reader { write:notes }
            role clerk { read:desks }
            route GET /n { accept [access] needs read:notes returns nothing }";
        let here = folder(&[("a.gate", policy), ("a.test.gate", &test)]);
        let (status, text) = said(&run(here.path(), &["test", ".", "--generate"]));
        assert_eq!(status, 0, "{text}");
        let written = std::fs::read_to_string(here.path().join("generated.test.gate")).unwrap();
        let asked = |role: &str| written.contains(&format!("test \"GET /n: {role}\""));
        ["reader", "writer", "clerk"].map(asked)
    };
    assert_eq!(with("reader, clerk"), [true, true, true], "which of them lets in, nobody knows");
    assert_eq!(with("reader"), [false, true, true]);
    assert_eq!(with("reader, writer"), [true, false, true], "a writer has all that a reader has");
}

/// The cases of the corpus.
fn corpus(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            corpus(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

#[test]
fn every_policy_of_the_corpus_gets_cases_that_pass() {
    let mut cases = Vec::new();
    corpus(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/spec"), &mut cases);
    let mut written = 0;
    for case in cases {
        let text = std::fs::read_to_string(&case).unwrap();
        let block = |language: &str| {
            let (_, rest) = text.split_once(&format!("```{language}\n"))?;
            rest.split_once("\n```").map(|(block, _)| format!("{block}\n"))
        };
        let (Some(policy), Some(tests)) = (block("gate"), block("test")) else { continue };
        let here = folder(&[("policy.gate", &policy), ("policy.test.gate", &tests)]);
        let output = run(here.path(), &["test", ".", "--generate"]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{}: {told}", case.display());
        let (status, text) = said(&run(here.path(), &["test", ".", "--coverage"]));
        assert_eq!(status, 0, "{}: {text}", case.display());
        written += usize::from(here.path().join("generated.test.gate").exists());
    }
    assert!(written > 30, "only {written}");
}
