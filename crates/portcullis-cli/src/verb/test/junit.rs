//! The results as JUnit XML: a suite a file, a case a test and profile.

use std::path::Path;
use std::time::Duration;

use portcullis_syntax::diagnostic::{Style, render};
use portcullis_syntax::{Severity, Sources};
use portcullis_test::Mismatch;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::difference;
use super::run::Ran;
use super::selection::Suite;
use crate::Failure;
use crate::output::Output;
use crate::write;

/// Writes the report.
pub(super) fn write(
    path: &Path,
    suites: &[Suite],
    ran: &[Ran<'_>],
    took: Duration,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut report = Report::new("portcullis");
    report.set_time(took);
    for suite in suites {
        report.add_test_suites(broken(suite));
    }
    let mut rest = ran;
    while let Some(first) = rest.first() {
        // Tests of one file stand side by side.
        let count = rest.iter().take_while(|ran| ran.chosen.file() == first.chosen.file()).count();
        let (of_file, after) = rest.split_at(count);
        rest = after;
        let mut suite = TestSuite::new(first.chosen.file());
        suite.set_time(of_file.iter().map(Ran::took).sum());
        suite.add_test_cases(of_file.iter().flat_map(cases));
        report.add_test_suite(suite);
    }
    let text = report.to_string();
    let text = text.map_err(|why| Failure::Said(format!("{}: {why}", path.display())))?;
    // The crate takes away the control characters that XML has not (XML 1.0, 2.2), and not these two.
    let text = text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
    write::to(path, &text, output)
}

/// A policy that does not compile runs no test: that must not look like a file without any.
fn broken(suite: &Suite) -> Option<TestSuite> {
    let compilation = &suite.compilation;
    let faults = compilation.diagnostics.iter();
    let faults = faults.filter(|found| found.severity == Severity::Error).collect::<Vec<_>>();
    let first = faults.first()?;
    let file = first.span().and_then(|span| compilation.sources.file(span.file));
    let file = file.map_or("", |file| &file.name);
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(first.message.as_str()).set_type(first.code.as_str());
    let all = faults.iter().map(|fault| render(fault, &compilation.sources, Style::Plain));
    status.set_description(all.collect::<Vec<_>>().join("\n\n"));
    let mut case = TestCase::new("the policy compiles", status);
    case.set_classname(file);
    let mut suite = TestSuite::new(file);
    suite.add_test_case(case);
    Some(suite)
}

/// A case for each profile that the test ran under.
fn cases(ran: &Ran<'_>) -> Vec<TestCase> {
    let sources = &ran.chosen.suite.compilation.sources;
    let named = |status: TestCaseStatus, profile: Option<&str>, took: Duration| {
        // With one profile, titles are as they are in the file.
        let title = match profile {
            Some(profile) => format!("{} [{profile}]", ran.chosen.title()),
            None => ran.chosen.title().to_owned(),
        };
        let mut case = TestCase::new(title, status);
        case.set_classname(ran.chosen.file()).set_time(took);
        case.extra.insert("file".into(), ran.chosen.file().into());
        case.extra.insert("line".into(), ran.chosen.line().to_string().into());
        case
    };
    let several = ran.chosen.suite.compilation.profiles.len() > 1;
    match &ran.under {
        Ok(under) => under
            .iter()
            .map(|under| {
                let profile = several.then_some(under.profile);
                named(status(&under.mismatches, sources), profile, under.took)
            })
            .collect(),
        Err(fault) => {
            let mismatches = [Mismatch::from(fault.clone())];
            vec![named(status(&mismatches, sources), None, Duration::ZERO)]
        }
    }
}

fn status(mismatches: &[Mismatch], sources: &Sources) -> TestCaseStatus {
    let Some(first) = mismatches.first() else {
        return TestCaseStatus::success();
    };
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(first.fault.message.as_str()).set_type(first.fault.code.as_str());
    let texts = mismatches.iter().map(|mismatch| {
        let mut text = render(&mismatch.fault, sources, Style::Plain);
        for (_, line) in
            mismatch.difference.iter().flat_map(|found| difference::lines(found, sources))
        {
            text.push('\n');
            text.push_str(&line);
        }
        text
    });
    status.set_description(texts.collect::<Vec<_>>().join("\n\n"));
    status
}
