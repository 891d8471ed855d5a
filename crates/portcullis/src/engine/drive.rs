//! The drivers: the same stages, with the store's answer waited for or awaited.

use portcullis_compiler::plan::Route;

use super::{Engine, Rules};
use crate::Timestamp;
use crate::admitted::{Accepted, Admitted};
use crate::caller::{Caller, Held};
use crate::condition::World;
use crate::input::Inputs;
use crate::refusal::{Reason, Refusal};
use crate::request::{Request, Routed};
use crate::stage::caller::Claimed;
use crate::stage::charges::Bill;
use crate::stage::{self};
use crate::store::{Answer, Charged, Unavailable};

/// What came of a charge.
pub(super) type Charging = Result<Charged, Unavailable>;

/// What the store was asked for, if anything.
pub(super) type Asked = Option<Answer<Charging>>;

impl Engine {
    /// Decides a request by what is known before its body: transport and caller.
    ///
    /// # Errors
    /// The refusal.
    pub fn admit<'r>(&self, request: Request<'r>) -> Result<Admitted<'r>, Refusal> {
        let began = self.begin(request, Claimed::ByHeader)?;
        let answer = began.ask()?.map(Answer::wait);
        began.settle(answer)
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
        let began = self.begin(request, Claimed::Known(caller))?;
        let answer = began.ask()?.map(Answer::wait);
        began.settle(answer)
    }

    /// [`admit`](Engine::admit), for a store that may have to be waited for.
    ///
    /// # Errors
    /// The refusal.
    pub async fn admit_async<'r>(&self, request: Request<'r>) -> Result<Admitted<'r>, Refusal> {
        let began = self.begin(request, Claimed::ByHeader)?;
        let answer = later(began.ask()?).await;
        began.settle(answer)
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
        let began = self.begin(request, Claimed::Known(caller))?;
        let answer = later(began.ask()?).await;
        began.settle(answer)
    }

    /// The proof is made in its place and looked at there: it is too large to be carried about.
    #[inline]
    fn begin<'r>(&self, request: Request<'r>, claimed: Claimed<'r>) -> Result<Began<'r>, Refusal> {
        let rules = self.rules();
        let way = stage::transport::decide(&rules, &request)?;
        let mut admitted = Admitted {
            rules,
            routed: Routed { request, way },
            caller: Held::None,
            refundable: Bill::default(),
        };
        let (rules, routed) = (&admitted.rules, &admitted.routed);
        let route = rules.route(routed.way.route).ok_or_else(Refusal::service_fault)?;
        match stage::caller::decide(rules, routed, route, claimed) {
            Ok(caller) => admitted.caller = caller,
            // A flood of bad credentials is counted by what is known without one.
            Err(refusal) if is_of_credential(refusal.reason()) => {
                let counted = route.caller.charges.iter().filter(|charge| charge.without_caller);
                let world = World::new(&rules.plan, routed, None, None);
                let bill = Bill::new(counted, &world, rules)?;
                return Ok(Began { admitted, bill, refused: Some(refusal) });
            }
            Err(refusal) => return Err(refusal),
        }
        let (rules, routed) = (&admitted.rules, &admitted.routed);
        let bill = if route_of(rules, routed)?.caller.charges.is_empty() {
            Bill::default()
        } else {
            let caller = admitted.caller.caller();
            let world = World::new(&rules.plan, routed, caller, None);
            Bill::new(&route_of(rules, routed)?.caller.charges, &world, rules)?
        };
        Ok(Began { admitted, bill, refused: None })
    }
}

/// A request at the end of the caller stage, before its budgets are charged.
struct Began<'r> {
    admitted: Admitted<'r>,
    bill: Bill,
    /// The refusal of its credential, which is reported unless a budget is drained by it.
    refused: Option<Refusal>,
}

impl<'r> Began<'r> {
    fn ask(&self) -> Result<Asked, Refusal> {
        ask(&self.bill, &self.admitted.rules, self.admitted.routed.request.now)
    }

