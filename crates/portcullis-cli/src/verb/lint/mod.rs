//! `portcullis lint PATH…`

mod baseline;
mod edited;
mod fix;
mod sarif;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use portcullis_compiler::{Compilation, compile};
use portcullis_lint::{Verdict, verdict};
use portcullis_syntax::{Diagnostic, Severity};

use self::baseline::Baseline;
use self::sarif::Log;
use crate::files::{self, Which};
use crate::output::{Format, Output, count, several, unproved};
use crate::watch::watch;
use crate::{Failure, Findings, Found};

/// Compile policies and hold them to the lint rules. Test files are checked too.
///
/// `portcullis rule NAME` says what a rule finds and how to mend it.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Folders or files.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// What counts as a finding beside errors.
    #[arg(long, value_enum, value_name = "LEVEL")]
    deny: Option<Deny>,
    /// `json` prints one object a line: code, severity, message, help, file, line, column, end_line,
    /// end_column. `sarif` prints one SARIF 2.1.0 log, waived findings as suppressed ones.
    #[arg(long, value_enum, default_value = "human")]
    format: Form,
    /// Mend what needs no decision, in the files themselves, and report the rest.
    #[arg(long)]
    fix: bool,
    /// Findings that this file lists are known: they are neither shown nor counted.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what is found now into the baseline, so that only what comes later is a finding.
    #[arg(long, requires = "baseline")]
    write_baseline: bool,
    /// Lint again whenever a file of the policies has changed.
    #[arg(long, conflicts_with_all = ["fix", "write_baseline"])]
    watch: bool,
}

/// Levels that can be denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// Warnings count like errors.
    Warnings,
    /// Warnings and notes do.
    Notes,
}

/// The form of what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people.
    Human,
    /// One JSON object a line and finding.
    Json,
    /// One SARIF 2.1.0 log.
    Sarif,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Found {
    match arguments.watch {
        true => watch(&arguments.paths, output, |output| once(arguments, output)),
        false => once(arguments, output),
    }
}

fn once(arguments: &Arguments, output: &mut Output) -> Found {
    let mut known = match &arguments.baseline {
        Some(file) if arguments.write_baseline => Some(Baseline::renewed(file, &arguments.paths)?),
        Some(file) => Some(Baseline::read(file, &arguments.paths)?),
        None => None,
    };
    let mut log = Log::default();
    let (mut found, mut broken) = (Findings::None, false);
    for path in &arguments.paths {
        if arguments.fix {
            fix::fix(path, output)?;
        }
        let of_path = one(path, arguments, known.as_mut(), &mut log, output)?;
        broken |= of_path == OfPolicy::Broken;
        if of_path != OfPolicy::Sound {
            found = Findings::Some;
        }
    }
    if arguments.format == Form::Sarif {
        output.json(&log.json().map_err(|why| Failure::Said(why.to_string()))?)?;
    }
    match known {
        // The rules have not looked: what is known and what is gone, nobody can say.
        _ if broken && arguments.write_baseline => {
            output.complain("portcullis: the baseline is as it was: a policy does not compile");
        }
        _ if broken => {}
        Some(known) if arguments.write_baseline => {
            known.write()?;
            if arguments.format == Form::Human {
                let known = several(known.len(), "known finding");
                let file = arguments.baseline.iter().map(|file| file.display().to_string());
                output.line(&format!("{}: {known}", file.collect::<String>()))?;
            }
        }
        Some(known) if known.len() > 0 && arguments.format == Form::Human => {
            let gone = several(known.len(), "known finding");
            output.line(&format!("{gone} no longer found: `--write-baseline` forgets that"))?;
        }
        _ => {}
    }
    Ok(found)
}

/// What came of one policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OfPolicy {
    /// Nothing counts as a finding.
    Sound,
    /// Something does.
    Finding,
    /// It does not compile.
    Broken,
}

/// Lints one policy.
fn one(
    path: &Path,
    arguments: &Arguments,
    mut known: Option<&mut Baseline>,
    log: &mut Log,
    output: &mut Output,
) -> Result<OfPolicy, Failure> {
    let sources = files::load(path, Which::WithTests)?;
    let files = files::policy_files(&sources);
    let compilation = compile(sources);
    let Verdict { open, waived, .. } = verdict(&compilation);
    let mut diagnostics = compilation.diagnostics.clone();
    diagnostics.extend(open);
    diagnostics.sort_by_key(Diagnostic::span);
    let mut of_baseline = 0_usize;
    diagnostics.retain(|diagnostic| {
        let is_known = known.as_mut().is_some_and(|known| match arguments.write_baseline {
            true => known.add(diagnostic, &compilation.sources),
            false => known.take(diagnostic, &compilation.sources),
        });
        if is_known {
            of_baseline += 1;
            log.known(diagnostic, &compilation.sources);
        }
        !is_known
    });
    for diagnostic in &diagnostics {
        match arguments.format {
            Form::Human => output.finding(Format::Human, diagnostic, &compilation.sources)?,
            Form::Json => output.finding(Format::Json, diagnostic, &compilation.sources)?,
            Form::Sarif => log.open(diagnostic, &compilation.sources),
        }
    }
    for (diagnostic, waiver) in &waived {
        log.waived(diagnostic, waiver, &compilation.sources);
    }
    if arguments.format == Form::Human {
        let line = summary(path, &compilation, &diagnostics, (files, waived.len(), of_baseline));
        output.line(&line)?;
    }
    let counts = |diagnostic: &Diagnostic| match diagnostic.severity {
        Severity::Error => true,
        Severity::Warning => arguments.deny.is_some(),
        Severity::Note => arguments.deny == Some(Deny::Notes),
    };
    Ok(match diagnostics.iter().any(counts) {
        true if compilation.has_errors() => OfPolicy::Broken,
        true => OfPolicy::Finding,
        false => OfPolicy::Sound,
    })
}

fn summary(
    path: &Path,
    compilation: &Compilation,
    found: &[Diagnostic],
    (files, waived, known): (usize, usize, usize),
) -> String {
    let result = count(found).unwrap_or_else(|| "nothing to find".to_owned());
    let mut line = format!("{}: {result} in {}", path.display(), several(files, "file"));
    let mut add = |said: String| line = format!("{line}; {said}");
    if waived > 0 {
        add(format!("{waived} waived"));
    }
    if known > 0 {
        add(format!("{known} in the baseline"));
    }
    let fixable = found.iter().filter(|found| !found.edits.is_empty()).count();
    if fixable > 0 {
        add(format!("`--fix` mends {fixable}"));
    }
    if let Some(unproved) = unproved(compilation) {
        add(unproved);
    }
    line
}
