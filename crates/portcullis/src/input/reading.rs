//! What is found wrong on the way, and what is still to be asked once all values are there.

use portcullis_compiler::plan::{Condition, Constant, Field, Operand, Plan, Rule, Shape};
use portcullis_syntax::Span;

use super::Kept;
use crate::condition::{Doubt, World};
use crate::refusal::Fault;

/// A reading of all that a request brings.
pub(crate) struct Reading<'p> {
    pub(super) plan: &'p Plan,
    faults: Vec<Fault>,
    /// The declaration that the first fault is of.
    first: Option<Span>,
    pending: Vec<Pending<'p>>,
}

/// A `settable` or a `check`: it may read what comes later.
struct Pending<'p> {
    condition: &'p Condition,
    field: String,
    message: String,
    span: Span,
}

/// Where a value stands in what was sent.
#[derive(Clone, Copy)]
pub(crate) enum Where<'a> {
    /// The whole.
    Root,
    /// A field of what stands there.
    Field(&'a Where<'a>, &'a str),
    /// An element of what stands there.
    Element(&'a Where<'a>, usize),
}

impl<'a> Where<'a> {
    pub(super) fn field(&'a self, name: &'a str) -> Where<'a> {
        Where::Field(self, name)
    }

    pub(super) fn element(&'a self, index: usize) -> Where<'a> {
        Where::Element(self, index)
    }

    /// The path as clients are told it: `home.postCode`, `tags.2`.
    fn path(&self) -> String {
        match self {
            Where::Root => String::new(),
            Where::Field(Where::Root, name) => (*name).to_owned(),
            Where::Field(outer, name) => format!("{}.{name}", outer.path()),
            Where::Element(outer, index) => format!("{}.{index}", outer.path()),
        }
    }
}

/// How much was found and asked before a field.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    faults: usize,
    pending: usize,
}

