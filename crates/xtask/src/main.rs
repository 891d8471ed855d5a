//! The project's own commands: `cargo xtask test` checks all that is checked, `cargo xtask soak`
//! runs the properties for long.

mod soak;
mod step;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  test   everything that must be green: format, lints, docs, dependencies, policies, tests
  soak   the tests in release, with many more cases for each property
         (PROPTEST_CASES sets how many)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["test"] => test::run(),
        ["soak"] => soak::run(),
        _ => {
            step::say(USAGE);
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            step::say(&format!("\nxtask: {fault}"));
            ExitCode::FAILURE
        }
    }
}
