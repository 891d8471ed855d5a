//! What a handler holds: the request as the engine has accepted it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::SystemTime;

use bytes::Bytes;
use portcullis::filter::Filter;
use portcullis::{
    Accepted, Authorized, Envelope, Listed, Outcome, Refusal, Resource, SessionError,
    SessionTokens, Value,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Refused, Reply};

/// An accepted request: its input, and the way to its object and its answer.
#[derive(Clone)]
pub struct Gate {
    held: Arc<Held>,
}

// What a request brought stays out of logs.
impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("route", &self.route()).finish_non_exhaustive()
    }
}

struct Held {
    accepted: Accepted<'static>,
    method: http::Method,
    raw: Option<Bytes>,
    outcome: AtomicU8,
}

const UNSAID: u8 = 0;
const SUCCESS: u8 = 1;
const FAILURE: u8 = 2;

impl Gate {
    /// `body` is what came.
    pub(crate) fn new(accepted: Accepted<'static>, method: http::Method, body: Bytes) -> Gate {
        let raw = accepted.takes_raw().then_some(body);
        Gate { held: Arc::new(Held { accepted, method, raw, outcome: AtomicU8::new(UNSAID) }) }
    }

    /// The caller's attributes, by their names in the policy, as the handler's own type; nothing where
    /// there is no caller.
    ///
    /// # Errors
    /// The type does not fit the policy: a 500.
    pub fn caller<T: DeserializeOwned>(&self) -> Result<Option<T>, Refused> {
        self.held.accepted.caller().map_err(|fault| self.refused(fault))
    }

