//! The project's own commands: `cargo xtask test` checks all that is checked, `cargo xtask fuzz` runs
//! the fuzz targets alone, `cargo xtask databases` asks real servers for the rows of lists, `cargo xtask
//! soak` runs all of these, and the properties, for long.

mod databases;
mod fuzz;
mod redis;
mod soak;
mod step;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  test   everything that must be green: format, lints, docs, dependencies, policies, fuzz targets,
         tests; installs redis-server where neither it nor valkey-server is there (REDIS_SERVER
         names another program)
  fuzz   the fuzz targets alone, ten seconds each
  databases
         the filter of lists against PostgreSQL and MariaDB, which have to be installed
  soak   the fuzz targets for longer, the databases, and the tests in release, with many more cases
         (PORTCULLIS_FUZZ_SECONDS for each target, PROPTEST_CASES for each property,
         PORTCULLIS_DECISIONS of the evaluators compared, PORTCULLIS_FLEET_SECONDS of a fleet)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["test"] => test::run(),
        ["fuzz"] => fuzz::run(test::FUZZ_SECONDS, fuzz::Corpus::Fresh),
        ["databases"] => databases::run(),
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
