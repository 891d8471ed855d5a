//! Addresses of mail.

use std::collections::BTreeMap;

use portcullis_compiler::plan::Format;
use serde_json::Value;

use super::vectors;

/// hapijs/address: an address and whether it is accepted; a domain counts as the address `a@domain`.
///
/// `email` is what a browser's `<input type=email>` takes, within the lengths of RFC 5321. The source
/// asks more of the local part and of the domain, and with options other things.
#[test]
fn addresses_are_those_of_browsers() {
    let Some(cases) = vectors("email/address-cases.json") else {
        return;
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let cases = cases.as_array().unwrap();
    for case in cases {
        let of_domain = case["file"] == "domain";
        let sent = case["case"][0].as_str().unwrap();
        let address = if of_domain { format!("a@{sent}") } else { sent.to_owned() };
        let theirs = case["case"][1] == true;
        let ours = Format::Email.has(&address);
        let outcome = match (theirs, ours) {
            (true, true) => "valid, and accepted",
            (false, false) => "invalid, and refused",
            (true, false) => refused_here(&address, &case["case"][2]),
            (false, true) => accepted_here(&address, &case["case"][2]),
        };
        *counts.entry(outcome).or_default() += 1;
    }
    println!("addresses: {counts:#?}");
    let expected = BTreeMap::from([
        ("valid, and accepted", 24),
        ("invalid, and refused", 243),
        ("accepted: a domain of one label, as browsers do", 6),
        ("accepted: a last label of digits, as browsers do", 4),
        ("accepted: dots anywhere in the local part, as browsers do", 3),
        ("accepted: there is no list of top-level domains", 3),
        ("accepted: any number of labels in a domain", 1),
        ("refused: letters beyond ASCII, which browsers take in no local part", 8),
        ("refused: the lengths of RFC 5321 are never passed over", 1),
        ("refused: an underscore in a domain", 3),
        ("refused: a dot at the end of a domain", 1),
    ]);
    assert_eq!(counts, expected);
    assert_eq!(counts.values().sum::<usize>(), 297);
}

/// Why an address is refused that the source accepts.
fn refused_here(address: &str, options: &Value) -> &'static str {
    if !address.is_ascii() {
        return "refused: letters beyond ASCII, which browsers take in no local part";
    }
    if options["ignoreLength"] == true {
        return "refused: the lengths of RFC 5321 are never passed over";
    }
    if options["allowUnderscore"] == true {
        return "refused: an underscore in a domain";
    }
    if options["allowFullyQualified"] == true {
        return "refused: a dot at the end of a domain";
    }
    panic!("refused for no reason that is written here: {address} {options}")
}

/// Why an address is accepted that the source refuses.
fn accepted_here(address: &str, options: &Value) -> &'static str {
    let (local, domain) = address.split_once('@').unwrap();
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return "accepted: dots anywhere in the local part, as browsers do";
    }
    if options["tlds"].is_object() || options["minDomainSegments"].is_u64() {
        return "accepted: there is no list of top-level domains";
    }
    if !domain.contains('.') {
        return "accepted: a domain of one label, as browsers do";
    }
    let last = domain.rsplit('.').next().unwrap();
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        return "accepted: a last label of digits, as browsers do";
    }
    if options["maxDomainSegments"].is_u64() {
        return "accepted: any number of labels in a domain";
    }
    panic!("accepted for no reason that is written here: {address} {options}")
}