    /// The path parameters, normalised, as the handler's own type.
    ///
    /// # Errors
    /// The type does not fit the policy: a 500.
    pub fn params<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        self.held.accepted.params().map_err(|fault| self.refused(fault))
    }

    /// The declared fields of the query string, normalised, as the handler's own type.
    ///
    /// # Errors
    /// The route declares none, or the type does not fit the policy: a 500.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        self.held.accepted.query().map_err(|fault| self.refused(fault))
    }

    /// The declared headers, normalised, as the handler's own type.
    ///
    /// # Errors
    /// The route declares none, or the type does not fit the policy: a 500.
    pub fn header<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        self.held.accepted.header().map_err(|fault| self.refused(fault))
    }

    /// The bytes of a body that the policy takes `raw`.
    ///
    /// # Errors
    /// The route takes no such body: a 500.
    pub fn raw(&self) -> Result<Bytes, Refused> {
        let raw = self.held.raw.clone();
        raw.ok_or_else(|| self.refused(Refusal::service_fault()))
    }

    /// The body, normalised, as the handler's own type.
    ///
    /// # Errors
    /// The route has no body, or the type does not fit the policy: a 500.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        self.held.accepted.body().map_err(|fault| self.refused(fault))
    }

    /// Asks about the object that the request names: pass what was found, or nothing.
    ///
    /// # Errors
    /// The refusal: return it, and the layer answers it.
    pub fn authorize<T: Resource>(&self, found: Option<T>) -> Result<Authorized<'_, T>, Refused> {
        self.held.accepted.object(found).map_err(Refused::from)
    }

    /// Asks about the two objects that a route loads, in the order of the policy.
    ///
    /// # Errors
    /// The refusal: return it, and the layer answers it.
    pub fn authorize_both<A: Resource, B: Resource>(
        &self,
        first: Option<A>,
        second: Option<B>,
    ) -> Result<Authorized<'_, (A, B)>, Refused> {
        self.held.accepted.objects(first, second).map_err(Refused::from)
    }

    /// Asks about an object that is about to be stored.
    ///
    /// # Errors
    /// The refusal: return it, and the layer answers it.
    pub fn create<T: Resource>(&self, object: T) -> Result<Authorized<'_, T>, Refused> {
        self.held.accepted.create(object).map_err(Refused::from)
    }

    /// Asks about each row of a list.
    ///
    /// # Errors
    /// More rows than the policy's `max`, or a row that cannot be decided: a 500.
    pub fn list<T: Resource>(
        &self,
        rows: impl IntoIterator<Item = T>,
    ) -> Result<Listed<'_, T>, Refused> {
        self.held.accepted.list(rows).map_err(Refused::from)
    }

    /// The answer that shows an object by its view.
    ///
    /// # Errors
    /// The object was authorized for another request, or cannot be filtered safely: a 500.
    pub fn reply<T: Resource + Serialize>(
        &self,
        object: &Authorized<'_, T>,
    ) -> Result<Reply, Refused> {
        if !object.is_of(&self.held.accepted) {
            return Err(self.refused(Refusal::service_fault()));
        }
        Ok(Reply::new(self.clone(), object.to_json().map_err(|fault| self.refused(fault))?))
    }

    /// The answer that shows one of the two objects that a route loads, by its view.
    ///
    /// # Errors
    /// As [`reply`](Gate::reply).
    pub fn reply_both<A, B>(&self, objects: &Authorized<'_, (A, B)>) -> Result<Reply, Refused>
    where
        A: Resource + Serialize,
        B: Resource + Serialize,
    {
        if !objects.is_of(&self.held.accepted) {
            return Err(self.refused(Refusal::service_fault()));
        }
        Ok(Reply::new(self.clone(), objects.to_json().map_err(|fault| self.refused(fault))?))
    }

    /// The answer that shows a list, each row by its view.
    ///
    /// # Errors
    /// The list was decided for another request, or cannot be filtered safely: a 500.
    pub fn reply_list<T: Serialize>(&self, list: &Listed<'_, T>) -> Result<Reply, Refused> {
        if !list.is_of(&self.held.accepted) {
            return Err(self.refused(Refusal::service_fault()));
        }
        Ok(Reply::new(self.clone(), list.to_json().map_err(|fault| self.refused(fault))?))
    }

    /// Begins the envelope of a route that has no object; see
    /// [`Authorized::envelope`] and [`Listed::envelope`] for one that has.
    #[must_use]
    pub fn envelope(&self) -> Envelope<'_> {
        self.held.accepted.envelope()
    }

    /// The answer of an envelope.
    ///
    /// # Errors
    /// The envelope was begun for another request, lacks a field, or holds what cannot be filtered
    /// safely: a 500.
    pub fn reply_envelope(&self, envelope: &Envelope<'_>) -> Result<Reply, Refused> {
        if !envelope.is_of(&self.held.accepted) {
            return Err(self.refused(Refusal::service_fault()));
        }
        Ok(Reply::new(self.clone(), envelope.to_json().map_err(|fault| self.refused(fault))?))
    }

    /// The answer that begins a session, on a route that `issues session`: the handler has signed its
    /// caller in, who has these attributes from now on, by their names in the policy.
    ///
    /// # Errors
    /// The attributes are not those of the session's credential, or the route issues none: a 500. The
    /// store cannot be reached: a 503.
    pub fn issue_session<'v>(
        &self,
        attributes: impl IntoIterator<Item = (&'v str, Value<'v>)>,
    ) -> impl Future<Output = Result<Reply, Refused>> + Send {
        let issued = self.held.accepted.issue_session_async(attributes, SystemTime::now());
        async move { self.tokens(issued.await) }
    }

    /// Whose session is to be renewed, on a route that `renews session`: the attributes that it was begun
    /// with, as the handler's own type.
    ///
    /// # Errors
    /// The route renews none, or the type does not fit the policy: a 500.
    pub fn session<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        self.held.accepted.session().map_err(Refused::from)
    }

    /// The answer that renews the session whose refresh token came, with the attributes that its caller
    /// has now.
    ///
    /// # Errors
    /// As [`issue_session`](Gate::issue_session); the attributes are another caller's: a 500; the session
    /// was ended a moment ago: a 401.
    pub fn renew_session<'v>(
        &self,
        attributes: impl IntoIterator<Item = (&'v str, Value<'v>)>,
    ) -> impl Future<Output = Result<Reply, Refused>> + Send {
        let renewed = self.held.accepted.renew_session_async(attributes, SystemTime::now());
        async move { self.tokens(renewed.await) }
    }

    /// Ends the session of the request. The layer does so by itself after a success of a route that `ends
    /// session`; a handler that renews one may find that its caller is to come no more.
    ///
    /// # Errors
    /// The store cannot be reached, and the session is still there: a 503.
    pub async fn end_session(&self) -> Result<(), Refused> {
        self.held.accepted.end_session_async(SystemTime::now()).await.map_err(Refused::from)
    }

    fn tokens(&self, given: Result<SessionTokens, SessionError>) -> Result<Reply, Refused> {
        match given {
            Ok(tokens) => Ok(Reply::new(self.clone(), tokens.to_json())),
            Err(SessionError::Refused(refusal)) => Err(refusal.into()),
            Err(why @ SessionError::Attributes(_)) => {
                let request_id = self.request_id();
                tracing::error!(route = self.route(), request_id, "{why}");
                Err(self.refused(Refusal::service_fault()))
            }
        }
    }

    /// Tells the engine's observer of a refusal that the engine did not make.
    pub(crate) fn refused(&self, refusal: Refusal) -> Refused {
        self.held.accepted.refused(refusal).into()
    }

    /// What is left of the conditions on the rows of a list, for the data store. The rows are still
    /// to be handed to [`list`](Gate::list).
    ///
    /// # Errors
    /// The route lists nothing, or loads objects too, whose proof gives the filter then: a 500.
    pub fn filter(&self) -> Result<Filter, Refused> {
        self.held.accepted.filter().map_err(|fault| self.refused(fault))
    }

    /// Says what became of the request, where its status does not: the layer takes a success (2xx)
    /// as one.
    pub fn outcome(&self, outcome: Outcome) {
        let reported = if outcome == Outcome::Success { SUCCESS } else { FAILURE };
        self.held.outcome.store(reported, Ordering::Relaxed);
    }

    /// Reports what became of the request: as the handler said, else by the status.
    pub(crate) async fn finish(&self, succeeded: bool) {
        let outcome = match self.held.outcome.load(Ordering::Relaxed) {
            SUCCESS => Outcome::Success,
            FAILURE => Outcome::Failure,
            _ if succeeded => Outcome::Success,
            _ => Outcome::Failure,
        };
        if self.held.accepted.finish_async(outcome).await.is_err() {
            tracing::warn!(route = self.route(), "the store cannot be reached: no refund was made");
        }
    }

    /// The client's address, by the word of the policy's `proxies` where it came through them. IPv4 in
    /// IPv6 is IPv4.
    #[must_use]
    pub fn client(&self) -> std::net::IpAddr {
        self.held.accepted.client()
    }

    /// The route, as the policy writes its path.
    #[must_use]
    pub fn route(&self) -> &str {
        self.held.accepted.pattern()
    }

    /// The id of the request, which its answer tells too: for logs.
    #[must_use]
    pub fn request_id(&self) -> &str {
        self.held.accepted.request_id().unwrap_or("")
    }

    /// The method that was decided.
    pub(crate) fn method(&self) -> &http::Method {
        &self.held.method
    }

    /// The path that was decided.
    pub(crate) fn path(&self) -> &str {
        self.held.accepted.path()
    }

    /// The query string that was decided.
    pub(crate) fn query_string(&self) -> String {
        self.held.accepted.normal_query()
    }

    pub(crate) fn accepted(&self) -> &Accepted<'static> {
        &self.held.accepted
    }

    pub(crate) fn is(&self, other: &Gate) -> bool {
        Arc::ptr_eq(&self.held, &other.held)
    }

    pub(crate) fn returns_view(&self) -> bool {
        self.held.accepted.returns_view()
    }

    pub(crate) fn returns_nothing(&self) -> bool {
        self.held.accepted.returns_nothing()
    }

    pub(crate) fn returns_opaque(&self) -> bool {
        self.held.accepted.returns_opaque()
    }

    pub(crate) fn owes_tokens(&self) -> bool {
        self.held.accepted.owes_tokens()
    }

    pub(crate) fn ends_session(&self) -> bool {
        self.held.accepted.ends_session()
    }

    pub(crate) fn owes_a_decision(&self) -> bool {
        self.held.accepted.owes_a_decision()
    }
}
