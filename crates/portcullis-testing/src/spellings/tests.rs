//! Every spelling, through both evaluators and both drivers.

use std::collections::BTreeMap;

use portcullis::Reason;

use super::{Became, Evaluators, all, target_leads_to_admin};

#[test]
fn no_spelling_reaches_what_it_may_not() {
    let mut evaluators = Evaluators::new().unwrap();
    let spellings = all();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for spelling in &spellings {
        let became = evaluators.check(spelling).unwrap();
        if let Became::Recognised(reason) = became {
            let credential = [Reason::MissingCredential, Reason::InvalidCredential];
            assert!(credential.contains(&reason), "{spelling:?}: {reason}");
        }
        *counts.entry(format!("{became:?}")).or_default() += 1;
    }
    println!("{} spellings: {counts:?}", spellings.len());
    assert!(spellings.len() >= 1_000, "only {} spellings", spellings.len());
    // Each outcome is there, else the policy is not the one that the spellings are about.
    let count = |became: &str| counts.get(became).copied().unwrap_or(0);
    assert!(count("Refused(MalformedRequest)") > 1_000);
    assert!(count("Recognised(MissingCredential)") > 50);
    assert!(count("Neighbour") > 100);
}

/// The careless reader is careless enough: it takes for `/admin` what the spellings are made for.
#[test]
fn the_careless_reader_is_taken_in() {
    let spellings = all();
    let careless = spellings.iter().filter(|spelling| target_leads_to_admin(&spelling.target));
    let careless = careless.count();
    println!("{careless} targets lead a careless reader to `/admin`");
    assert!(careless > 1_000, "{careless}");
    for target in [
        "/admin",
        "/public/..%252fadmin",
        "/%c0%ae%c0%ae/public/..;/..\\admin;x/users",
        "http://a/%2561dmin%00.css?x",
    ] {
        assert!(target_leads_to_admin(target.as_bytes()), "{target}");
    }
    for target in ["/", "/public/admin", "/admins", "/public?/../admin", "/ADMIN", "/admin%20"] {
        assert!(!target_leads_to_admin(target.as_bytes()), "{target}");
    }
}
