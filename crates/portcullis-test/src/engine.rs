//! The engine as an evaluator: what `portcullis test` asks.

use std::collections::BTreeSet;
use std::time::Duration;

use portcullis::probe::{Named, WireNames};
use portcullis::{
    Accepted, BuildError, Caller, Engine, Policy, Refusal, Request, Timestamp, Value,
};

use crate::exchange::{Answer, Evaluator, Exchange, Fact, Facts, World};

/// Decides exchanges by the engine, with budgets in memory.
#[derive(Debug)]
pub struct EngineEvaluator {
    engine: Engine,
}

impl EngineEvaluator {
    /// An evaluator for one profile of a policy. Tokens are accepted by no key: callers are given
    /// by their attributes.
    ///
    /// # Errors
    /// The policy has no such profile, or cannot be run.
    pub fn new(policy: &Policy, profile: &str) -> Result<EngineEvaluator, BuildError> {
        let engine = Engine::builder(policy.clone()).profile(profile).without_keys().build()?;
        Ok(EngineEvaluator::of(engine))
    }

    /// An evaluator over an engine that was built elsewhere.
    #[must_use]
    pub fn of(engine: Engine) -> EngineEvaluator {
        EngineEvaluator { engine }
    }
}

impl Evaluator for EngineEvaluator {
    fn send(&mut self, exchange: &Exchange) -> Answer {
        let decided = (|| {
            let caller = caller(&self.engine, exchange)?;
            let request = request(exchange);
            let admitted = match &caller {
                Some(caller) => self.engine.admit_as(request, Some(caller))?,
                None => self.engine.admit(request)?,
            };
            observe(&admitted.input(exchange.body.as_deref())?, exchange)
        })();
        answer(decided)
    }
}

/// The caller of an exchange that gives one by its attributes.
///
/// # Errors
/// The attributes are not those of a caller of the policy.
pub fn caller(engine: &Engine, exchange: &Exchange) -> Result<Option<Caller>, Refusal> {
    let Some(facts) = &exchange.caller else {
        return Ok(None);
    };
    let attributes = facts.iter().map(|(name, fact)| (name.as_str(), Value::from(fact)));
    engine.caller(attributes).map(Some).map_err(|_| Refusal::service_fault())
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

/// Takes an accepted request through its object and its view.
///
/// # Errors
/// The refusal.
pub fn observe(accepted: &Accepted<'_>, exchange: &Exchange) -> Result<Answer, Refusal> {
    if !accepted.asks_about_objects() {
        return Ok(Answer::Admitted { fields: None, rows: None });
    }
    if accepted.lists() {
        let rows = match &exchange.world {
            World::Rows(rows) => rows.as_slice(),
            World::Nothing | World::Object(_) => &[],
        };
        let rows = rows.iter().map(Given).collect::<Vec<_>>();
        let rows = rows.iter().map(|row| row as &dyn Named).collect::<Vec<_>>();
        let shown = accepted.probe_list(&rows)?;
        let fields = accepted
            .returns_view()
            .then(|| shown.iter().flatten().flatten().map(|name| (*name).to_owned()).collect());
        return Ok(Answer::Admitted { fields, rows: Some(shown.len()) });
    }
    let object = match &exchange.world {
        World::Object(Some(facts)) => Some(Given(facts)),
        World::Object(None) | World::Nothing | World::Rows(_) => None,
    };
    let object = object.as_ref().map(|object| object as &dyn Named);
    let names: WireNames<'_> = accepted.probe_object(object)?;
    let fields = names.map(|names| names.into_iter().map(str::to_owned).collect());
    Ok(Answer::Admitted { fields, rows: None })
}

/// What an evaluator answers for what the engine decided.
#[must_use]
pub fn answer(decided: Result<Answer, Refusal>) -> Answer {
    decided.unwrap_or_else(|refusal| Answer::Refused {
        reason: refusal.reason().as_str(),
        faults: refusal.faults().iter().map(|fault| fault.field.clone()).collect::<BTreeSet<_>>(),
    })
}

/// Facts, to be read by name.
struct Given<'a>(&'a Facts);

impl Named for Given<'_> {
    fn named(&self, name: &str) -> Value<'_> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map_or(Value::Absent, |(_, fact)| fact.into())
    }
}

impl<'a> From<&'a Fact> for Value<'a> {
    fn from(fact: &'a Fact) -> Value<'a> {
        match fact {
            Fact::Absent => Value::Absent,
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
