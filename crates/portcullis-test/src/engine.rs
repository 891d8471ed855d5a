//! The engine as an evaluator: what `portcullis test` asks.

use std::collections::BTreeSet;
use std::time::Duration;

use portcullis::probe::Named;
use portcullis::{
    Accepted, BuildError, Caller, Engine, Policy, Refusal, Request, Timestamp, Value,
};

use crate::exchange::{Answer, Evaluator, Exchange, Fact, Facts, Outcome};
use crate::store::{Switch, TestStore};

/// Decides exchanges by the engine, with budgets in memory.
#[derive(Debug)]
pub struct EngineEvaluator {
    engine: Engine,
    store: Option<Switch>,
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
        Ok(EngineEvaluator { engine, store: Some(switch) })
    }

    /// An evaluator over an engine that was built elsewhere. Its store is never taken away.
    #[must_use]
    pub fn of(engine: Engine) -> EngineEvaluator {
        EngineEvaluator { engine, store: None }
    }
}

impl Evaluator for EngineEvaluator {
    fn send(&mut self, exchange: &Exchange) -> Answer {
        if let Some(store) = &self.store {
            store.set(exchange.store);
        }
        let decided = (|| {
            let caller = caller(&self.engine, exchange)?;
            if exchange.act.is_some() {
                return act(&self.engine, caller.as_ref(), exchange);
            }
            let request = request(exchange);
            if let Some(decided) = self.engine.preflight(&request) {
                return decided.map(|_| PREFLIGHT);
            }
            let admitted = match &caller {
                Some(caller) => self.engine.admit_as(request, Some(caller))?,
                None => self.engine.admit(request)?,
            };
            let accepted = admitted.input(exchange.body.as_deref())?;
            let answer = observe(&accepted, exchange)?;
            if let Some(outcome) = outcome(exchange) {
                // A store that is away keeps what it was charged.
                let _ = accepted.finish(outcome);
            }
            Ok(answer)
        })();
        answer(decided)
    }
}

/// What becomes of a preflight that is granted: nothing but the grant leaves.
pub const PREFLIGHT: Answer = Answer::Admitted { fields: None, rows: None };

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
) -> Result<Answer, Refusal> {
    let caller = caller.ok_or_else(Refusal::service_fault)?;
    let action = exchange.act.as_deref().unwrap_or("");
    let find = |name: &str| find(exchange, name);
    engine.probe_act(caller, action, &find, Timestamp::from_nanos(exchange.now))?;
    Ok(Answer::Admitted { fields: None, rows: None })
}

/// Takes an accepted request through its objects and its view.
///
/// # Errors
/// The refusal.
pub fn observe(accepted: &Accepted<'_>, exchange: &Exchange) -> Result<Answer, Refusal> {
    let find = |name: &str| find(exchange, name);
    let rows = exchange.world.rows.iter().map(|row| row as &dyn Named).collect::<Vec<_>>();
    let probed = accepted.probe(&find, &rows)?;
    let fields = probed.fields.map(|names| names.into_iter().map(str::to_owned).collect());
    Ok(Answer::Admitted { fields, rows: probed.rows })
}

/// What an evaluator answers for what the engine decided.
#[must_use]
pub fn answer(decided: Result<Answer, Refusal>) -> Answer {
    decided.unwrap_or_else(|refusal| Answer::Refused {
        reason: refusal.reason().as_str(),
        faults: refusal.faults().iter().map(|fault| fault.field.clone()).collect::<BTreeSet<_>>(),
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
