//! `portcullis plan PATH METHOD TARGET`

use std::path::PathBuf;

use clap::Args;
use portcullis_compiler::compile;
use portcullis_compiler::plan::{
    Access, Algorithm, Charge, Constant, Field, Plan, Returned, Route, StageChecks,
};
use portcullis_syntax::diagnostic::nearest;
use portcullis_syntax::{Severity, Span};

use crate::files::{self, Which};
use crate::output::{Format, Output};
use crate::{Failure, Findings, Found};

/// Print what is asked of one request, stage by stage, each check with its place in the policy.
#[derive(Args)]
pub(crate) struct Arguments {
    /// A folder or a file.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// `GET`, `PUT`, …
    #[arg(value_name = "METHOD")]
    method: String,
    /// The path of the request, such as `/api/orders/1`; its parameters may be anything.
    #[arg(value_name = "TARGET")]
    target: String,
    /// The profile; may be left out where the policy names at most one.
    #[arg(long)]
    profile: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Found {
    let compilation = compile(files::load(&arguments.path, Which::Policy)?);
    if compilation.has_errors() {
        for error in
            compilation.diagnostics.iter().filter(|found| found.severity == Severity::Error)
        {
            output.finding(Format::Human, error, &compilation.sources)?;
        }
        return Ok(Findings::Some);
    }
    let profile = match (&arguments.profile, compilation.profiles.as_slice()) {
        (Some(profile), _) => profile,
        (None, [only]) => only,
        (None, known) => {
            let known = known.join("`, `");
            return Err(Failure::Said(format!(
                "name one of the profiles with `--profile`: `{known}`"
            )));
        }
    };
    let Some(plan) = compilation.plan(profile) else {
        let known = compilation.profiles.join("`, `");
        return Err(Failure::Said(format!("no profile is called `{profile}`, only `{known}`")));
    };
    match portcullis::find_route(plan, &arguments.method, &arguments.target) {
        Some(route) => {
            for line in schedule(plan, route) {
                output.line(&line)?;
            }
            Ok(Findings::None)
        }
        None => {
            let (method, target) = (&arguments.method, &arguments.target);
            output.line(&format!("no route takes {method} {target}"))?;
            let known =
                plan.routes.iter().map(|route| format!("{} {}", route.method, route.pattern));
            let known = known.collect::<Vec<_>>();
            let near = nearest(&format!("{method} {target}"), known.iter().map(String::as_str));
            match near {
                Some(near) => output.line(&format!("did you mean `{near}`?"))?,
                None => {
                    output.line("the policy has:")?;
                    for route in &known {
                        output.line(&format!("  {route}"))?;
                    }
                }
            }
            Ok(Findings::Some)
        }
    }
}

fn schedule(plan: &Plan, route: &Route) -> Vec<String> {
    let mut lines = vec![
        format!("{} {}   ({})", route.method, route.pattern, plan.place(route.span)),
        String::new(),
        "transport".to_owned(),
        format!("  https        {}", if plan.transport.https { "required" } else { "off" }),
        match &plan.transport.hosts {
            Some(hosts) => format!("  hosts        {}", hosts.join(", ")),
            None => "  hosts        any".to_owned(),
        },
        "  path         must already be normal".to_owned(),
        "caller".to_owned(),
    ];
    match &route.access {
        Access::Public => lines.push("  public       credentials are ignored".to_owned()),
        access => {
            if matches!(access, Access::Optional(_)) {
                lines.push("  public       a credential is taken where one is there".to_owned());
            }
            for credential in
                access.accepted().iter().filter_map(|index| plan.credentials.get(*index))
            {
                lines.push(format!("  credential   {}", credential.name));
            }
        }
    }
    for needed in &route.needs {
        lines.push(clause(plan, "needs", needed.span));
    }
    checks(plan, &route.caller, &mut lines);
    lines.push("input".to_owned());
    for parameter in &route.params {
        lines.push(format!("  params       {}", field(&parameter.field)));
    }
    match &route.body {
        Some(fields) => {
            lines.push(format!("  body         JSON, at most {} bytes", plan.transport.body_limit));
            lines.extend(fields.iter().map(|found| format!("               {}", field(found))));
        }
        None => lines.push("  body         none may come".to_owned()),
    }
    checks(plan, &route.input, &mut lines);
    lines.push("object".to_owned());
    for loads in &route.loads {
        lines.push(clause(plan, "loads", loads.span));
    }
    if let Some(lists) = &route.lists {
        lines.push(clause(plan, "lists", lists.span));
    }
    if let Some(creates) = &route.creates {
        lines.push(clause(plan, "creates", creates.span));
    }
    if route.objects().next().is_none() {
        lines.push("  none".to_owned());
    }
    checks(plan, &route.object, &mut lines);
    checks(plan, &route.rows, &mut lines);
    lines.push("response".to_owned());
    for returns in &route.returns {
        lines.push(clause(plan, "returns", returns.span));
        lines.push(format!("               {}", shown(plan, &returns.returned)));
    }
    if route.returns.is_empty() {
        lines.push("  whatever the handler answers".to_owned());
    }
    lines
}

/// What leaves, in wire names.
fn shown(plan: &Plan, returned: &Returned) -> String {
    let names = match returned {
        Returned::View(view) | Returned::List(view) => plan
            .resources
            .get(view.resource)
            .and_then(|found| found.views.get(view.view))
            .map_or_else(Vec::new, |view| {
                view.fields.iter().map(|field| field.wire.as_str()).collect()
            }),
        Returned::Envelope(fields) => fields.iter().map(|field| field.wire.as_str()).collect(),
        Returned::Nothing => return "shows nothing".to_owned(),
        Returned::Opaque => return "shows what the handler answers".to_owned(),
    };
    format!("shows {}", names.join(" "))
}

fn checks(plan: &Plan, checks: &StageChecks, lines: &mut Vec<String>) {
    for require in &checks.requires {
        lines.push(clause(plan, "require", require.span));
    }
    for deny in &checks.denies {
        lines.push(clause(plan, "deny", deny.span));
    }
    for group in &checks.allows {
        for (index, allow) in group.iter().enumerate() {
            lines.push(clause(plan, if index == 0 { "allow" } else { "or" }, allow.span));
        }
    }
    for charge in &checks.charges {
        lines.push(format!(
            "  budget       {}   ({})",
            budget(plan, charge),
            plan.place(charge.span)
        ));
    }
}

/// A clause in its author's words, on one line.
fn clause(plan: &Plan, label: &str, span: Span) -> String {
    let text = plan.sources.slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.strip_prefix("allow ").or(text.strip_prefix("deny ")).unwrap_or(&text);
    let text = text.strip_prefix("returns ").or(text.strip_prefix("loads ")).unwrap_or(text);
    let text = text.strip_prefix("lists ").or(text.strip_prefix("require ")).unwrap_or(text);
    let text = text.strip_prefix("creates ").unwrap_or(text);
    format!("  {label:<12} {text}   ({})", plan.place(span))
}

fn budget(plan: &Plan, charge: &Charge) -> String {
    let Some(budget) = plan.budgets.get(charge.budget) else { return String::new() };
    let algorithm = match budget.algorithm {
        Algorithm::TokenBucket => "token_bucket",
        Algorithm::SlidingWindow => "sliding_window",
    };
    let shared = if charge.key.is_empty() { ", shared by all" } else { "" };
    let limits = budget.limits.iter();
    let limits = limits.map(|limit| format!("{} per {}s", limit.units, limit.period.as_secs()));
    let limits = limits.collect::<Vec<_>>().join(", else ");
    format!("{}: {limits}, {algorithm}{shared}", budget.name)
}

fn field(field: &Field) -> String {
    let mut text = format!("{}: {}", field.name, field.kind.as_str());
    if field.optional {
        text.push('?');
    }
    if field.trim {
        text.push_str(" trim");
    }
    match (field.min, field.max) {
        (Some(min), Some(max)) => text.push_str(&format!(" {min}..{max}")),
        (Some(min), None) => text.push_str(&format!(" min {min}")),
        (None, Some(max)) => text.push_str(&format!(" max {max}")),
        (None, None) => {}
    }
    if !field.one_of.is_empty() {
        let values = field.one_of.iter().map(value).collect::<Vec<_>>().join(", ");
        text.push_str(&format!(" one of [{values}]"));
    }
    if let Some(default) = &field.default {
        text.push_str(&format!(" default {}", value(default)));
    }
    text
}

fn value(constant: &Constant) -> String {
    match constant {
        Constant::Text(text) => format!("{text:?}"),
        Constant::Int(value) => value.to_string(),
        Constant::Uuid(value) => format!("{value:032x}"),
        _ => String::new(),
    }
}
