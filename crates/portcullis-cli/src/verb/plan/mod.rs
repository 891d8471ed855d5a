//! `portcullis plan PATH METHOD TARGET`, and `portcullis plan PATH --action NAME`

mod cost;
mod input;
mod schedule;

use std::path::PathBuf;

use clap::Args;
use portcullis_compiler::plan::Plan;
use portcullis_syntax::diagnostic::nearest;

use crate::output::Output;
use crate::{Failure, Findings, Found};

/// Print what is asked of one request, or before one action, stage by stage: each check with what it
/// costs and its place in the policy.
///
/// Costs, in square brackets: `fixed` does not grow with anything; `signature` verifies one;
/// `input` grows with the path or the body; `list` grows with a list that a condition looks
/// through; `store` asks the store; `load` waits for the application to find an object;
/// `rows` is asked of each row; `view` grows with what is returned.
#[derive(Args)]
pub(crate) struct Arguments {
    /// A folder or a file.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// `GET`, `PUT`, …
    #[arg(value_name = "METHOD", required_unless_present = "action", requires = "target")]
    method: Option<String>,
    /// The path of the request, such as `/api/orders/1`; its parameters may be anything.
    #[arg(value_name = "TARGET")]
    target: Option<String>,
    /// An action instead of a request, by its name in the policy.
    #[arg(long, value_name = "NAME", conflicts_with = "method")]
    action: Option<String>,
    /// The profile; may be left out where the policy names at most one.
    #[arg(long)]
    profile: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Found {
    let profile = arguments.profile.as_deref();
    let Some((_, plan)) = super::planned(&arguments.path, profile, output)? else {
        return Ok(Findings::Some);
    };
    match (&arguments.action, &arguments.method, &arguments.target) {
        (Some(name), ..) => of_action(&plan, name, output),
        (None, Some(method), Some(target)) => of_route(&plan, method, target, output),
        _ => Err(Failure::Said("name a method and a path, or an action".to_owned())),
    }
}

fn of_route(plan: &Plan, method: &str, target: &str, output: &mut Output) -> Found {
    if let Some(found) = portcullis::find_route(plan, method, target) {
        return print(schedule::route(plan, found.route), output);
    }
    output.line(&format!("no route takes {method} {target}"))?;
    let known = plan.routes.iter().map(|route| format!("{} {}", route.method, route.pattern));
    instead(&format!("{method} {target}"), &known.collect::<Vec<_>>(), output)
}

fn of_action(plan: &Plan, name: &str, output: &mut Output) -> Found {
    if let Some(action) = plan.actions.iter().find(|action| action.name == name) {
        return print(schedule::action(plan, action), output);
    }
    output.line(&format!("no action is called `{name}`"))?;
    let known = plan.actions.iter().map(|action| action.name.clone());
    instead(name, &known.collect::<Vec<_>>(), output)
}

/// What is asked of every request and before every action, wherever in the files that stands: what two policies
/// have alike that ask the same in the same words.
pub(super) fn told(plan: &Plan) -> Vec<String> {
    let routes = plan.routes.iter().flat_map(|route| schedule::route(plan, route));
    let actions = plan.actions.iter().flat_map(|action| schedule::action(plan, action));
    let lines = routes.chain(actions).filter(|line| !line.starts_with("plan "));
    lines.map(|line| schedule::without_place(&line)).collect()
}

fn print(lines: Vec<String>, output: &mut Output) -> Found {
    for line in lines {
        output.line(&line)?;
    }
    Ok(Findings::None)
}

/// What there is instead of what was asked for.
fn instead(wanted: &str, known: &[String], output: &mut Output) -> Found {
    match nearest(wanted, known.iter().map(String::as_str)) {
        Some(near) => output.line(&format!("did you mean `{near}`?"))?,
        None if known.is_empty() => output.line("the policy has none")?,
        None => {
            output.line("the policy has:")?;
            for name in known {
                output.line(&format!("  {name}"))?;
            }
        }
    }
    Ok(Findings::Some)
}
