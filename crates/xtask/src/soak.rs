//! `cargo xtask soak`: the databases, the fuzz targets for minutes, then the same tests in release, with
//! many cases for each property.

use crate::databases;
use crate::fuzz::{self, Corpus};
use crate::redis;
use crate::step::{Fault, cargo, last, require};

/// About eighty times proptest's own default of 256.
const CASES: u64 = 20_000;
/// How many decisions of the evaluators are compared.
const DECISIONS: u64 = 10_000_000;
/// How often sessions are begun, refreshed, used and ended while keys are changed.
const OPERATIONS: u64 = 1_000_000;
/// How long a fleet of nodes is simulated in each of its phases, in seconds of its own clock.
const FLEET_SECONDS: u64 = 20;
/// How long each fuzz target runs.
const FUZZ_SECONDS: u64 = 600;

/// Runs all of it, as long as the environment says or the constants above.
pub(crate) fn run() -> Result<(), Fault> {
    require("cargo-nextest")?;
    redis::require()?;
    databases::run()?;
    fuzz::run(number("PORTCULLIS_FUZZ_SECONDS", FUZZ_SECONDS), Corpus::Kept)?;

    let cases = number("PROPTEST_CASES", CASES);
    let decisions = number("PORTCULLIS_DECISIONS", DECISIONS);
    let mut command =
        cargo(&["nextest", "run", "--release", "--workspace", "--all-features", "--locked"]);
    command.env("PROPTEST_CASES", cases.to_string());
    command.env("PORTCULLIS_DECISIONS", decisions.to_string());
    command.env("PORTCULLIS_OPERATIONS", number("PORTCULLIS_OPERATIONS", OPERATIONS).to_string());
    command.env(
        "PORTCULLIS_FLEET_SECONDS",
        number("PORTCULLIS_FLEET_SECONDS", FLEET_SECONDS).to_string(),
    );
    let heading =
        format!("cargo nextest, {cases} cases for each property, {decisions} decisions compared");
    last(&heading, &mut command)
}

/// What a variable of the environment says, where it says a number.
fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|number| number.parse().ok()).unwrap_or(otherwise)
}
