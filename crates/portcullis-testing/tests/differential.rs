//! Made-up policies and requests, through both evaluators and both drivers: decision and reason are
//! equal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say what they expect"
)]

use portcullis_compiler::compile;
use portcullis_compiler::plan::Plan;
use portcullis_syntax::{Source, Sources};
use portcullis_testing::corpus::evaluators;
use portcullis_testing::generate::{Dice, Kind, exchanges, policy};
use proptest::prelude::*;

/// Whether the route of a request loads or lists, so that it is given what its application would.
fn kind(plan: &Plan, method: &str, target: &str) -> Option<Kind> {
    let route = portcullis::find_route(plan, method, target)?;
    match (&route.loads, &route.lists) {
        (Some(_), _) => Some(Kind::Loads),
        (None, Some(_)) => Some(Kind::Lists),
        (None, None) => None,
    }
}

fn routes(plan: &Plan) -> Vec<(String, String)> {
    plan.routes.iter().map(|route| (route.method.clone(), route.pattern.clone())).collect()
}

/// Everything that both decide, in words; or the first difference.
fn compare(choices: Vec<u16>) -> Result<usize, String> {
    let mut dice = Dice::new(choices);
    let text = policy(&mut dice);
    let mut sources = Sources::new();
    sources.add(Source::new("made.gate", text.as_str()));
    let compilation = compile(sources);
    if compilation.has_errors() {
        let faults = compilation.diagnostics.iter().map(|fault| fault.message.clone());
        return Err(format!("{text}\n{}", faults.collect::<Vec<_>>().join("\n")));
    }
    let mut count = 0;
    for profile in &compilation.profiles {
        let plan = compilation.plan(profile).ok_or("no plan")?;
        let mut evaluators = evaluators(&compilation, profile)?;
        let mut dice = dice.clone();
        for exchange in
            exchanges(&mut dice, &routes(plan), |method, target| kind(plan, method, target))
        {
            let mut answers = Vec::new();
            for (name, evaluator) in &mut evaluators {
                answers.push((*name, evaluator.send(&exchange)));
            }
            let (first, rest) = answers.split_first().ok_or("no evaluator")?;
            for other in rest {
                if other.1 != first.1 {
                    return Err(format!("{text}\n{exchange:#?}\n{first:?}\n{other:?}"));
                }
            }
            count += 1;
        }
    }
    Ok(count)
}

proptest! {
    #![proptest_config(ProptestConfig {
        max_shrink_iters: 4_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn both_evaluators_and_both_drivers_decide_alike(
        choices in prop::collection::vec(any::<u16>(), 50..400),
    ) {
        let compared = compare(choices);
        prop_assert!(compared.is_ok(), "{}", compared.unwrap_err());
    }
}

/// What is generated reaches what it is for: every reason that the slice has, and admission.
#[test]
fn the_generator_reaches_every_reason() {
    use std::collections::BTreeSet;
    let mut seen = BTreeSet::new();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..900 {
        let choices = (0..700).map(|_| {
            // xorshift64: the same choices on every machine.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random >> 40) as u16
        });
        let mut dice = Dice::new(choices.collect());
        let text = policy(&mut dice);
        let mut sources = Sources::new();
        sources.add(Source::new("made.gate", text.as_str()));
        let compilation = compile(sources);
        for profile in &compilation.profiles {
            let plan = compilation.plan(profile).expect(&text);
            let mut evaluators = evaluators(&compilation, profile).unwrap();
            let (_, engine) = evaluators.first_mut().unwrap();
            for exchange in exchanges(&mut dice.clone(), &routes(plan), |m, t| kind(plan, m, t)) {
                seen.insert(match engine.send(&exchange) {
                    portcullis_test::Answer::Admitted { .. } => "admit",
                    portcullis_test::Answer::Refused { reason, .. } => reason,
                });
            }
        }
    }
    // Tokens are held against each other where tokens are minted.
    let elsewhere = ["expired_credential", "store_unavailable"];
    for reason in portcullis::Reason::ALL {
        let reached = seen.contains(reason.as_str()) || elsewhere.contains(&reason.as_str());
        assert!(reached, "{reason} is never reached");
    }
    assert!(seen.contains("admit"));
}
