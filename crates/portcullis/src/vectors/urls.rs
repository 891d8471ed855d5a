//! URLs that are to be fetched.

use std::collections::BTreeMap;

use super::{text, vectors};
use crate::outbound::OutboundError;
use crate::{Engine, Policy};

/// ressrf's ways around a filter of URLs: each is refused, or allowed and does no harm.
///
/// A case names the suffixes of hosts that its filter denies or trusts, where it has any. The denied
/// ones are refused here by themselves; the trusted ones are the policy's `hosts`.
#[test]
fn tricks_with_urls_are_refused() {
    let Some(file) = vectors("ssrf/ssrf_techniques.json") else {
        return;
    };
    // What is allowed there and refused here, and the other way round, each with its reason.
    let deviations = BTreeMap::from([
        // A scheme is `https` or `http`: the language has no others.
        ("control_canonical_public_ws", OutboundError::Scheme),
        ("control_canonical_public_wss", OutboundError::Scheme),
        // No credentials stand in a URL.
        ("control_public_with_userinfo_no_bypass", OutboundError::Credentials),
        // Readers have taken what is behind the `@` for the host (CVE-2016-8624).
        ("fragment_after_userinfo_imds", OutboundError::Malformed),
        // Gaps of the source, which it says are to be closed.
        ("unicode_fullwidth_localhost", OutboundError::Malformed),
    ]);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for case in file["cases"].as_array().unwrap() {
        let (name, url) = (text(case, "name"), text(case, "url"));
        let hosts = case["trusted_suffixes"].as_array().map_or_else(String::new, |suffixes| {
            let patterns =
                suffixes.iter().map(|one| format!("\"{0}\" \"*.{0}\"", one.as_str().unwrap()));
            format!("hosts [{}]", patterns.collect::<Vec<_>>().join(" "))
        });
        let policy = format!("outbound any {{ schemes [http https] ports [80 443 8443] {hosts} }}");
        let policy = Policy::parse([("policy.gate", policy.as_str())]).unwrap();
        let outbound = Engine::builder(policy).build().unwrap().outbound("any").unwrap();
        let outcome = match (text(case, "expected"), outbound.check_url(url)) {
            ("blocked", Err(_)) => "blocked, and refused",
            ("allowed", Ok(_)) => "allowed, and accepted",
            ("allowed", Err(why)) if name == "ipv4_compatible_loopback_known_gap" => {
                assert!(matches!(why, OutboundError::Address(_)), "{name}: {why}");
                "contested: refused all the same"
            }
            ("allowed", Err(why)) => {
                assert_eq!(deviations.get(name), Some(&why), "{name}: {why}");
                if case.get("contested").is_some() {
                    "contested: refused all the same"
                } else {
                    "allowed, and refused here"
                }
            }
            // Two hyphens stand in many names. Only as the third and fourth character do they say
            // something (RFC 5890, 2.3.1), and no reader takes such a name for another.
            ("blocked", Ok(_)) if name == "unicode_double_dash_non_punycode_blocked" => {
                assert!(case.get("contested").is_some());
                "contested: accepted"
            }
            (expected, found) => panic!("{name}: {expected}, {found:?}"),
        };
        *counts.entry(outcome).or_default() += 1;
    }
    println!("URLs: {counts:?}");
    let expected = BTreeMap::from([
        ("blocked, and refused", 77),
        ("allowed, and accepted", 8),
        ("allowed, and refused here", 4),
        ("contested: refused all the same", 2),
        ("contested: accepted", 1),
    ]);
    assert_eq!(counts, expected);
    assert_eq!(counts.values().sum::<usize>(), 92);
}
