//! The reference evaluator as it decides while it records: the same, and the record gives the reason.

use portcullis::Reason;
use portcullis_reference::Reference;
use portcullis_reference::trace::{Event, Trace};
use portcullis_test::{Answer, Evaluator, Exchange, Response};

/// Records every other exchange, so that what is remembered between them is held equal too.
pub struct Traced {
    reference: Reference,
    records: bool,
}

impl Traced {
    /// Over a reference evaluator.
    #[must_use]
    pub fn of(reference: Reference) -> Traced {
        Traced { reference, records: false }
    }
}

impl Evaluator for Traced {
    fn send(&mut self, exchange: &Exchange) -> Response {
        self.records = !self.records;
        if !self.records {
            return self.reference.send(exchange);
        }
        let (mut response, trace) = self.reference.trace(exchange);
        let decided = match &response.answer {
            Answer::Refused { reason, .. } => Some(*reason),
            Answer::Admitted { .. } => None,
        };
        if told(&trace).map(Reason::as_str) != decided {
            // Whoever compares it with another will show it.
            let faults = [format!("{trace:?}")].into();
            response.answer = Answer::Refused { reason: "another than its trace says", faults };
        }
        response
    }
}

/// The reason that a trace gives.
fn told(trace: &Trace) -> Option<Reason> {
    let mut reasons = Vec::new();
    let mut of_row = false;
    for event in &trace.events {
        match event {
            Event::Entered(_) => of_row = false,
            Event::Row(_) => of_row = true,
            // A row that is not shown refuses nothing, and one that cannot be decided does.
            Event::Decided(decided) => reasons.extend(
                decided.against.filter(|reason| !of_row || *reason == Reason::ServiceFault),
            ),
        }
    }
    // Who guesses credentials is told of the budget rather than of the credential.
    let drained = reasons.iter().copied().find(|reason| *reason == Reason::OverBudget);
    drained.or(reasons.into_iter().min())
}
