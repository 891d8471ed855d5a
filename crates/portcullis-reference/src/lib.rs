//! The reference evaluator: a policy decided straight from its syntax tree, by the plainest reading of
//! the language. It shares nothing with the engine but leaf libraries and the table of reasons, and
//! is slow on purpose: names are compared as text, every search is linear, nothing is prepared.
//!
//! It serves two ends. The engine is held to it: one corpus and made-up policies are decided by both.
//! And it can say what it looked at, as a [`Trace`], which a plan that forgets the text
//! cannot: tools show that to authors.
//!
//! It assumes that the policy has compiled: what the compiler refuses may panic here. So no service
//! links it, and a tool that does asks it about compiled policies alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "written for the policies that compile, as plainly as it can be"
)]

mod budget;
mod caller;
mod comparison;
mod condition;
mod cors;
mod expression;
mod forwarded;
mod headers;
mod input;
mod json;
mod object;
mod opaque;
mod outbound;
mod policy;
mod recorder;
mod response;
mod route;
mod scope;
mod setting;
#[cfg(test)]
mod tests;
mod token;
pub mod trace;
mod transport;
mod value;

use std::collections::BTreeSet;

use portcullis::Reason;
use portcullis_syntax::ast;
use portcullis_test::{Answer, Evaluator, Exchange, Response};

use crate::budget::Books;
use crate::policy::Policy;
use crate::route::Route;
use crate::scope::Scope;
use crate::trace::{Stage, Trace};

/// A key that verifies tokens.
#[derive(Clone)]
pub struct Key {
    /// The one algorithm that the key serves, by its name in `alg`.
    pub algorithm: String,
    /// The `kid` that a token names it by, if it has one.
    pub kid: Option<String>,
    /// The secret or the public key.
    pub key: jsonwebtoken::DecodingKey,
}

/// Decides exchanges by the syntax tree; see the crate.
pub struct Reference {
    policy: Policy,
    books: Books,
}

impl Reference {
    /// `files` have compiled without a fault under `profile`; `keys` verify tokens.
    #[must_use]
    pub fn new(files: Vec<ast::File>, profile: &str, keys: Vec<Key>) -> Reference {
        Reference { policy: Policy::new(files, profile, keys), books: Books::default() }
    }

    /// Whether a URL may be fetched through an outbound of the policy.
    #[must_use]
    pub fn fetches(&self, outbound: &str, url: &str) -> bool {
        outbound::accepts(&self.policy, outbound, url)
    }

    /// [`send`](Evaluator::send), with what was decided on the way.
    pub fn trace(&mut self, exchange: &Exchange) -> (Response, Trace) {
        self.policy.recorder.begin();
        let decided = self.decide(exchange);
        // Only now, since what an answer says of the request is looked up once more.
        let trace = self.policy.recorder.end();
        (self.answer(exchange, decided), trace)
    }

    fn decide(&mut self, exchange: &Exchange) -> Result<Response, Refused> {
        let policy = &self.policy;
        let books = &mut self.books;
        books.turn();
        if let Some(name) = &exchange.act {
            let answer = act(policy, books, name, exchange)?;
            return Ok(Response { answer, status: None, headers: headers::Lines::new() });
        }
        let record = &policy.recorder;
        record.enter(Stage::Transport);
        if cors::is_preflight(policy, exchange) {
            let answer = cors::preflight(policy, exchange)?;
            let headers = headers::of_preflight(policy, exchange);
            return Ok(Response { answer, status: Some(204), headers });
        }
        let arrival = transport::decide(policy, exchange)?;
        let route = arrival.route;
        let mut scope = Scope::new(policy, &arrival, exchange);

        record.enter(Stage::Caller);
        scope.caller = match caller::identify(policy, route, exchange) {
            Ok(caller) => caller,
            Err(reason) => {
                let charged = budget::charge_refused(books, policy, route, &scope, exchange);
                let drained = charged.err().filter(|reason| *reason == Reason::OverBudget);
                return Err(drained.unwrap_or(reason).into());
            }
        };
        caller::decide(policy, route, &scope)?;
        let mut charged =
            budget::charge(books, policy, route, condition::Stage::Caller, &scope, exchange)?;

        record.enter(Stage::Input);
        input::read(policy, route, &arrival, exchange, &mut scope)?;
        condition::decide(policy, route, condition::Stage::Input, &scope)?;
        charged.extend(budget::charge(
            books,
            policy,
            route,
            condition::Stage::Input,
            &scope,
            exchange,
        )?);

        record.enter(Stage::Object);
        let shown = object::decide(policy, route, &mut scope, &exchange.world)?;
        record.enter(Stage::Response);
        let answer = response::decide(policy, route, &scope, shown)?;
        budget::finish(books, policy, charged, exchange);
        let mut headers = headers::of_success(policy, exchange, route, scope.caller.is_some());
        headers.extend(budget::lines(books, policy));
        Ok(Response { answer, status: None, headers })
    }

    fn answer(&self, exchange: &Exchange, decided: Result<Response, Refused>) -> Response {
        decided.unwrap_or_else(|refused| {
            let (status, headers) = match &exchange.act {
                Some(_) => (None, headers::Lines::new()),
                None => {
                    let (status, mut lines) =
                        headers::of_refusal(&self.policy, exchange, refused.reason);
                    lines.extend(budget::lines(&self.books, &self.policy));
                    let wait = budget::retry_after(&self.books).filter(|_| status != 401);
                    lines.extend(wait.map(|wait| ("retry-after".to_owned(), wait)));
                    (Some(status), lines)
                }
            };
            let answer =
                Answer::Refused { reason: refused.reason.as_str(), faults: refused.faults };
            Response { answer, status, headers }
        })
    }
}

/// Decides an action, in the place of a request.
fn act(
    policy: &Policy,
    books: &mut Books,
    name: &str,
    exchange: &Exchange,
) -> Result<Answer, Refused> {
    let mut actions = policy.actions.iter();
    let action = actions.find(|action| action.name.node == *name).expect("an action of the policy");
    let asked = Route::of_action(action);
    let mut scope = Scope::nowhere(policy, exchange);
    scope.caller.clone_from(&exchange.caller);
    scope.about = asked.resources();
    policy.recorder.enter(Stage::Caller);
    caller::decide(policy, &asked, &scope)?;
    budget::charge_action(books, policy, &asked, &scope, exchange)?;
    policy.recorder.enter(Stage::Object);
    object::loaded(policy, &asked, &mut scope, &exchange.world)?;
    Ok(Answer::Admitted { fields: None, rows: None })
}

impl Evaluator for Reference {
    fn send(&mut self, exchange: &Exchange) -> Response {
        let decided = self.decide(exchange);
        self.answer(exchange, decided)
    }
}

/// The answer is no.
#[derive(Debug)]
struct Refused {
    reason: Reason,
    /// The fields of an invalid input.
    faults: BTreeSet<String>,
}

impl From<Reason> for Refused {
    fn from(reason: Reason) -> Refused {
        Refused { reason, faults: BTreeSet::new() }
    }
}

/// Of all that a stage has against a request, the first in the table of reasons is told.
fn least(reasons: Vec<Reason>) -> Result<(), Refused> {
    reasons.into_iter().min().map_or(Ok(()), |reason| Err(reason.into()))
}
