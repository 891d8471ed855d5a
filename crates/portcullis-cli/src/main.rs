//! `portcullis`: what authors and reviewers of a policy run.

mod description;
mod files;
mod folder;
mod output;
mod read;
mod shown;
mod verb;
mod watch;
mod write;

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use output::{Colour, Output};

/// Check, format, test and explain the policies of an HTTP API.
///
/// A PATH is a folder (its `*.gate` files are one policy, subfolders apart) or one file.
///
/// Exit status: 0 when all is well, 1 when there are findings, 2 when the command is wrong or a file
/// cannot be read.
#[derive(Parser)]
#[command(name = "portcullis", version, max_term_width = 100)]
struct Command {
    /// When to use colour; `auto` does on a terminal, unless NO_COLOR is set.
    #[arg(long, value_enum, default_value = "auto", global = true)]
    color: Colour,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Write a starter policy with tests into a new folder.
    ///
    /// It asks nothing and overwrites nothing. The starter is a small API with a comment at every step, to
    /// be changed until it says what an API does.
    Init(verb::init::Arguments),
    /// Write a policy from what describes an API already.
    Import(verb::import::Arguments),
    /// Say what a policy and the description of its API say differently.
    ///
    /// Routes and methods that one side alone has; and of those on both sides the names of parameters,
    /// headers and fields of bodies, and whether they must be sent. Paths are compared by their shape: what
    /// a parameter is called makes no difference.
    Drift(verb::drift::Arguments),
    /// Say what is wrong with policies, and what is probably not meant.
    Lint(verb::lint::Arguments),
    /// Say what a lint rule finds, why that is bad and how to mend it.
    Rule(verb::rule::Arguments),
    /// Write policies in the one layout.
    Fmt(verb::fmt::Arguments),
    /// Run the tests of policies (`*.test.gate`).
    Test(verb::test::Arguments),
    /// Print what is asked of one request, stage by stage.
    Plan(verb::plan::Arguments),
    /// Say why a request is admitted or refused.
    Explain(verb::explain::Arguments),
    /// Write the page that a review begins with.
    Audit(verb::audit::Arguments),
    /// Say why a token is refused, or make one for development.
    Token(verb::token::Arguments),
    /// Print what a shell needs to complete arguments.
    Completions(verb::completions::Arguments),
    /// Print the manual page, or write those of every command.
    Man(verb::man::Arguments),
}

/// What a verb found; an error is one of usage or of reading.
type Found = Result<Findings, Failure>;

/// Whether there was anything to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Findings {
    None,
    Some,
}

/// Why a verb could not do its work.
#[derive(Debug)]
enum Failure {
    /// To be said on standard error.
    Said(String),
    /// Nobody reads our output any more, as under `| head`.
    Unread,
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Failure::Unread,
            _ => Failure::Said(error.to_string()),
        }
    }
}

fn main() -> ExitCode {
    let command = match Command::try_parse() {
        Ok(command) => command,
        Err(told) => return usage(&told),
    };
    let mut output = Output::new(command.color);
    let found = match command.verb {
        Verb::Init(arguments) => verb::init::run(&arguments, &mut output),
        Verb::Import(arguments) => verb::import::run(&arguments, &mut output),
        Verb::Drift(arguments) => verb::drift::run(&arguments, &mut output),
        Verb::Lint(arguments) => verb::lint::run(&arguments, &mut output),
        Verb::Rule(arguments) => verb::rule::run(&arguments, &mut output),
        Verb::Fmt(arguments) => verb::fmt::run(&arguments, &mut output),
        Verb::Test(arguments) => verb::test::run(&arguments, &mut output),
        Verb::Plan(arguments) => verb::plan::run(&arguments, &mut output),
        Verb::Explain(arguments) => verb::explain::run(&arguments, &mut output),
        Verb::Audit(arguments) => verb::audit::run(&arguments, &mut output),
        Verb::Token(arguments) => verb::token::run(&arguments, &mut output),
        Verb::Completions(arguments) => verb::completions::run(&arguments, &mut output),
        Verb::Man(arguments) => verb::man::run(&arguments, &mut output),
    };
    match found {
        Ok(Findings::None) => ExitCode::SUCCESS,
        Ok(Findings::Some) => ExitCode::from(1),
        Err(Failure::Unread) => ExitCode::SUCCESS,
        Err(Failure::Said(why)) => {
            output.complain(&format!("portcullis: {why}"));
            ExitCode::from(2)
        }
    }
}

/// Prints what was asked for instead of a verb, or what is wrong with the arguments.
fn usage(told: &clap::Error) -> ExitCode {
    // An argument that acts on the terminal is said without colour, where it can be told from what is ours.
    let acts =
        |argument: OsString| matches!(shown::line(&argument.to_string_lossy()), Cow::Owned(_));
    let printed = match std::env::args_os().any(acts) {
        false => told.print(),
        true => {
            let text = told.render().to_string();
            write!(std::io::stderr().lock(), "{}", shown::lines(&text))
        }
    };
    match printed.map_err(Failure::from) {
        Err(Failure::Said(why)) => {
            // There is no third place to say that the second one is gone.
            let _ = writeln!(std::io::stderr().lock(), "portcullis: {why}");
            ExitCode::from(2)
        }
        _ => u8::try_from(told.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from),
    }
}
