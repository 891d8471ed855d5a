//! The drivers: the same stages, with the store's answer waited for or awaited.

use super::{Engine, Rules};
use crate::admitted::{Accepted, Admitted};
use crate::caller::Caller;
use crate::condition::World;
use crate::input::Inputs;
use crate::refusal::Refusal;
use crate::request::{Request, Routed};
use crate::stage::caller::Claimed;
use crate::stage::{self, charges};
use crate::store::{Answer, Charged, Unavailable};

type Asked = Option<Answer<Result<Charged, Unavailable>>>;

impl Engine {
    /// Decides a request by what is known before its body: transport and caller.
    ///
    /// # Errors
    /// The refusal.
    pub fn admit<'r>(&self, request: Request<'r>) -> Result<Admitted<'r>, Refusal> {
        let (admitted, asked) = self.begin(request, Claimed::ByHeader)?;
        settle_caller(admitted, asked.map(Answer::wait))
    }

    /// Like [`admit`](Engine::admit), for a caller whose credential has been verified already;
    /// the `Authorization` header is not read.
    ///
    /// # Errors
    /// The refusal.
    pub fn admit_as<'r>(
        &self,
        request: Request<'r>,
        caller: Option<&'r Caller>,
    ) -> Result<Admitted<'r>, Refusal> {
        let (admitted, asked) = self.begin(request, Claimed::Known(caller))?;
        settle_caller(admitted, asked.map(Answer::wait))
    }

    /// [`admit`](Engine::admit), for a store that may have to be waited for.
    ///
    /// # Errors
    /// The refusal.
    pub async fn admit_async<'r>(&self, request: Request<'r>) -> Result<Admitted<'r>, Refusal> {
        let (admitted, asked) = self.begin(request, Claimed::ByHeader)?;
        settle_caller(admitted, later(asked).await)
    }

    /// [`admit_as`](Engine::admit_as), for a store that may have to be waited for.
    ///
    /// # Errors
    /// The refusal.
    pub async fn admit_as_async<'r>(
        &self,
        request: Request<'r>,
        caller: Option<&'r Caller>,
    ) -> Result<Admitted<'r>, Refusal> {
        let (admitted, asked) = self.begin(request, Claimed::Known(caller))?;
        settle_caller(admitted, later(asked).await)
    }

    fn begin<'r>(
        &self,
        request: Request<'r>,
        claimed: Claimed<'r>,
    ) -> Result<(Admitted<'r>, Asked), Refusal> {
        let rules = self.rules();
        let routed = stage::transport::decide(&rules, request)?;
        let route = rules.route(routed.route).ok_or_else(Refusal::service_fault)?;
        let caller = stage::caller::decide(&rules, &routed, route, claimed)?;
        let world = world(&rules, &routed, caller.caller(), None);
        let asked = charges::with(&route.caller.charges, &world, &rules, |charges| {
            rules.store.charge(charges, routed.request.now)
        })?;
        Ok((Admitted { rules, routed, caller }, asked))
    }
}

impl<'r> Admitted<'r> {
    /// Decides by parameters and body. An empty body is none.
    ///
    /// # Errors
    /// The refusal.
    pub fn input(self, body: Option<&[u8]>) -> Result<Accepted<'r>, Refusal> {
        let (accepted, asked) = self.take(body)?;
        settle_input(accepted, asked.map(Answer::wait))
    }

    /// [`input`](Admitted::input), for a store that may have to be waited for.
    ///
    /// # Errors
    /// The refusal.
    pub async fn input_async(self, body: Option<&[u8]>) -> Result<Accepted<'r>, Refusal> {
        let (accepted, asked) = self.take(body)?;
        settle_input(accepted, later(asked).await)
    }

    fn take(self, body: Option<&[u8]>) -> Result<(Accepted<'r>, Asked), Refusal> {
        let Admitted { rules, routed, caller } = self;
        let route = rules.route(routed.route).ok_or_else(Refusal::service_fault)?;
        let inputs = stage::input::decide(&rules, &routed, route, caller.caller(), body)?;
        let world = world(&rules, &routed, caller.caller(), Some(&inputs));
        let asked = charges::with(&route.input.charges, &world, &rules, |charges| {
            rules.store.charge(charges, routed.request.now)
        })?;
        Ok((Accepted { rules, routed, caller, inputs }, asked))
    }
}

async fn later(asked: Asked) -> Option<Result<Charged, Unavailable>> {
    match asked {
        Some(answer) => Some(answer.later().await),
        None => None,
    }
}

fn settle_caller(
    admitted: Admitted<'_>,
    answer: Option<Result<Charged, Unavailable>>,
) -> Result<Admitted<'_>, Refusal> {
    if let Some(answer) = answer {
        let route = admitted.rules.route(admitted.routed.route);
        let planned = route.map_or(&[] as &[_], |route| &route.caller.charges);
        charges::settle(answer, planned, &admitted.rules)?;
    }
    Ok(admitted)
}

fn settle_input(
    accepted: Accepted<'_>,
    answer: Option<Result<Charged, Unavailable>>,
) -> Result<Accepted<'_>, Refusal> {
    if let Some(answer) = answer {
        let route = accepted.rules.route(accepted.routed.route);
        let planned = route.map_or(&[] as &[_], |route| &route.input.charges);
        charges::settle(answer, planned, &accepted.rules)?;
    }
    Ok(accepted)
}

/// What a condition may read at a stage before any object is known.
pub(crate) fn world<'a>(
    rules: &'a Rules,
    routed: &'a Routed<'a>,
    caller: Option<&'a Caller>,
    inputs: Option<&'a Inputs>,
) -> World<'a> {
    World { plan: &rules.plan, request: routed, caller, inputs, object: None }
}
