//! Runs one test under all its profiles.

use std::time::{Duration, Instant};

use portcullis_syntax::Diagnostic;
use portcullis_test::{EngineEvaluator, profiles, run as run_test};

use super::selection::Chosen;
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
    pub(super) faults: Vec<Diagnostic>,
    pub(super) took: Duration,
}

impl Ran<'_> {
    pub(super) fn passed(&self) -> bool {
        self.under.as_ref().is_ok_and(|under| under.iter().all(|under| under.faults.is_empty()))
    }

    /// How long it took under all its profiles together.
    pub(super) fn took(&self) -> Duration {
        self.under.iter().flatten().map(|under| under.took).sum()
    }

    /// What is wrong; under which profile, where the policy has several.
    pub(super) fn faults(&self) -> Vec<Diagnostic> {
        let several = self.chosen.suite.compilation.profiles.len() > 1;
        let under = match &self.under {
            Ok(under) => under,
            Err(fault) => return vec![fault.clone()],
        };
        let mut faults: Vec<(Diagnostic, Vec<&str>)> = Vec::new();
        for under in under {
            for fault in &under.faults {
                // What is wrong under all profiles is said once.
                match faults.iter_mut().find(|(known, _)| known == fault) {
                    Some((_, profiles)) => profiles.push(under.profile),
                    None => faults.push((fault.clone(), vec![under.profile])),
                }
            }
        }
        let said = faults.into_iter().map(|(fault, profiles)| match profiles.as_slice() {
            _ if !several => fault,
            [profile] => {
                Diagnostic { message: format!("{} (profile `{profile}`)", fault.message), ..fault }
            }
            _ => {
                let profiles = profiles.join("`, `");
                Diagnostic {
                    message: format!("{} (profiles `{profiles}`)", fault.message),
                    ..fault
                }
            }
        });
        said.collect()
    }
}

/// Runs a test under each of its profiles, each time against an evaluator of its own.
pub(super) fn run<'s>(chosen: &Chosen<'s>) -> Result<Ran<'s>, Failure> {
    let compilation = &chosen.suite.compilation;
    let wanted = match profiles(chosen.test, &compilation.profiles) {
        Ok(wanted) => wanted,
        Err(fault) => return Ok(Ran { chosen: *chosen, under: Err(fault) }),
    };
    let mut under = Vec::new();
    for profile in wanted {
        let Some(plan) = compilation.plan(profile) else { continue };
        let began = Instant::now();
        let mut evaluator = EngineEvaluator::new(&chosen.suite.policy, profile)
            .map_err(|why| Failure::Said(why.to_string()))?;
        let faults = run_test(plan, chosen.test, &mut evaluator);
        under.push(Under { profile, faults, took: began.elapsed() });
    }
    Ok(Ran { chosen: *chosen, under: Ok(under) })
}
