//! Records a [`Trace`] while a policy is read. All that decides borrows the policy, so the record is
//! kept behind a cell in it, and is empty unless one was asked for.

use std::cell::{Cell, RefCell};

use portcullis::Reason;
use portcullis_syntax::Span;

use crate::scope::Fault;
use crate::trace::{Branch, Clause, Decided, Event, Outcome, Read, Stage, Trace};
use crate::value::Value;

#[derive(Debug, Default)]
pub(crate) struct Recorder {
    on: Cell<bool>,
    events: RefCell<Vec<Event>>,
    /// Of the expressions that are not of a clause yet.
    open: RefCell<Open>,
}

#[derive(Debug, Default)]
struct Open {
    branches: Vec<Branch>,
    reads: Vec<Read>,
}

/// Where an expression begins among those that are open.
pub(crate) struct Mark {
    branches: usize,
    reads: usize,
}

impl Recorder {
    pub(crate) fn begin(&self) {
        self.on.set(true);
        self.events.take();
        self.open.take();
    }

    pub(crate) fn end(&self) -> Trace {
        self.on.set(false);
        Trace { events: self.events.take() }
    }

    pub(crate) fn enter(&self, stage: Stage) {
        self.push(Event::Entered(stage));
    }

    pub(crate) fn row(&self, index: usize) {
        self.push(Event::Row(index));
    }

    /// What was open becomes part of the clause.
    pub(crate) fn decided(
        &self,
        clause: Clause,
        span: impl Into<Option<Span>>,
        outcome: Outcome,
        against: Option<Reason>,
    ) {
        if self.on.get() {
            let Open { branches, reads } = self.open.take();
            let span = span.into();
            self.push(Event::Decided(Decided { clause, span, outcome, against, branches, reads }));
        }
    }

    pub(crate) fn mark(&self) -> Mark {
        let open = self.open.borrow();
        Mark { branches: open.branches.len(), reads: open.reads.len() }
    }

    /// What was opened since the mark becomes part of an expression.
    pub(crate) fn branch(&self, since: Mark, span: Span, held: Result<bool, Fault>) {
        if self.on.get() {
            let mut open = self.open.borrow_mut();
            let branches = open.branches.split_off(since.branches);
            let reads = open.reads.split_off(since.reads);
            open.branches.push(Branch { span, held: held.ok(), branches, reads });
        }
    }

    pub(crate) fn read(&self, span: Span, value: &Value) {
        if self.on.get() {
            self.open.borrow_mut().reads.push(Read { span, value: value.into() });
        }
    }

    /// Takes what is open for a clause that is recorded later.
    pub(crate) fn put_by(&self) -> (Vec<Branch>, Vec<Read>) {
        let Open { branches, reads } = self.open.take();
        (branches, reads)
    }

    /// Opens again what was put by.
    pub(crate) fn take_up(&self, (branches, reads): (Vec<Branch>, Vec<Read>)) {
        self.open.replace(Open { branches, reads });
    }

    fn push(&self, event: Event) {
        if self.on.get() {
            self.events.borrow_mut().push(event);
        }
    }
}
