//! Who is told of refusals.

use portcullis_compiler::plan::{Budget, Route};

use crate::Timestamp;
use crate::engine::Rules;
use crate::refusal::Refusal;
use crate::request::{Request, Routed};
use crate::stage::charges::Bill;

/// Is told of every refusal of an engine, before the service is. It is called on the thread that
/// decides: what takes long belongs elsewhere.
pub trait Observer: Send + Sync {
    /// A request, or an action, was refused.
    fn refused(&self, decision: &Decision<'_>);

    /// The store that budgets share was away, and a request or an action goes on all the same, as its budgets
    /// say by `unavailable admit`: uncounted, or counted by this process alone.
    fn degraded(&self, passed: &Degraded<'_>) {
        let _ = passed;
    }
}

impl<F: Fn(&Decision<'_>) + Send + Sync> Observer for F {
    fn refused(&self, decision: &Decision<'_>) {
        self(decision);
    }
}

/// A refusal and where it fell. It holds no value of the request.
pub struct Decision<'a> {
    rules: &'a Rules,
    subject: Subject<'a>,
    time: Timestamp,
    request_id: Option<&'a str>,
    refusal: &'a Refusal,
}

/// A request, or an action, that goes on while the store is away. It holds no value of the request.
pub struct Degraded<'a> {
    subject: Subject<'a>,
    time: Timestamp,
    request_id: Option<&'a str>,
    budget: &'a Budget,
}

/// What was decided about.
#[derive(Clone, Copy)]
enum Subject<'a> {
    /// A request that came to no route.
    Nothing,
    Route(&'a Route),
    /// By its name in the policy.
    Action(&'a str),
}

impl<'a> Subject<'a> {
    fn route(self) -> Option<(&'a str, &'a str)> {
        match self {
            Subject::Route(route) => Some((&route.method, &route.pattern)),
            _ => None,
        }
    }

    fn action(self) -> Option<&'a str> {
        match self {
            Subject::Action(name) => Some(name),
            _ => None,
        }
    }
}

impl<'a> Degraded<'a> {
    /// The route, by method and path as the policy writes them; nothing for an action.
    #[must_use]
    pub fn route(&self) -> Option<(&'a str, &'a str)> {
        self.subject.route()
    }

    /// The action, where it was none of a route.
    #[must_use]
    pub fn action(&self) -> Option<&'a str> {
        self.subject.action()
    }

    /// The first of its budgets, by name.
    #[must_use]
    pub fn budget(&self) -> &'a str {
        &self.budget.name
    }

    /// The time of the request.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The id of the request; nothing for an action, or where no answers were asked for.
    #[must_use]
    pub fn request_id(&self) -> Option<&'a str> {
        self.request_id
    }
}

impl<'a> Decision<'a> {
    /// The refusal: reason, clause, and what the client is told.
    #[must_use]
    pub fn refusal(&self) -> &'a Refusal {
        self.refusal
    }

    /// The route, by method and path as the policy writes them; nothing for an action, or where the
    /// request came to none.
    #[must_use]
    pub fn route(&self) -> Option<(&'a str, &'a str)> {
        self.subject.route()
    }

    /// The action, where it was none of a route.
    #[must_use]
    pub fn action(&self) -> Option<&'a str> {
        self.subject.action()
    }

    /// The HTTP status that the client is answered with.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.refusal.status(&self.rules.plan.errors)
    }

    /// The time of the request.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The id of the request; nothing for an action, or where no answers were asked for.
    #[must_use]
    pub fn request_id(&self) -> Option<&'a str> {
        self.request_id
    }

    /// The hash of the plan that decided; see `portcullis plan`.
    #[must_use]
    pub fn plan_hash(&self) -> &'a str {
        self.rules.plan_hash()
    }

    /// The record of the decision as JSON, as `docs/operating.md` describes it.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let clause = self.refusal.clause().map(|clause| {
            serde_json::json!({
                "place": clause.place(),
                "start": clause.range().start,
                "end": clause.range().end,
                "text": clause.text(),
            })
        });
        serde_json::json!({
            "plan": self.plan_hash(),
            "profile": self.rules.plan.profile,
            "time": self.time.as_nanos(),
            "requestId": self.request_id(),
            "method": self.route().map(|(method, _)| method),
            "route": self.route().map(|(_, pattern)| pattern),
            "action": self.action(),
            "reason": self.refusal.reason().as_str(),
            "status": self.status(),
            "reuse": self.refusal.is_reuse(),
            "clause": clause,
        })
    }
}

impl Rules {
    /// Tells the observer of the refusal of an action, and gives it back.
    pub(crate) fn refused_action(&self, name: &str, time: Timestamp, refusal: Refusal) -> Refusal {
        self.told(Subject::Action(name), time, None, &refusal);
        refusal
    }

    /// [`refused_action`](Rules::refused_action), of a request that came to no route.
    pub(crate) fn refused_nowhere(&self, request: &Request<'_>, refusal: Refusal) -> Refusal {
        self.told(Subject::Nothing, request.now, request.id.as_deref(), &refusal);
        refusal
    }

    /// [`refused_action`](Rules::refused_action), of a request that came to a route.
    pub(crate) fn refused_at(&self, routed: &Routed<'_>, refusal: Refusal) -> Refusal {
        let subject = self.route(routed.way.route).map_or(Subject::Nothing, Subject::Route);
        let request = &routed.request;
        let refusal = refusal.on(&self.plan, routed.way.route);
        self.told(subject, request.now, request.id.as_deref(), &refusal);
        refusal
    }

    /// Tells the observer of a request that goes on while the store is away, if this one does.
    #[inline]
    pub(crate) fn degraded_at(&self, routed: &Routed<'_>, bill: &Bill) {
        if let Some(budget) = bill.degraded(self) {
            let subject = self.route(routed.way.route).map_or(Subject::Nothing, Subject::Route);
            let Request { now, id, .. } = &routed.request;
            self.passed(Degraded { subject, time: *now, request_id: id.as_deref(), budget });
        }
    }

    /// [`degraded_at`](Rules::degraded_at), of an action.
    pub(crate) fn degraded_action(&self, name: &str, time: Timestamp, bill: &Bill) {
        if let Some(budget) = bill.degraded(self) {
            let subject = Subject::Action(name);
            self.passed(Degraded { subject, time, request_id: None, budget });
        }
    }

    fn passed(&self, passed: Degraded<'_>) {
        if let Some(observer) = &self.observer {
            observer.degraded(&passed);
        }
    }

    fn told(
        &self,
        subject: Subject<'_>,
        time: Timestamp,
        request_id: Option<&str>,
        refusal: &Refusal,
    ) {
        if let Some(observer) = &self.observer {
            observer.refused(&Decision { rules: self, subject, time, request_id, refusal });
        }
    }
}
