//! The binary, as a shell sees it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests say what they expect")]

mod audit;
mod coverage;
mod descriptions;
mod explain;
mod files;
mod generate;
mod hostile;
mod lint;
mod test;
mod watch;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const GOOD: &str = "transport { hosts [\"shop.example\"] }
resource thing {
    key   id: int
    name: string
    view open { id }
}
route GET /things {
    public
    lists    thing max 5
    returns  [thing.open]
}
";

const TESTS: &str = "test \"all see things\" {
    request  GET /things
    expect   admit
    expect   fields []
}
";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .output()
        .unwrap()
}

fn said(output: &Output) -> (i32, String) {
    (output.status.code().unwrap(), String::from_utf8(output.stdout.clone()).unwrap())
}

#[test]
fn exit_statuses() {
    let here = folder(&[("a.gate", GOOD), ("a.test.gate", TESTS)]);
    let at = here.path();
    for (arguments, status) in [
        (&["lint", "."][..], 0),
        (&["fmt", "."], 0),
        (&["fmt", "--check", "."], 0),
        (&["test", "."], 0),
        (&["test", "a.test.gate"], 0),
        (&["plan", ".", "GET", "/things"], 0),
        (&["plan", ".", "GET", "/thing"], 1),
        (&["plan", ".", "GET", "/things", "--profile", "x"], 2),
        (&["lint", "missing"], 2),
        (&["lint"], 2),
        (&["nonsense"], 2),
        (&["lint", "--format", "xml", "."], 2),
        (&["--help"], 0),
        (&["--version"], 0),
    ] {
        assert_eq!(run(at, arguments).status.code(), Some(status), "{arguments:?}");
    }
    let empty = folder(&[("a.txt", "")]);
    assert_eq!(run(empty.path(), &["lint", "."]).status.code(), Some(2));
}

#[test]
fn warnings_count_when_they_are_denied() {
    let here = folder(&[("a.gate", &GOOD.replace("transport { hosts [\"shop.example\"] }\n", ""))]);
    let (status, text) = said(&run(here.path(), &["lint", "."]));
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("warning[any_host]") && text.contains("1 warning in 1 file"), "{text}");
    assert_eq!(run(here.path(), &["lint", "--deny", "warnings", "."]).status.code(), Some(1));
}

#[test]
fn findings_as_json_lines() {
    let here = folder(&[("a.gate", "role a { read:a }\nrole a { }\nbudget b { limt 5 per 1m }\n")]);
    let (status, text) = said(&run(here.path(), &["lint", "--format", "json", "."]));
    assert_eq!(status, 1);
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lines = lines.collect::<Vec<_>>();
    assert_eq!(lines.len(), 2, "every fault in one run: {text}");
    for line in &lines {
        let mut keys = line.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>();
        keys.sort_unstable();
        let expected = "code column end_column end_line file help line message severity";
        assert_eq!(keys.join(" "), expected);
    }
    assert_eq!(
        (&lines[0]["code"], &lines[0]["line"]),
        (&Value::from("duplicate"), &Value::from(2))
    );
}

#[test]
fn tests_end_with_their_count() {
    let wrong = TESTS.replace("expect   admit", "expect   refuse forbidden");
    let here = folder(&[("a.gate", GOOD), ("a.test.gate", &format!("{TESTS}{wrong}"))]);
    let (status, text) = said(&run(here.path(), &["test", "."]));
    assert_eq!((status, text.lines().last()), (1, Some("1 passed, 1 failed")));
    assert!(text.contains("expected refuse forbidden, found admit"), "{text}");
    let json = run(here.path(), &["test", "--format", "json", "."]);
    let finding: Value = serde_json::from_str(said(&json).1.lines().next().unwrap()).unwrap();
    assert_eq!(finding["code"], "test_failed");
    assert!(String::from_utf8(json.stderr).unwrap().ends_with("1 passed, 1 failed\n"));
}

#[test]
fn formatting_in_place_and_checking() {
    let here = folder(&[("a.gate", "role  a {read:a}\n")]);
    let (status, text) = said(&run(here.path(), &["fmt", "--check", "."]));
    assert_eq!(status, 1);
    assert!(text.contains("-role  a {read:a}") && text.contains("+role a { read:a }"), "{text}");
    assert_eq!(run(here.path(), &["fmt", "."]).status.code(), Some(0));
    assert_eq!(std::fs::read_to_string(here.path().join("a.gate")).unwrap(), "role a { read:a }\n");
    assert_eq!(run(here.path(), &["fmt", "--check", "."]).status.code(), Some(0));
    std::fs::write(here.path().join("a.gate"), "role a {").unwrap();
    assert_eq!(run(here.path(), &["fmt", "."]).status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(here.path().join("a.gate")).unwrap(), "role a {");
}

