//! The engine as an evaluator: what `portcullis test` asks.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use portcullis::probe::Named;
use portcullis::{
    Accepted, Answers, BuildError, Caller, Clause, Engine, Policy, Preflight, Refusal, Request,
    Timestamp, Value,
};
use portcullis_syntax::Span;

use crate::exchange::{Answer, Evaluator, Exchange, Fact, Facts, Outcome, Response};
use crate::store::{Switch, TestStore};

/// Decides exchanges by the engine, with budgets in memory.
#[derive(Debug)]
pub struct EngineEvaluator {
    engine: Engine,
    store: Option<Switch>,
    refusal: Option<Refusal>,
}

impl EngineEvaluator {
    /// An evaluator for one profile of a policy. Tokens are accepted by no key: callers are given
    /// by their attributes. Settings that are from the host have dummies.
    ///
    /// # Errors
    /// The policy has no such profile, or cannot be run.
    pub fn new(policy: &Policy, profile: &str) -> Result<EngineEvaluator, BuildError> {
        let store = TestStore::default();
        let switch = store.switch();
        let engine = Engine::builder(policy.clone())
            .profile(profile)
            .without_keys()
            .without_settings()
            .store(store)
            .build()?;
        Ok(EngineEvaluator { engine, store: Some(switch), refusal: None })
    }

    /// As new: what was charged is forgotten. An engine takes long to build where its policy is large.
    pub fn renew(&mut self) {
        self.refusal = None;
        if let Some(store) = &self.store {
            store.empty();
        }
    }

    /// An evaluator over an engine that was built elsewhere. Its store is never taken away.
    #[must_use]
    pub fn of(engine: Engine) -> EngineEvaluator {
        EngineEvaluator { engine, store: None, refusal: None }
    }

    /// The refusal of the last exchange, if it was refused.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// [`of`](EngineEvaluator::of), for one that was built with a [`TestStore`] that this switch takes away.
    #[must_use]
    pub fn with_switch(self, store: Switch) -> EngineEvaluator {
        EngineEvaluator { store: Some(store), ..self }
    }
}

impl Evaluator for EngineEvaluator {
    fn send(&mut self, exchange: &Exchange) -> Response {
        if let Some(store) = &self.store {
            store.set(exchange.store);
        }
        let mut request = request(exchange);
        let answers = self.engine.answers(&mut request);
        let decided = (|| {
            let caller = caller(&self.engine, exchange)?;
            if exchange.act.is_some() {
                return act(&self.engine, caller.as_ref(), exchange);
            }
            if let Some(decided) = self.engine.preflight(&request) {
                return decided.map(|preflight| granted(&answers, &preflight));
            }
            let admitted = match &caller {
                Some(caller) => self.engine.admit_as(request, Some(caller))?,
                None => self.engine.admit(request)?,
            };
            let accepted = admitted.input(exchange.body.as_deref())?;
            let response = observe(&answers, &accepted, exchange)?;
            if let Some(outcome) = outcome(exchange) {
                // A store that is away keeps what it was charged.
                let _ = accepted.finish(outcome);
            }
            Ok(response)
        })();
        self.refusal = decided.as_ref().err().cloned();
        response(&answers, exchange, decided)
    }

    fn refused_by(&self) -> Option<Span> {
        self.refusal.as_ref().and_then(Refusal::clause).map(Clause::span)
    }
}

/// What becomes of a preflight that is granted: nothing but the grant leaves.
#[must_use]
pub fn granted(answers: &Answers, preflight: &Preflight) -> Response {
    let sent = answers.preflight(preflight);
    Response {
        answer: Answer::Admitted { fields: None, rows: None },
        status: Some(sent.status),
        headers: lines(sent.headers),
    }
}

