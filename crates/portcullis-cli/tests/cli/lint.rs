//! `portcullis lint`: levels, waivers, the baseline, SARIF and mends.

use cargo_metadata::MetadataCommand;
use serde_json::Value;

use crate::{folder, run, said};

/// Finds `unused_budget` and `any_host`; one `missing_returns` is waived, and one waiver is idle.
const OLD: &str = "budget idle { limit 5 per 1m  key request.ip }

route GET /things {
    public
    waive  missing_returns \"an old client reads all of it\"
    waive  unchecked_object \"there is none\"
}
";

#[test]
fn levels_are_denied_one_by_one() {
    let here = folder(&[("a.gate", OLD)]);
    let at = here.path();
    assert_eq!(said(&run(at, &["lint", "."])).0, 0);
    assert_eq!(said(&run(at, &["lint", "--deny", "warnings", "."])).0, 1);
    assert_eq!(said(&run(at, &["lint", "--deny", "notes", "."])).0, 1);
    let (_, text) = said(&run(at, &["lint", "."]));
    assert!(text.contains("; 1 waived; `--fix` mends 1"), "{text}");
}

#[test]
fn what_a_baseline_knows_is_no_finding_wherever_it_moves() {
    let here = folder(&[("a.gate", OLD)]);
    let at = here.path();
    let missing = run(at, &["lint", "--baseline", "known.json", "."]);
    assert_eq!(missing.status.code(), Some(2));
    let complaint = String::from_utf8(missing.stderr).unwrap();
    assert!(complaint.contains("`--write-baseline` writes one"), "{complaint}");

    let (status, text) =
        said(&run(at, &["lint", "--baseline", "known.json", "--write-baseline", "."]));
    assert_eq!(status, 0);
    assert!(text.contains("known.json: 3 known findings"), "{text}");
    let all = ["lint", "--deny", "notes", "--baseline", "known.json", "."];
    let (status, text) = said(&run(at, &all));
    assert_eq!((status, text.contains("nothing to find")), (0, true), "{text}");

    // Lines move, and another finding comes, which is like a known one.
    let more = format!("// moved\n\n{OLD}\nbudget idle_too {{ limit 5 per 1m  key request.ip }}\n");
    std::fs::write(at.join("a.gate"), more).unwrap();
    let (status, text) = said(&run(at, &all));
    assert_eq!(status, 1);
    assert!(text.contains("idle_too") && text.contains("1 warning in 1 file"), "{text}");
    // From elsewhere it is the same.
    let above = at.parent().unwrap();
    let name = at.file_name().unwrap().to_str().unwrap();
    let known = format!("{name}/known.json");
    let (_, text) = said(&run(above, &["lint", "--baseline", &known, name]));
    assert!(text.contains("1 warning in 1 file"), "{text}");

    // What is mended is told, so that it is not let in again.
    std::fs::write(at.join("a.gate"), "transport { hosts [\"shop.example\"] }\n").unwrap();
    let (status, text) = said(&run(at, &all));
    assert_eq!(status, 0);
    assert!(
        text.contains("3 known findings is there no longer") || text.contains("no longer"),
        "{text}"
    );
}

