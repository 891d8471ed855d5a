//! `portcullis test`

use quick_junit::{NonSuccessKind, Report, TestCaseStatus};
use serde_json::Value;

use super::{GOOD, TESTS, folder, run, said};

/// So many tests, of which those whose number is in `wrong` fail.
fn numbered(count: usize, wrong: &[usize]) -> String {
    let test = |number: usize| {
        let expected = if wrong.contains(&number) { "refuse forbidden" } else { "admit" };
        format!("test \"number {number}\" {{ request GET /things expect {expected} }}\n")
    };
    (0..count).map(test).collect()
}

#[test]
fn the_output_is_in_the_order_of_the_text_however_many_run_at_once() {
    let wrong = (0..60).step_by(7).collect::<Vec<_>>();
    let tests = numbered(60, &wrong);
    let here = folder(&[("a.gate", GOOD), ("a.test.gate", &tests), ("b.test.gate", TESTS)]);
    let without_time = |jobs: &str| {
        let (status, text) = said(&run(here.path(), &["test", ".", "--jobs", jobs]));
        let lines = text.lines().filter(|line| !line.starts_with("ran ")).map(str::to_owned);
        (status, lines.collect::<Vec<_>>())
    };
    let (status, lines) = without_time("1");
    assert_eq!((status, lines.last().unwrap().as_str()), (1, "52 passed, 9 failed"));
    let failed = lines.iter().filter_map(|line| line.strip_prefix("FAILED  number "));
    let failed = failed.map(|number| number.parse::<usize>().unwrap()).collect::<Vec<_>>();
    assert_eq!(failed, wrong);
    for jobs in ["2", "8", "1000"] {
        assert_eq!(without_time(jobs), (status, lines.clone()));
    }
    assert_eq!(run(here.path(), &["test", ".", "--jobs", "0"]).status.code(), Some(2));
}

#[test]
fn a_filter_takes_what_has_its_text_in_title_or_file() {
    let tests = numbered(12, &[3]);
    let here = folder(&[("a.gate", GOOD), ("a.test.gate", &tests), ("b.test.gate", TESTS)]);
    for (filters, status, last) in [
        (&["number 1"][..], 0, "3 passed, 0 failed"),
        (&["number 3"], 1, "0 passed, 1 failed"),
        (&["b.test.gate"], 0, "1 passed, 0 failed"),
        (&["number 7", "all see"], 0, "2 passed, 0 failed"),
        (&["number 10", "number 1"], 0, "3 passed, 0 failed"),
    ] {
        let filters = filters.iter().flat_map(|text| ["--filter", text]);
        let arguments = ["test", "."].into_iter().chain(filters).collect::<Vec<_>>();
        let (found, text) = said(&run(here.path(), &arguments));
        assert_eq!((found, text.lines().last()), (status, Some(last)), "{arguments:?}");
        assert!(text.lines().any(|line| line.contains(" of 13 tests in ")), "{text}");
    }
    let vain = run(here.path(), &["test", ".", "-f", "number 1", "-f", "nummer"]);
    assert_eq!(vain.status.code(), Some(2));
    assert!(vain.stdout.is_empty());
    let told = String::from_utf8(vain.stderr).unwrap();
    assert!(
        told.contains("no test has `nummer` in its title or in the path of its file"),
        "{told}"
    );
}

#[test]
fn a_list_names_tests_and_runs_none() {
    let here = folder(&[("a.gate", GOOD), ("a.test.gate", &numbered(3, &[0, 1, 2]))]);
    let (status, text) = said(&run(here.path(), &["test", ".", "--list", "--filter", "number"]));
    let lines = "./a.test.gate:1: number 0\n./a.test.gate:2: number 1\n./a.test.gate:3: number 2\n";
    assert_eq!((status, text.as_str()), (0, lines));
    let json = run(here.path(), &["test", ".", "--list", "--filter", "2", "--format", "json"]);
    let line: Value = serde_json::from_str(said(&json).1.trim()).unwrap();
    assert_eq!(line["title"], "number 2");
    assert_eq!((&line["file"], &line["line"]), (&"./a.test.gate".into(), &3.into()));
}

#[test]
fn what_fails_under_all_profiles_is_said_once() {
    let policy = GOOD.replace(
        "hosts [\"shop.example\"]",
        "hosts [\"shop.example\"] https required in production https off in development",
    );
    let tests = "test \"plain\" { request GET \"http://shop.example/things\" expect admit }
test \"wrong\" { request GET /things expect refuse forbidden }
";
    let here = folder(&[("a.gate", &policy), ("a.test.gate", tests)]);
    let (status, text) = said(&run(here.path(), &["test", "."]));
    assert_eq!(status, 1);
    for line in [
        "expected admit, found refuse insecure_transport (profile `production`)",
        "expected refuse forbidden, found admit (profiles `development`, `production`)",
    ] {
        assert_eq!(text.matches(line).count(), 1, "{text}");
    }
    assert_eq!(text.matches("test_failed").count(), 2, "{text}");
}

