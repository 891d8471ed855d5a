//! `cargo xtask soak`: the same tests in release, with many cases for each property.

use crate::step::{Fault, cargo, last, require};

/// About eighty times proptest's own default of 256.
const CASES: &str = "20000";

/// Runs all tests with `PROPTEST_CASES` set high, or as the caller has set it.
pub(crate) fn run() -> Result<(), Fault> {
    require("cargo-nextest")?;
    let cases = std::env::var("PROPTEST_CASES").unwrap_or_else(|_| CASES.to_owned());
    let mut command =
        cargo(&["nextest", "run", "--release", "--workspace", "--all-features", "--locked"]);
    command.env("PROPTEST_CASES", &cases);
    last(&format!("cargo nextest, {cases} cases for each property"), &mut command)
}