    #[inline]
    fn settle(self, answer: Option<Charging>) -> Result<Admitted<'r>, Refusal> {
        let Began { mut admitted, bill, refused } = self;
        if let Some(answer) = answer {
            bill.settle(answer, &admitted.rules)?;
        }
        match refused {
            Some(refusal) => Err(refusal),
            None => {
                if !bill.is_empty() {
                    admitted.refundable = bill.refundable(&admitted.rules);
                }
                Ok(admitted)
            }
        }
    }
}

fn is_of_credential(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::MissingCredential | Reason::InvalidCredential | Reason::ExpiredCredential
    )
}

impl<'r> Admitted<'r> {
    /// Decides by parameters and body. An empty body is none.
    ///
    /// # Errors
    /// The refusal.
    pub fn input(self, body: Option<&[u8]>) -> Result<Accepted<'r>, Refusal> {
        let (inputs, bill) = self.take(body)?;
        let asked = ask(&bill, &self.rules, self.routed.request.now)?;
        self.accept(inputs, bill, asked.map(Answer::wait))
    }

    /// [`input`](Admitted::input), for a store that may have to be waited for.
    ///
    /// # Errors
    /// The refusal.
    pub async fn input_async(self, body: Option<&[u8]>) -> Result<Accepted<'r>, Refusal> {
        let (inputs, bill) = self.take(body)?;
        let asked = ask(&bill, &self.rules, self.routed.request.now)?;
        let answer = later(asked).await;
        self.accept(inputs, bill, answer)
    }

    fn take(&self, body: Option<&[u8]>) -> Result<(Inputs, Bill), Refusal> {
        let (rules, routed) = (&self.rules, &self.routed);
        let route = route_of(rules, routed)?;
        let caller = self.caller.caller();
        let inputs = stage::input::decide(rules, routed, route, caller, body)?;
        if route.input.charges.is_empty() {
            return Ok((inputs, Bill::default()));
        }
        let world = World::new(&rules.plan, routed, caller, Some(&inputs));
        let bill = Bill::new(&route.input.charges, &world, rules)?;
        Ok((inputs, bill))
    }

    fn accept(
        self,
        inputs: Inputs,
        bill: Bill,
        answer: Option<Charging>,
    ) -> Result<Accepted<'r>, Refusal> {
        if let Some(answer) = answer {
            bill.settle(answer, &self.rules)?;
        }
        let mut refundable = self.refundable;
        if !bill.is_empty() {
            refundable.join(bill.refundable(&self.rules));
        }
        Ok(Accepted {
            rules: self.rules,
            routed: self.routed,
            caller: self.caller,
            inputs,
            refundable,
        })
    }
}

impl Accepted<'_> {
    /// Reports what became of the request: after a success, budgets that count failures alone get
    /// back what they were charged. A request that is dropped without a report keeps its charges.
    ///
    /// # Errors
    /// The store cannot be reached: the charges are kept.
    pub fn finish(&self, outcome: Outcome) -> Result<(), Unavailable> {
        self.refund(outcome).map_or(Ok(()), Answer::wait)
    }

    /// [`finish`](Accepted::finish), for a store that may have to be waited for.
    ///
    /// # Errors
    /// The store cannot be reached: the charges are kept.
    pub async fn finish_async(&self, outcome: Outcome) -> Result<(), Unavailable> {
        match self.refund(outcome) {
            Some(answer) => answer.later().await,
            None => Ok(()),
        }
    }

    fn refund(&self, outcome: Outcome) -> Option<Answer<Result<(), Unavailable>>> {
        if outcome == Outcome::Failure || self.refundable.is_empty() {
            return None;
        }
        let now = self.routed.request.now;
        self.refundable.with(&self.rules, |charges| self.rules.store.refund(charges, now)).ok()
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
pub(super) fn ask(bill: &Bill, rules: &Rules, now: Timestamp) -> Result<Asked, Refusal> {
    if bill.is_empty() {
        return Ok(None);
    }
    bill.with(rules, |charges| rules.store.charge(charges, now)).map(Some)
}

pub(super) async fn later(asked: Asked) -> Option<Charging> {
    match asked {
        Some(answer) => Some(answer.later().await),
        None => None,
    }
}