#[test]
fn a_baseline_of_two_policies_knows_each_of_them_alone() {
    let here = folder(&[("one/a.gate", OLD), ("two/a.gate", OLD), ("lists/.keep", "")]);
    let at = here.path();
    let known = ["--baseline", "lists/known.json"];
    let lint = |more: &[&str]| said(&run(at, &[&["lint"][..], &known, more].concat()));
    let (status, text) = lint(&["--write-baseline", "one", "two"]);
    assert!(status == 0 && text.contains("6 known findings"), "{text}");
    // One of them alone: nothing of the other is gone.
    for path in ["one", "two/a.gate"] {
        let (status, text) = lint(&["--deny", "notes", path]);
        assert_eq!((status, text.contains("no longer")), (0, false), "{text}");
    }
    // What is gone is told where it was, and forgotten there alone.
    std::fs::write(at.join("one/a.gate"), "transport { hosts [\"a.example\"] }\n").unwrap();
    assert!(lint(&["one"]).1.contains("3 known findings no longer found"));
    assert!(!lint(&["two"]).1.contains("no longer"));
    let (status, text) = lint(&["--write-baseline", "one"]);
    assert!(status == 0 && text.contains("lists/known.json: 0 known findings"), "{text}");
    let (status, text) = lint(&["--deny", "notes", "one", "two"]);
    assert_eq!((status, text.contains("no longer")), (0, false), "{text}");
    // So is a file that is no longer there.
    std::fs::rename(at.join("two/a.gate"), at.join("two/b.gate")).unwrap();
    assert!(lint(&["two"]).1.contains("3 known findings no longer found"));
}

#[test]
fn what_does_not_compile_is_never_known() {
    let here = folder(&[("a.gate", "role a { read:b }\nrole a { read:b }\n")]);
    let arguments = ["lint", "--baseline", "known.json", "--write-baseline", "."];
    let (status, text) = said(&run(here.path(), &arguments));
    assert_eq!((status, here.path().join("known.json").exists()), (1, false), "{text}");

    // Nor does a slip make a baseline forget what it knows.
    let here = folder(&[("a.gate", OLD)]);
    let at = here.path();
    assert_eq!(said(&run(at, &["lint", "--baseline", "known.json", "--write-baseline", "."])).0, 0);
    let known = std::fs::read_to_string(at.join("known.json")).unwrap();
    std::fs::write(at.join("a.gate"), format!("{OLD}\nrole {{")).unwrap();
    for arguments in [&["--write-baseline"][..], &[]] {
        let all = [&["lint", ".", "--baseline", "known.json"][..], arguments].concat();
        let (status, text) = said(&run(at, &all));
        assert_eq!(status, 1);
        assert!(!text.contains("no longer found"), "{text}");
        assert_eq!(std::fs::read_to_string(at.join("known.json")).unwrap(), known);
    }
}

