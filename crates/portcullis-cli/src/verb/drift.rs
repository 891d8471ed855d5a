//! `portcullis drift PATH openapi FILE`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use portcullis_compiler::compile;
use portcullis_openapi::{Difference, drift};
use portcullis_syntax::Severity;

use crate::files::{self, Which};
use crate::output::{Format, Output, several};
use crate::{Findings, Found, description};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The policy: a folder or a file.
    #[arg(value_name = "PATH")]
    policy: PathBuf,
    #[command(subcommand)]
    with: With,
}

#[derive(Subcommand)]
enum With {
    /// Compare it with an OpenAPI description, 3.0 or 3.1, in JSON or YAML.
    Openapi(Openapi),
}

#[derive(Args)]
struct Openapi {
    /// The description.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The path before all others, in the place of those of the description's `servers`; empty where a
    /// proxy takes it away.
    #[arg(long, value_name = "PATH", value_parser = description::base)]
    base: Option<String>,
    /// `json` prints one object a line: side, method, path, what, name, message.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Found {
    let With::Openapi(asked) = &arguments.with;
    let found = description::load(&asked.file)?;
    let compilation = compile(files::load(&arguments.policy, Which::Policy)?);
    // The profiles differ in hosts and settings, and not in their routes.
    let Some(plan) = compilation.plans.first() else {
        let faults = compilation.diagnostics.iter();
        for fault in faults.filter(|found| found.severity == Severity::Error) {
            output.finding(Format::Human, fault, &compilation.sources)?;
        }
        return Ok(Findings::Some);
    };
    let differences = drift(&found, plan, asked.base.as_deref())
        .map_err(|why| description::failed(&asked.file, &why))?;
    for difference in &differences {
        match asked.format {
            Format::Human => output.line(&difference.message)?,
            Format::Json => output.json(&json(difference))?,
        }
    }
    if asked.format == Format::Human {
        let (policy, file) = (arguments.policy.display(), asked.file.display());
        let count = match differences.len() {
            0 => "no difference".to_owned(),
            count => several(count, "difference"),
        };
        output.line(&format!("{count} between {policy} and {file}"))?;
    }
    Ok(if differences.is_empty() { Findings::None } else { Findings::Some })
}

fn json(found: &Difference) -> String {
    serde_json::json!({
        "side": found.side.as_str(),
        "method": found.method,
        "path": found.path,
        "what": found.what,
        "name": found.name,
        "message": found.message,
    })
    .to_string()
}
