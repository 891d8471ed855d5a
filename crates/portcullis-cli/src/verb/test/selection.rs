//! The tests that there are, and those that are to run.

use std::io;
use std::path::Path;

use portcullis::Policy;
use portcullis_compiler::{Compilation, compile};
use portcullis_syntax::ast::{Item, Test};
use portcullis_syntax::{Severity, Sources};

use crate::Failure;
use crate::files::{self, Which};
use crate::output::{Format, Output};

/// A policy with its tests.
pub(super) struct Suite {
    pub(super) compilation: Compilation,
    pub(super) policy: Policy,
}

/// A test that is to run.
#[derive(Clone, Copy)]
pub(super) struct Chosen<'s> {
    pub(super) suite: &'s Suite,
    pub(super) test: &'s Test,
}

impl Suite {
    pub(super) fn load(path: &Path) -> Result<Suite, Failure> {
        Ok(Suite::of(files::load(path, Which::WithTests)?))
    }

    pub(super) fn of(sources: Sources) -> Suite {
        let compilation = compile(sources);
        let policy = Policy::from(compilation.clone());
        Suite { compilation, policy }
    }

    /// Tells what keeps the policy from compiling; whether anything does.
    pub(super) fn tell_errors(&self, format: Format, output: &mut Output) -> io::Result<bool> {
        let faults = self.compilation.diagnostics.iter();
        for fault in faults.filter(|found| found.severity == Severity::Error) {
            output.finding(format, fault, &self.compilation.sources)?;
        }
        Ok(self.compilation.has_errors())
    }

    /// The tests, in the order of the files and of their text.
    pub(super) fn tests(&self) -> impl Iterator<Item = &Test> {
        let items = self.compilation.files.iter().flat_map(|file| &file.items);
        items.filter_map(|item| match item {
            Item::Test(test) => Some(test),
            _ => None,
        })
    }
}

impl Chosen<'_> {
    /// The path of the file that the test stands in.
    pub(super) fn file(&self) -> &str {
        let file = self.suite.compilation.sources.file(self.test.span.file);
        file.map_or("", |file| &file.name)
    }

    pub(super) fn title(&self) -> &str {
        &self.test.title.node
    }

    /// The line that the test begins on.
    pub(super) fn line(&self) -> u32 {
        let span = self.test.span;
        self.suite.compilation.sources.position(span.file, span.start).0
    }
}

/// The tests of the policies that compile, those with one of the texts where there are any.
///
/// # Errors
/// A text that no test has: whoever mistypes a title would take "0 failed" for good news.
pub(super) fn choose<'s>(
    suites: &'s [Suite],
    filters: &[String],
) -> Result<Vec<Chosen<'s>>, Failure> {
    let all = suites.iter().flat_map(|suite| suite.tests().map(move |test| Chosen { suite, test }));
    let all = all.collect::<Vec<_>>();
    let has = |chosen: &Chosen<'_>, text: &str| {
        chosen.title().contains(text) || chosen.file().contains(text)
    };
    if let Some(vain) = filters.iter().find(|text| !all.iter().any(|chosen| has(chosen, text))) {
        return Err(Failure::Said(format!(
            "no test has `{vain}` in its title or in the path of its file; `--list` without \
             `--filter` names them all"
        )));
    }
    let wanted =
        |chosen: &Chosen<'_>| filters.is_empty() || filters.iter().any(|text| has(chosen, text));
    let runs = |chosen: &Chosen<'_>| !chosen.suite.compilation.has_errors();
    Ok(all.into_iter().filter(|chosen| runs(chosen) && wanted(chosen)).collect())
}
