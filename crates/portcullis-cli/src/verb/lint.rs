//! `portcullis lint PATH…`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use portcullis_compiler::compile;
use portcullis_lint::lint;
use portcullis_syntax::{Diagnostic, Severity};

use crate::files::{self, Which};
use crate::output::{Format, Output, count, several, unproved};
use crate::{Findings, Found};

/// Compile policies and hold them to the lint rules. Test files are checked too.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Folders or files.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// What counts as a finding beside errors.
    #[arg(long, value_enum, value_name = "LEVEL")]
    deny: Option<Deny>,
    /// `json` prints one object a line: code, severity, message, help, file, line, column, end_line,
    /// end_column.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Levels that can be denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// Warnings count like errors.
    Warnings,
    /// Warnings and notes do.
    Notes,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Found {
    let mut found = Findings::None;
    for path in &arguments.paths {
        let sources = files::load(path, Which::WithTests)?;
        let files = files::policy_files(&sources);
        let compilation = compile(sources);
        let mut diagnostics = compilation.diagnostics.clone();
        diagnostics.extend(lint(&compilation));
        diagnostics.sort_by_key(Diagnostic::span);
        for diagnostic in &diagnostics {
            output.finding(arguments.format, diagnostic, &compilation.sources)?;
        }
        let counts = |diagnostic: &Diagnostic| match diagnostic.severity {
            Severity::Error => true,
            Severity::Warning => arguments.deny.is_some(),
            Severity::Note => arguments.deny == Some(Deny::Notes),
        };
        if diagnostics.iter().any(counts) {
            found = Findings::Some;
        }
        if arguments.format == Format::Human {
            let result = count(&diagnostics).unwrap_or_else(|| "nothing to find".to_owned());
            let mut line = format!("{}: {result} in {}", path.display(), several(files, "file"));
            if let Some(unproved) = unproved(&compilation) {
                line = format!("{line}; {unproved}");
            }
            output.line(&line)?;
        }
    }
    Ok(found)
}