impl<'p> Reading<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Reading<'p> {
        Reading { plan, faults: Vec::new(), first: None, pending: Vec::new() }
    }

    /// Notes what is wrong with a value.
    pub(super) fn fault(&mut self, at: &Where<'_>, span: Span, message: impl Into<String>) -> Kept {
        self.first.get_or_insert(span);
        self.faults.push(Fault { field: at.path(), message: message.into() });
        Kept::Faulty
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { faults: self.faults.len(), pending: self.pending.len() }
    }

    pub(super) fn is_faulty_since(&self, mark: Mark) -> bool {
        self.faults.len() > mark.faults
    }

    /// Forgets what was found and asked since: the whole of which it was a part is at fault.
    pub(super) fn forget(&mut self, mark: Mark) {
        self.faults.truncate(mark.faults);
        self.pending.truncate(mark.pending);
        if self.faults.is_empty() {
            self.first = None;
        }
    }

    /// Ends a field: its own message takes the place of all that was found in it, and of all that is
    /// still to be.
    pub(super) fn settle(&mut self, mark: Mark, field: &Field, at: &Where<'_>) {
        let Some(message) = &field.fault else {
            return;
        };
        if self.is_faulty_since(mark) {
            self.faults.truncate(mark.faults);
            self.faults.push(Fault { field: at.path(), message: message.clone() });
        }
        for pending in self.pending.iter_mut().skip(mark.pending) {
            pending.field = at.path();
            pending.message.clone_from(message);
        }
    }

    /// Ends an object: what was left out, how much is there, and what is to be asked.
    pub(super) fn complete(
        &mut self,
        shape: &'p Shape,
        kept: &mut [Kept],
        sent: &[bool],
        at: &Where<'_>,
    ) {
        let mut count = 0;
        for ((field, kept), sent) in shape.fields.iter().zip(kept.iter_mut()).zip(sent) {
            let place = at.field(&field.wire);
            if *sent {
                count += 1;
                if let Some(condition) = &field.settable {
                    let message = field.fault.as_deref().unwrap_or("may not be set");
                    self.ask(condition, place.path(), message, field.span);
                }
            } else if let Some(default) = &field.default {
                *kept = Kept::Plain(default.clone());
            } else if !field.optional {
                let message = field.fault.as_deref().unwrap_or("is required");
                *kept = self.fault(&place, field.span, message);
            }
        }
        if let Some((least, most)) = shape.present {
            let fields = |count: usize| if count == 1 { "field" } else { "fields" };
            if count < least {
                let message = format!("must have at least {least} {}", fields(least));
                self.fault(at, shape.span, message);
            }
            if let Some(most) = most.filter(|most| count > *most) {
                let message = format!("must have at most {most} {}", fields(most));
                self.fault(at, shape.span, message);
            }
        }
        for check in &shape.checks {
            if let Some(field) = shape.fields.get(check.at) {
                let message = check.fault.as_deref().unwrap_or("does not fit the other fields");
                self.ask(&check.condition, at.field(&field.wire).path(), message, check.span);
            }
        }
    }

    /// Notes that fields were sent which are not declared. Their names are the client's own words
    /// and are not said again.
    pub(super) fn unknown(&mut self, shape: &Shape, at: &Where<'_>) {
        let known: Vec<_> = shape.fields.iter().map(|field| field.wire.as_str()).collect();
        self.fault(at, shape.span, format!("has only the fields {}", known.join(", ")));
    }

    fn ask(&mut self, condition: &'p Condition, field: String, message: &str, span: Span) {
        self.pending.push(Pending { condition, field, message: message.to_owned(), span });
    }

    /// Asks what was left to be asked, and gives the faults with the declaration that the first is
    /// of.
    ///
    /// # Errors
    /// A condition cannot be decided that reads nothing at fault: a fault of the service.
    pub(crate) fn finish(mut self, world: &World<'_>) -> Result<(Vec<Fault>, Option<Span>), Doubt> {
        for pending in std::mem::take(&mut self.pending) {
            let mut faulty = false;
            pending.condition.reads(&mut |operand| faulty |= is_faulty(world, operand));
            if faulty {
                continue;
            }
            if !world.holds(pending.condition)? {
                self.first.get_or_insert(pending.span);
                let fault = Fault { field: pending.field, message: pending.message };
                if !self.faults.contains(&fault) {
                    self.faults.push(fault);
                }
            }
        }
        Ok((self.faults, self.first))
    }

    /// Keeps a value that fulfils its constraints; a text is normal.
    pub(super) fn keep(
        &mut self,
        rule: &Rule,
        value: Constant,
        at: &Where<'_>,
        span: Span,
    ) -> Kept {
        let mark = self.mark();
        rule.constraints.of_constant(&value, &mut |message| {
            self.fault(at, span, message);
        });
        self.one_of(rule, &value, at, span);
        if self.is_faulty_since(mark) { Kept::Faulty } else { Kept::Plain(value) }
    }

    /// Whether a normal text fulfils its constraints, where it is kept elsewhere.
    pub(super) fn is_text(&mut self, rule: &Rule, text: &str, at: &Where<'_>, span: Span) -> bool {
        let mark = self.mark();
        rule.constraints.of_text(text, &mut |message| {
            self.fault(at, span, message);
        });
        if !rule.constraints.one_of.is_empty() {
            self.one_of(rule, &Constant::Text(text.to_owned()), at, span);
        }
        !self.is_faulty_since(mark)
    }

    fn one_of(&mut self, rule: &Rule, value: &Constant, at: &Where<'_>, span: Span) {
        let allowed = &rule.constraints.one_of;
        if !allowed.is_empty() && !allowed.contains(value) {
            let allowed = allowed.iter().map(|value| super::text::of(value, rule, self.plan));
            let allowed = allowed.collect::<Vec<_>>().join(", ");
            self.fault(at, span, format!("must be one of {allowed}"));
        }
    }
}

/// Whether an operand is a field that is at fault.
fn is_faulty(world: &World<'_>, operand: &Operand) -> bool {
    let is_input = matches!(
        operand,
        Operand::Parameter(_) | Operand::Query(_) | Operand::Header(_) | Operand::Body(_)
    );
    is_input && world.read(operand).is_err()
}
