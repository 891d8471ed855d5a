//! One request, decided by the engine, and explained by what the reference evaluator looked at.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use portcullis::{Policy, Reason};
use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Plan;
use portcullis_reference::Reference;
use portcullis_reference::trace::{Clause, Event, Outcome, Stage, Trace};
use portcullis_syntax::Span;
use portcullis_test::{Answer, EngineEvaluator, Evaluator, Response};

use super::asked::Asked;
use super::mend::{Mend, last_stage};
use super::report::{Decision, Report};
use super::steps;
use super::who::{Who, quoted};
use super::why::Words;
use crate::Failure;

pub(super) fn explain(
    compilation: &Compilation,
    plan: &Plan,
    asked: &Asked,
    times: u32,
) -> Result<Report, Failure> {
    let policy = Policy::from(compilation.clone());
    let mut engine = EngineEvaluator::new(&policy, &plan.profile)
        .map_err(|why| Failure::Said(why.to_string()))?;
    let mut response = engine.send(&asked.exchange);
    for _ in 1..times {
        response = engine.send(&asked.exchange);
    }
    let (other, trace) = traced(compilation, plan, asked, times)?;
    if other != response {
        return Err(disagreement(&response, &other));
    }

    let who = Who::of(plan, &asked.exchange);
    let words = Words { sources: &compilation.sources, plan, asked, who: &who };
    let refused = match &response.answer {
        Answer::Refused { reason, .. } => Reason::of_name(reason),
        Answer::Admitted { .. } => None,
    };
    let mend = refused.map_or_else(Vec::new, |reason| {
        let allow = response.headers.get("allow").map(String::as_str);
        Mend { plan, words: &words, refusal: engine.refusal(), allow }.of(reason, &trace)
    });
    let clause = refused.and_then(|reason| deciding(reason, &trace, engine.refused_by()));
    let stage = trace.events.iter().rev().find_map(|event| match event {
        Event::Entered(stage) => Some(*stage),
        _ => None,
    });
    let decision = match (response.answer, refused) {
        (Answer::Admitted { fields, rows }, _) => Decision::Admitted { fields, rows },
        (Answer::Refused { .. }, reason) => {
            let reason = reason.unwrap_or(Reason::ServiceFault);
            let status = response.status.unwrap_or(reason.status());
            Decision::Refused { reason, status, stage }
        }
    };
    Ok(Report {
        subject: asked.line.clone(),
        profile: plan.profile.clone(),
        stages: steps::stages(&trace, refused.is_some(), &words),
        clause,
        mend,
        notes: notes(compilation, plan, asked, refused, stage),
        decision,
    })
}

/// What the reference evaluator decides, with its record. It is written for compiled policies and says so
/// by a panic where it meets another: that is our fault, and the author's to hear of.
fn traced(
    compilation: &Compilation,
    plan: &Plan,
    asked: &Asked,
    times: u32,
) -> Result<(Response, Trace), Failure> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let traced = catch_unwind(AssertUnwindSafe(|| {
        let mut reference = Reference::new(compilation.files.clone(), &plan.profile, Vec::new());
        for _ in 1..times {
            reference.send(&asked.exchange);
        }
        reference.trace(&asked.exchange)
    }));
    std::panic::set_hook(hook);
    traced.map_err(|_| fault("its reference evaluator cannot decide this request"))
}

fn disagreement(engine: &Response, reference: &Response) -> Failure {
    let said = |response: &Response| match &response.answer {
        Answer::Admitted { .. } => "admitted".to_owned(),
        Answer::Refused { reason, .. } => format!("refused for `{reason}`"),
    };
    let what = match engine.answer == reference.answer {
        true => {
            let names = engine.headers.keys().chain(reference.headers.keys());
            let names: BTreeSet<&str> = names
                .filter(|name| engine.headers.get(*name) != reference.headers.get(*name))
                .map(String::as_str)
                .collect();
            let names = quoted(names);
            format!("both evaluators decide alike, and answer with another status or other {names}")
        }
        false => format!(
            "by the engine, which your service runs, it is {}; by the reference evaluator {}",
            said(engine),
            said(reference)
        ),
    };
    fault(&what)
}

fn fault(what: &str) -> Failure {
    Failure::Said(format!(
        "THIS IS A FAULT OF PORTCULLIS, not of the policy: {what}. Nothing is explained: please report \
         it with the policy and this command"
    ))
}

