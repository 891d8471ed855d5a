//! Paths and their normal forms.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::{text, vectors};
use crate::path;
use crate::{Engine, Policy, Request, Timestamp};

/// istio's `normalization_test` and httprouter's `CleanPath`: a path and its normal form.
///
/// No other path is ever put in the place of the one that was sent. So what is not its own normal
/// form is refused, and what is accepted is its own normal form. The reverse does not hold: istio
/// leaves much in place that is refused here, such as `;`, an encoded slash, or bytes that are not
/// UTF-8.
#[test]
fn paths_that_are_not_normal_are_refused() {
    let Some(cases) = vectors("paths/normalisation.json") else {
        return;
    };
    // Routes for every path there is, so that nothing is refused for want of one.
    let all = r#"
        transport { https off }
        route GET / { public }
        route GET /{rest...} { public params { rest: string max 10_000 } }
    "#;
    let engine = Engine::builder(Policy::parse([("all.gate", all)]).unwrap()).build().unwrap();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases.as_array().unwrap() {
        let (sent, normal) = (text(case, "in"), text(case, "out"));
        let now = Timestamp::from_seconds(1_767_225_600);
        let request = Request::new("GET", sent, Ipv4Addr::LOCALHOST.into(), now);
        let decided = engine.admit(request.header("Host", b"a.example"));
        let decided = decided.and_then(|admitted| admitted.input(None));
        let parsed = path::parse(sent);
        match &decided {
            Ok(accepted) => assert_eq!(accepted.path(), sent, "decided as another path"),
            Err(refusal) => assert_eq!(refusal.reason().status(), 400, "{sent}: {refusal}"),
        }
        assert_eq!(decided.is_ok(), parsed.is_ok(), "{sent}");
        let outcome = match parsed {
            Ok(target) => {
                assert_eq!(target.query, None, "{sent}");
                assert_eq!(target.path, sent, "decoded once, {sent} is another path");
                assert_eq!(normal, sent, "accepted, though its normal form is another");
                "accepted, and normal"
            }
            Err(_) if normal == sent => "refused, though the source leaves it as it is",
            Err(_) => "refused, and not normal",
        };
        *counts.entry(outcome).or_default() += 1;
    }
    println!("paths: {counts:?}");
    let expected = BTreeMap::from([
        ("accepted, and normal", 27),
        ("refused, and not normal", 69),
        ("refused, though the source leaves it as it is", 32),
    ]);
    assert_eq!(counts, expected);
    assert_eq!(counts.values().sum::<usize>(), 128);
}
