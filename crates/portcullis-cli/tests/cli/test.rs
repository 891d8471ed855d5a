//! `portcullis test`

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
