//! `portcullis audit`

use super::{GOOD, folder, run, said};

#[test]
fn a_page_in_each_form() {
    let here = folder(&[("a.gate", GOOD)]);
    for (form, begins) in [
        ("text", "Policy audit\n============\n"),
        ("markdown", "# Policy audit\n"),
        ("html", "<!DOCTYPE html><html lang=\"en\">"),
    ] {
        let (status, page) = said(&run(here.path(), &["audit", ".", "--format", form]));
        assert_eq!(status, 0);
        assert!(page.starts_with(begins), "{page}");
        assert!(page.contains("GET /things") && page.contains("thing.open"), "{page}");
    }
    let (status, page) = said(&run(here.path(), &["audit", "a.gate"]));
    assert!(status == 0 && page.starts_with("Policy audit"), "{page}");
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let here = folder(&[("a.gate", GOOD), ("bad.gate.txt", "")]);
    let at = here.path();
    let arguments = ["audit", ".", "--format", "html", "--output", "page.html"];
    assert_eq!(said(&run(at, &arguments)), (0, String::new()));
    let page = std::fs::read_to_string(at.join("page.html")).unwrap();
    assert!(page.ends_with("</html>"), "{page}");
    assert_eq!(page, said(&run(at, &["audit", ".", "--format", "html"])).1);
    // What was there goes at once, and nothing is left beside it.
    std::fs::write(at.join("page.html"), "an old page, and a longer one".repeat(10_000)).unwrap();
    assert_eq!(said(&run(at, &arguments)).0, 0);
    assert_eq!(std::fs::read_to_string(at.join("page.html")).unwrap(), page);
    // A policy with faults leaves the old page as it is.
    std::fs::write(at.join("b.gate"), "route GET /a {").unwrap();
    let (status, printed) = said(&run(at, &arguments));
    assert!(status == 1 && printed.contains("b.gate"), "{printed}");
    assert_eq!(std::fs::read_to_string(at.join("page.html")).unwrap(), page);
    let mut names = std::fs::read_dir(at)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect::<Vec<_>>();
    names.sort();
    assert_eq!(names, ["a.gate", "b.gate", "bad.gate.txt", "page.html"]);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_rights_stay_rights() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let here = folder(&[("a.gate", GOOD), ("page.md", "old")]);
    let at = here.path();
    std::fs::set_permissions(at.join("page.md"), std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("page.md", at.join("link.md")).unwrap();
    let arguments = ["audit", ".", "--format", "markdown", "--output", "link.md"];
    assert_eq!(said(&run(at, &arguments)).0, 0);
    assert!(std::fs::symlink_metadata(at.join("link.md")).unwrap().file_type().is_symlink());
    assert!(std::fs::read_to_string(at.join("page.md")).unwrap().starts_with("# Policy audit"));
    let mode = std::fs::metadata(at.join("page.md")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn the_profile_is_production_or_the_one_that_is_named() {
    let policy = "transport { hosts [\"a.example\"]  https off in development  https required in production }
route GET /a { public  returns nothing }
";
    let here = folder(&[("a.gate", policy)]);
    let page = said(&run(here.path(), &["audit", ".", "--format", "markdown"])).1;
    assert!(page.contains("| profile | `production`; what differs under `development`"), "{page}");
    assert!(page.contains("| Connection: HTTPS: Which | required | off"), "{page}");
    let named = ["audit", ".", "--format", "markdown", "--profile", "development"];
    let page = said(&run(here.path(), &named)).1;
    assert!(page.contains("**gap**: plain HTTP is answered"), "{page}");
}

#[test]
fn what_cannot_be_done_is_said() {
    let here = folder(&[("a.gate", GOOD), ("empty/readme.md", "")]);
    for (arguments, why) in [
        (&["audit", "nowhere"][..], "nowhere: "),
        (&["audit", "empty"], "no `*.gate` file is in this folder"),
        (&["audit", ".", "--profile", "staging"], "no profile is called `staging`, only `default`"),
        (&["audit", ".", "--output", "nowhere/page.html"], "nowhere/page.html: "),
        (&["audit", ".", "--output", "empty"], "it is a folder; name a file in it"),
        (&["audit", ".", "--format", "pdf"], "invalid value 'pdf'"),
        (&["audit"], "<PATH>"),
    ] {
        let output = run(here.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(why), "{said}");
        assert!(output.stdout.is_empty());
    }
}
