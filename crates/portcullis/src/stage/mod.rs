//! The stages of a request, one file each, in the order of the language.
//!
//! A stage computes. What it needs of the store it gives back as charges, and the drivers in
//! [`engine`](crate::engine) ask for it: at once, or later.

pub(crate) mod caller;
pub(crate) mod charges;
pub(crate) mod input;
pub(crate) mod object;
pub(crate) mod response;
pub(crate) mod transport;

use std::sync::Arc;

use portcullis_compiler::plan::{DenyReason, Plan, StageChecks};
use portcullis_syntax::Span;

use crate::condition::World;
use crate::refusal::{Reason, Refusal};

/// Of what stands against a request at one stage, what is reported: the least reason, and of those
/// the first clause.
#[derive(Default)]
pub(crate) struct Verdict {
    against: Option<(Reason, Option<Span>)>,
}

impl Verdict {
    pub(crate) fn add(&mut self, reason: Reason, span: Option<Span>) {
        if self.against.is_none_or(|(known, _)| reason < known) {
            self.against = Some((reason, span));
        }
    }

    /// Asks every `deny` and the `allow`s. What cannot be decided is a fault of the service, and
    /// stands against the request like the others.
    pub(crate) fn check(&mut self, checks: &StageChecks, world: &World<'_>) {
        for deny in &checks.denies {
            match world.holds(&deny.condition) {
                Ok(false) => {}
                Ok(true) => {
                    let reason = match deny.reason {
                        DenyReason::Forbidden => Reason::Forbidden,
                        DenyReason::Conflict => Reason::Conflict,
                    };
                    self.add(reason, Some(deny.span));
                }
                Err(_) => self.add(Reason::ServiceFault, Some(deny.span)),
            }
        }
        let mut allowed = checks.allows.is_empty();
        for allow in &checks.allows {
            match world.holds(&allow.condition) {
                Ok(holds) => allowed |= holds,
                Err(_) => self.add(Reason::ServiceFault, Some(allow.span)),
            }
        }
        if !allowed {
            self.add(Reason::Forbidden, checks.allows.first().map(|allow| allow.span));
        }
    }

    pub(crate) fn reason(&self) -> Option<Reason> {
        self.against.map(|(reason, _)| reason)
    }

    pub(crate) fn settle(self, plan: &Arc<Plan>) -> Result<(), Refusal> {
        match self.against {
            None => Ok(()),
            Some((reason, None)) => Err(Refusal::new(reason)),
            Some((reason, Some(span))) => Err(Refusal::new(reason).at(plan, span)),
        }
    }
}
