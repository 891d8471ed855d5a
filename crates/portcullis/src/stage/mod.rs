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

use portcullis_compiler::plan::{Guard, GuardReason, Needed, Plan, StageChecks};
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
    pub(crate) fn add(&mut self, reason: Reason, span: impl Into<Option<Span>>) {
        if self.against.is_none_or(|(known, _)| reason < known) {
            self.against = Some((reason, span.into()));
        }
    }

    /// Asks every `require`, `deny` and `allow`. What cannot be decided is a fault of the service,
    /// and stands against the request like the others.
    pub(crate) fn check(&mut self, checks: &StageChecks, world: &World<'_>) {
        self.guards(&checks.requires, true, world);
        self.guards(&checks.denies, false, world);
        for group in &checks.allows {
            let mut allowed = false;
            for allow in group {
                match world.holds(&allow.condition) {
                    Ok(holds) => allowed |= holds,
                    Err(_) => self.add(Reason::ServiceFault, allow.span),
                }
            }
            if !allowed {
                self.add(Reason::Forbidden, group.first().map(|allow| allow.span));
            }
        }
    }

    /// Of `require`s each must hold, of `deny`s none.
    fn guards(&mut self, guards: &[Guard], must_hold: bool, world: &World<'_>) {
        for guard in guards {
            match world.holds(&guard.condition) {
                Ok(holds) if holds == must_hold => {}
                Ok(_) => self.add(reason(guard.reason), guard.span),
                Err(_) => self.add(Reason::ServiceFault, guard.span),
            }
        }
    }

    /// Asks for the permissions, and whether scopes may come: where they may not, no clause says so,
    /// and the route or action at `span` is what decided.
    pub(crate) fn needs(
        &mut self,
        needs: &[Needed],
        takes_scopes: bool,
        span: Span,
        world: &World<'_>,
    ) {
        for needed in needs {
            let mut has = false;
            for permission in &needed.any {
                match world.can(*permission) {
                    Ok(can) => has |= can,
                    Err(_) => self.add(Reason::ServiceFault, needed.span),
                }
            }
            if !has {
                self.add(Reason::MissingPermission, needed.span);
            }
        }
        if !takes_scopes && world.caller.is_some_and(|caller| caller.scoped) {
            self.add(Reason::MissingPermission, span);
        }
    }

    pub(crate) fn reason(&self) -> Option<Reason> {
        self.against.map(|(reason, _)| reason)
    }

    pub(crate) fn settle(self, plan: &Arc<Plan>) -> Result<(), Refusal> {
        match self.against {
            None => Ok(()),
            Some((reason, span)) => Err(Refusal::new(reason).at_clause(plan, span)),
        }
    }
}

fn reason(reason: GuardReason) -> Reason {
    match reason {
        GuardReason::NotFound => Reason::NotFound,
        GuardReason::Forbidden => Reason::Forbidden,
        GuardReason::Conflict => Reason::Conflict,
        GuardReason::StepUp => Reason::StepUp,
    }
}
