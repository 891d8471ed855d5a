//! Holds the evaluators against each other on what is made of choices.

use portcullis_compiler::compile;
use portcullis_compiler::plan::Plan;
use portcullis_syntax::{Source, Sources};

use crate::corpus::evaluators;
use crate::generate::{Dice, exchanges, policy};

/// Makes a policy and requests of the choices, and has every evaluator decide each request under
/// each profile. How many decisions were compared, or the first difference in words.
///
/// # Errors
/// The evaluators differ, or the policy that was made does not compile.
pub fn compare(choices: Vec<u16>) -> Result<usize, String> {
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
        for exchange in exchanges(&mut dice, &routes(plan)) {
            let mut answers = Vec::new();
            for (name, evaluator) in &mut evaluators {
                answers.push((*name, evaluator.send(&exchange)));
            }
            let (first, rest) = answers.split_first().ok_or("no evaluator")?;
            for other in rest {
                if other.1 != first.1 {
                    return Err(format!("{text}\n{exchange:?}\n{first:?}\n{other:?}"));
                }
            }
            count += 1;
        }
    }
    Ok(count)
}

/// The methods and the patterns of a plan's routes.
#[must_use]
pub fn routes(plan: &Plan) -> Vec<(String, String)> {
    plan.routes.iter().map(|route| (route.method.clone(), route.pattern.clone())).collect()
}

/// Choices without end, the same for the same seed on every machine (SplitMix64).
pub fn choices(seed: u64) -> impl Iterator<Item = u16> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u16::try_from((mixed ^ (mixed >> 31)) >> 48).unwrap_or(0)
    })
}
