//! `--watch`

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use super::{GOOD, TESTS, folder, run};

/// A verb that watches, ended when the test is.
struct Watching {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Watching {
    fn new(at: &Path, arguments: &[&str]) -> Watching {
        let mut child = Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .args(arguments)
            .current_dir(at)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Watching { child, lines }
    }

    /// What is said up to the next time that it waits.
    fn round(&mut self) -> String {
        let mut said = String::new();
        for line in self.lines.by_ref() {
            let line = line.unwrap();
            if line.starts_with("watching ") {
                return said;
            }
            said.push_str(&line);
            said.push('\n');
        }
        unreachable!("it ended: {said}")
    }

    /// Rounds, until one says this: an editor may make two out of one change.
    fn until(&mut self, wanted: &str) {
        while !self.round().contains(wanted) {}
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn tests_run_again_after_each_change_and_live_through_a_broken_policy() {
    let here = folder(&[("a.gate", GOOD), ("a.test.gate", TESTS)]);
    let at = here.path();
    let mut watching = Watching::new(at, &["test", ".", "--watch", "--junit", "report.xml"]);
    assert!(watching.round().contains("1 passed, 0 failed"));
    let second = TESTS.replace("all see", "some see");
    std::fs::write(at.join("b.test.gate"), second).unwrap();
    watching.until("2 passed, 0 failed");
    std::fs::write(at.join("a.gate"), "rol a { }").unwrap();
    watching.until("error[syntax]");
    std::fs::remove_file(at.join("a.gate")).unwrap();
    std::fs::remove_file(at.join("a.test.gate")).unwrap();
    // As editors save: another file is put in the place of the old one.
    std::fs::write(at.join("new"), GOOD).unwrap();
    std::fs::rename(at.join("new"), at.join("a.gate")).unwrap();
    watching.until("1 passed, 0 failed");
}

#[test]
fn a_folder_that_comes_back_is_watched_again() {
    let here = folder(&[]);
    let at = here.path();
    let policy = at.join("policy");
    let make = |tests: &str| {
        let new = at.join("new");
        std::fs::create_dir(&new).unwrap();
        std::fs::write(new.join("a.gate"), GOOD).unwrap();
        std::fs::write(new.join("a.test.gate"), tests).unwrap();
        std::fs::rename(&new, &policy).unwrap();
    };
    make(TESTS);
    let mut watching = Watching::new(at, &["test", "policy", "--watch"]);
    watching.until("1 passed, 0 failed");
    std::fs::remove_dir_all(&policy).unwrap();
    make(&TESTS.repeat(3));
    watching.until("3 passed, 0 failed");
    std::fs::write(policy.join("a.test.gate"), TESTS.repeat(2)).unwrap();
    watching.until("2 passed, 0 failed");
}

#[test]
fn a_wrong_command_is_not_watched() {
    let here = folder(&[("a.gate", GOOD), ("a.test.gate", TESTS)]);
    for arguments in [
        &["test", "nowhere", "--watch"][..],
        &["test", "no/where", "--watch"],
        &["test", ".", "--watch", "--filter", "nothing"],
        &["test", ".", "--watch", "--list"],
    ] {
        assert_eq!(run(here.path(), arguments).status.code(), Some(2), "{arguments:?}");
    }
}
