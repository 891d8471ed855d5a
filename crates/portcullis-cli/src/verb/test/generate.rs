//! `--generate`: the cases that no test has, for the author to confirm.

use std::io::Write;
use std::path::{Path, PathBuf};

use portcullis_syntax::Source;
use portcullis_test::generate::{Generated, generate};

use super::selection::Suite;
use super::{parallel, run as running, selection};
use crate::files::{self, Over};
use crate::output::{Format, Output, several};
use crate::{Failure, Findings, Found};

pub(super) fn run(paths: &[PathBuf], to: Option<&Path>, output: &mut Output) -> Found {
    let [path] = paths else {
        let why = "`--generate` writes for one policy: give one PATH";
        return Err(Failure::Said(why.to_owned()));
    };
    let printed = to == Some(Path::new("-"));
    let file = match to {
        Some(file) => file.to_owned(),
        None => beside(path)?,
    };
    if !printed {
        free(&file)?;
    }
    let suite = Suite::load(path)?;
    if suite.tell_errors(Format::Human, output)? {
        return Ok(Findings::Some);
    }
    let generated = generate(&suite.compilation, &suite.policy).map_err(bug)?;
    if generated.tests > 0 {
        check(&suite, &file, &generated)?;
        match printed {
            true => write!(std::io::stdout().lock(), "{}", generated.text)?,
            false => files::write(&file, &generated.text, Over::Nothing)?,
        }
    }
    for line in summary(&generated, (!printed).then_some(&*file)) {
        match printed {
            true => output.complain(&line),
            false => output.line(&line)?,
        }
    }
    Ok(Findings::None)
}

/// Where the cases of a policy go, if nobody says: where its tests are read.
fn beside(path: &Path) -> Result<PathBuf, Failure> {
    if path.is_file() {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        return Err(Failure::Said(format!(
            "{}: tests in a file beside it are not read where a single file is tested; pass the folder, \
             `portcullis test {} --generate`, or say where to write by `--output`",
            path.display(),
            folder.display()
        )));
    }
    Ok(path.join("generated.test.gate"))
}

/// Whether a file may be written: before anything is done, and once more when it is.
fn free(file: &Path) -> Result<(), Failure> {
    let name = file.file_name().map_or(&[][..], |name| name.as_encoded_bytes());
    if !name.ends_with(b".test.gate") {
        return Err(Failure::Said(format!(
            "{}: the name of a file of tests ends in `.test.gate`",
            file.display()
        )));
    }
    if file.symlink_metadata().is_ok() {
        return Err(Failure::Said(format!(
            "{}: this file is there already, and is never overwritten; rename it once you have \
             confirmed its cases, or name another with `--output`",
            file.display()
        )));
    }
    Ok(())
}

/// What is written compiles, and passes: anything else would be a bug of ours, and is not written.
fn check(suite: &Suite, file: &Path, generated: &Generated) -> Result<(), Failure> {
    let mut sources = suite.compilation.sources.clone();
    // It is a file of tests, also where it is printed.
    let name = file.with_file_name("generated.test.gate").display().to_string();
    sources.add(Source::new(name, generated.text.as_str()));
    let whole = [Suite::of(sources)];
    let mut chosen = selection::choose(&whole, &[])?;
    let new = chosen.split_off(chosen.len().saturating_sub(generated.tests));
    if new.len() != generated.tests {
        return Err(bug("what was generated does not compile".to_owned()));
    }
    for ran in parallel::in_order(None, &new, running::covering(false))? {
        let ran = ran?;
        if !ran.passed() {
            return Err(bug(format!("`{}` does not pass", ran.chosen.title())));
        }
    }
    Ok(())
}

fn bug(why: String) -> Failure {
    Failure::Said(format!("{why}; please report this"))
}

fn summary(generated: &Generated, file: Option<&Path>) -> Vec<String> {
    let mut lines = Vec::new();
    let (tests, subjects) = (generated.tests, generated.subjects);
    lines.push(match tests {
        0 => "no case is missing that can be made up".to_owned(),
        _ => format!(
            "wrote {} of {} to {}: read each group, then delete its `confirm`",
            several(tests, "case"),
            several(subjects, "route"),
            file.map_or_else(|| "standard output".to_owned(), |file| file.display().to_string())
        ),
    });
    let left_out = generated.left_out.iter().map(|left| left.cases).sum::<usize>();
    if left_out > 0 {
        lines.push(format!("left out {}:", several(left_out, "case")));
    }
    lines.extend(generated.left_out.iter().map(|left| {
        format!("    {} ({}): {}", left.subject, several(left.cases, "case"), left.why)
    }));
    lines
}
