//! Which files are read, and which are written.

use std::path::Path;

use crate::{GOOD, TESTS, folder, run, said};

/// What is said on standard error by a command that could not be carried out.
#[track_caller]
fn told(at: &Path, arguments: &[&str]) -> String {
    let output = run(at, arguments);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}\n{text}");
    text
}

#[test]
fn a_dash_is_standard_output() {
    let here = folder(&[("p/a.gate", GOOD), ("p/a.test.gate", TESTS)]);
    let at = here.path();
    let (status, page) = said(&run(at, &["audit", "p", "-o", "-"]));
    assert!(status == 0 && page.starts_with("Policy audit"), "{page}");
    // The file alone: what is said beside it is on the other output.
    let output = run(at, &["test", "p", "--junit", "-"]);
    let (status, text) = said(&output);
    assert!(status == 0 && text.starts_with("<?xml") && text.trim_end().ends_with('>'), "{text}");
    assert!(String::from_utf8(output.stderr).unwrap().ends_with("1 passed, 0 failed\n"));
    let (status, text) = said(&run(at, &["test", "p", "--lcov", "-", "--coverage"]));
    assert!(
        status == 0 && text.starts_with("TN:\nSF:") && text.ends_with("end_of_record\n"),
        "{text}"
    );
    let (status, text) = said(&run(at, &["man", "-o", "-"]));
    assert_eq!((status, text), said(&run(at, &["man"])));
    assert!(told(at, &["test", "p", "--watch", "--lcov", "-"]).contains("name a file"));
    assert_eq!(std::fs::read_dir(at).unwrap().count(), 1);
    // A file of that name can still be meant.
    assert_eq!(said(&run(at, &["audit", "p", "-o", "./-"])), (0, String::new()));
    assert_eq!(std::fs::read_to_string(at.join("-")).unwrap(), page);
}

#[test]
fn two_outputs_are_two_files() {
    let here = folder(&[("p/a.gate", GOOD), ("p/a.test.gate", TESTS)]);
    let at = here.path();
    for (junit, lcov) in [("a", "a"), ("a", "./a"), ("p/../a", "a"), ("-", "-")] {
        let text = told(at, &["test", "p", "--junit", junit, "--lcov", lcov]);
        assert!(text.contains("`--junit` and `--lcov` name the same file"), "{text}");
    }
    assert!(!at.join("a").exists());
    #[cfg(unix)]
    {
        std::fs::write(at.join("there"), "").unwrap();
        std::os::unix::fs::symlink("there", at.join("link")).unwrap();
        told(at, &["test", "p", "--junit", "there", "--lcov", "link"]);
    }
    let both = ["test", "p", "--junit", "a", "--lcov", "b"];
    assert_eq!(run(at, &both).status.code(), Some(0));
}

