//! The corpus, through every evaluator.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say what they expect"
)]

use std::path::Path;

use portcullis_testing::corpus::{Case, cases};

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
    // A case is a wrong policy, or a test that every evaluator decides.
    let wrong = cases.iter().filter(|case| case.is_wrong()).count();
    let tests = cases.iter().map(|case| case.tests()).sum::<usize>();
    println!("{wrong} wrong policies, {tests} tests");
    assert!(wrong >= 80, "the corpus has lost wrong policies");
    assert!(wrong + tests >= 300, "the corpus has lost cases");
}

#[test]
fn what_is_wrong_with_a_header_is_told() {
    let policy = "transport { hosts [\"h.example\"] } route GET /a { public }";
    for (expected, told) in [
        ("expect header \"X-Frame-Options\" \"deny\"", "`X-Frame-Options` is \"DENY\""),
        ("expect header \"X-Frame-Options\" none", "`X-Frame-Options` is sent: \"DENY\""),
        ("expect header \"X-Own\" \"a\"", "the engine sends no `X-Own`; it sends `content-sec"),
        ("expect header \"X-Request-Id\" \"a\"", "every answer has another `X-Request-Id`"),
    ] {
        let test = format!("test \"it\" {{ request GET \"http://h.example/a\" {expected} }}");
        let why = Case::passing(policy, &test).check().unwrap_err();
        assert!(why.contains("no request has been sent"), "{why}");
        let test = format!("test \"it\" {{ request GET /a expect admit {expected} }}");
        let why = Case::passing(policy, &test).check().unwrap_err();
        assert!(why.contains(told), "{why}");
    }
}
