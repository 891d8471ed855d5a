//! What comes from others, and must neither act on a terminal nor keep the tool busy for ever.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::{GOOD, TESTS, folder, run};

/// Takes the screen away from whoever reads it.
const CLEAR: &str = "\u{1b}[2J";

/// All that is printed, on both outputs.
fn printed(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8(both).unwrap()
}

#[test]
fn nothing_that_is_printed_acts_on_a_terminal() {
    let named = format!("a{CLEAR}\u{202e}\u{9b}.gate");
    let tests = TESTS.replace("GET /things", "GET \"/\\u{1b}[2J\\u{9b}\"");
    let clear = format!("/{CLEAR}\n\u{202e}");
    let hidden = format!("role {CLEAR} {{ }}\n");
    let here = folder(&[
        ("good/a.gate", GOOD),
        ("good/a.test.gate", &tests),
        (&format!("bad/{named}"), "role a { }\nrole a { }\n"),
        (&format!("bad/x{named}"), &hidden),
        (&format!("sole/{named}"), GOOD),
        (&format!("lines/{named}\n.gate"), GOOD),
        ("lines/a.test.gate", TESTS),
    ]);
    let sole = format!("sole/{named}");
    let token = format!("a.{CLEAR}.b");
    for arguments in [
        &["lint", "bad"][..],
        &["fmt", "bad"],
        &["fmt", "--check", "bad"],
        &["test", "bad"],
        &["test", "-v", "good"],
        &["test", "good", "--filter", &clear],
        &["lint", &clear],
        &["test", "lines", "--lcov", "-"],
        &["plan", "good", "GET", &clear],
        &["plan", "good", &clear, "/"],
        &["plan", &sole, "GET", "/things"],
        &["plan", "good", "--action", &clear],
        &["plan", "good", "GET", "/", "--profile", &clear],
        &["audit", &sole],
        &["audit", &sole, "--format", "markdown"],
        &["audit", "good", "--profile", &clear],
        &["explain", &sole, "--request", "GET /things"],
        &["explain", "good", "--request", &format!("GET {clear}")],
        &["explain", "good", "--request", "GET /", "--caller", &clear],
        &["explain", "good", "--request", "GET /", "--header", &clear],
        &["explain", "good", "--curl", &format!("curl {clear}")],
        &["token", "inspect", "good", &token],
        &["rule", &clear],
        &["init", &format!("{CLEAR}/new")],
        &["lint", "--format", &clear, "good"],
        &[&clear],
        &["lint", &format!("--{clear}")],
    ] {
        for colour in ["always", "never"] {
            let all = [arguments, &["--color", colour]].concat();
            let text = printed(&run(here.path(), &all));
            for acts in [CLEAR, "\u{9b}", "\u{202e}"] {
                assert!(!text.contains(acts), "{all:?}\n{text:?}");
            }
        }
    }
    let text = printed(&run(here.path(), &["test", "lines", "--lcov", "-"]));
    assert!(text.contains("SF:lines/a\\u{1b}[2J\\u{202e}\\u{9b}.gate\\n.gate\n"), "{text}");
    let text = printed(&run(here.path(), &["plan", "good", "GET", &clear]));
    assert_eq!(text.lines().next(), Some("no route takes GET /\\u{1b}[2J\\n\\u{202e}"));
    let text = printed(&run(here.path(), &["lint", "bad"]));
    assert!(text.contains("bad/a\\u{1b}[2J\\u{202e}\\u{9b}.gate:2:6"), "{text}");
}

