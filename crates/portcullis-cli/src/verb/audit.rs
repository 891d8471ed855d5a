//! `portcullis audit PATH`

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use portcullis_compiler::compile;
use portcullis_syntax::Severity;

use crate::files::{self, Which};
use crate::output::{Format, Output};
use crate::{Failure, Findings, Found, shown, write};

/// Write the page that a review of a policy begins with: what the policy does about each of the ten OWASP
/// risks, who may call what, budgets, fields that leave, input, credentials and settings.
///
/// It exits with 0 where the page is written, whatever it says, with 1 where the policy does not compile and
/// so has no page.
#[derive(Args)]
pub(crate) struct Arguments {
    /// A folder or a file.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// The form of the page. `html` is one file that loads nothing.
    #[arg(long, value_enum, default_value = "text")]
    format: Form,
    /// Where to write it, all of it or nothing; `-`, as where it is left out, is standard output.
    #[arg(long, short, value_name = "FILE|-")]
    output: Option<PathBuf>,
    /// The profile that the page is about; left out, it is `production`, or the first by name where there is
    /// none. What differs under the others is said on the page.
    #[arg(long)]
    profile: Option<String>,
}

/// The form of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For a terminal.
    Text,
    /// For a merge request.
    Markdown,
    /// For a browser.
    Html,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Found {
    let compilation = compile(files::load(&arguments.path, Which::Policy)?);
    if compilation.has_errors() {
        let faults = compilation.diagnostics.iter();
        for fault in faults.filter(|found| found.severity == Severity::Error) {
            output.finding(Format::Human, fault, &compilation.sources)?;
        }
        return Ok(Findings::Some);
    }
    let shown = portcullis_audit::profile_shown(&compilation);
    let profile = arguments.profile.as_deref().or(shown).unwrap_or("");
    let name = arguments.path.display().to_string();
    let Some(document) = portcullis_audit::audit(&compilation, profile, &name) else {
        let known = compilation.profiles.join("`, `");
        return Err(Failure::Said(format!("no profile is called `{profile}`, only `{known}`")));
    };
    let page = match arguments.format {
        Form::Text => portcullis_audit::text(&document),
        Form::Markdown => portcullis_audit::markdown(&document),
        Form::Html => portcullis_audit::html(&document),
    };
    // A file is read on a terminal too.
    let page = shown::lines(&page);
    write::to(arguments.output.as_deref().unwrap_or(Path::new("-")), &page, output)?;
    Ok(Findings::None)
}
