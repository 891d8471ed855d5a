//! `cargo xtask test`: the one command that says whether the tree is sound.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::fuzz::{self, Corpus};
use crate::redis;
use crate::step::{Fault, cargo, last, require, root, step};

/// How long each fuzz target runs: enough to see that it still runs, and finds nothing near.
pub(crate) const FUZZ_SECONDS: u64 = 10;

/// Runs every check, the quick ones first; the first that fails ends the run.
pub(crate) fn run() -> Result<(), Fault> {
    require("cargo-nextest")?;
    require("cargo-deny")?;
    redis::require()?;

    step("cargo fmt", &mut [cargo(&["fmt", "--all", "--check"])])?;
    step("cargo clippy", &mut [clippy()])?;
    step("cargo doc", &mut [doc()])?;
    step("cargo deny", &mut [cargo(&["deny", "check", "bans", "licenses", "sources"])])?;
    step("cargo test --doc", &mut [cargo(&["test", "--doc", "--workspace", "--locked"])])?;
    policies()?;
    fuzz::run(FUZZ_SECONDS, Corpus::Fresh)?;
    // Last, and with nothing after it, so that the output ends with nextest's own summary.
    last("cargo nextest", &mut nextest())
}

fn clippy() -> Command {
    let mut command = cargo(&["clippy", "--workspace", "--all-targets", "--all-features"]);
    command.args(["--locked", "--", "-D", "warnings"]);
    command
}

fn doc() -> Command {
    let mut command = cargo(&["doc", "--workspace", "--no-deps", "--all-features", "--locked"]);
    command.env("RUSTDOCFLAGS", "-Dwarnings");
    command
}

fn nextest() -> Command {
    cargo(&["nextest", "run", "--workspace", "--all-features", "--locked"])
}

/// The policies of the tree are clean by the project's own binary.
fn policies() -> Result<(), Fault> {
    // The same features as the tests, so that nothing is compiled twice.
    let build = ["build", "--workspace", "--all-features", "--locked", "--bin", "portcullis"];
    step("build portcullis", &mut [cargo(&build)])?;
    let folders = policy_folders()?;
    for verb in [&["lint", "--deny", "warnings"][..], &["fmt", "--check"], &["test"]] {
        let mut commands: Vec<Command> =
            folders.iter().map(|folder| portcullis(verb, folder)).collect();
        step(&format!("portcullis {}", verb.join(" ")), &mut commands)?;
    }
    Ok(())
}

/// Every folder of `policies` is a policy, a new one too.
fn policy_folders() -> Result<Vec<PathBuf>, Fault> {
    let unreadable = |error| Fault::Unreadable { what: "read policies".to_owned(), error };
    let mut folders = Vec::new();
    for entry in fs::read_dir(root().join("policies")).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

/// The binary lies beside this one, wherever the target folder is.
fn portcullis(verb: &[&str], folder: &Path) -> Command {
    let binary = std::env::current_exe().map_or_else(
        |_| PathBuf::from("portcullis"),
        |xtask| xtask.with_file_name(format!("portcullis{}", std::env::consts::EXE_SUFFIX)),
    );
    let mut command = Command::new(binary);
    command.args(verb).arg(folder.strip_prefix(root()).unwrap_or(folder)).current_dir(root());
    command
}
