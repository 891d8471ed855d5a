//! The drivers: the same stages, with the store's answer waited for or awaited.

use std::sync::atomic::AtomicU8;

use portcullis_compiler::plan::{Charge, Route};

use super::{Engine, Rules};
use crate::Timestamp;
use crate::answers::rate_limit;
use crate::caller::{Caller, Held};
use crate::condition::World;
use crate::forwarded;
use crate::input::Inputs;
use crate::proof::{Accepted, Admitted};
use crate::refusal::{Reason, Refusal};
use crate::request::{Request, Routed};
use crate::stage::caller::Claimed;
use crate::stage::charges::{Bill, Refunds, Standings};
use crate::stage::{self};
use crate::store::{Answer, Charged, Known, Unavailable};

impl Engine {
    /// Decides a request by what is known before its body: transport and caller.
    ///
    /// # Errors
    /// The refusal.
    pub fn admit<'r>(&self, request: Request<'r>) -> Result<Admitted<'r>, Refusal> {
        self.admitted(request, Claimed::ByHeader)
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
        self.admitted(request, Claimed::Known(caller))
    }

    /// [`admit`](Engine::admit), for a store that may have to be waited for.
    ///
    /// # Errors
    /// The refusal.
    pub async fn admit_async<'r>(&self, request: Request<'r>) -> Result<Admitted<'r>, Refusal> {
        self.admitted_async(request, Claimed::ByHeader).await
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
        self.admitted_async(request, Claimed::Known(caller)).await
    }

    #[inline]
    fn admitted<'r>(
        &self,
        request: Request<'r>,
        claimed: Claimed<'r>,
    ) -> Result<Admitted<'r>, Refusal> {
        let mut admitted = match self.begin(request, claimed) {
            Ok(admitted) => admitted,
            Err(stopped) => return Err(stopped.refusal()),
        };
        if let Some(answer) = admitted.ask() {
            let known = answer.wait();
            admitted = admitted.learn(known).map_err(Stopped::refusal)?;
        }
        admitted.charge().map(|()| admitted)
    }

    async fn admitted_async<'r>(
        &self,
        request: Request<'r>,
        claimed: Claimed<'r>,
    ) -> Result<Admitted<'r>, Refusal> {
        let mut admitted = match self.begin(request, claimed) {
            Ok(admitted) => admitted,
            Err(stopped) => return Err(stopped.refusal_async().await),
        };
        if let Some(answer) = admitted.ask() {
            let known = answer.later().await;
            admitted = match admitted.learn(known) {
                Ok(admitted) => admitted,
                Err(stopped) => return Err(stopped.refusal_async().await),
            };
        }
        admitted.charge_async().await.map(|()| admitted)
    }

    /// The proof is made in its place and looked at there: it is too large to be carried about.
    #[inline]
    fn begin<'r>(
        &self,
        mut request: Request<'r>,
        claimed: Claimed<'r>,
    ) -> Result<Admitted<'r>, Stopped<'r>> {
        let rules = self.rules();
        let way = forwarded::resolve(&rules, &mut request)
            .and_then(|()| stage::transport::decide(&rules, &request))
            .map_err(|refusal| rules.refused_nowhere(&request, refusal))?;
        let mut admitted = Admitted {
            rules,
            routed: Routed { request, way },
            caller: Held::None,
            session: None,
            asked: None,
            refundable: None,
            standings: Standings::new(),
        };
        let (rules, routed) = (&admitted.rules, &admitted.routed);
        match stage::caller::identify(rules, routed, route_of(rules, routed)?, claimed) {
            Ok(identified) => {
                admitted.caller = identified.caller;
                admitted.session = identified.session;
                admitted.asked = identified.asked;
            }
            Err(refusal) => return Err(admitted.stopped(refusal)),
        }
        if admitted.asked.is_none()
            && let Err(refusal) = admitted.decide()
        {
            return Err(admitted.stopped(refusal));
        }
        Ok(admitted)
    }
}

/// A request that ends at the caller stage.
struct Stopped<'r> {
    refusal: Refusal,
    /// The request, where its credential is refused: a flood of these is counted by what is known
    /// without one.
    uncredited: Option<Box<Admitted<'r>>>,
}

impl From<Refusal> for Stopped<'_> {
    fn from(refusal: Refusal) -> Self {
        Stopped { refusal, uncredited: None }
    }
}

impl Stopped<'_> {
    /// The refusal: of the credential, unless a budget is drained by it.
    fn refusal(self) -> Refusal {
        let Some(mut request) = self.uncredited else {
            return self.refusal;
        };
        let charged = request.uncredited().and_then(|mut bill| request.paid(&mut bill));
        request.refused(drained(charged).unwrap_or(self.refusal))
    }

    async fn refusal_async(self) -> Refusal {
        let Some(mut request) = self.uncredited else {
            return self.refusal;
        };
        let charged = match request.uncredited() {
            Ok(mut bill) => request.paid_async(&mut bill).await,
            Err(fault) => Err(fault),
        };
        request.refused(drained(charged).unwrap_or(self.refusal))
    }
}

