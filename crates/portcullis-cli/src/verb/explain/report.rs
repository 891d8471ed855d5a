//! What an explanation says, before it is printed for people or for programs.

use std::collections::BTreeSet;

use portcullis::Reason;
use portcullis_reference::trace::Stage;
use portcullis_syntax::Span;

pub(super) struct Report {
    /// What was asked about: method and target, or the route of a record.
    pub(super) subject: String,
    pub(super) profile: String,
    pub(super) decision: Decision,
    pub(super) stages: Vec<StageTold>,
    /// The clause that decided, and what is to be seen at it.
    pub(super) clause: Option<(Span, String)>,
    /// What would have admitted it. One whole sentence, and what belongs to it.
    pub(super) mend: Vec<Advice>,
    /// What this explanation rests on, or cannot say.
    pub(super) notes: Vec<String>,
}

pub(super) enum Decision {
    Admitted {
        /// What the answer may show.
        fields: Option<BTreeSet<String>>,
        /// How many rows of a list.
        rows: Option<usize>,
    },
    Refused {
        reason: Reason,
        status: u16,
        /// Where that is known.
        stage: Option<Stage>,
    },
}

/// A stage, and what was decided there.
pub(super) struct StageTold {
    pub(super) stage: Stage,
    pub(super) state: State,
    pub(super) steps: Vec<Step>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Passed,
    Refused,
    NotReached,
    /// The record does not say.
    Unknown,
}

impl State {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            State::Passed => "passed",
            State::Refused => "refused here",
            State::NotReached => "not reached",
            State::Unknown => "not known",
        }
    }
}

/// A clause that was decided.
pub(super) struct Step {
    pub(super) mark: Mark,
    pub(super) text: String,
    pub(super) span: Option<Span>,
    pub(super) details: Vec<String>,
}

/// What a clause did to the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Good,
    /// It stands against the request.
    Bad,
    /// Neither.
    Plain,
}

impl Mark {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Mark::Good => "good",
            Mark::Bad => "bad",
            Mark::Plain => "plain",
        }
    }
}

/// One thing that would have helped.
pub(super) struct Advice {
    pub(super) text: String,
    pub(super) span: Option<Span>,
    pub(super) details: Vec<String>,
}

impl Advice {
    pub(super) fn new(text: impl Into<String>) -> Advice {
        Advice { text: text.into(), span: None, details: Vec::new() }
    }

    pub(super) fn at(mut self, span: impl Into<Option<Span>>) -> Advice {
        self.span = span.into();
        self
    }

    pub(super) fn with(mut self, details: Vec<String>) -> Advice {
        self.details = details;
        self
    }
}
