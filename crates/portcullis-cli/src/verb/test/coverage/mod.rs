//! Which clauses of a policy the tests have decided, and what has come of them.
//!
//! A clause has ways in which it can come out: an `allow` holds or does not, a budget is charged or
//! drained. Each that no test has seen is a change of the policy that no test would notice.

mod clauses;
mod lcov;
mod report;
mod seen;

pub(super) use self::clauses::{Covered, covered};
pub(super) use self::lcov::write as write_lcov;
pub(super) use self::report::{json, lines, percent};
pub(super) use self::seen::{Seen, observe};

use portcullis_syntax::Span;

/// What a clause is. The order is that of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Route,
    Action,
    Allow,
    Deny,
    Require,
    Visible,
    Branch,
    Budget,
    View,
}

impl Kind {
    const ALL: [Kind; 9] = [
        Kind::Route,
        Kind::Action,
        Kind::Allow,
        Kind::Deny,
        Kind::Require,
        Kind::Visible,
        Kind::Branch,
        Kind::Budget,
        Kind::View,
    ];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Kind::Route => "route",
            Kind::Action => "action",
            Kind::Allow => "allow",
            Kind::Deny => "deny",
            Kind::Require => "require",
            Kind::Visible => "visible",
            Kind::Branch => "branch",
            Kind::Budget => "budget",
            Kind::View => "view",
        }
    }

    /// The ways in which one can come out.
    fn ways(self) -> &'static [Way] {
        match self {
            Kind::Route | Kind::Action => &[Way::Admitted, Way::Refused],
            Kind::Allow | Kind::Deny | Kind::Require | Kind::Visible | Kind::Branch => {
                &[Way::Held, Way::NotHeld]
            }
            Kind::Budget => &[Way::Charged, Way::Drained],
            Kind::View => &[Way::Chosen],
        }
    }
}

/// A way in which a clause can come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Way {
    Held,
    NotHeld,
    /// Of a `returns`: it is the first that fits.
    Chosen,
    Charged,
    Drained,
    Admitted,
    Refused,
}

impl Way {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Way::Held => "held",
            Way::NotHeld => "not_held",
            Way::Chosen => "chosen",
            Way::Charged => "charged",
            Way::Drained => "drained",
            Way::Admitted => "admitted",
            Way::Refused => "refused",
        }
    }

    /// Behind "in no test it".
    fn said(self) -> &'static str {
        match self {
            Way::Held => "holds",
            Way::NotHeld => "does not hold",
            Way::Chosen => "is chosen",
            Way::Charged => "is charged",
            Way::Drained => "is drained",
            Way::Admitted => "admits",
            Way::Refused => "refuses",
        }
    }
}

/// How a clause is found again in what was decided.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// By where it is written.
    At(Span),
    /// By its name: routes name a budget, and it is one wherever they do.
    Budget(String),
    /// By its name: a test asks for it by that.
    Action(String),
}
