//! What became of the tests, for people and as JSON.

use std::io;
use std::time::Duration;

use portcullis_test::Mismatch;

use super::run::Ran;
use super::selection::{Chosen, Suite};
use super::{Arguments, difference};
use crate::output::{Format, Output, json, several};

/// How many tests did what.
pub(super) struct Counts {
    pub(super) passed: usize,
    pub(super) failed: usize,
}

/// The tests that would run, one a line.
pub(super) fn list(chosen: &[Chosen<'_>], format: Format, output: &mut Output) -> io::Result<()> {
    for test in chosen {
        let (file, line, title) = (test.file(), test.line(), test.title());
        match format {
            Format::Human => output.line(&format!("{file}:{line}: {}", title))?,
            Format::Json => {
                let listed = serde_json::json!({ "title": title, "file": file, "line": line });
                output.json(&listed.to_string())?;
            }
        }
    }
    Ok(())
}

/// The tests that failed, with what is wrong; those that passed, where they are asked for.
pub(super) fn findings(
    ran: &[Ran<'_>],
    arguments: &Arguments,
    output: &mut Output,
) -> io::Result<Counts> {
    let human = arguments.format == Format::Human;
    let mut counts = Counts { passed: 0, failed: 0 };
    for ran in ran {
        let title = ran.chosen.title();
        if ran.passed() {
            counts.passed += 1;
            if arguments.verbose && human {
                output.line(&format!("ok      {title} ({:.0?})", ran.took()))?;
            }
            continue;
        }
        counts.failed += 1;
        if human {
            output.line(&format!("FAILED  {title}"))?;
        }
        for mismatch in ran.mismatches() {
            show(&mismatch, ran, arguments.format, output)?;
        }
    }
    Ok(counts)
}

/// A fault, with what was expected and what came.
fn show(mismatch: &Mismatch, ran: &Ran<'_>, format: Format, output: &mut Output) -> io::Result<()> {
    let sources = &ran.chosen.suite.compilation.sources;
    match format {
        Format::Human => {
            output.finding(format, &mismatch.fault, sources)?;
            if let Some(difference) = &mismatch.difference {
                for (side, line) in difference::lines(difference, sources) {
                    output.marked(side, &line)?;
                }
                output.line("")?;
            }
            Ok(())
        }
        Format::Json => {
            let mut finding = json(&mismatch.fault, sources);
            if let Some(finding) = finding.as_object_mut() {
                finding.insert("test".to_owned(), ran.chosen.title().into());
                let difference = mismatch.difference.as_ref();
                let difference = difference.map(|found| difference::json(found, sources));
                finding.extend(difference.map(|found| ("difference".to_owned(), found)));
            }
            output.json(&finding.to_string())
        }
    }
}

/// How long it took, and the line that tells the result.
pub(super) fn summary(
    counts: &Counts,
    suites: &[Suite],
    took: Duration,
    format: Format,
    output: &mut Output,
) -> io::Result<()> {
    let ran = counts.passed + counts.failed;
    let all = suites.iter().map(|suite| suite.tests().count()).sum::<usize>();
    let ran = if ran == all {
        several(ran, "test")
    } else {
        format!("{ran} of {}", several(all, "test"))
    };
    let lines = [
        format!("ran {ran} in {:.2} s", took.as_secs_f64()),
        format!("{} passed, {} failed", counts.passed, counts.failed),
    ];
    for line in lines {
        match format {
            Format::Human => output.line(&line)?,
            Format::Json => output.complain(&line),
        }
    }
    Ok(())
}
