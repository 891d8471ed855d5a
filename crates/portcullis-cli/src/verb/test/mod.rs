//! `portcullis test PATH…`

mod difference;
mod generate;
mod junit;
mod parallel;
mod report;
mod run;
mod selection;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Instant;

use crate::output::{Format, Output, unproved};
use crate::watch::watch;
use crate::{Findings, Found};
use clap::Args;

use self::selection::Suite;

/// Run the tests of policies on a virtual clock, with budgets in memory, once for each profile.
///
/// Ends with the line `N passed, N failed`: on standard output, or on standard error where the
/// format is `json`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Folders or files.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Run only the tests with this text in their title or in the path of their file; given several
    /// times, those with any of the texts.
    #[arg(long, short = 'f', value_name = "TEXT")]
    filter: Vec<String>,
    /// Run nothing; name the tests that would run, one a line, with the places where they stand.
    #[arg(long)]
    list: bool,
    /// How many tests run at once; as many as there are processors, where it is left out.
    #[arg(long, short, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Write the results as JUnit XML too, for a CI server; a file that is there is replaced.
    #[arg(long, value_name = "FILE", conflicts_with = "list")]
    junit: Option<PathBuf>,
    /// Run the tests again whenever a file of the paths has changed, until Ctrl-C.
    #[arg(long, short, conflicts_with = "list")]
    watch: bool,
    /// Write the cases that no test has into a new file, `generated.test.gate` beside the policy: each
    /// route by each role, by nobody, by who is related to its object and by who is not, with what the
    /// policy decides now, for you to confirm.
    #[arg(long, conflicts_with_all = ["filter", "list", "junit", "watch", "jobs", "verbose", "format"])]
    generate: bool,
    /// Where `--generate` writes: a new file whose name ends in `.test.gate`, or `-` for standard
    /// output.
    #[arg(long, short, value_name = "FILE", requires = "generate")]
    output: Option<PathBuf>,
    /// Name the tests that pass, too.
    #[arg(long, short)]
    verbose: bool,
    /// `json` prints one object a line: code, severity, message, help, file, line, column, end_line,
    /// end_column; of a test that failed also test, and difference: request, nth, caller, at, expected,
    /// found.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Found {
    if arguments.generate {
        return generate::run(&arguments.paths, arguments.output.as_deref(), output);
    }
    if arguments.watch {
        return watch(&arguments.paths, output, |output| once(arguments, output));
    }
    once(arguments, output)
}

fn once(arguments: &Arguments, output: &mut Output) -> Found {
    let suites = arguments.paths.iter().map(|path| Suite::load(path));
    let suites = suites.collect::<Result<Vec<_>, _>>()?;
    let mut broken = false;
    for suite in &suites {
        broken |= suite.tell_errors(arguments.format, output)?;
        if let (Format::Human, false, Some(said)) =
            (arguments.format, suite.compilation.has_errors(), unproved(&suite.compilation))
        {
            output.line(&said)?;
        }
    }
    let chosen = selection::choose(&suites, &arguments.filter)?;
    if arguments.list {
        report::list(&chosen, arguments.format, output)?;
        return Ok(if broken { Findings::Some } else { Findings::None });
    }
    let began = Instant::now();
    let ran = parallel::in_order(arguments.jobs, &chosen, run::run)?;
    let ran = ran.into_iter().collect::<Result<Vec<_>, _>>()?;
    if let Some(path) = &arguments.junit {
        junit::write(path, &suites, &ran, began.elapsed())?;
    }
    let counts = report::findings(&ran, arguments, output)?;
    report::summary(&counts, &suites, began.elapsed(), arguments.format, output)?;
    Ok(if broken || counts.failed > 0 { Findings::Some } else { Findings::None })
}
