//! `portcullis init [FOLDER]`

use std::path::PathBuf;

use clap::Args;

use crate::output::Output;
use crate::{Findings, Found, folder};

/// What a new policy begins with.
const STARTER: &[folder::File<'static>] = &[
    ("api.gate", include_str!("../../starter/api.gate")),
    ("api.test.gate", include_str!("../../starter/api.test.gate")),
];

#[derive(Args)]
pub(crate) struct Arguments {
    /// The folder to write; it must be new or empty.
    #[arg(default_value = "policy")]
    folder: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Found {
    for path in folder::write_new(&arguments.folder, STARTER)? {
        output.line(&format!("wrote {}", path.display()))?;
    }
    let shown = arguments.folder.display();
    output.lines(&format!(
        "
What to do next:
  1. Read {shown}/api.gate from the top, and write your own hosts, issuer and audience.
  2. Put your objects in the place of `note`, and your routes in the place of its routes.
  3. See what the tools say of it:
         portcullis lint {shown}
         portcullis test {shown}
         portcullis plan {shown} GET /notes --profile production
  4. Where there is an OpenAPI description, `portcullis import openapi FILE` begins from that."
    ))?;
    Ok(Findings::None)
}