/// The refusal of a drained budget: no other takes the place of an earlier reason.
fn drained(charged: Result<(), Refusal>) -> Option<Refusal> {
    charged.err().filter(|refusal| refusal.reason() == Reason::OverBudget)
}

fn is_of_credential(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::MissingCredential
            | Reason::InvalidCredential
            | Reason::ExpiredCredential
            | Reason::RevokedCredential
    )
}

impl<'r> Admitted<'r> {
    fn decide(&self) -> Result<(), Refusal> {
        let route = route_of(&self.rules, &self.routed)?;
        stage::caller::decide(&self.rules, &self.routed, route, self.caller.caller())
    }

    /// What ends it at the caller stage.
    fn stopped(self, refusal: Refusal) -> Stopped<'r> {
        if is_of_credential(refusal.reason()) {
            return Stopped { refusal, uncredited: Some(Box::new(self)) };
        }
        self.refused(refusal).into()
    }

    /// Asks the store what it knows of the credential, if that has to be known.
    #[inline]
    fn ask(&self) -> Option<Answer<Result<Known, Unavailable>>> {
        let asked = self.asked.as_deref()?;
        let question = asked.question(self.session.as_deref());
        Some(self.rules.store.known(&question, self.routed.request.now))
    }

    /// Takes in what the store said, and decides the rest.
    fn learn(mut self, known: Result<Known, Unavailable>) -> Result<Admitted<'r>, Stopped<'r>> {
        if let Some(asked) = self.asked.take() {
            let session = self.session.as_deref_mut();
            let (rules, routed) = (&self.rules, &self.routed);
            let caller = &mut self.caller;
            let learnt = stage::caller::learn(rules, routed, &asked, known, caller, session);
            if let Err(refusal) = learnt {
                return Err(self.stopped(refusal));
            }
        }
        match self.decide() {
            Ok(()) => Ok(self),
            Err(refusal) => Err(self.stopped(refusal)),
        }
    }

    /// Decides by parameters and body. An empty body is none.
    ///
    /// # Errors
    /// The refusal.
    pub fn input(self, body: Option<&[u8]>) -> Result<Accepted<'r>, Refusal> {
        let inputs = self.take(body)?;
        let mut accepted = self.with(inputs);
        accepted.charge()?;
        Ok(accepted)
    }

    /// [`input`](Admitted::input), for a store that may have to be waited for.
    ///
    /// # Errors
    /// The refusal.
    pub async fn input_async(self, body: Option<&[u8]>) -> Result<Accepted<'r>, Refusal> {
        let inputs = self.take(body)?;
        let mut accepted = self.with(inputs);
        accepted.charge_async().await?;
        Ok(accepted)
    }

    fn take(&self, body: Option<&[u8]>) -> Result<Inputs, Refusal> {
        let route = route_of(&self.rules, &self.routed)?;
        let caller = self.caller.caller();
        self.told(stage::input::decide(&self.rules, &self.routed, route, caller, body))
    }

    /// Tells the observer of a refusal, if this is one.
    fn told<T>(&self, decided: Result<T, Refusal>) -> Result<T, Refusal> {
        decided.map_err(|refusal| self.refused(refusal))
    }

    /// Tells the observer of a refusal that the server makes itself, such as
    /// [`Refusal::body_too_large`], and gives it back.
    #[must_use]
    pub fn refused(&self, refusal: Refusal) -> Refusal {
        let refusal = match (refusal.reason(), refusal.clause()) {
            // A server that stops reading knows nothing of the policy.
            (Reason::BodyTooLarge, None) => {
                let route = self.rules.route(self.routed.way.route);
                let place = route.and_then(|route| stage::input::limit(&self.rules, route).1);
                refusal.at_clause(&self.rules.plan, place)
            }
            _ => refusal,
        };
        let refusal = refusal.telling(rate_limit::lines(&self.rules.plan, &self.standings));
        self.rules.refused_at(&self.routed, refusal)
    }

    #[inline]
    fn with(self, inputs: Inputs) -> Accepted<'r> {
        Accepted {
            rules: self.rules,
            routed: self.routed,
            caller: self.caller,
            inputs,
            session: self.session,
            refundable: self.refundable,
            standings: self.standings,
            decided: AtomicU8::new(0),
        }
    }

    fn charges(&self) -> Result<&[Charge], Refusal> {
        Ok(&route_of(&self.rules, &self.routed)?.caller.charges)
    }

    fn bill(&self) -> Result<Bill, Refusal> {
        let world = World::new(&self.rules.plan, &self.routed, self.caller.caller(), None);
        Bill::new(self.charges()?, &world, &self.rules)
    }

    /// What is charged where there is no caller that could be known.
    fn uncredited(&self) -> Result<Bill, Refusal> {
        let counted = self.charges()?.iter().filter(|charge| charge.without_caller);
        let world = World::new(&self.rules.plan, &self.routed, None, None);
        Bill::new(counted, &world, &self.rules)
    }

    fn paid(&mut self, bill: &mut Bill) -> Result<(), Refusal> {
        pay(bill, &self.rules, self.routed.request.now, &mut self.standings)
    }

    async fn paid_async(&mut self, bill: &mut Bill) -> Result<(), Refusal> {
        pay_async(bill, &self.rules, self.routed.request.now, &mut self.standings).await
    }

    #[inline]
    fn charge(&mut self) -> Result<(), Refusal> {
        if self.charges()?.is_empty() { Ok(()) } else { self.pay() }
    }

    // Apart, since a bill is large, and most routes have none.
    #[inline(never)]
    fn pay(&mut self) -> Result<(), Refusal> {
        let mut bill = self.told(self.bill())?;
        let paid = self.paid(&mut bill);
        self.told(paid)?;
        self.rules.degraded_at(&self.routed, &bill);
        self.refundable = bill.refundable(&self.rules);
        Ok(())
    }

    async fn charge_async(&mut self) -> Result<(), Refusal> {
        if !self.charges()?.is_empty() {
            let mut bill = self.told(self.bill())?;
            let paid = self.paid_async(&mut bill).await;
            self.told(paid)?;
            self.rules.degraded_at(&self.routed, &bill);
            self.refundable = bill.refundable(&self.rules);
        }
        Ok(())
    }
}

