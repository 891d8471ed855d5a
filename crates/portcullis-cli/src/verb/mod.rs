//! One file a verb.

pub(crate) mod audit;
pub(crate) mod completions;
pub(crate) mod drift;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod lint;
pub(crate) mod man;
pub(crate) mod plan;
pub(crate) mod rule;
pub(crate) mod test;
pub(crate) mod token;

use std::path::Path;

use portcullis_compiler::plan::Plan;
use portcullis_compiler::{Compilation, compile};
use portcullis_syntax::Severity;

use crate::Failure;
use crate::files::{self, Which};
use crate::output::{Format, Output};

/// A policy and its plan under one profile, which may be left out where there is but one. Nothing, where the
/// policy has faults, which are printed.
fn planned(
    path: &Path,
    profile: Option<&str>,
    output: &mut Output,
) -> Result<Option<(Compilation, Plan)>, Failure> {
    let compilation = compile(files::load(path, Which::Policy)?);
    if compilation.has_errors() {
        let faults = compilation.diagnostics.iter();
        for fault in faults.filter(|found| found.severity == Severity::Error) {
            output.finding(Format::Human, fault, &compilation.sources)?;
        }
        return Ok(None);
    }
    let known = || compilation.profiles.join("`, `");
    let profile = match (profile, compilation.profiles.as_slice()) {
        (Some(profile), _) => profile,
        (None, [only]) => only,
        (None, _) => {
            let known = known();
            return Err(Failure::Said(format!(
                "name one of the profiles with `--profile`: `{known}`"
            )));
        }
    };
    let Some(plan) = compilation.plan(profile).cloned() else {
        let known = known();
        return Err(Failure::Said(format!("no profile is called `{profile}`, only `{known}`")));
    };
    Ok(Some((compilation, plan)))
}
