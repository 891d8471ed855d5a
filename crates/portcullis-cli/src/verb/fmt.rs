//! `portcullis fmt [--check] PATH…`

use std::path::PathBuf;

use clap::Args;
use portcullis_syntax::{FormatError, format};
use similar::TextDiff;

use crate::files::{self, Which};
use crate::output::{Format, Output};
use crate::write::{self, Over};
use crate::{Failure, Findings, Found};

/// Write policies and their tests in the one layout. A file with faults is left alone.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Folders or files.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Change nothing; print what would change and exit with 1 if anything would.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Found {
    let mut found = Findings::None;
    for path in &arguments.paths {
        let paths = files::paths(path, Which::Any)?;
        // One that cannot be read is found before any is written.
        files::read(&paths)?;
        for path in &paths {
            let sources = files::read(std::slice::from_ref(path))?;
            let Some((_, source)) = sources.iter().next() else { continue };
            // The mark goes like other white space.
            let mark = if files::is_marked(path)? { "\u{feff}" } else { "" };
            let before = format!("{mark}{}", source.text);
            match format(source) {
                Ok(formatted) if formatted == before => {}
                Ok(formatted) if arguments.check => {
                    found = Findings::Some;
                    let diff = TextDiff::from_lines(&before, &formatted);
                    let mut diff = diff.unified_diff();
                    let name = path.display().to_string();
                    let diff = diff.context_radius(1).header(&name, &name);
                    output.lines(diff.to_string().trim_end())?;
                }
                Ok(formatted) => {
                    write::file(path, &formatted, Over::Another)?;
                    output.line(&format!("formatted {}", path.display()))?;
                }
                Err(FormatError::Syntax(faults)) => {
                    found = Findings::Some;
                    for fault in &faults {
                        output.finding(Format::Human, fault, &sources)?;
                    }
                }
                Err(FormatError::Changed) => {
                    return Err(Failure::Said(format!(
                        "{}: formatting would change what it says; please report this",
                        path.display()
                    )));
                }
            }
        }
    }
    Ok(found)
}
