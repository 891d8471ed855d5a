//! `portcullis completions SHELL`

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use crate::output::Output;
use crate::{Command, Findings, Found};

/// Print what a shell needs to complete the arguments of `portcullis`.
///
/// For bash: `portcullis completions bash > ~/.local/share/bash-completion/completions/portcullis`
#[derive(Args)]
pub(crate) struct Arguments {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Found {
    let mut script = Vec::new();
    generate(arguments.shell, &mut Command::command(), "portcullis", &mut script);
    output.bytes(&script)?;
    Ok(Findings::None)
}
