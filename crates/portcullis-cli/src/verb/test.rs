//! `portcullis test PATH…`

use std::path::PathBuf;

use clap::Args;
use portcullis::Policy;
use portcullis_compiler::{Compilation, compile};
use portcullis_syntax::ast::{Item, Test};
use portcullis_syntax::{Diagnostic, Severity};
use portcullis_test::{EngineEvaluator, profiles, run as run_test};

use crate::files::{self, Which};
use crate::output::{Format, Output, unproved};
use crate::{Failure, Findings, Found};

/// Run the tests of policies on a virtual clock, with budgets in memory, once for each profile.
///
/// Ends with the line `N passed, N failed`: on standard output, or on standard error where the
/// format is `json`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Folders or files.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Name the tests that pass, too.
    #[arg(long, short)]
    verbose: bool,
    /// `json` prints one object a line: code, severity, message, help, file, line, column, end_line,
    /// end_column.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Found {
    let (mut passed, mut failed) = (0usize, 0usize);
    let mut broken = false;
    for path in &arguments.paths {
        let compilation = compile(files::load(path, Which::WithTests)?);
        if compilation.has_errors() {
            broken = true;
            let errors =
                compilation.diagnostics.iter().filter(|found| found.severity == Severity::Error);
            for error in errors {
                output.finding(arguments.format, error, &compilation.sources)?;
            }
            continue;
        }
        if let (Format::Human, Some(said)) = (arguments.format, unproved(&compilation)) {
            output.line(&said)?;
        }
        let policy = Policy::from(compilation.clone());
        for item in compilation.files.iter().flat_map(|file| &file.items) {
            let Item::Test(test) = item else { continue };
            let faults = faults(&compilation, &policy, test)?;
            if faults.is_empty() {
                passed += 1;
                if arguments.verbose && arguments.format == Format::Human {
                    output.line(&format!("ok      {}", test.title.node))?;
                }
                continue;
            }
            failed += 1;
            if arguments.format == Format::Human {
                output.line(&format!("FAILED  {}", test.title.node))?;
            }
            for fault in &faults {
                output.finding(arguments.format, fault, &compilation.sources)?;
            }
        }
    }
    let summary = format!("{passed} passed, {failed} failed");
    match arguments.format {
        Format::Human => output.line(&summary)?,
        Format::Json => output.complain(&summary),
    }
    Ok(if broken || failed > 0 { Findings::Some } else { Findings::None })
}

/// What is wrong with one test under all its profiles; each fault once.
fn faults(
    compilation: &Compilation,
    policy: &Policy,
    test: &Test,
) -> Result<Vec<Diagnostic>, Failure> {
    let wanted = match profiles(test, &compilation.profiles) {
        Ok(profiles) => profiles,
        Err(fault) => return Ok(vec![fault]),
    };
    let mut faults: Vec<Diagnostic> = Vec::new();
    for profile in wanted {
        let Some(plan) = compilation.plan(profile) else { continue };
        let mut evaluator =
            EngineEvaluator::new(policy, profile).map_err(|why| Failure::Said(why.to_string()))?;
        for fault in run_test(plan, test, &mut evaluator) {
            let fault = match compilation.profiles.len() {
                1 => fault,
                _ => Diagnostic {
                    message: format!("{} (profile `{profile}`)", fault.message),
                    ..fault
                },
            };
            faults.push(fault);
        }
    }
    Ok(faults)
}
