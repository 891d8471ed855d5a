//! `portcullis import openapi FILE`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use portcullis_openapi::{Imported, Report, import};

use crate::output::{Output, several};
use crate::{Failure, Findings, Found, description, folder, write};

/// The largest file of a policy.
const LARGEST: usize = 1024 * 1024;

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    from: From,
}

#[derive(Subcommand)]
enum From {
    /// Write a policy from an OpenAPI description, 3.0 or 3.1, in JSON or YAML.
    ///
    /// The policy denies by default: whom the description does not let in, and whose an object is where
    /// nothing says it, stays refused until a person decides. Each such place is marked TODO.
    Openapi(Openapi),
}

#[derive(Args)]
struct Openapi {
    /// The description.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The folder to write, which must be new or empty; `-` prints the policy as one text.
    #[arg(long, short, value_name = "FOLDER|-", default_value = "policy")]
    output: PathBuf,
    /// The path before all others, in the place of that of the description's `servers`; empty where a
    /// proxy takes it away.
    #[arg(long, value_name = "PATH", value_parser = description::base)]
    base: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Found {
    let From::Openapi(asked) = &arguments.from;
    let found = description::load(&asked.file)?;
    let imported = import(&found, asked.base.as_deref())
        .map_err(|why| description::failed(&asked.file, &why))?;
    if write::is_output(&asked.output) {
        let text = one_text(&imported)?;
        output.bytes(format!("{}\n", text.trim_end()).as_bytes())?;
        // What is printed is the policy and nothing else.
        for line in told(&imported.report) {
            output.complain(&line);
        }
        return Ok(Findings::None);
    }
    let files: Vec<folder::File<'_>> =
        imported.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    for path in folder::write_new(&asked.output, &files)? {
        output.line(&format!("wrote {}", path.display()))?;
    }
    output.line("")?;
    for line in told(&imported.report) {
        output.line(&line)?;
    }
    let shown = asked.output.display();
    output.lines(&format!(
        "
What to do next:
  1. Decide what the description does not say: `grep -n TODO {shown}/*.gate` finds it.
  2. See what else is probably not meant: `portcullis lint {shown}`
  3. See from now on where the two differ: `portcullis drift {shown} openapi {}`",
        asked.file.display()
    ))?;
    Ok(Findings::None)
}

/// All files as one.
fn one_text(imported: &Imported) -> Result<String, Failure> {
    let texts: Vec<&str> = imported.files.iter().map(|(_, text)| text.trim_end()).collect();
    let text = texts.join("\n\n");
    if text.len() > LARGEST {
        let why = "the policy is too large for one file; name a folder with `--output`";
        return Err(Failure::Said(why.to_owned()));
    }
    Ok(text)
}

/// What came of a description, line by line.
fn told(report: &Report) -> Vec<String> {
    let mut lines = vec![
        format!(
            "{}: {} open to everybody, {} closed until you say who may call",
            several(report.routes, "route"),
            report.public,
            report.closed
        ),
        format!("{}, {}", several(report.inputs, "input"), several(report.resources, "resource")),
    ];
    let all: usize = report.todos.values().sum();
    lines.push(format!("{} to decide", several(all, "TODO")));
    let width = report.todos.values().map(|count| count.to_string().len()).max().unwrap_or(1);
    for (todo, count) in &report.todos {
        lines.push(format!("  {count:>width$}  {}", todo.question()));
    }
    if !report.lost.is_empty() {
        let count = several(report.lost.len(), "thing");
        lines.push(format!("{count} that the language cannot say, each with a comment or a TODO"));
        for (place, what) in &report.lost {
            lines.push(format!("  {place}: {what}"));
        }
    }
    lines
}