/// The clause that decided and what to say at it: by the engine, else the first of the trace.
fn deciding(reason: Reason, trace: &Trace, engine: Option<Span>) -> Option<(Span, String)> {
    let first = || {
        let against = last_stage(trace);
        let of = against.iter().find(|decided| decided.against == Some(reason));
        of.and_then(|decided| decided.span)
    };
    let span = engine.or_else(first)?;
    let against = last_stage(trace);
    let allows = against.iter().filter(|decided| decided.clause == Clause::Allow).count();
    let here = against.iter().find(|decided| decided.span == Some(span));
    let how = match here.map(|decided| (&decided.clause, decided.outcome)) {
        Some((_, Outcome::Fault)) => ": it cannot be decided",
        Some((Clause::Allow, _)) if allows > 1 => ": no `allow` holds, of which this is the first",
        Some((Clause::Deny, _)) => ": it holds",
        Some((Clause::Require | Clause::Visible | Clause::Allow, _)) => ": it does not hold",
        Some((Clause::Needs, _)) => ": the caller lacks it",
        Some((Clause::Budget { .. }, _)) => ": it is drained",
        _ => "",
    };
    Some((span, format!("{reason}{how}")))
}

fn notes(
    compilation: &Compilation,
    plan: &Plan,
    asked: &Asked,
    refused: Option<Reason>,
    stage: Option<Stage>,
) -> Vec<String> {
    let mut notes = Vec::new();
    let exchange = &asked.exchange;
    let settings: Vec<&str> = compilation.host_settings().collect();
    if !settings.is_empty() {
        notes.push(format!(
            "the service gives the settings {}: made-up values of their types stand for them here",
            quoted(settings)
        ));
    }
    if asked.header("authorization").is_some() {
        notes.push(match (&exchange.caller, refused) {
            (Some(_), _) => {
                "the header `Authorization` was not looked at: `--caller` says who calls".to_owned()
            }
            (None, Some(Reason::InvalidCredential)) => {
                "tokens are not verified here, so the header `Authorization` counts as no good one: say \
                 whose it is with `--caller`; what is wrong with a token says `portcullis token inspect`"
                    .to_owned()
            }
            (None, _) => "the token in the header `Authorization` was not verified".to_owned(),
        });
    }
    if stage >= Some(Stage::Object) {
        for (resource, facts) in &exchange.world.objects {
            if facts.is_some() && !asked.has_object(resource) {
                notes.push(format!(
                    "no `{resource}` was given, so one was made up, under the key that is asked for: \
                     give it with `--given '{resource} {{ … }}'`"
                ));
            }
        }
        let found = portcullis::find_route(plan, &exchange.method, &exchange.target);
        let lists = found.as_ref().and_then(|found| found.route.lists.as_ref());
        let listed = lists.and_then(|lists| plan.resources.get(lists.resource));
        if let Some(resource) = listed.filter(|_| exchange.world.rows.is_empty()) {
            let name = &resource.name;
            notes.push(format!(
                "the list is empty, since no row was given: give some with `--given '{name} {{ … }}'`"
            ));
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use portcullis_test::{Answer, Response};

    use super::disagreement;
    use crate::Failure;

    fn said(engine: Answer, reference: Answer, header: &str) -> String {
        let response = |answer, value: &str| Response {
            answer,
            status: Some(403),
            headers: BTreeMap::from([("vary".to_owned(), value.to_owned())]),
        };
        match disagreement(&response(engine, "a"), &response(reference, header)) {
            Failure::Said(said) => said,
            Failure::Unread => String::new(),
        }
    }

    #[test]
    fn evaluators_that_disagree_are_said_to_be_at_fault() {
        let admitted = || Answer::Admitted { fields: None, rows: None };
        let refused = Answer::Refused { reason: "forbidden", faults: BTreeSet::new() };
        let text = said(admitted(), refused, "a");
        assert!(text.starts_with("THIS IS A FAULT OF PORTCULLIS, not of the policy: "), "{text}");
        assert!(
            text.contains("it is admitted; by the reference evaluator refused for `forbidden`")
        );
        let text = said(admitted(), admitted(), "b");
        assert!(text.contains("another status or other `vary`"), "{text}");
    }
}
