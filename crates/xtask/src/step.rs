//! One step: a heading, a command from the root of the repository, and how long it took.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

/// Why the run stops.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The command ran and was not content.
    Failed { step: String, status: ExitStatus },
    /// A program is not there, and could not be installed.
    Missing { program: String, mend: String },
    /// A thread of ours ended before it was done.
    Ended,
    /// A server was started and does not answer.
    Silent(String),
    /// The command could not be started, or a folder not read.
    Unreadable { what: String, error: io::Error },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Failed { step, status } => write!(f, "`{step}` failed ({status})"),
            Fault::Missing { program, mend } => write!(f, "`{program}` cannot be run: {mend}"),
            Fault::Ended => f.write_str("a step ended before it was done; please report this"),
            Fault::Silent(server) => write!(f, "`{server}` was started and does not answer"),
            Fault::Unreadable { what, error } => write!(f, "cannot run `{what}`: {error}"),
        }
    }
}

/// Runs the commands under one heading and says how long they took.
pub(crate) fn step(heading: &str, commands: &mut [Command]) -> Result<(), Fault> {
    let begin = Instant::now();
    say(&format!("\n==> {heading}"));
    for command in commands {
        run(heading, command)?;
    }
    say(&format!("    {heading}: {:.1} s", begin.elapsed().as_secs_f64()));
    Ok(())
}

/// Runs one command under a heading and adds nothing to what it prints, so that its own last
/// line stays the last.
pub(crate) fn last(heading: &str, command: &mut Command) -> Result<(), Fault> {
    say(&format!("\n==> {heading}"));
    run(heading, command)
}

fn run(heading: &str, command: &mut Command) -> Result<(), Fault> {
    let status =
        command.status().map_err(|error| Fault::Unreadable { what: heading.to_owned(), error })?;
    if status.success() { Ok(()) } else { Err(Fault::Failed { step: heading.to_owned(), status }) }
}

/// `cargo` with arguments, at the root of the repository.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Installs a cargo subcommand where it is missing.
pub(crate) fn require(tool: &str) -> Result<(), Fault> {
    let subcommand = tool.trim_start_matches("cargo-");
    let there = cargo(&[subcommand, "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if there {
        return Ok(());
    }
    // Unoptimised they are built in a third of the time, and take a few seconds more of a run.
    let mut command = cargo(&["install", "--locked", "--debug", tool]);
    command.env("CARGO_PROFILE_DEV_DEBUG", "0");
    step(&format!("install {tool}"), &mut [command])
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// Headings go where cargo and nextest write, so that a captured output keeps their order.
pub(crate) fn say(line: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(io::stderr(), "{line}");
}
