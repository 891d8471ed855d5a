//! Runs one test under all its profiles.

use std::time::{Duration, Instant};

use portcullis_syntax::Diagnostic;
use portcullis_test::{EngineEvaluator, Mismatch, mismatches, profiles};

use super::coverage::{Seen, observe};
use super::selection::{Chosen, Suite};
use crate::Failure;

/// What became of a test.
pub(super) struct Ran<'s> {
    pub(super) chosen: Chosen<'s>,
    /// Under each of its profiles, if it has any that the policy knows.
    pub(super) under: Result<Vec<Under<'s>>, Diagnostic>,
}

/// What became of a test under one profile.
pub(super) struct Under<'s> {
    pub(super) profile: &'s str,
    pub(super) mismatches: Vec<Mismatch>,
    pub(super) took: Duration,
    /// What came of the clauses, where that is asked for.
    seen: Option<Seen>,
}

impl Ran<'_> {
    pub(super) fn passed(&self) -> bool {
        self.under.as_ref().is_ok_and(|under| under.iter().all(|under| under.mismatches.is_empty()))
    }

    /// How long it took under all its profiles together.
    pub(super) fn took(&self) -> Duration {
        self.under.iter().flatten().map(|under| under.took).sum()
    }

    /// What came of the clauses.
    pub(super) fn seen(&self) -> impl Iterator<Item = &Seen> {
        self.under.iter().flatten().filter_map(|under| under.seen.as_ref())
    }

    /// What is wrong; under which profile, where the policy has several.
    pub(super) fn mismatches(&self) -> Vec<Mismatch> {
        let several = self.chosen.suite.compilation.profiles.len() > 1;
        let under = match &self.under {
            Ok(under) => under,
            Err(fault) => return vec![Mismatch::from(fault.clone())],
        };
        let mut found: Vec<(Mismatch, Vec<&str>)> = Vec::new();
        for under in under {
            for mismatch in &under.mismatches {
                // What is wrong under all profiles is said once.
                match found.iter_mut().find(|(known, _)| known == mismatch) {
                    Some((_, profiles)) => profiles.push(under.profile),
                    None => found.push((mismatch.clone(), vec![under.profile])),
                }
            }
        }
        for (mismatch, profiles) in found.iter_mut().filter(|_| several) {
            let what = if profiles.len() == 1 { "profile" } else { "profiles" };
            let said = format!(" ({what} `{}`)", profiles.join("`, `"));
            mismatch.fault.message.push_str(&said);
        }
        found.into_iter().map(|(mismatch, _)| mismatch).collect()
    }
}

/// The engines of one thread, by policy and profile: one takes long to build where its policy is large.
#[derive(Default)]
pub(super) struct Engines<'s>(Vec<(&'s Suite, &'s str, EngineEvaluator)>);

impl<'s> Engines<'s> {
    /// One with full budgets.
    fn fresh(
        &mut self,
        suite: &'s Suite,
        profile: &'s str,
    ) -> Result<&mut EngineEvaluator, Failure> {
        let known =
            self.0.iter().position(|(of, under, _)| std::ptr::eq(*of, suite) && *under == profile);
        let at = match known {
            Some(at) => at,
            None => {
                let built = EngineEvaluator::new(&suite.policy, profile);
                self.0.push((suite, profile, built.map_err(|why| Failure::Said(why.to_string()))?));
                self.0.len() - 1
            }
        };
        let (_, _, evaluator) =
            self.0.get_mut(at).ok_or_else(|| Failure::Said("no engine was built".to_owned()))?;
        evaluator.renew();
        Ok(evaluator)
    }
}

/// [`run`], for tests of one lifetime.
pub(super) fn covering<'s>(
    covering: bool,
) -> impl Fn(&Chosen<'s>, &mut Engines<'s>) -> Result<Ran<'s>, Failure> + Sync {
    move |chosen, engines| run(chosen, engines, covering)
}

/// Runs a test under each of its profiles; and once more, where it is asked what came of the clauses.
fn run<'s>(
    chosen: &Chosen<'s>,
    engines: &mut Engines<'s>,
    covering: bool,
) -> Result<Ran<'s>, Failure> {
    let compilation = &chosen.suite.compilation;
    let wanted = match profiles(chosen.test, &compilation.profiles) {
        Ok(wanted) => wanted,
        Err(fault) => return Ok(Ran { chosen: *chosen, under: Err(fault) }),
    };
    let mut under = Vec::new();
    for profile in wanted {
        let Some(plan) = compilation.plan(profile) else { continue };
        let began = Instant::now();
        let evaluator = engines.fresh(chosen.suite, profile)?;
        let mismatches = mismatches(plan, chosen.test, evaluator);
        let took = began.elapsed();
        let seen = covering.then(|| observe(compilation, plan, chosen.test));
        under.push(Under { profile, mismatches, took, seen });
    }
    Ok(Ran { chosen: *chosen, under: Ok(under) })
}