#[test]
fn colour_is_for_terminals() {
    let here = folder(&[("a.gate", "rol a { }\n")]);
    let coloured = |arguments: &[&str]| said(&run(here.path(), arguments)).1.contains('\x1b');
    assert!(!coloured(&["lint", "."]), "a pipe is no terminal");
    assert!(coloured(&["lint", "--color", "always", "."]));
    assert!(!coloured(&["lint", "--color", "never", "."]));
}

#[test]
fn bytes_that_are_no_text_are_a_finding() {
    let here = TempDir::new().unwrap();
    std::fs::write(here.path().join("a.gate"), b"role a { }\n\xff\xfe").unwrap();
    let (status, text) = said(&run(here.path(), &["lint", "."]));
    assert_eq!(status, 1);
    assert!(text.contains("not_text") && text.contains("a.gate:2:1"), "{text}");
    assert!(text.contains("the byte 0xFF here is no UTF-8"), "{text}");
}

#[test]
fn a_schedule_names_every_stage() {
    let here = folder(&[("a.gate", GOOD)]);
    let (_, text) = said(&run(here.path(), &["plan", ".", "GET", "/things"]));
    for word in ["transport", "caller", "input", "object", "response", "a.gate:", "shows id"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn a_schedule_says_what_each_step_costs() {
    let policy = r#"
transport { hosts ["a.example"] }
credential access jwt {
    issuer "i" audience "a" algorithms [ES256] lifetime 15m
    caller { id: string from "sub" role: role from "role" }
}
role user { read:notes }
resource note {
    key id: uuid
    owner: string, readers: [string]
    view own { id }
}
budget often { limit 10 per 1m key caller.id }
action share {
    needs read:notes
    loads note
    allow when note.owner == caller.id
}
group /notes {
    accept [access]
    route GET / {
        needs read:notes
        lists note max 10
        allow when note.owner == caller.id
        returns [note.own]
    }
    route GET /{id} {
        params { id: uuid }
        needs read:notes
        budget [often]
        loads note by params.id
        allow when note.owner == caller.id
        allow when caller.id in note.readers
        returns note.own
    }
}
"#;
    let here = folder(&[("a.gate", policy)]);
    let plan = |rest: &[&str]| said(&run(here.path(), &[&["plan", "."], rest].concat()));
    let (status, text) = plan(&["GET", "/notes/3f0e8a52-7c1d-4c7e-9a43-2f6f9d1b5a10"]);
    assert_eq!(status, 0, "{text}");
    for (label, cost) in [
        ("https", "fixed"),
        ("path", "input"),
        ("credential", "signature"),
        ("needs", "fixed"),
        ("budget", "store"),
        ("params", "input"),
        ("loads", "load"),
        ("allow", "fixed"),
        ("or", "list"),
        ("returns", "view"),
    ] {
        let line = text.lines().find(|line| line.trim_start().starts_with(label));
        let line = line.unwrap_or_else(|| unreachable!("{label}: {text}"));
        assert!(line.ends_with(&format!("[{cost}]")), "{label}: {line}");
    }
    let (_, text) = plan(&["GET", "/notes"]);
    assert!(text.lines().any(|line| line.contains("allow") && line.ends_with("[rows]")), "{text}");
    let (status, text) = plan(&["--action", "share"]);
    assert_eq!(status, 0, "{text}");
    assert!(text.starts_with("action share   (./a.gate:14:8)"), "{text}");
    assert!(text.contains("note.owner == caller.id"), "{text}");
    let (status, text) = plan(&["--action", "shade"]);
    assert_eq!(status, 1);
    assert_eq!(text.trim_end(), "no action is called `shade`\ndid you mean `share`?");
    assert_eq!(plan(&["GET"]).0, 2);
    assert_eq!(plan(&[]).0, 2);
}

#[test]
fn invariants_are_counted_as_not_proved() {
    let invariant = "invariant \"all is open\" { allowed implies not exists caller }\n";
    let policy = format!("{GOOD}{invariant}");
    let here = folder(&[("a.gate", policy.as_str()), ("a.test.gate", TESTS)]);
    let (status, text) = said(&run(here.path(), &["lint", "."]));
    assert_eq!(
        (status, text.trim_end()),
        (0, ".: nothing to find in 1 file; 1 invariant not proved")
    );
    let (status, text) = said(&run(here.path(), &["test", "."]));
    let lines = text.lines().collect::<Vec<_>>();
    assert_eq!((status, lines[0], lines[2]), (0, "1 invariant not proved", "1 passed, 0 failed"));
}

#[test]
fn a_schedule_shows_a_budget_whole() {
    let policy = r#"
setting cap: int { dev 7 production 9 }
transport { hosts ["a.example"] }
budget views {
    limit cap per 1m when request.method == "GET"  // by the profile
    limit 2 per 1m burst 3
    key request.ip
    ipv6 /56
    unavailable admit "a test"
}
budget all { limit 5 per 1s algorithm sliding_window }
route GET /files { public budget [views cost 2, all] }
"#;
    let here = folder(&[("a.gate", policy)]);
    let (status, text) =
        said(&run(here.path(), &["plan", "--profile", "dev", ".", "GET", "/files"]));
    assert_eq!(status, 0, "{text}");
    for line in [
        "views: limit cap per 1m when request.method == \"GET\" (7 per 60s), limit 2 per 1m burst 3, \
         key request.ip, ipv6 /56, unavailable admit \"a test\", algorithm token_bucket, cost 2 ",
        "all: limit 5 per 1s, algorithm sliding_window, shared by all ",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

const TOKENS: &str = "transport { hosts [\"shop.example\"] }
credential access jwt {
    issuer      \"iss\"
    audience    \"aud\"
    algorithms  [EdDSA, HS256, RS256]
    lifetime    15m
    caller      { id: string from \"sub\" }
}
route GET /things {
    accept  [access]
    signed_in
    returns nothing
}
";

#[test]
fn a_token_is_made_and_looked_into() {
    let here = folder(&[("a.gate", TOKENS)]);
    let at = here.path();
    let claims = r#"{"sub": "u1"}"#;
    for algorithm in ["EdDSA", "HS256"] {
        let minted = run(at, &["token", "mint", ".", "--algorithm", algorithm, "--claims", claims]);
        let (status, token) = said(&minted);
        let told = String::from_utf8(minted.stderr).unwrap();
        assert_eq!((status, token.lines().count()), (0, 1), "{told}");
        let token = token.trim();
        let key = match algorithm {
            "EdDSA" => told.split_once('\n').unwrap().1.to_owned(),
            _ => {
                let secret = told.rsplit(' ').next().unwrap().trim();
                let k = base64_url(secret.as_bytes());
                format!(r#"{{"kty": "oct", "k": "{k}"}}"#)
            }
        };
        std::fs::write(at.join("key"), key).unwrap();
        let good = ["token", "inspect", ".", token, "--key", "key", "--algorithm", algorithm];
        let (status, text) = said(&run(at, &good));
        assert_eq!(status, 0, "{text}");
        assert!(text.contains("good: it passes every check of `access`\n"), "{text}");
        assert!(text.contains("\"sub\": \"u1\""), "{text}");
        let (status, text) = said(&run(at, &["token", "inspect", ".", token]));
        assert_eq!(status, 0);
        assert!(text.contains("the signature was not looked at"), "{text}");
        let mut other = token.to_owned();
        let last = if other.pop() == Some('A') { 'g' } else { 'A' };
        other.push(last);
        let bad = ["token", "inspect", ".", &other, "--key", "key", "--algorithm", algorithm];
        assert_eq!(said(&run(at, &bad)).0, 1);
    }
}

#[test]
fn the_check_that_fails_is_named() {
    let here = folder(&[("a.gate", TOKENS)]);
    let at = here.path();
    for (claims, why) in [
        ("{}", "a claim that the policy's `caller` reads is missing"),
        (r#"{"sub": "u1", "iss": "other"}"#, "its `iss` is not the policy's `issuer`"),
        (r#"{"sub": "u1", "aud": 7}"#, "its `aud` is not the policy's `audience`"),
        (r#"{"sub": "u1", "exp": "soon"}"#, "its `exp` or `iat` is missing, or"),
        (r#"{"sub": "u1", "exp": 9000000000}"#, "further from its `iat` than the policy's"),
        (r#"{"sub": "u1", "iat": 1, "exp": 2}"#, "it has expired"),
        (r#"{"sub": "u1", "nbf": 9000000000}"#, "its `nbf` is later than now"),
    ] {
        let mint = ["token", "mint", ".", "--algorithm", "HS256", "--claims", claims];
        let minted = run(at, &mint);
        let told = String::from_utf8(minted.stderr.clone()).unwrap();
        assert!(told.contains(why), "{claims}: {told}");
        assert!(told.contains("its claims are `sub` for `id`"), "{told}");
        let (status, token) = said(&minted);
        assert_eq!(status, 1);
        let (status, text) = said(&run(at, &["token", "inspect", ".", token.trim()]));
        assert_eq!(status, 1);
        assert!(text.contains("refused by `access`: ") && text.contains(why), "{text}");
    }
    for (arguments, why) in [
        (&["token", "mint", "."][..], "pins `EdDSA`, `HS256`, `RS256`: name one by `--algorithm`"),
        (&["token", "mint", ".", "--algorithm", "RS256"], "not for `RS256`"),
        (&["token", "mint", ".", "--algorithm", "ES256"], "does not pin `ES256`"),
        (&["token", "mint", ".", "--credential", "pat"], "name one of `access`"),
        (&["token", "mint", ".", "--algorithm", "HS256", "--claims", "7"], "as a JSON object"),
        (&["token", "inspect", ".", "x", "--key", "none"], "none: "),
    ] {
        let output = run(at, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(why), "{told}");
    }
    let (status, text) = said(&run(at, &["token", "inspect", ".", "x.y.z"]));
    assert_eq!(status, 1);
    assert!(text.contains("not three parts in base64url"), "{text}");
}

fn base64_url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

#[test]
fn a_plan_says_what_of_a_credential_and_a_session_asks_the_store() {
    let policy = TOKENS.replace("lifetime    15m", "lifetime    15m\n    revocable");
    let more = "credential pat opaque { prefix \"t_\" caller { id: string } }
session { access access refresh 7d rotating cookie \"r\" }
route POST /renew { accept [access, pat] signed_in renews session returns nothing }
";
    let here = folder(&[("a.gate", &format!("{policy}{more}"))]);
    let (status, text) = said(&run(here.path(), &["plan", ".", "POST", "/renew"]));
    assert_eq!(status, 0, "{text}");
    let lines: Vec<(&str, &str)> = text
        .lines()
        .filter_map(|line| {
            let label = line.split_whitespace().next()?;
            Some((label, line.rsplit_once('[')?.1.trim_end_matches(']')))
        })
        .filter(|(label, _)| ["credential", "revocable", "refresh", "session"].contains(label))
        .collect();
    assert_eq!(
        lines,
        [
            ("credential", "signature"),
            ("revocable", "store"),
            ("credential", "store"),
            ("refresh", "store"),
            ("session", "store"),
        ],
        "{text}"
    );
}

#[test]
fn a_rule_tells_what_it_is() {
    let here = folder(&[]);
    let (status, page) = said(&run(here.path(), &["rule", "unchecked_object"]));
    assert_eq!(status, 0);
    for part in
        ["# `unchecked_object`", "API1:2023", "## Why it is bad", "```gate lint unchecked_object"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let (status, list) = said(&run(here.path(), &["rule"]));
    assert_eq!(status, 0);
    assert!(list.lines().any(|line| line.starts_with("unchecked_object ")), "{list}");
    let unknown = run(here.path(), &["rule", "unchecked_objects"]);
    assert_eq!(unknown.status.code(), Some(2));
    let complaint = String::from_utf8(unknown.stderr).unwrap();
    assert!(complaint.contains("did you mean `unchecked_object`?"), "{complaint}");
}

#[test]
fn completions_and_manual_pages_name_every_verb() {
    let here = folder(&[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (status, script) = said(&run(here.path(), &["completions", shell]));
        assert_eq!(status, 0);
        assert!(script.contains("lint") && script.contains("baseline"), "{shell}");
    }
    let (status, page) = said(&run(here.path(), &["man"]));
    assert_eq!(status, 0);
    assert!(page.contains(".TH portcullis 1") && page.contains("portcullis\\-lint(1)"), "{page}");
    assert_eq!(said(&run(here.path(), &["man", "--output", "."])).0, 0);
    let lint = std::fs::read_to_string(here.path().join("portcullis-lint.1")).unwrap();
    assert!(lint.contains("SARIF"), "{lint}");
    assert_eq!(said(&run(here.path(), &["man", "--output", "nowhere"])).0, 2);
}

#[cfg(unix)]
#[test]
fn whoever_reads_no_further_gets_the_verdict_and_the_files() {
    let here = folder(&[
        ("a.gate", GOOD),
        ("a.test.gate", &TESTS.replace("expect   admit", "expect   refuse forbidden")),
    ]);
    let binary = env!("CARGO_BIN_EXE_portcullis");
    let script = format!(
        "{{ sleep 0.2; {binary} test -v . --junit report.xml; echo $? > status; }} | true; cat status"
    );
    let output =
        Command::new("sh").args(["-c", &script]).current_dir(here.path()).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "1\n");
    assert!(here.path().join("report.xml").exists());
}