#[test]
fn what_was_expected_and_what_came_stand_side_by_side() {
    let policy = "transport { hosts [\"a.example\"] }
credential access jwt {
    issuer \"i\" audience \"a\" algorithms [ES256] lifetime 15m
    caller { id: string from \"sub\" role: role from \"role\" }
}
role user { read:notes }
resource note { key id: int owner: string view own { id owner } }
input change { title: string max 5 }
budget often { limit 2 per 1m key caller.id }
group /notes/{id} {
    accept [access]
    params { id: int }
    route GET / {
        needs read:notes
        budget [often]
        loads note by params.id
        allow when note.owner == caller.id
        returns note.own
    }
    route POST / { needs read:notes body change returns nothing }
}
route GET /notes { accept [access] needs read:notes lists note max 5 returns [note.own] }
";
    let tests = r#"
test "fields" {
    caller   { id: "ann"
               role: user }
    request  GET /notes/7
    resource note { owner: "ann" }
    expect   admit
    expect   fields [id, total]
}
test "clock" {
    caller { id: "ann" role: user }
    request GET /notes/7
    resource note { owner: "ann" }
    expect admit times 2
    after 10s
    expect admit
}
test "header" {
    request GET /notes
    expect refuse missing_credential
    expect header "X-Frame-Options" "SAMEORIGIN"
    expect header "WWW-Authenticate" none
    expect rows 3
}
test "faults" {
    caller { id: "ann" role: user }
    request POST /notes/7
    body { "title": "too long" }
    expect admit
    expect faults [body, title]
}
"#;
    let here = folder(&[("a.gate", policy), ("a.test.gate", tests)]);
    let (status, text) = said(&run(here.path(), &["test", "."]));
    assert_eq!(status, 1);
    for block in [
        r#"
    request 1: GET /notes/7
    caller { id: "ann" role: user }
      admit
      field id
    + field owner
    - field total
"#,
        r#"
    request 3: GET /notes/7
    caller { id: "ann" role: user }
    at 2026-01-01T00:00:10Z
    - admit
    + refuse over_budget
    + status 429
"#,
        r#"
    request 1: GET /notes
    no caller
      refuse missing_credential
      status 401
    - header "X-Frame-Options" "SAMEORIGIN"
    + header "X-Frame-Options" "DENY"
"#,
        r#"
    - header "WWW-Authenticate" none
    + header "WWW-Authenticate" "Bearer"
"#,
        r#"
    + refuse missing_credential
    + status 401
    - rows 3
"#,
        r#"
    - admit
    + refuse invalid_input
    + fault title
    + status 400
"#,
        r#"
      refuse invalid_input
      status 400
    - fault body
      fault title
"#,
    ] {
        let found = text.contains(block.trim_start_matches('\n'));
        assert!(found, "{block}\nin\n{text}");
    }
    assert!(text.contains("decided by this"), "{text}");
    let coloured = said(&run(here.path(), &["test", ".", "--color", "always"])).1;
    assert!(coloured.contains("\x1b[31m    - admit\x1b[0m"), "{coloured:?}");
    let json = said(&run(here.path(), &["test", ".", "--format", "json", "-f", "clock"])).1;
    let finding: Value = serde_json::from_str(json.trim()).unwrap();
    assert_eq!((&finding["test"], &finding["code"]), (&"clock".into(), &"test_failed".into()));
    let difference = &finding["difference"];
    assert_eq!((&difference["nth"], &difference["request"]), (&3.into(), &"GET /notes/7".into()));
    assert_eq!(difference["expected"], serde_json::json!(["admit"]));
    assert_eq!(difference["found"], serde_json::json!(["refuse over_budget", "status 429"]));
}

#[test]
fn junit_has_a_suite_a_file_and_a_case_a_test_and_profile() {
    let policy = GOOD.replace(
        "hosts [\"shop.example\"]",
        "hosts [\"shop.example\"] https required in production https off in development",
    );
    let hostile =
        "]]></failure></testsuite><x a='b' c=\\\"d\\\"> & \\u{1b}[31m \\u{1} \\u{ffff} \u{1f600}";
    let tests = format!(
        "test \"{hostile}\" {{ request GET /things expect refuse forbidden }}
test \"plain\" {{ profile development request GET \"http://shop.example/things\" expect admit }}
test \"nowhere\" {{ profile staging request GET /things expect admit }}
"
    );
    let here = folder(&[("a.gate", &policy), ("a.test.gate", &tests), ("b.test.gate", TESTS)]);
    let at = here.path();
    let status = run(at, &["test", ".", "--junit", "report.xml"]).status.code();
    assert_eq!(status, Some(1));
    let text = std::fs::read_to_string(at.join("report.xml")).unwrap();
    let report = Report::deserialize_from_str(&text).unwrap();
    assert_eq!((report.tests, report.failures, report.errors), (6, 3, 0), "{text}");
    let names = report.test_suites.iter().map(|suite| suite.name.as_str()).collect::<Vec<_>>();
    assert_eq!(names, ["./a.test.gate", "./b.test.gate"]);
    let cases = &report.test_suites[0].test_cases;
    let title = "]]></failure></testsuite><x a='b' c=\"d\"> &";
    assert!(cases[0].name.as_str().starts_with(title), "{text}");
    assert!(cases[1].name.as_str().ends_with("\u{1f600} [production]"), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{1}', '\u{ffff}']), "{text}");
    let listed = said(&run(at, &["test", ".", "--list", "-f", "x a="])).1;
    assert!(!listed.contains('\u{1b}') && listed.contains(r"\u{1b}[31m \u{1}"), "{listed}");
    let TestCaseStatus::NonSuccess { message, ty, description, kind, .. } = &cases[0].status else {
        unreachable!("{text}");
    };
    assert_eq!(*kind, NonSuccessKind::Failure);
    assert_eq!(message.as_ref().unwrap().as_str(), "expected refuse forbidden, found admit");
    assert_eq!(ty.as_ref().unwrap().as_str(), "test_failed");
    let described = description.as_ref().unwrap().as_str();
    assert!(described.contains("- refuse forbidden") && described.contains("+ admit"), "{text}");
    assert_eq!(cases[2].name.as_str(), "plain [development]");
    assert_eq!(cases[3].name.as_str(), "nowhere");

    std::fs::write(at.join("a.gate"), "rol a { }").unwrap();
    assert_eq!(run(at, &["test", ".", "--junit", "report.xml"]).status.code(), Some(1));
    let text = std::fs::read_to_string(at.join("report.xml")).unwrap();
    let report = Report::deserialize_from_str(&text).unwrap();
    assert_eq!((report.tests, report.errors), (1, 1), "{text}");

    // What is no file is written to, and never replaced.
    #[cfg(unix)]
    {
        let link = at.join("out");
        std::os::unix::fs::symlink("/dev/stdout", &link).unwrap();
        let streamed = said(&run(at, &["test", ".", "--junit", "out"])).1;
        assert!(streamed.contains("<testsuites name=\"portcullis\""), "{streamed}");
        assert!(link.is_symlink());
        std::fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink("gone", &link).unwrap();
        assert_eq!(run(at, &["test", ".", "--junit", "out"]).status.code(), Some(2));
        assert!(link.is_symlink());
    }
    std::fs::create_dir(at.join("folder")).unwrap();
    assert_eq!(run(at, &["test", ".", "--junit", "folder"]).status.code(), Some(2));

    let away = run(at, &["test", ".", "--junit", "no/such/report.xml"]);
    assert_eq!(away.status.code(), Some(2));
    assert!(String::from_utf8(away.stderr).unwrap().contains("no/such/report.xml: "));
}

#[test]
fn what_cannot_be_read_is_said_and_nothing_runs() {
    let big = "// \n".repeat(5 << 20);
    let here = folder(&[("a.gate", GOOD), ("a.test.gate", TESTS), ("b.gate", &big)]);
    let at = here.path();
    let told = |arguments: &[&str]| {
        let output = run(at, arguments);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    for verb in ["test", "lint", "fmt"] {
        assert!(told(&[verb, "."]).contains("./b.gate: the file is larger than 1 MiB"));
    }
    std::fs::remove_file(at.join("b.gate")).unwrap();
    assert!(told(&["test", "nowhere", "--junit", "out.xml"]).contains("nowhere: No such file"));
    assert!(!at.join("out.xml").exists());
    std::fs::create_dir(at.join("empty")).unwrap();
    assert!(told(&["test", "empty"]).contains("no `*.gate` file is in this folder"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        // A link to itself, and one to nothing: the policy may be another without them.
        symlink("loop.gate", at.join("loop.gate")).unwrap();
        assert!(told(&["test", "."]).contains("./loop.gate: Too many levels of symbolic links"));
        assert!(told(&["test", "loop.gate"]).contains("loop.gate: Too many levels"));
        std::fs::remove_file(at.join("loop.gate")).unwrap();
        symlink("gone", at.join("c.gate")).unwrap();
        assert!(told(&["test", "."]).contains("./c.gate: No such file"));
        std::fs::remove_file(at.join("c.gate")).unwrap();
        std::fs::remove_file(at.join("a.test.gate")).unwrap();
        symlink("gone", at.join("a.test.gate")).unwrap();
        assert!(told(&["test", "a.gate"]).contains("a.test.gate: No such file"));
        std::fs::remove_file(at.join("a.test.gate")).unwrap();
        symlink("..", at.join("up")).unwrap();
        assert_eq!(run(at, &["test", "."]).status.code(), Some(0));
    }
}
