//! The drivers: the same stages, with the store's answer waited for or awaited.

use portcullis_compiler::plan::{Charge, Route};

use super::Engine;
use crate::admitted::{Accepted, Admitted};
use crate::caller::{Caller, Held};
use crate::condition::World;
use crate::input::Inputs;
use crate::refusal::Refusal;
use crate::request::{Request, Routed};
use crate::stage::caller::Claimed;
use crate::stage::{self, charges};
use crate::store::{Answer, Charged, Unavailable};

/// What came of a charge.
type Charging = Result<Charged, Unavailable>;

/// What the store was asked for, if anything.
type Asked = Option<Answer<Charging>>;

impl Engine {
    /// Decides a request by what is known before its body: transport and caller.
    ///
    /// # Errors
    /// The refusal.
    pub fn admit<'r>(&self, request: Request<'r>) -> Result<Admitted<'r>, Refusal> {
        self.begin(request, Claimed::ByHeader, Admitted::charge)
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
        self.begin(request, Claimed::Known(caller), Admitted::charge)
    }

    /// [`admit`](Engine::admit), for a store that may have to be waited for.
    ///
    /// # Errors
    /// The refusal.
    pub async fn admit_async<'r>(&self, request: Request<'r>) -> Result<Admitted<'r>, Refusal> {
        let admitted = self.begin(request, Claimed::ByHeader, |_| Ok(()))?;
        admitted.charge_async().await?;
        Ok(admitted)
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
        let admitted = self.begin(request, Claimed::Known(caller), |_| Ok(()))?;
        admitted.charge_async().await?;
        Ok(admitted)
    }

    /// The proof is made in its place and looked at there: it is too large to be carried about.
    #[inline]
    fn begin<'r>(
        &self,
        request: Request<'r>,
        claimed: Claimed<'r>,
        charge: impl FnOnce(&Admitted<'r>) -> Result<(), Refusal>,
    ) -> Result<Admitted<'r>, Refusal> {
        let rules = self.rules();
        let way = stage::transport::decide(&rules, &request)?;
        let mut admitted = Admitted { rules, routed: Routed { request, way }, caller: Held::None };
        let (rules, routed) = (&admitted.rules, &admitted.routed);
        let route = rules.route(routed.way.route).ok_or_else(Refusal::service_fault)?;
        admitted.caller = stage::caller::decide(rules, routed, route, claimed)?;
        charge(&admitted)?;
        Ok(admitted)
    }
}

impl<'r> Admitted<'r> {
    /// Decides by parameters and body. An empty body is none.
    ///
    /// # Errors
    /// The refusal.
    pub fn input(self, body: Option<&[u8]>) -> Result<Accepted<'r>, Refusal> {
        let inputs = self.take(body)?;
        let planned = &self.route_of()?.input.charges;
        self.settle(planned, self.ask(planned, Some(&inputs))?.map(Answer::wait))?;
        Ok(Accepted { rules: self.rules, routed: self.routed, caller: self.caller, inputs })
    }

    /// [`input`](Admitted::input), for a store that may have to be waited for.
    ///
    /// # Errors
    /// The refusal.
    pub async fn input_async(self, body: Option<&[u8]>) -> Result<Accepted<'r>, Refusal> {
        let inputs = self.take(body)?;
        let planned = &self.route_of()?.input.charges;
        self.settle(planned, later(self.ask(planned, Some(&inputs))?).await)?;
        Ok(Accepted { rules: self.rules, routed: self.routed, caller: self.caller, inputs })
    }

    /// Charges what the caller stage charges.
    fn charge(&self) -> Result<(), Refusal> {
        let planned = &self.route_of()?.caller.charges;
        self.settle(planned, self.ask(planned, None)?.map(Answer::wait))
    }

    async fn charge_async(&self) -> Result<(), Refusal> {
        let planned = &self.route_of()?.caller.charges;
        self.settle(planned, later(self.ask(planned, None)?).await)
    }

    fn route_of(&self) -> Result<&Route, Refusal> {
        self.rules.route(self.routed.way.route).ok_or_else(Refusal::service_fault)
    }

    /// Asks the store for what is charged, if anything is.
    fn ask(&self, planned: &[Charge], inputs: Option<&Inputs>) -> Result<Asked, Refusal> {
        if planned.is_empty() {
            return Ok(None);
        }
        let caller = self.caller.caller();
        let world = World::new(&self.rules.plan, &self.routed, caller, inputs);
        let asked = charges::with(planned, &world, &self.rules, |charges| {
            self.rules.store.charge(charges, self.routed.request.now)
        })?;
        Ok(Some(asked))
    }

    fn settle(&self, planned: &[Charge], answer: Option<Charging>) -> Result<(), Refusal> {
        match answer {
            Some(answer) => charges::settle(answer, planned, &self.rules),
            None => Ok(()),
        }
    }

    fn take(&self, body: Option<&[u8]>) -> Result<Inputs, Refusal> {
        let route = self.route_of()?;
        stage::input::decide(&self.rules, &self.routed, route, self.caller.caller(), body)
    }
}

async fn later(asked: Asked) -> Option<Charging> {
    match asked {
        Some(answer) => Some(answer.later().await),
        None => None,
    }
}