#[test]
fn tests_alone_are_no_policy() {
    let here = folder(&[("p/a.gate", GOOD), ("p/a.test.gate", TESTS), ("t/a.test.gate", TESTS)]);
    let at = here.path();
    for verb in [
        &["audit", "p/a.test.gate"][..],
        &["plan", "p/a.test.gate", "GET", "/things"],
        &["explain", "p/a.test.gate", "--request", "GET /things"],
        &["token", "mint", "p/a.test.gate"],
    ] {
        let text = told(at, verb);
        assert!(text.contains("p/a.test.gate: this is a file of tests"), "{text}");
    }
    for verb in [
        &["lint", "t"][..],
        &["lint", "t/a.test.gate"],
        &["lint", "--fix", "t"],
        &["test", "t"],
        &["audit", "t"],
        &["plan", "t", "GET", "/things"],
    ] {
        let text = told(at, verb);
        assert!(text.contains("no policy is in this folder, only tests"), "{text}");
    }
    // They can be laid out all the same, and run beside their policy.
    for verb in [&["fmt", "t"][..], &["fmt", "p/a.test.gate"], &["test", "p/a.test.gate"]] {
        assert_eq!(run(at, verb).status.code(), Some(0), "{verb:?}");
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_text() {
    let marked = format!("\u{feff}{GOOD}");
    let here = folder(&[("a.gate", &marked)]);
    let at = here.path();
    assert_eq!(said(&run(at, &["lint", "."])).0, 0);
    let (_, text) = said(&run(at, &["plan", ".", "GET", "/things"]));
    assert!(text.contains("a.gate:1:13)") && text.contains("a.gate:7:7)"), "{text}");
    let (status, text) = said(&run(at, &["fmt", "--check", "."]));
    assert!(
        status == 1 && text.contains("-\\u{feff}transport") && text.contains("+transport"),
        "{text}"
    );
    assert_eq!(said(&run(at, &["fmt", "."])).0, 0);
    let laid_out = GOOD.replace("key   id", "key    id").replace("name: string", "name:  string");
    assert_eq!(std::fs::read_to_string(at.join("a.gate")).unwrap(), laid_out);
    assert_eq!(said(&run(at, &["fmt", "--check", "."])), (0, String::new()));
    // Columns are those of the text.
    std::fs::write(at.join("a.gate"), "\u{feff}rol a { }\n").unwrap();
    let (_, text) = said(&run(at, &["lint", "."]));
    assert!(text.contains("a.gate:1:1"), "{text}");
    // Once, and at the start.
    for text in ["\u{feff}\u{feff}role a { }\n", "role a { }\u{feff}\n"] {
        std::fs::write(at.join("a.gate"), text).unwrap();
        assert_eq!(said(&run(at, &["lint", "."])).0, 1, "{text:?}");
    }
}

#[test]
fn bytes_of_another_encoding_are_called_what_they_are() {
    let here = folder(&[]);
    let at = here.path();
    for (bytes, place, says) in [
        (&b"// caf\xe9\nrole a { }\n"[..], "a.gate:1:7", "the byte 0xE9 here is no UTF-8"),
        (b"role a { }\n// \xfc", "a.gate:2:4", "the byte 0xFC here is no UTF-8"),
        (b"\xff\xfer\0o\0", "a.gate:1:1", "it looks like UTF-16"),
        (b"role a { }\0\n", "a.gate:1:11", "the file holds a NUL byte"),
        (b"role a { }\0", "a.gate:1:11", "the file holds a NUL byte"),
    ] {
        std::fs::write(at.join("a.gate"), bytes).unwrap();
        let (status, text) = said(&run(at, &["lint", "."]));
        assert_eq!(status, 1);
        assert!(text.contains(place) && text.contains(says), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn what_may_only_be_read_is_left_as_it_is() {
    use std::os::unix::fs::PermissionsExt;

    let kept = "role  a { read:b }\n";
    let here = folder(&[("p/a.gate", GOOD), ("u/a.gate", kept), ("page", "old")]);
    let at = here.path();
    run(at, &["lint", "p", "--baseline", "known", "--write-baseline"]);
    let mode = |name: &str, mode: u32| {
        std::fs::set_permissions(at.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for name in ["u/a.gate", "page", "known"] {
        mode(name, 0o444);
    }
    for arguments in [
        &["fmt", "u"][..],
        &["audit", "p", "-o", "page"],
        &["lint", "p", "--baseline", "known", "--write-baseline"],
    ] {
        let text = told(at, arguments);
        assert!(text.contains("it may only be read") && !text.contains(".tmp"), "{text}");
    }
    assert_eq!(std::fs::read_to_string(at.join("u/a.gate")).unwrap(), kept);
    assert_eq!(std::fs::read_to_string(at.join("page")).unwrap(), "old");
    mode("u/a.gate", 0o640);
    assert_eq!(run(at, &["fmt", "u"]).status.code(), Some(0));
    let found = std::fs::metadata(at.join("u/a.gate")).unwrap().permissions();
    assert_eq!(found.mode() & 0o777, 0o640);
    // What cannot be written is called by the name that was given.
    let text = told(at, &["audit", "p", "-o", "missing/page"]);
    assert!(text.starts_with("portcullis: missing/page: ") && !text.contains(".tmp"), "{text}");
}
