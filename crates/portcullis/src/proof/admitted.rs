//! A request whose caller is known.

use std::sync::Arc;

use arc_swap::Guard;
use portcullis_compiler::plan::BodyKind;

use crate::caller::Held;
use crate::engine::Rules;
use crate::request::Routed;
use crate::session::Sessioned;
use crate::stage::caller::Asked;
use crate::stage::charges::{Bill, Standings};

/// A request that transport and caller speak for. Its input is still to be decided.
pub struct Admitted<'r> {
    pub(crate) rules: Guard<Arc<Rules>>,
    pub(crate) routed: Routed<'r>,
    pub(crate) caller: Held<'r>,
    /// What it has to do with a session, where the route speaks of one.
    pub(crate) session: Option<Box<Sessioned>>,
    /// What the store is to be asked before the caller is known.
    pub(crate) asked: Option<Box<Asked>>,
    /// What a success gives back.
    pub(crate) refundable: Option<Box<Bill>>,
    /// What its answer tells of budgets.
    pub(crate) standings: Standings,
}

impl Admitted<'_> {
    /// The largest body that the policy lets in here, in bytes.
    #[must_use]
    pub fn body_limit(&self) -> u64 {
        let route = self.rules.route(self.routed.way.route);
        let kind = route.and_then(|route| route.body.as_ref()).map(|body| &body.kind);
        match kind {
            Some(BodyKind::Raw { max, .. }) => *max,
            _ => self.rules.plan.transport.body_limit,
        }
    }
}
