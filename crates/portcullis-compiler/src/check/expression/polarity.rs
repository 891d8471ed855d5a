//! A predicate that reads the caller without a guard, where there may be no caller.
//!
//! The comparison that does so is false then: `allow when owner` lets nobody in without a caller.
//! Where its being false could let more in, the policy does not compile until it says what it means.

use portcullis_syntax::{Code, Diagnostic};

use super::{Checker, Typed};

/// What a condition that is false leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::check) enum Polarity {
    /// To less: it stands in an `allow`, a `require` or a `visible`.
    Positive,
    /// To more: it stands in a `deny`, under a `not` or behind an `unless`.
    Negative,
    /// To something else, as in a `returns`: the view that comes next may show more.
    #[default]
    Neither,
}

impl Polarity {
    pub(super) fn negated(self) -> Polarity {
        match self {
            Polarity::Positive => Polarity::Negative,
            Polarity::Negative => Polarity::Positive,
            Polarity::Neither => Polarity::Neither,
        }
    }
}

impl Checker<'_, '_> {
    pub(super) fn is_in_predicate(&self) -> bool {
        !self.within.is_empty()
    }

    /// An attribute of a caller who may not be there, read in a predicate: taken where a comparison
    /// that is false refuses, and a fault elsewhere.
    pub(super) fn of_nobody(&mut self, name: &str, value: Typed) -> Option<Typed> {
        if self.polarity == Polarity::Positive {
            self.reads_nobody = true;
            return Some(value);
        }
        let message = format!("`{name}` may be absent where this predicate is asked");
        let mut fault = Diagnostic::error(Code::MayBeAbsent, value.span, message)
            .label("nothing here says that there is a caller");
        if let Some(asked) = self.asked {
            fault = fault.and(asked, "decided without a caller, this could let in or show more");
        }
        let fault = fault.help(
            "write in the predicate `exists caller and …`, which is false without a caller, or \
             `not exists caller or …`, which is true",
        );
        self.add_on_route(fault, "on this route there may be no caller");
        None
    }
}
