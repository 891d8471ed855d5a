//! `portcullis man [--output FOLDER]`

use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_mangen::{Man, generate_to};

use crate::output::Output;
use crate::{Command, Failure, Findings, Found, write};

/// Print the manual page, or write those of every command into a folder.
#[derive(Args)]
pub(crate) struct Arguments {
    /// A folder that is there: each page is written into it as a file. `-` prints the manual page.
    #[arg(long, short, value_name = "FOLDER|-")]
    output: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Found {
    match &arguments.output {
        Some(folder) if !write::is_output(folder) => generate_to(Command::command(), folder)
            .map_err(|why| Failure::Said(format!("{}: {why}", folder.display())))?,
        _ => {
            let mut page = Vec::new();
            Man::new(Command::command()).render(&mut page)?;
            output.bytes(&page)?;
        }
    }
    Ok(Findings::None)
}
