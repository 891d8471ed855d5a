//! What came of the clauses, as the reference evaluator decides them.

use std::collections::HashMap;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Plan;
use portcullis_reference::Reference;
use portcullis_reference::trace::{Branch, Clause, Decided, Event, Outcome, Trace};
use portcullis_syntax::ast::Test;
use portcullis_test::{Answer, Evaluator, Exchange, Response, mismatches};

use super::{Key, Way};

/// How often each clause came out each way.
#[derive(Debug, Default)]
pub(in crate::verb::test) struct Seen(HashMap<(Key, Way), u64>);

impl Seen {
    fn add(&mut self, key: Key, way: Way) {
        let count = self.0.entry((key, way)).or_default();
        *count = count.saturating_add(1);
    }

    /// Takes what another has seen of the same policy.
    pub(in crate::verb::test) fn join(&mut self, other: &Seen) {
        for (key, count) in &other.0 {
            let sum = self.0.entry(key.clone()).or_default();
            *sum = sum.saturating_add(*count);
        }
    }

    pub(super) fn count(&self, key: &Key, way: Way) -> u64 {
        self.0.get(&(key.clone(), way)).copied().unwrap_or(0)
    }

    fn of_exchange(&mut self, exchange: &Exchange, response: &Response, trace: &Trace) {
        let way = match response.answer {
            Answer::Admitted { .. } => Way::Admitted,
            Answer::Refused { .. } => Way::Refused,
        };
        if let Some(name) = &exchange.act {
            self.add(Key::Action(name.clone()), way);
        }
        for event in &trace.events {
            let Event::Decided(decided) = event else { continue };
            if let (Clause::Route, Some(route), Outcome::Held) =
                (&decided.clause, decided.span, decided.outcome)
            {
                self.add(Key::At(route), way);
            }
            self.of_clause(decided);
        }
    }

    fn of_clause(&mut self, decided: &Decided) {
        let way = match decided.outcome {
            Outcome::Held if decided.clause == Clause::Returns => Some(Way::Chosen),
            Outcome::Held => Some(Way::Held),
            Outcome::NotHeld => Some(Way::NotHeld),
            Outcome::Charged => Some(Way::Charged),
            Outcome::Drained { .. } => Some(Way::Drained),
            // Nothing was decided.
            _ => None,
        };
        let key = match &decided.clause {
            Clause::Budget { name, .. } => Some(Key::Budget(name.clone())),
            Clause::Allow | Clause::Deny | Clause::Require | Clause::Visible | Clause::Returns => {
                decided.span.map(Key::At)
            }
            _ => None,
        };
        if let (Some(key), Some(way)) = (key, way) {
            self.add(key, way);
        }
        decided.branches.iter().for_each(|branch| self.of_branch(branch));
    }

    fn of_branch(&mut self, branch: &Branch) {
        if let Some(held) = branch.held {
            self.add(Key::At(branch.span), if held { Way::Held } else { Way::NotHeld });
        }
        branch.branches.iter().for_each(|inner| self.of_branch(inner));
    }
}

/// Runs a test once more, against the evaluator that says what it decides.
pub(in crate::verb::test) fn observe(compilation: &Compilation, plan: &Plan, test: &Test) -> Seen {
    let reference = Reference::new(compilation.files.clone(), &plan.profile, Vec::new());
    let mut observer = Observer { reference, seen: Seen::default() };
    // What is wrong with the test is the engine's to say.
    let _ = mismatches(plan, test, &mut observer);
    observer.seen
}

struct Observer {
    reference: Reference,
    seen: Seen,
}

impl Evaluator for Observer {
    fn send(&mut self, exchange: &Exchange) -> Response {
        let (response, trace) = self.reference.trace(exchange);
        self.seen.of_exchange(exchange, &response, &trace);
        response
    }
}
