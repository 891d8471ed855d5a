//! `portcullis test PATH…`

mod coverage;
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

use clap::Args;

use crate::output::{Format, Output, unproved};
use crate::watch::watch;
use crate::{Failure, Findings, Found, write};

use self::coverage::Seen;
use self::run::Ran;
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
    /// Write the results as JUnit XML too, for a CI server; a file that is there is replaced. `-` is
    /// standard output, and all else that is said then stands on standard error.
    #[arg(long, value_name = "FILE|-", conflicts_with = "list")]
    junit: Option<PathBuf>,
    /// Tell how each clause can come out, and in no test has: routes, `allow`, `deny`, `require`,
    /// `visible`, operands of `and` and `or`, budgets, views.
    #[arg(long, conflicts_with_all = ["list", "generate"])]
    coverage: bool,
    /// Exit with 1 if less of that is covered; implies `--coverage`.
    #[arg(long, value_name = "PERCENT", value_parser = percentage, conflicts_with_all = ["list", "generate"])]
    coverage_min: Option<f64>,
    /// Write the coverage as an LCOV trace file too; a file that is there is replaced. `-` is standard
    /// output, as of `--junit`.
    #[arg(long, value_name = "FILE|-", conflicts_with_all = ["list", "generate"])]
    lcov: Option<PathBuf>,
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
    /// found. The last object is the coverage, if that is asked for.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Found {
    if arguments.generate {
        return generate::run(&arguments.paths, arguments.output.as_deref(), output);
    }
    let written = [&arguments.junit, &arguments.lcov];
    if let [Some(junit), Some(lcov)] = written
        && write::are_same(junit, lcov)
    {
        let why = "`--junit` and `--lcov` name the same file; give each its own";
        return Err(Failure::Said(why.to_owned()));
    }
    if written.into_iter().flatten().any(|path| write::is_output(path)) {
        if arguments.watch {
            let why = "`--watch` writes again and again: name a file in the place of `-`";
            return Err(Failure::Said(why.to_owned()));
        }
        output.say_beside();
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
    let covering =
        arguments.coverage || arguments.coverage_min.is_some() || arguments.lcov.is_some();
    let ran = parallel::in_order(arguments.jobs, &chosen, run::covering(covering))?;
    let ran = ran.into_iter().collect::<Result<Vec<_>, _>>()?;
    let took = began.elapsed();
    let counts = report::findings(&ran, arguments, output)?;
    if let Some(path) = &arguments.junit {
        junit::write(path, &suites, &ran, took, output)?;
    }
    let mut found = broken || counts.failed > 0;
    if covering {
        found |= !cover(&suites, &ran, arguments, output)?;
    }
    report::summary(&counts, &suites, took, arguments.format, output)?;
    Ok(if found { Findings::Some } else { Findings::None })
}

/// Tells the coverage; whether it is enough.
fn cover(
    suites: &[Suite],
    ran: &[Ran<'_>],
    arguments: &Arguments,
    output: &mut Output,
) -> Result<bool, Failure> {
    let mut covered = Vec::new();
    for suite in suites.iter().filter(|suite| !suite.compilation.has_errors()) {
        let mut seen = Seen::default();
        let of_suite = ran.iter().filter(|ran| std::ptr::eq(ran.chosen.suite, suite));
        of_suite.flat_map(Ran::seen).for_each(|more| seen.join(more));
        covered.extend(coverage::covered(&suite.compilation, &seen));
    }
    if let Some(path) = &arguments.lcov {
        coverage::write_lcov(path, &covered, output)?;
    }
    let asked = arguments.coverage || arguments.coverage_min.is_some();
    match arguments.format {
        Format::Json if asked => output.json(&coverage::json(&covered).to_string())?,
        Format::Human if asked => {
            coverage::lines(&covered).iter().try_for_each(|line| output.line(line))?;
        }
        _ => {}
    }
    let percent = coverage::percent(&covered);
    match arguments.coverage_min.filter(|least| percent < *least) {
        Some(least) => {
            let said = format!("coverage is {percent:.3} %, and {least} % is the least");
            output.complain(&format!("portcullis: {said}"));
            Ok(false)
        }
        None => Ok(true),
    }
}

fn percentage(text: &str) -> Result<f64, String> {
    let percent = text.parse::<f64>().ok().filter(|percent| (0.0..=100.0).contains(percent));
    percent.ok_or_else(|| "expected a number from 0 to 100".to_owned())
}
