//! Made-up policies and requests, through both evaluators and both drivers: decision and reason are
//! equal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say what they expect"
)]

use portcullis_compiler::compile;
use portcullis_syntax::{Source, Sources};
use portcullis_test::{Answer, Exchange, Fact, Facts, World};
use portcullis_testing::compare::{choices, compare, routes};
use portcullis_testing::corpus::evaluators;
use portcullis_testing::generate::{Dice, exchanges, policy, url};
use portcullis_testing::outbound::{Outbounds, compare_urls};
use portcullis_testing::tokens::compare_tokens;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// How many decisions are compared at least, unless `PORTCULLIS_DECISIONS` says how many.
const DECISIONS: usize = 100_000;
/// More choices than a policy and its requests take.
const CHOICES: usize = 1_500;

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

/// The same URLs on every run. Most are wrong in one part or two, so that each rule is reached.
#[test]
fn both_evaluators_let_out_the_same_urls() {
    let outbounds = Outbounds::new().unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for seed in 0..60_000 {
        let text = url(&mut Dice::new(choices(seed).take(40).collect()));
        match outbounds.check(&text) {
            Ok(0) => refused += 1,
            Ok(_) => accepted += 1,
            Err(difference) => panic!("seed {seed}: {difference}"),
        }
    }
    println!("{accepted} URLs are accepted by both, {refused} refused");
    assert!(accepted > 5_000 && refused > 20_000, "{accepted} accepted, {refused} refused");
}

/// Tokens and cookies, and what the store knows of them. The same ones on every run.
#[test]
fn both_evaluators_accept_the_same_credentials() {
    let mut seen = std::collections::BTreeMap::new();
    for seed in 0..400 {
        let answers = compare_tokens(choices(seed).take(1_200).collect())
            .unwrap_or_else(|difference| panic!("seed {seed}: {difference}"));
        for (answer, count) in answers {
            *seen.entry(answer).or_insert(0) += count;
        }
    }
    println!("{seen:?}");
    for answer in [
        "admit",
        "forbidden_origin",
        "missing_credential",
        "invalid_credential",
        "expired_credential",
        "revoked_credential",
        "missing_permission",
        "store_unavailable",
        "forbidden",
    ] {
        assert!(seen.get(answer).is_some_and(|count| *count > 50), "{answer}: {seen:?}");
    }
}

/// By outbounds of every kind.
#[test]
fn both_evaluators_let_out_the_same_by_any_outbound() {
    let (mut compared, mut accepted) = (0, 0);
    for seed in 0..1_500 {
        let (more, by_both) = compare_urls(choices(seed).take(300).collect())
            .unwrap_or_else(|difference| panic!("seed {seed}: {difference}"));
        compared += more;
        accepted += by_both;
    }
    println!("{compared} judgements are equal, {accepted} of them let out");
    assert!(compared >= 24_000 && accepted > 500, "{compared}, {accepted}");
}

/// What the long run once found: the reference faulted where the engine knew the answer.
#[test]
fn a_comparison_with_nobody_is_false_whatever_the_service_left_out() {
    let mut sources = Sources::new();
    sources.add(Source::new(
        "policy.gate",
        r#"
        credential access jwt {
            issuer "i" audience "a" algorithms [HS256] lifetime 15m
            caller { id: string from "sub" }
        }
        resource person { key id: string  predicate me { person.id == caller.id } }
        resource item { key id: int  holder: person  view all { id } }
        route GET /items/{id} {
            public  params { id: int }  loads item by params.id
            allow when item.holder.me  returns item.all
        }
        "#,
    ));
    let compilation = compile(sources);
    assert!(!compilation.has_errors(), "{:?}", compilation.diagnostics);
    let mut world = World::default();
    let item = Facts(vec![("id".to_owned(), Fact::Int(1))]);
    world.objects.push(("item".to_owned(), Some(item)));
    let host = ("Host".to_owned(), "h.example".to_owned());
    let exchange = Exchange { headers: vec![host], world, ..Exchange::new("GET", "/items/1") };
    for (name, evaluator) in &mut evaluators(&compilation, "default").unwrap() {
        let answer = evaluator.send(&exchange).answer;
        let forbidden = matches!(answer, Answer::Refused { reason: "forbidden", .. });
        assert!(forbidden, "{name}: {answer:?}");
    }
}

/// The same ones on every run: what proptest makes anew each time comes on top.
#[test]
fn a_hundred_thousand_decisions_are_equal() {
    let wanted = match std::env::var("PORTCULLIS_DECISIONS") {
        Ok(wanted) => wanted.parse().expect("PORTCULLIS_DECISIONS is a number"),
        Err(_) => DECISIONS,
    };
    // One worker a core, each with seeds of its own.
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = wanted.div_ceil(workers);
    let work = |worker: usize| {
        let mut compared = 0;
        for seed in (worker as u64..).step_by(workers) {
            if compared >= share {
                break;
            }
            match compare(choices(seed).take(CHOICES).collect()) {
                Ok(count) => compared += count,
                Err(difference) => panic!("seed {seed}\n{difference}"),
            }
        }
        compared
    };
    let compared: usize = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..workers).map(|worker| scope.spawn(move || work(worker))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no difference")).sum()
    });
    println!("{compared} decisions are equal");
    assert!(compared >= wanted, "only {compared} decisions were compared");
}

/// What is generated reaches what it is for: every reason that the slice has, and admission.
#[test]
fn the_generator_reaches_every_reason() {
    let mut seen = BTreeSet::new();
    for seed in 0..900 {
        let mut dice = Dice::new(choices(seed).take(700).collect());
        let text = policy(&mut dice);
        let mut sources = Sources::new();
        sources.add(Source::new("made.gate", text.as_str()));
        let compilation = compile(sources);
        for profile in &compilation.profiles {
            let plan = compilation.plan(profile).expect(&text);
            let mut evaluators = evaluators(&compilation, profile).unwrap();
            let (_, engine) = evaluators.first_mut().unwrap();
            for exchange in exchanges(&mut dice.clone(), &routes(plan)) {
                seen.insert(match engine.send(&exchange).answer {
                    Answer::Admitted { .. } => "admit",
                    Answer::Refused { reason, .. } => reason,
                });
            }
        }
    }
    // Tokens are held against each other where tokens are minted.
    let elsewhere = ["expired_credential", "revoked_credential", "store_unavailable"];
    for reason in portcullis::Reason::ALL {
        let reached = seen.contains(reason.as_str()) || elsewhere.contains(&reason.as_str());
        assert!(reached, "{reason} is never reached");
    }
    assert!(seen.contains("admit"));
}