impl<'r> Accepted<'r> {
    fn charges(&self) -> Result<&[Charge], Refusal> {
        Ok(&self.route()?.input.charges)
    }

    #[inline]
    fn charge(&mut self) -> Result<(), Refusal> {
        if self.charges()?.is_empty() { Ok(()) } else { self.pay() }
    }

    #[inline(never)]
    fn pay(&mut self) -> Result<(), Refusal> {
        let mut bill = self.told(Bill::new(self.charges()?, &self.world(), &self.rules))?;
        let paid = pay(&mut bill, &self.rules, self.routed.request.now, &mut self.standings);
        self.told(paid)?;
        self.rules.degraded_at(&self.routed, &bill);
        self.refundable = Bill::joined(self.refundable.take(), bill.refundable(&self.rules));
        Ok(())
    }

    async fn charge_async(&mut self) -> Result<(), Refusal> {
        if !self.charges()?.is_empty() {
            let mut bill = self.told(Bill::new(self.charges()?, &self.world(), &self.rules))?;
            let now = self.routed.request.now;
            let paid = pay_async(&mut bill, &self.rules, now, &mut self.standings).await;
            self.told(paid)?;
            self.rules.degraded_at(&self.routed, &bill);
            self.refundable = Bill::joined(self.refundable.take(), bill.refundable(&self.rules));
        }
        Ok(())
    }
}

impl Accepted<'_> {
    /// Reports what became of the request: after a success, budgets that count failures alone get
    /// back what they were charged. A request that is dropped without a report keeps its charges,
    /// and what is reported of it after a first success changes nothing.
    ///
    /// # Errors
    /// The store cannot be reached: the charges are kept.
    pub fn finish(&self, outcome: Outcome) -> Result<(), Unavailable> {
        // All are asked before one is waited for.
        self.refunds(outcome).into_iter().map(Answer::wait).fold(Ok(()), Result::and)
    }

    /// [`finish`](Accepted::finish), for a store that may have to be waited for.
    ///
    /// # Errors
    /// The store cannot be reached: the charges are kept.
    pub async fn finish_async(&self, outcome: Outcome) -> Result<(), Unavailable> {
        let mut finished = Ok(());
        for answer in self.refunds(outcome) {
            finished = finished.and(answer.later().await);
        }
        finished
    }

    fn refunds(&self, outcome: Outcome) -> Refunds {
        match &self.refundable {
            Some(bill) if outcome == Outcome::Success && bill.give_back() => {
                bill.refund(&self.rules)
            }
            _ => Refunds::new(),
        }
    }
}

/// What became of a request that was admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// What was asked for was done.
    Success,
    /// It was not: a password was wrong, a card declined.
    Failure,
}

fn route_of<'a>(rules: &'a Rules, routed: &Routed<'_>) -> Result<&'a Route, Refusal> {
    rules.route(routed.way.route).ok_or_else(Refusal::service_fault)
}

/// Asks the store for what is charged, if anything is.
fn ask(
    bill: &Bill,
    rules: &Rules,
    now: Timestamp,
) -> Result<Option<Answer<Result<Charged, Unavailable>>>, Refusal> {
    if bill.is_empty() {
        return Ok(None);
    }
    bill.charge(rules, now).map(Some)
}

/// Charges all of a bill, or nothing.
pub(super) fn pay(
    bill: &mut Bill,
    rules: &Rules,
    now: Timestamp,
    standings: &mut Standings,
) -> Result<(), Refusal> {
    match ask(bill, rules, now)? {
        Some(answer) => bill.settle(answer.wait(), rules, standings),
        None => Ok(()),
    }
}

/// [`pay`], for a store that may have to be waited for.
pub(super) async fn pay_async(
    bill: &mut Bill,
    rules: &Rules,
    now: Timestamp,
    standings: &mut Standings,
) -> Result<(), Refusal> {
    match ask(bill, rules, now)? {
        Some(answer) => bill.settle(answer.later().await, rules, standings),
        None => Ok(()),
    }
}