/// Header lines, without the one that is never the same.
fn lines<V: Into<String>>(lines: Vec<(&'static str, V)>) -> BTreeMap<String, String> {
    let lines = lines.into_iter().filter(|(name, _)| *name != "x-request-id");
    lines.map(|(name, value)| (name.to_owned(), value.into())).collect()
}

/// What the application reports of an exchange.
#[must_use]
pub fn outcome(exchange: &Exchange) -> Option<portcullis::Outcome> {
    exchange.outcome.map(|outcome| match outcome {
        Outcome::Success => portcullis::Outcome::Success,
        Outcome::Failure => portcullis::Outcome::Failure,
    })
}

/// The caller of an exchange that gives one by its attributes.
///
/// # Errors
/// The attributes are not those of a caller of the policy.
pub fn caller(engine: &Engine, exchange: &Exchange) -> Result<Option<Caller>, Refusal> {
    let Some(given) = &exchange.caller else {
        return Ok(None);
    };
    let attributes = given.attributes.iter().map(|(name, fact)| (name.as_str(), Value::from(fact)));
    let caller = engine.caller(&given.credential, attributes);
    caller.map(Some).map_err(|_| Refusal::service_fault())
}

/// The request of an exchange.
#[must_use]
pub fn request(exchange: &Exchange) -> Request<'_> {
    let now = Timestamp::from_nanos(exchange.now);
    let mut request = Request::new(&exchange.method, &exchange.target, exchange.peer, now);
    for (name, value) in &exchange.headers {
        request = request.header(name, value.as_bytes());
    }
    request.https(exchange.https)
}

/// Decides the action of an exchange.
///
/// # Errors
/// The refusal.
pub fn act(
    engine: &Engine,
    caller: Option<&Caller>,
    exchange: &Exchange,
) -> Result<Response, Refusal> {
    let caller = caller.ok_or_else(Refusal::service_fault)?;
    let action = exchange.act.as_deref().unwrap_or("");
    let find = |name: &str| find(exchange, name);
    engine.probe_act(caller, action, &find, Timestamp::from_nanos(exchange.now))?;
    let answer = Answer::Admitted { fields: None, rows: None };
    Ok(Response { answer, status: None, headers: BTreeMap::new() })
}

/// Takes an accepted request through its objects and its view.
///
/// # Errors
/// The refusal.
pub fn observe(
    answers: &Answers,
    accepted: &Accepted<'_>,
    exchange: &Exchange,
) -> Result<Response, Refusal> {
    let find = |name: &str| find(exchange, name);
    let rows = exchange.world.rows.iter().map(|row| row as &dyn Named).collect::<Vec<_>>();
    let probed = accepted.probe(&find, &rows)?;
    let fields = probed.fields.map(BTreeSet::from_iter);
    let answer = Answer::Admitted { fields, rows: probed.rows };
    Ok(Response { answer, status: None, headers: lines(answers.headers(accepted)) })
}

/// What an evaluator answers for what the engine decided.
#[must_use]
pub fn response(
    answers: &Answers,
    exchange: &Exchange,
    decided: Result<Response, Refusal>,
) -> Response {
    decided.unwrap_or_else(|refusal| {
        let faults = refusal.faults().iter().map(|fault| fault.field.clone()).collect();
        let answer = Answer::Refused { reason: refusal.reason().as_str(), faults };
        if exchange.act.is_some() {
            return Response { answer, status: None, headers: BTreeMap::new() };
        }
        let sent = answers.refusal(&refusal);
        Response { answer, status: Some(sent.status), headers: lines(sent.headers) }
    })
}

/// The object of a resource.
fn find<'a>(exchange: &'a Exchange, name: &str) -> Option<&'a dyn Named> {
    let (_, found) = exchange.world.objects.iter().find(|(known, _)| known == name)?;
    found.as_ref().map(|found| found as &dyn Named)
}

impl<'a> From<&'a Fact> for Value<'a> {
    fn from(fact: &'a Fact) -> Value<'a> {
        match fact {
            // A nested object is read by its own name.
            Fact::Absent | Fact::Object(_) => Value::Absent,
            Fact::Bool(value) => Value::Bool(*value),
            Fact::Int(value) => Value::Int(*value),
            Fact::Number(value) => Value::Number(*value),
            Fact::Text(text) => Value::Text(text),
            Fact::Uuid(value) => Value::Uuid(*value),
            Fact::Time(nanos) => Value::Time(Timestamp::from_nanos(*nanos)),
            // A negative one is none that an application could hand over.
            Fact::Duration(nanos) => u64::try_from(*nanos)
                .map_or(Value::Absent, |nanos| Value::Duration(Duration::from_nanos(nanos))),
            Fact::Ip(address) => Value::Ip(*address),
            Fact::Network(address, prefix) => Value::Network(*address, *prefix),
            Fact::List(facts) => Value::List(facts),
        }
    }
}

impl Named for Facts {
    fn named(&self, name: &str) -> Value<'_> {
        self.fact(name).map_or(Value::Absent, Into::into)
    }

    fn nested(&self, name: &str) -> Option<&dyn Named> {
        match self.fact(name) {
            Some(Fact::Object(facts)) => Some(facts),
            _ => None,
        }
    }
}
