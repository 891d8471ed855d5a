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

/// Write a starter policy with tests, to be changed until it says what an API does.
///
/// It asks nothing and overwrites nothing: the folder is a new or an empty one.
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
    output.line(&format!(
        "
What to do next:
  1. Read {shown}/api.gate from the top, and write your own hosts, issuer and audience.
  2. Put your objects in the place of `note`, and your routes in the place of its routes.
  3. portcullis lint {shown}                  what is wrong, and what is probably not meant
     portcullis test {shown}                  whether the policy does what api.test.gate promises
     portcullis plan {shown} GET /notes       what is asked of one request, stage by stage
                                              (with `--profile development` or `production`)
  4. Where there is an OpenAPI description, `portcullis import openapi FILE` begins from that."
    ))?;
    Ok(Findings::None)
}
