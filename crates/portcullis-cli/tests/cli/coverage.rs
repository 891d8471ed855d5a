//! `portcullis test --coverage`

use serde_json::Value;

use super::{folder, run, said};

const POLICY: &str = r#"transport { hosts ["a.example"] }
credential access jwt {
    issuer "i" audience "a" algorithms [ES256] lifetime 15m
    caller { id: string from "sub" role: role from "role" }
}
role user { read:notes }
role admin inherits user { read:all }
resource note {
    key id: int
    owner: string
    readers: [string]
    open: bool
    locked: bool
    predicate own { note.owner == caller.id }
    predicate mine { own
        or caller.id in note.readers }
    visible when mine or caller can read:all
    view own { id }
    view all { ...own owner }
}
budget often { limit 2 per 1m key caller.id }
group /notes {
    accept [access]
    deny when request.method == "DELETE" unless caller is admin
    route GET /{id} {
        params { id: int }
        needs read:notes
        budget [often]
        loads note by params.id
        allow when mine
        allow when note.open
        require when not note.locked as step_up
        returns note.all when caller is admin
        returns note.own
    }
}
route GET /health { public returns nothing }
route GET /old { retired }
action share { needs read:notes loads note allow when note.owner == caller.id }
"#;

const SEES: &str = r#"test "an owner sees a note" {
    caller { id: "ann" role: user }
    request GET /notes/7
    resource note { owner: "ann" }
    expect admit
}
"#;

const REST: &str = r#"test "a reader sees it, twice a minute" {
    caller { id: "ann" role: user }
    request GET /notes/7
    resource note { readers: ["ann"] open: true }
    expect admit times 2
    expect refuse over_budget
}
test "others are refused, and those who may see all are told" {
    caller { id: "ann" role: admin }
    request GET /notes/7
    resource note { locked: true }
    expect refuse forbidden
}
test "strangers see nothing" {
    caller { id: "ann" role: user }
    request GET /notes/7
    expect refuse not_found
}
test "an admin sees it whole" {
    caller { role: admin }
    request GET /notes/7
    resource note { open: true }
    expect admit
    expect fields [id, owner]
}
test "well" { request GET /health expect admit }
test "old" { request GET /old expect refuse retired }
test "shared" {
    caller { id: "ann" role: user }
    act share
    resource note { owner: "ann" }
    expect admit
}
test "not shared" { caller { id: "ann" role: user } act share expect refuse not_found }
"#;

#[test]
fn what_no_test_decides_is_told() {
    let here = folder(&[("a.gate", POLICY), ("a.test.gate", SEES)]);
    let at = here.path();
    let (status, text) = said(&run(at, &["test", ".", "--coverage"]));
    assert_eq!(status, 0, "{text}");
    for line in [
        "    route        1 of 4      25.0 %",
        "    action       0 of 2       0.0 %",
        "    allow        2 of 6      33.3 %",
        "    deny         1 of 2      50.0 %",
        "    require      1 of 2      50.0 %",
        "    visible      1 of 2      50.0 %",
        "    branch       2 of 10     20.0 %",
        "    budget       1 of 2      50.0 %",
        "    view         1 of 2      50.0 %",
        "    all         10 of 32     31.2 %",
        "./a.gate:15: branch `own`: in no test it does not hold",
        "./a.gate:16: branch `caller.id in note.readers`: in no test it holds, or does not hold",
        "./a.gate:17: visible `visible when mine or caller can read:all`: in no test it does not hold",
        "./a.gate:17: branch `caller can read:all`: in no test it holds, or does not hold",
        "./a.gate:21: budget `often`: in no test it is drained",
        "./a.gate:24: deny `deny when request.method == \"DELETE\" unless caller is admin`: in no test it \
         holds",
        "./a.gate:24: branch `caller is admin`: in no test it holds, or does not hold",
        "./a.gate:25: route `GET /notes/{id}`: in no test it refuses",
        "./a.gate:30: allow `allow when mine`: in no test it does not hold",
        "./a.gate:31: allow `allow when note.open`: in no test it holds",
        "./a.gate:33: view `returns note.all when caller is admin`: in no test it is chosen",
        "./a.gate:37: route `GET /health`: in no test it admits",
        "./a.gate:38: route `GET /old`: in no test it refuses",
        "./a.gate:39: action `share`: in no test it admits, or refuses",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\nin\n{text}");
    }
    assert_eq!(text.lines().last(), Some("1 passed, 0 failed"));

    std::fs::write(at.join("b.test.gate"), REST).unwrap();
    let (status, text) = said(&run(at, &["test", ".", "--coverage"]));
    assert_eq!(status, 0, "{text}");
    let missing = text.lines().filter(|line| line.contains(": in no test it ")).collect::<Vec<_>>();
    let deny = "./a.gate:24: deny `deny when request.method == \"DELETE\" unless caller is admin`: in no \
                test it holds";
    let unless = "./a.gate:24: branch `caller is admin`: in no test it holds, or does not hold";
    assert_eq!(missing, [deny, unless], "{text}");
}

#[test]
fn too_little_of_it_is_a_finding() {
    let here = folder(&[("a.gate", POLICY), ("a.test.gate", SEES)]);
    let at = here.path();
    for (least, status) in [("0", 0), ("31.25", 0), ("31.3", 1), ("100", 1), ("101", 2), ("x", 2)] {
        let output = run(at, &["test", ".", "--coverage-min", least]);
        assert_eq!(output.status.code(), Some(status), "{least}");
        if status == 1 {
            let told = String::from_utf8(output.stderr).unwrap();
            let said = format!("portcullis: coverage is 31.250 %, and {least} % is the least\n");
            assert_eq!(told, said);
        }
    }
    let json = run(at, &["test", ".", "--coverage", "--format", "json"]);
    let line: Value = serde_json::from_str(said(&json).1.trim()).unwrap();
    let coverage = &line["coverage"];
    assert_eq!((&coverage["decided"], &coverage["all"]), (&10.into(), &32.into()));
    assert_eq!(coverage["kinds"]["branch"], serde_json::json!({ "decided": 2, "all": 10 }));
    let missing = coverage["missing"].as_array().unwrap();
    let drained = missing.iter().find(|found| found["kind"] == "budget").unwrap();
    let expected = serde_json::json!({
        "kind": "budget", "file": "./a.gate", "line": 21, "column": 8, "text": "often",
        "missing": ["drained"],
    });
    assert_eq!(*drained, expected);
}

#[test]
fn lcov_has_a_line_a_clause_and_a_branch_a_way() {
    let here = folder(&[("a.gate", POLICY), ("a.test.gate", SEES)]);
    let at = here.path();
    let (status, text) = said(&run(at, &["test", ".", "--lcov", "lcov.info"]));
    assert_eq!((status, text.lines().count()), (0, 2), "{text}");
    let lcov = std::fs::read_to_string(at.join("lcov.info")).unwrap();
    assert!(lcov.starts_with("TN:\nSF:./a.gate\n") && lcov.ends_with("end_of_record\n"), "{lcov}");
    for line in [
        "BRDA:21,0,0,1",
        "BRDA:21,0,1,0",
        "DA:21,1",
        "BRDA:39,0,0,-",
        "DA:39,0",
        "BRF:32",
        "BRH:10",
    ] {
        assert!(lcov.lines().any(|found| found == line), "{line}\nin\n{lcov}");
    }
}
