//! What was decided of one exchange: every clause that was looked at, in order, and how it was decided.
//!
//! Spans are those of the syntax tree. What stands in a group, an action, a predicate or an input is
//! told by where it is written, and not by the route that comes by it; so what several routes share has
//! one span. A trace is a record and never a cause: with it and without it the same is decided.

use portcullis::Reason;
use portcullis_syntax::Span;
use portcullis_test::Fact;

use crate::scope::Fault;

/// What was decided of one exchange.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    /// In the order in which it was decided.
    pub events: Vec<Event>,
}

/// One step of a decision.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A stage began. One that is not here was not reached.
    Entered(Stage),
    /// What follows, up to the next of these or the next stage, is about one row of the list, counted
    /// from 0.
    Row(usize),
    /// A clause was decided.
    Decided(Decided),
}

/// The stages, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Scheme, host, page, path and method, up to the route.
    Transport,
    /// Who calls, and what is said of them alone.
    Caller,
    /// What the request brings.
    Input,
    /// The objects.
    Object,
    /// What is shown of them.
    Response,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Stage; 5] =
        [Stage::Transport, Stage::Caller, Stage::Input, Stage::Object, Stage::Response];

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Transport => "transport",
            Stage::Caller => "caller",
            Stage::Input => "input",
            Stage::Object => "object",
            Stage::Response => "response",
        }
    }
}

/// A clause, and how it was decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// What it asks.
    pub clause: Clause,
    /// Where it is written; nothing, where it is asked of every request and no clause says so.
    pub span: Option<Span>,
    /// How it was decided.
    pub outcome: Outcome,
    /// What it has against the request. Of all that a stage has, the least reason is told to the client.
    pub against: Option<Reason>,
    /// The expressions of its condition that were evaluated, `when` before `unless`; the permissions of
    /// a `needs`.
    pub branches: Vec<Branch>,
    /// What it read beside its condition: the key of an object or of a budget.
    pub reads: Vec<Read>,
}

/// What a clause asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clause {
    /// That a part of the request is one that a correct client sends. Recorded where it is not.
    WellFormed(Part),
    /// `https`
    Https,
    /// `hosts`
    Hosts,
    /// `origins` of `cors`, or the pages that may use a session.
    Origins,
    /// What a preflight may announce: the methods and headers of `cors`.
    Preflight,
    /// Which route it is; the span is from its method to the end of its pattern. [`Outcome::Held`] is
    /// the route that was found.
    Route,
    /// `retired`
    Retired,
    /// Who calls: `public`, `accept`, or the route where neither stands; `renews session`, where it is the
    /// refresh token that is not good. [`Outcome::Held`] is a caller,
    /// [`Outcome::Absent`] nobody, where nobody may come.
    Credential,
    /// `needs`; of `needs [..]` without `any`, each permission by itself.
    Needs,
    /// That a caller whose credential has scopes may come: the route.
    Scopes,
    /// `require`
    Require,
    /// `deny`
    Deny,
    /// `allow`. Where none of those that are asked together holds, each has that against the request.
    Allow,
    /// `visible` of a resource.
    Visible,
    /// A budget; the span is where the route, group or action names it.
    Budget {
        /// Its name.
        name: String,
        /// How many units it was to be charged.
        units: i128,
    },
    /// A `limit` of a budget. [`Outcome::Held`] is the first that fits.
    Limit,
    /// `body_limit`, or the `max` of a raw body.
    BodySize,
    /// `body`: that what came is of the kind that the route takes, and can be read.
    Body,
    /// `query`: that it can be read.
    Query,
    /// A field of an input. [`Outcome::Absent`] was left out and may be.
    Field {
        /// Its path outside, as faults name it.
        at: String,
    },
    /// A constraint of a field that was not fulfilled. Those that were are not recorded.
    Constraint {
        /// The path of the field outside.
        at: String,
    },
    /// `rules` of an input.
    Rules {
        /// The path of the input outside; empty for the whole.
        at: String,
    },
    /// `settable` of a field that was sent.
    Settable {
        /// The path of the field outside.
        at: String,
    },
    /// `check` of an input.
    Check {
        /// The path of the field that it is at.
        at: String,
    },
    /// `loads`: [`Outcome::Absent`] where there is no object, [`Outcome::NotHeld`] where it is another
    /// than the one that was named.
    Loads {
        /// The resource.
        resource: String,
    },
    /// `creates`
    Creates {
        /// The resource.
        resource: String,
    },
    /// `lists`: that there are no more rows than it takes.
    Lists {
        /// The resource.
        resource: String,
    },
    /// A `returns`. [`Outcome::Held`] is the first that fits.
    Returns,
    /// A view that was shown, or that one which was shown takes up: the span is its declaration.
    View,
}

/// What must be well-formed of every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What the proxies say of the client.
    Proxies,
    /// Path and query.
    Target,
    /// `Host`
    Host,
    /// The method.
    Method,
    /// That headers which may come once do.
    Headers,
    /// What a preflight says of the request that it announces.
    Preflight,
}

/// How a clause was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It holds, fits or was found. A `deny` that holds refuses.
    Held,
    /// It does not.
    NotHeld,
    /// There is nothing to ask.
    Absent,
    /// It could not be decided: a value is missing or of another type than the service promised.
    Fault,
    /// Of a budget: the units were charged.
    Charged,
    /// Of a budget: it lacks the units.
    Drained {
        /// How long until it has them, in nanoseconds.
        wait: i128,
    },
    /// Of a budget: it has the units and was not charged, since another lacks its own.
    Uncharged,
    /// Of a budget: the store could not be reached.
    Unavailable,
    /// Of a budget: the units were given back, since the request succeeded.
    Refunded,
}

impl Outcome {
    pub(crate) fn of(held: bool) -> Outcome {
        if held { Outcome::Held } else { Outcome::NotHeld }
    }
}

impl From<Result<bool, Fault>> for Outcome {
    fn from(held: Result<bool, Fault>) -> Outcome {
        held.map_or(Outcome::Fault, Outcome::of)
    }
}

/// An expression that was asked whether it holds: a condition, an operand of `and`, `or` and `not`, the
/// use of a predicate, and in that the body of the predicate.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// Where it is written; of a permission, its name.
    pub span: Span,
    /// Whether it holds; nothing, where that could not be decided.
    pub held: Option<bool>,
    /// The expressions in it that were evaluated. What need not be looked at is not here.
    pub branches: Vec<Branch>,
    /// What it read itself.
    pub reads: Vec<Read>,
}

/// A value that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// The path that names it.
    pub span: Span,
    /// The value.
    pub value: Fact,
}
