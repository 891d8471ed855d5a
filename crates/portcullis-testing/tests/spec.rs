//! The corpus, through every evaluator.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say what they expect"
)]

use std::path::Path;

use portcullis_testing::corpus::cases;

#[test]
fn every_case_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/spec");
    let cases = cases(&folder).unwrap();
    let update = std::env::var_os("UPDATE_SPEC").is_some();
    let mut failed = Vec::new();
    for case in &cases {
        if let Err(why) = case.check() {
            if update {
                case.update().unwrap();
            }
            failed.push(format!("{}\n{why}", case.path.display()));
        }
    }
    assert!(failed.is_empty(), "{} cases do not hold\n\n{}", failed.len(), failed.join("\n\n"));
    let wrong = cases
        .iter()
        .filter(|case| case.path.components().any(|part| part.as_os_str() == "diagnostics"));
    assert!(wrong.count() >= 25, "the corpus has lost wrong policies");
}