#[test]
fn a_wrong_argument_does_not_act_on_a_terminal() {
    for argument in [format!("--{CLEAR}x"), format!("x{CLEAR}\u{9b}")] {
        let output = Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .args(["lint", "--deny", "notes", &argument, &argument, "--format", &argument])
            // As on a terminal.
            .env("CLICOLOR_FORCE", "1")
            .output()
            .unwrap();
        let text = printed(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(!text.contains(CLEAR) && !text.contains('\u{9b}'), "{text:?}");
    }
}

#[test]
fn json_stays_json_and_says_the_name_as_it_is() {
    let name = format!("a{CLEAR}\u{9b}\u{202e}.gate");
    let here = folder(&[(&name, "role a { }\nrole a { }\n")]);
    let output = run(here.path(), &["lint", "--format", "json", "."]);
    let text = printed(&output);
    assert!(!text.contains('\u{9b}') && !text.contains('\u{202e}'), "{text:?}");
    let finding: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(finding["file"], format!("./{name}"));
    let sarif = printed(&run(here.path(), &["lint", "--format", "sarif", "."]));
    serde_json::from_str::<Value>(&sarif).unwrap();
}

const JWT: &str = "credential access jwt {
    issuer \"i\" audience \"a\" algorithms [EdDSA] lifetime 5m
    caller { id: string from \"sub\" }
}
";

#[cfg(unix)]
#[test]
fn what_never_ends_is_not_read_to_its_end() {
    let here = folder(&[("a.gate", &format!("{JWT}{GOOD}"))]);
    let get = ["explain", ".", "--request", "GET /things"];
    for (arguments, why) in [
        (&[&get[..], &["--body", "@/dev/zero"]].concat()[..], "16 MiB"),
        (&["explain", ".", "--curl", "curl -d @/dev/zero https://h.example/"], "16 MiB"),
        (&["explain", ".", "--record", "/dev/zero"], "1 MiB"),
        (&["token", "inspect", ".", "a.b.c", "--key", "/dev/zero"], "1 MiB"),
        (&["token", "inspect", ".", "-"], "1 MiB"),
        (&["lint", ".", "--baseline", "/dev/zero"], "64 MiB"),
        (&["lint", "/dev/zero"], "1 MiB"),
        (&["fmt", "/dev/zero"], "1 MiB"),
        (&["drift", ".", "openapi", "/dev/zero"], "/dev/zero: "),
        (&["import", "openapi", "/dev/zero"], "/dev/zero: "),
    ] {
        let zero = std::fs::File::open("/dev/zero").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .args(arguments)
            .current_dir(here.path())
            .stdin(zero)
            .output()
            .unwrap();
        let text = printed(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}\n{text}");
        assert!(text.contains(why), "{arguments:?}\n{text}");
    }
}

#[test]
fn a_body_comes_from_standard_input_too() {
    let here = folder(&[("a.gate", GOOD)]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["explain", ".", "--request", "GET /things", "--body", "@-"])
        .current_dir(here.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"{}").unwrap();
    let output = child.wait_with_output().unwrap();
    let text = printed(&output);
    // The route takes no body.
    assert!(output.status.code() == Some(1) && text.contains("body"), "{text}");
}

/// Runs a verb with an output that takes nothing.
#[cfg(target_os = "linux")]
fn into_full(at: &Path, arguments: &[&str]) -> Output {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    command.args(arguments).current_dir(at).stdout(full).output().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_of_every_verb() {
    let policy = format!("{JWT}{GOOD}");
    let here =
        folder(&[("p/a.gate", &policy), ("p/a.test.gate", TESTS), ("u/a.gate", "role  a { }")]);
    let at = here.path();
    for arguments in [
        &["lint", "p"][..],
        &["lint", "p", "--format", "sarif"],
        &["fmt", "--check", "u"],
        &["fmt", "u"],
        &["test", "p"],
        &["test", "p", "--list"],
        &["test", "p", "--junit", "-"],
        &["test", "p", "--lcov", "-"],
        &["plan", "p", "GET", "/things"],
        &["explain", "p", "--request", "GET /things"],
        &["explain", "p", "--request", "GET /things", "--format", "json"],
        &["audit", "p"],
        &["rule"],
        &["rule", "any_host"],
        &["token", "mint", "p"],
        &["completions", "bash"],
        &["man"],
        &["init", "new"],
        &["--help"],
        &["lint", "--help"],
        &["--version"],
    ] {
        let output = into_full(at, arguments);
        let text = printed(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}\n{text}");
        assert!(text.contains("portcullis: "), "{arguments:?}\n{text}");
        // A reader that is gone is none.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        let gone = command.args(arguments).current_dir(at).stdout(writer).output().unwrap();
        let text = printed(&gone);
        assert!(!text.contains("ipe"), "{arguments:?}\n{text}");
    }
}
