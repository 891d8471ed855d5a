//! `portcullis rule [NAME]`

use clap::Args;
use portcullis_lint::{RULES, Rule, page, rule};
use portcullis_syntax::diagnostic::nearest;

use crate::output::Output;
use crate::{Failure, Findings, Found};

/// Say what a lint rule finds, why that is bad and how to mend it; without a name, list the rules.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The rule, as a finding and `waive` name it.
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Found {
    match &arguments.name {
        Some(name) => {
            let found = rule(name).ok_or_else(|| Failure::Said(unknown(name)))?;
            let mut text = String::new();
            page(found, &mut text).map_err(|why| Failure::Said(why.to_string()))?;
            output.lines(text.trim_end())?;
        }
        None => {
            let width = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
            for Rule { name, level, owasp, finds, .. } in RULES {
                let level = level.as_str();
                let item = owasp.first().map_or("", |item| item.id());
                output.line(&format!("{name:width$}  {level:7}  {item:10}  {finds}"))?;
            }
        }
    }
    Ok(Findings::None)
}

fn unknown(name: &str) -> String {
    let near = nearest(name, RULES.iter().map(|rule| rule.name));
    let hint = near.map_or_else(
        || "`portcullis rule` lists them".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    format!("no lint rule is called `{name}`; {hint}")
}