#[test]
fn what_is_mended_is_a_policy_and_only_what_needs_no_decision() {
    // Another file uses the waiver; and a name that is misspelt may have been meant.
    let role = "role reader { read:things } role other { read:things }\n";
    let here = folder(&[("a.gate", OLD), ("b.gate", role)]);
    let output = run(here.path(), &["lint", "--fix", "a.gate"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("name its folder"));
    assert_eq!(std::fs::read_to_string(here.path().join("a.gate")).unwrap(), OLD);

    let slip = OLD.replace("unchecked_object", "unchekced_object");
    let here = folder(&[("a.gate", &slip)]);
    let (_, text) = said(&run(here.path(), &["lint", "--fix", "."]));
    assert!(text.contains("did you mean `unchecked_object`?"), "{text}");
    assert_eq!(std::fs::read_to_string(here.path().join("a.gate")).unwrap(), slip);
}

#[test]
fn a_baseline_that_is_none_is_refused() {
    for text in ["", "[]", "{\"version\": 2, \"findings\": []}", "\0\u{ff}"] {
        let here = folder(&[("a.gate", OLD), ("known.json", text)]);
        for arguments in [
            &["lint", "--baseline", "known.json", "."][..],
            &["lint", "--write-baseline", "--baseline", "known.json", "."],
        ] {
            let output = run(here.path(), arguments);
            assert_eq!(output.status.code(), Some(2), "{text}");
            assert!(String::from_utf8(output.stderr).unwrap().contains("known.json: "));
        }
    }
}

#[test]
fn a_count_that_is_too_large_to_add_is_held() {
    let most = usize::MAX;
    let known = |rule: &str| {
        format!(
            "{{\"file\": \"a.gate\", \"rule\": \"{rule}\", \"message\": \"m\", \"text\": \"t\", \"count\": {most}}}"
        )
    };
    let all = [known("any_host"), known("any_host"), known("other")].join(", ");
    let text = format!("{{\"version\": 1, \"findings\": [{all}]}}");
    let here = folder(&[("a.gate", OLD), ("known.json", &text)]);
    let output = run(here.path(), &["lint", "--baseline", "known.json", "."]);
    let (status, text) = said(&output);
    assert_eq!(status, 0, "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains(&format!("{most} known findings no longer found")), "{text}");
}

#[test]
fn a_baseline_may_begin_with_a_byte_order_mark() {
    let here = folder(&[("a.gate", OLD)]);
    let at = here.path();
    assert_eq!(said(&run(at, &["lint", "--baseline", "known.json", "--write-baseline", "."])).0, 0);
    let text = std::fs::read_to_string(at.join("known.json")).unwrap();
    std::fs::write(at.join("known.json"), format!("\u{feff}{text}")).unwrap();
    let (status, text) =
        said(&run(at, &["lint", "--deny", "notes", "--baseline", "known.json", "."]));
    assert_eq!((status, text.contains("3 in the baseline")), (0, true), "{text}");
}

/// It was read first, and nobody ever writes into the pipe that it wrote into itself.
#[cfg(target_os = "linux")]
#[test]
fn a_baseline_is_written_into_a_pipe() {
    let here = folder(&[("a.gate", OLD)]);
    let arguments = ["lint", "--baseline", "/dev/stdout", "--write-baseline", "."];
    let (status, text) = said(&run(here.path(), &arguments));
    let begins = text.find('{').unwrap();
    let written = serde_json::Deserializer::from_str(&text[begins..]).into_iter::<Value>().next();
    let count = written.unwrap().unwrap()["findings"].as_array().unwrap().len();
    assert_eq!((status, count), (0, 3), "{text}");
}

#[test]
fn mends_are_made_in_the_files_and_leave_the_rest() {
    let here = folder(&[("a.gate", OLD)]);
    let at = here.path();
    let (status, text) = said(&run(at, &["lint", "--fix", "."]));
    assert_eq!(status, 0);
    assert!(!text.contains("unused_waiver"), "{text}");
    assert!(text.contains("unused_budget"), "{text}");
    let mended = std::fs::read_to_string(at.join("a.gate")).unwrap();
    // In the one layout, which the file had before.
    let left = OLD.replace("    waive  unchecked_object \"there is none\"\n", "");
    assert_eq!(mended, left.replace("waive  ", "waive "));
    // A second time changes nothing.
    assert_eq!(said(&run(at, &["lint", "--fix", "."])).0, 0);
    assert_eq!(std::fs::read_to_string(at.join("a.gate")).unwrap(), mended);
}

#[test]
fn a_log_is_sarif() {
    let hostile = "budget idle { limit 5 per 1m  key request.ip }\nroute GET /things { public waive missing_returns \"a \u{fffd}<b>\u{1f980}\" }\n";
    let here =
        folder(&[("a b#%é.gate", hostile), ("broken/c.gate", "role {"), ("old/a.gate", OLD)]);
    let at = here.path();
    let known = ["lint", "--baseline", "known.json", "--write-baseline", "old"];
    assert_eq!(said(&run(at, &known)).0, 0);
    let more = format!("{OLD}\nbudget more {{ limit 5 per 1m  key request.ip }}\n");
    std::fs::write(at.join("old/a.gate"), more).unwrap();

    let schema = schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    // A schema that lets everything pass would show nothing.
    assert!(!validator.is_valid(&serde_json::json!({ "version": "2.1.0", "runs": [{}] })));
    let arguments = ["lint", "--format", "sarif", "--baseline", "known.json", ".", "broken", "old"];
    let (status, text) = said(&run(at, &arguments));
    assert_eq!(status, 1);
    let log: Value = serde_json::from_str(&text).unwrap();
    let faults = validator.iter_errors(&log).map(|fault| fault.to_string()).collect::<Vec<_>>();
    assert!(faults.is_empty(), "{faults:#?}");

    let results = log["runs"][0]["results"].as_array().unwrap();
    let of = |rule: &'static str| results.iter().filter(move |result| result["ruleId"] == rule);
    let uri = &of("unused_budget").next().unwrap()["locations"][0]["physicalLocation"]["artifactLocation"]
        ["uri"];
    assert_eq!(uri, "a%20b%23%25%C3%A9.gate");
    let waived = of("missing_returns").next().unwrap();
    assert_eq!(waived["suppressions"][0]["kind"], "inSource");
    assert_eq!(waived["suppressions"][0]["justification"], "a \u{fffd}<b>\u{1f980}");
    let fix = &of("unused_waiver").next().unwrap()["fixes"][0]["artifactChanges"][0];
    assert_eq!(fix["artifactLocation"]["uri"], "old/a.gate");
    assert_eq!(
        of("unused_budget").filter(|result| result["baselineState"] == "unchanged").count(),
        1
    );
    assert_eq!(of("syntax").count(), 1);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]), "{result}");
    }
}

