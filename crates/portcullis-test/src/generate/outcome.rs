//! What the engine decides about a case.

use portcullis::{Policy, find_route};
use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Plan;
use portcullis_syntax::ast::Item;
use portcullis_syntax::{Source, Sources, parse};

use super::subject::Subject;
use super::text::wire_name;
use crate::world::exchange;
use crate::{Answer, EngineEvaluator, Evaluator};

/// Asks the engine.
pub(super) struct Outcomes<'c> {
    /// One for each profile.
    evaluators: Vec<(&'c Plan, EngineEvaluator)>,
}

/// What comes of a case, under one profile or, where it is the same under all, under any.
pub(super) struct Outcome<'c> {
    pub(super) profile: Option<&'c str>,
    answer: Answer,
    /// Whether another route takes the request: one whose pattern goes before this one's.
    elsewhere: bool,
}

impl<'c> Outcomes<'c> {
    pub(super) fn new(
        compilation: &'c Compilation,
        policy: &Policy,
    ) -> Result<Outcomes<'c>, String> {
        let evaluators = compilation.plans.iter().map(|plan| {
            let evaluator = EngineEvaluator::new(policy, &plan.profile);
            Ok((plan, evaluator.map_err(|why| why.to_string())?))
        });
        Ok(Outcomes { evaluators: evaluators.collect::<Result<_, String>>()? })
    }

    /// What comes of the test with these clauses.
    ///
    /// # Errors
    /// The policy cannot be run, or the clauses are those of no test.
    pub(super) fn of(
        &mut self,
        subject: Subject<'_>,
        clauses: &[String],
    ) -> Result<Vec<Outcome<'c>>, String> {
        let mut sources = Sources::new();
        let text = format!("test \"-\" {{\n{}\n}}\n", clauses.join("\n"));
        let id = sources.add(Source::new("generated.test.gate", text));
        let (file, faults) = parse(&sources, id);
        let test = file.items.iter().find_map(|item| match item {
            Item::Test(test) => Some(test),
            _ => None,
        });
        let wrong = |why: &str| format!("a case cannot be written: {why}: {}", clauses.join("; "));
        let Some(test) = test.filter(|_| faults.is_empty()) else {
            return Err(wrong(faults.first().map_or("", |fault| &fault.message)));
        };
        let mut outcomes: Vec<Outcome<'c>> = Vec::new();
        for (plan, evaluator) in &mut self.evaluators {
            let exchange = exchange(plan, test)
                .map_err(|faults| wrong(faults.first().map_or("", |fault| &fault.message)))?;
            let elsewhere = match subject {
                Subject::Action(_) => false,
                Subject::Route(route) => find_route(plan, &exchange.method, &exchange.target)
                    .is_none_or(|found| found.route.pattern != route.pattern),
            };
            evaluator.renew();
            let answer = evaluator.send(&exchange).answer;
            outcomes.push(Outcome { profile: Some(&plan.profile), answer, elsewhere });
        }
        let same = outcomes.windows(2).all(|two| match two {
            [one, other] => one.answer == other.answer,
            _ => true,
        });
        if same {
            outcomes.truncate(1);
            outcomes.iter_mut().for_each(|outcome| outcome.profile = None);
        }
        Ok(outcomes)
    }
}

impl Outcome<'_> {
    /// Why it says nothing about who may do what: the request was not one that the route takes.
    pub(super) fn unusable(&self, failed: &[String]) -> Option<String> {
        if self.elsewhere {
            return Some("the path that can be made up is another route's".to_owned());
        }
        let Answer::Refused { reason, faults } = &self.answer else { return None };
        let ours = [
            "malformed_request",
            "unknown_route",
            "method_not_allowed",
            "body_too_large",
            "unsupported_media_type",
            "service_fault",
        ];
        if *reason == "invalid_input" {
            let fields = if failed.is_empty() {
                faults.iter().map(String::as_str).collect::<Vec<_>>()
            } else {
                failed.iter().map(String::as_str).collect()
            };
            return Some(match fields.as_slice() {
                [] | [""] => "no input that is taken can be made up".to_owned(),
                fields => {
                    format!("no value that is taken can be made up for `{}`", fields.join("`, `"))
                }
            });
        }
        ours.contains(reason).then(|| format!("what can be made up is refused as {reason}"))
    }

    /// What is told of it in a comment.
    pub(super) fn verdict(&self) -> String {
        match &self.answer {
            Answer::Admitted { .. } => "admit".to_owned(),
            Answer::Refused { reason, .. } => format!("refuse {reason}"),
        }
    }

    /// The clauses that expect it.
    pub(super) fn expectations(&self) -> Vec<String> {
        let mut clauses = vec![format!("expect {}", self.verdict())];
        if let Answer::Admitted { fields, rows } = &self.answer {
            clauses.extend(fields.as_ref().map(|fields| {
                let names = fields.iter().map(|name| wire_name(name)).collect::<Vec<_>>();
                format!("expect fields [{}]", names.join(", "))
            }));
            clauses.extend(rows.map(|rows| format!("expect rows {rows}")));
        }
        clauses
    }
}
