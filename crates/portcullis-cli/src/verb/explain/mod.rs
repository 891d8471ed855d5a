//! `portcullis explain PATH --request 'GET /path'`, `--curl '…'` or `--record FILE`

mod asked;
mod curl;
mod decided;
mod mend;
mod print;
mod record;
mod report;
mod steps;
mod typed;
mod who;
mod why;

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use portcullis_syntax::Sources;

use self::report::{Decision, Report};
use crate::output::{Format, Output};
use crate::{Failure, Findings, Found};

/// Say why a request is admitted or refused: the stages in order, the clause that decided, and what would
/// have admitted it.
///
/// The request is decided as `portcullis test` would decide it: the caller and the objects are those that are
/// given here, and what is left out of them is made up; no token is verified, and every budget is full.
///
/// Exit status: 0 when the request is admitted, 1 when it is refused, 2 when it could not be decided.
#[derive(Args)]
pub(crate) struct Arguments {
    /// A folder or a file.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    #[command(flatten)]
    what: What,
    /// A header of the request; may stand several times.
    #[arg(long, value_name = "NAME: VALUE", conflicts_with = "record")]
    header: Vec<String>,
    /// The body, or `@FILE` for what a file holds. It is sent as JSON, unless a `Content-Type` says
    /// otherwise.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["record", "curl"])]
    body: Option<String>,
    /// Who calls, in the words of tests: `id: "u1" role: user`. Without it no credential came.
    #[arg(long, value_name = "ATTRIBUTES", conflicts_with = "record")]
    caller: Option<String>,
    /// The caller's credential, by its name in the policy; may be left out where tests may leave it out.
    #[arg(long, value_name = "NAME", requires = "caller")]
    credential: Option<String>,
    /// An object that the service would find, in the words of tests: `order { user_id: "u1" }`, or
    /// `order none`. May stand several times; of a list, each is a row.
    #[arg(long, value_name = "OBJECT", conflicts_with = "record")]
    given: Vec<String>,
    /// The address that the request comes from, before proxies [default: 192.0.2.1]
    #[arg(long, value_name = "ADDRESS", conflicts_with = "record")]
    from: Option<IpAddr>,
    /// The time of the request, such as `2026-01-31T12:00:00Z` [default: now]
    #[arg(long, value_name = "TIME", conflicts_with = "record")]
    at: Option<String>,
    /// Sends the request so often, at once, and explains the last: for budgets.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..=1_000),
        conflicts_with = "record"
    )]
    times: u32,
    /// The profile; may be left out where the policy names at most one, and for a record, which says it.
    #[arg(long)]
    profile: Option<String>,
    /// `json` prints one object.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct What {
    /// The request: a method, and a path or a URL. A path goes to the first of the policy's `hosts`, over
    /// HTTPS.
    #[arg(long, value_name = "REQUEST")]
    request: Option<String>,
    /// The request as a `curl` command, in quotes.
    #[arg(long, value_name = "COMMAND")]
    curl: Option<String>,
    /// A decision that a service recorded: a file with its JSON, or `-` for standard input.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Found {
    if let Some(file) = &arguments.what.record {
        let (report, sources) = record::explain(arguments, file, output)?;
        return print(arguments, &report, &sources, output);
    }
    let profile = arguments.profile.as_deref();
    let Some((compilation, plan)) = super::planned(&arguments.path, profile, output)? else {
        return undecided("the policy has errors");
    };
    let Some(asked) = asked::read(arguments, &compilation, &plan, output)? else {
        return undecided("what was given does not fit the policy");
    };
    let report = decided::explain(&compilation, &plan, &asked, arguments.times)?;
    print(arguments, &report, &compilation.sources, output)
}

fn print(arguments: &Arguments, report: &Report, sources: &Sources, output: &mut Output) -> Found {
    match arguments.format {
        Format::Human => print::human(report, sources, output)?,
        Format::Json => output.json(&print::json(report, sources).to_string())?,
    }
    Ok(match report.decision {
        Decision::Admitted { .. } => Findings::None,
        Decision::Refused { .. } => Findings::Some,
    })
}

/// The request could not be decided: that is no refusal, and a script must not take it for one.
fn undecided<T>(why: &str) -> Result<T, Failure> {
    Err(Failure::Said(format!("{why}, so nothing was decided")))
}