/// The schema that OASIS publishes, as it lies in the source of a crate that is made of it.
fn schema() -> Value {
    let metadata = MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .exec()
        .unwrap();
    let package = metadata.packages.iter().find(|package| *package.name == "serde-sarif").unwrap();
    let path = package.manifest_path.with_file_name("src").join("schema.json");
    let mut schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    // No regular expression of Unicode mode: the errata to SARIF 2.1.0 mend it. No log of ours names a language.
    for definition in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][definition]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    schema
}

#[test]
fn what_is_mended_leaves_no_blank_line() {
    // Not in the one layout, so that nothing but the mend changes the file.
    let untidy = "role  reader { read:things }
role  other inherits reader {
    read:things
    write:things
}

route GET /things {
    public

    waive unchecked_object \"there is none\"

    returns nothing
    waive open_allow \"none\"   waive unchecked_object \"none\"
}
route GET /other {
    public   waive unchecked_object \"none\"
    returns nothing   // nothing
}
";
    let mended = "role  reader { read:things }
role  other inherits reader {
    write:things
}

route GET /things {
    public

    returns nothing
}
route GET /other {
    public
    returns nothing   // nothing
}
";
    let here = folder(&[("a.gate", untidy)]);
    let (status, text) = said(&run(here.path(), &["lint", "--fix", "."]));
    assert_eq!(status, 0, "{text}");
    assert_eq!(std::fs::read_to_string(here.path().join("a.gate")).unwrap(), mended);
}

#[test]
fn a_mend_that_would_bring_another_finding_is_left() {
    let policy = format!(
        "transport {{ hosts [\"shop.example\"] }}
{}
resource thing {{
    key   id: int
    user: string
    predicate mine {{ thing.user == caller.id }}
    predicate own {{ thing.user == caller.id }}
    view open {{ id }}
}}
route GET /things {{
    accept   [access]
    lists    thing max 5
    allow    when mine
    allow    when own
    returns  [thing.open]
    waive    open_allow \"none\"
}}
",
        "credential access jwt {
    issuer \"i\" audience \"a\" algorithms [EdDSA] lifetime 5m
    caller { id: string from \"sub\" }
}"
    );
    let here = folder(&[("a.gate", &policy)]);
    let output = run(here.path(), &["lint", "--fix", "."]);
    let told = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(told.contains("`--fix` leaves a `shadowed_allow`"), "{told}");
    assert!(told.contains("a new `unused_predicate`"), "{told}");
    // The others are made all the same.
    let mended = std::fs::read_to_string(here.path().join("a.gate")).unwrap();
    assert_eq!(mended, policy.replace("    waive    open_allow \"none\"\n", ""));
}
