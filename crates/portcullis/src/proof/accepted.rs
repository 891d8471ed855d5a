//! A request whose input is known.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use arc_swap::Guard;
use portcullis_compiler::plan::{Content, Resource as Planned, Returned, Route, ViewOf};
use serde::de::DeserializeOwned;

use super::loaded::{One, Two};
use super::{Authorized, Listed, Loaded, Nothing, View};
use crate::answers::rate_limit;
use crate::caller::Held;
use crate::condition::{Known, World};
use crate::engine::{Bound, Rules};
use crate::input::Inputs;
use crate::refusal::Refusal;
use crate::request::Routed;
use crate::resource::Resource;
use crate::session::Sessioned;
use crate::stage;
use crate::stage::charges::{Bill, Standings};
use crate::view::{Shape, Shown};

/// A request whose input is known too. Its object, if it has one, is still to be decided.
pub struct Accepted<'r> {
    pub(crate) rules: Guard<Arc<Rules>>,
    pub(crate) routed: Routed<'r>,
    pub(crate) caller: Held<'r>,
    pub(crate) inputs: Inputs,
    /// What it has to do with a session, where the route speaks of one.
    pub(crate) session: Option<Box<Sessioned>>,
    /// What a success gives back.
    pub(crate) refundable: Option<Box<Bill>>,
    /// What its answer tells of budgets.
    pub(crate) standings: Standings,
    /// Which of its objects were decided, and might be shown: [`LOADED`] and [`SUBJECT`].
    pub(crate) decided: AtomicU8,
}

const LOADED: u8 = 1;
/// What is created or listed, beside what is loaded.
const SUBJECT: u8 = 2;

/// A guard that may be held for long: it keeps no place among the few that requests in flight have.
fn kept(rules: Guard<Arc<Rules>>) -> Guard<Arc<Rules>> {
    Guard::from_inner(Guard::into_inner(rules))
}

impl<'r> Accepted<'r> {
    /// The same, holding its own text.
    #[must_use]
    pub fn into_owned(self) -> Accepted<'static> {
        Accepted {
            rules: kept(self.rules),
            routed: self.routed.into_owned(),
            caller: self.caller.into_owned(),
            inputs: self.inputs,
            session: self.session,
            refundable: self.refundable,
            standings: self.standings,
            decided: self.decided,
        }
    }

    /// The caller's attributes, by their names in the policy, as the application's own type; nothing where
    /// there is no caller. Roles, permissions and scopes are not among them: what a caller may do, the
    /// policy says.
    ///
    /// # Errors
    /// The type does not fit what the policy declares: a fault of the service.
    pub fn caller<T: DeserializeOwned>(&self) -> Result<Option<T>, Refusal> {
        let Some(caller) = self.caller.caller() else {
            return Ok(None);
        };
        caller.read_as(&self.rules.plan).map(Some).ok_or_else(Refusal::service_fault)
    }

    /// The path parameters, normalised, as the application's own type.
    ///
    /// # Errors
    /// The type does not fit what the policy declares: a fault of the service.
    pub fn params<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let (route, plan) = (self.route()?, &self.rules.plan);
        let params = self.inputs.params_as(self.routed.path(), &route.params, plan);
        params.ok_or_else(Refusal::service_fault)
    }

    /// The declared fields of the query string, normalised, as the application's own type.
    ///
    /// # Errors
    /// The route declares none, or the type does not fit what the policy declares: a fault of the
    /// service.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let shapes = &self.route()?.query;
        let query = self.inputs.query_as(shapes, &self.rules.plan);
        query.filter(|_| !shapes.is_empty()).ok_or_else(Refusal::service_fault)
    }

    /// The declared headers, normalised, as the application's own type.
    ///
    /// # Errors
    /// As [`query`](Accepted::query).
    pub fn header<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let shapes = &self.route()?.header;
        let header = self.inputs.header_as(shapes, &self.rules.plan);
        header.filter(|_| !shapes.is_empty()).ok_or_else(Refusal::service_fault)
    }

    /// The body, normalised, as the application's own type. What the client sent is not to be had.
    ///
    /// A field has its name in the policy. A `time`, a `uuid`, an `ip`, a `network` and a value of an
    /// enum (by what the outside calls it) are text; a `duration` is a number of seconds. What was
    /// left out is not there, and `null` where the policy takes it is a unit or `None`.
    ///
    /// # Errors
    /// The route has no body that is looked into, or the type does not fit what the policy declares: a
    /// fault of the service.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let shape = self.route()?.body.as_ref().and_then(|body| body.shape());
        let shape = shape.ok_or_else(Refusal::service_fault)?;
        self.inputs.body_as(shape, &self.rules.plan).ok_or_else(Refusal::service_fault)
    }

    /// Whether the body is bytes that the engine does not look into, which the service has itself.
    #[must_use]
    pub fn takes_raw(&self) -> bool {
        let body = self.route().ok().and_then(|route| route.body.as_ref());
        body.is_some_and(|body| body.shape().is_none())
    }

    /// The query string of what the policy declares, as it was read: what a handler may see that looks at
    /// the target itself. Empty where the route declares none.
    #[must_use]
    pub fn normal_query(&self) -> String {
        let shapes = self.route().map_or(&[] as &[_], |route| &route.query);
        self.inputs.normal_query(shapes, &self.rules.plan)
    }

    /// Tells the observer of a refusal that the server makes itself, where an answer may not leave,
    /// and gives it back.
    #[must_use]
    pub fn refused(&self, refusal: Refusal) -> Refusal {
        let refusal = refusal.telling(rate_limit::lines(&self.rules.plan, &self.standings));
        self.rules.refused_at(&self.routed, refusal)
    }

    /// Whether the route has objects that have not been decided about, or were refused: its handler
    /// has nothing to answer a success with.
    #[must_use]
    pub fn owes_a_decision(&self) -> bool {
        let decided = self.decided.load(Ordering::Relaxed);
        self.route().map_or(true, |route| {
            (!route.loads.is_empty() && decided & LOADED == 0)
                || (route.subject().is_some() && decided & SUBJECT == 0)
        })
    }

    fn now_decided(&self, which: u8) {
        self.decided.fetch_or(which, Ordering::Relaxed);
    }

    /// Whether the route says what may leave: then only what the engine has made may.
    #[must_use]
    pub fn returns_view(&self) -> bool {
        // A route that cannot be found lets nothing leave.
        self.route().map_or(true, |route| {
            route.returns.iter().any(|found| !matches!(found.returned, Returned::Opaque))
        })
    }

    /// Whether all that the route may answer with is nothing: 204.
    #[must_use]
    pub fn returns_nothing(&self) -> bool {
        self.route().is_ok_and(|route| {
            !route.returns.is_empty()
                && route.returns.iter().all(|found| matches!(found.returned, Returned::Nothing))
        })
    }

    /// Whether the route says that its answer is the application's own.
    #[must_use]
    pub fn returns_opaque(&self) -> bool {
        self.route().is_ok_and(|route| {
            !route.returns.is_empty()
                && route.returns.iter().all(|found| matches!(found.returned, Returned::Opaque))
        })
    }

    /// Whether the `returns` that was chosen is `nothing`.
    pub(crate) fn shows_nothing(&self, returns: Option<usize>) -> bool {
        matches!(self.chosen(returns), Some(Returned::Nothing))
    }

    /// Whether the `returns` that was chosen is an envelope, in which a view alone is no answer.
    pub(crate) fn shows_envelope(&self, returns: Option<usize>) -> bool {
        matches!(self.chosen(returns), Some(Returned::Envelope(_)))
    }

    pub(crate) fn chosen(&self, returns: Option<usize>) -> Option<&Returned> {
        Some(&self.route().ok()?.returns.get(returns?)?.returned)
    }

    /// The id of the request, if its [answers](crate::Engine::answers) were asked for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.routed.request.id.as_deref()
    }

    /// The path that was decided: the request's, decoded once. What comes after must not read the
    /// request's own in another way.
    #[must_use]
    pub fn path(&self) -> &str {
        self.routed.path()
    }

    /// The client's address, by the word of the policy's `proxies` where it came through them. IPv4 in
    /// IPv6 is IPv4.
    #[must_use]
    pub fn client(&self) -> std::net::IpAddr {
        self.routed.ip()
    }

    /// The route, as the policy writes its path.
    #[must_use]
    pub fn pattern(&self) -> &str {
        self.route().map_or("", |route| &route.pattern)
    }

    /// Decides about the object that the request names: pass what was found, or nothing.
    ///
    /// # Errors
    /// The refusal. An object with another key than the request's is a fault of the service, and
    /// so is a type that the engine was not built for.
    pub fn object<T: Resource>(&self, found: Option<T>) -> Result<Authorized<'_, T>, Refusal> {
        let returns = self.told(self.decide(&One(found.as_ref())))?;
        let value = found.ok_or_else(Refusal::service_fault)?;
        self.now_decided(LOADED);
        Ok(Authorized { accepted: self, value, returns, created: false })
    }

    /// Decides about the two objects that a route loads, in the order in which the policy names
    /// them: pass what was found of each, or nothing.
    ///
    /// # Errors
    /// As [`object`](Accepted::object).
    pub fn objects<A: Resource, B: Resource>(
        &self,
        first: Option<A>,
        second: Option<B>,
    ) -> Result<Authorized<'_, (A, B)>, Refusal> {
        let returns = self.told(self.decide(&Two(first.as_ref(), second.as_ref())))?;
        let value = first.zip(second).ok_or_else(Refusal::service_fault)?;
        self.now_decided(LOADED);
        Ok(Authorized { accepted: self, value, returns, created: false })
    }

    /// Decides about an object that is about to be stored.
    ///
    /// # Errors
    /// The refusal. A type that the engine was not built for is a fault of the service.
    pub fn create<T: Resource>(&self, value: T) -> Result<Authorized<'_, T>, Refusal> {
        self.created(&Nothing, value)
    }

    /// Decides about each row of a list; those that the caller may not see are left out.
    ///
    /// # Errors
    /// More rows than the policy's `max`, or a row that cannot be decided: a fault of the service.
    pub fn list<T: Resource>(
        &self,
        rows: impl IntoIterator<Item = T>,
    ) -> Result<Listed<'_, T>, Refusal> {
        self.listed(&Nothing, rows)
    }

    pub(crate) fn max_rows(&self) -> Result<usize, Refusal> {
        Ok(self.route()?.lists.as_ref().ok_or_else(Refusal::service_fault)?.max)
    }

    pub(crate) fn route(&self) -> Result<&Route, Refusal> {
        self.rules.route(self.routed.way.route).ok_or_else(Refusal::service_fault)
    }

    pub(crate) fn world(&self) -> World<'_> {
        let caller = self.caller.caller();
        World::new(&self.rules.plan, &self.routed, caller, Some(&self.inputs))
    }

    /// Tells the observer of a refusal, if this is one.
    pub(crate) fn told<T>(&self, decided: Result<T, Refusal>) -> Result<T, Refusal> {
        decided.map_err(|refusal| self.refused(refusal))
    }

    /// Which `returns` a route shows that has no object.
    pub(crate) fn choose(&self) -> Option<usize> {
        let route = self.route().ok().filter(|route| route.objects().next().is_none())?;
        stage::response::choose(route, &self.world()).ok().flatten()
    }

    /// Which `returns` shows a list that is one thing among others: no row is asked.
    pub(crate) fn once_for_all(&self, loaded: &dyn Loaded) -> Result<Option<usize>, Refusal> {
        let route = self.route()?;
        if route.shown_by_row() {
            return Ok(None);
        }
        self.ask(loaded, |world| stage::response::choose(route, &world))
    }

    /// The envelope around rows that are each shown by another: but for these, all are alike.
    pub(crate) fn around_rows(&self) -> Option<usize> {
        let last = self.route().ok()?.returns.len().checked_sub(1);
        last.filter(|_| self.shows_envelope(last))
    }

    /// Asks of the world in which the loaded objects stand: all those of the route, or it is a
    /// fault of the service.
    pub(crate) fn ask<T>(
        &self,
        loaded: &dyn Loaded,
        mut ask: impl FnMut(World<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        if self.route()?.loads.len() != loaded.count() {
            return Err(Refusal::service_fault());
        }
        let mut answer = Err(Refusal::service_fault());
        loaded.with(self, &mut |world| answer = ask(world))?;
        answer
    }

    /// Whether this is the request that a proof was given for.
    pub(crate) fn is(&self, other: &Accepted<'_>) -> bool {
        std::ptr::eq(std::ptr::from_ref(self).cast::<()>(), std::ptr::from_ref(other).cast::<()>())
    }

    /// How many objects the route loads.
    pub(super) fn loaded(&self) -> usize {
        self.route().map_or(0, |route| route.loads.len())
    }

    pub(super) fn view<'a, T>(
        &'a self,
        place: usize,
        value: &'a T,
        returns: Option<usize>,
    ) -> View<'a, T> {
        let shape =
            self.resource(place).ok().and_then(|(index, _)| self.view_of(returns, index, false));
        View { shown: shape.map(|shape| Shown::new(value, shape)) }
    }

    /// The resource at a place among the route's objects.
    pub(crate) fn resource(&self, place: usize) -> Result<(usize, &Planned), Refusal> {
        let index = self.route()?.objects().nth(place).ok_or_else(Refusal::service_fault)?;
        let resource = self.rules.plan.resources.get(index).ok_or_else(Refusal::service_fault)?;
        Ok((index, resource))
    }

    /// Reads an object of the application by the slots of the policy.
    pub(super) fn bind<'a, T: Resource>(
        &'a self,
        place: usize,
        value: &'a T,
    ) -> Result<(&'a Planned, Bound<'a, T>), Refusal> {
        let (index, resource) = self.resource(place)?;
        let binding = self.rules.bindings.get(index).and_then(Option::as_ref);
        let bound = binding.and_then(|binding| binding.bind(value));
        bound.map(|bound| (resource, bound)).ok_or_else(Refusal::service_fault)
    }

    /// Decides about the loaded objects, and which `returns` shows them where nothing else is still
    /// to be known.
    pub(crate) fn decide(&self, loaded: &dyn Loaded) -> Result<Option<usize>, Refusal> {
        let route = self.route()?;
        self.ask(loaded, |world| {
            stage::object::decide(&self.rules, route, &world)?;
            match route.subject() {
                Some(_) => Ok(None),
                None => stage::response::choose(route, &world),
            }
        })
    }

    /// Decides about an object that is about to be stored, beside those that are loaded.
    pub(crate) fn decide_created(
        &self,
        loaded: &dyn Loaded,
        created: Known<'_>,
    ) -> Result<Option<usize>, Refusal> {
        let route = self.route()?;
        if route.creates.is_none() {
            return Err(Refusal::service_fault());
        }
        self.ask(loaded, |world| {
            let world = stage::object::with_subject(world, route, created)?;
            stage::object::creates(&self.rules, route, &world)?;
            stage::response::choose(route, &world)
        })
    }

    /// Whether a row is shown, and by which `returns`.
    pub(crate) fn decide_row(
        &self,
        loaded: &dyn Loaded,
        row: Known<'_>,
    ) -> Result<Option<Option<usize>>, Refusal> {
        let route = self.route()?;
        if route.lists.is_none() {
            return Err(Refusal::service_fault());
        }
        self.ask(loaded, |world| {
            let world = stage::object::with_subject(world, route, row)?;
            if !stage::object::shows(route, &world)? {
                return Ok(None);
            }
            stage::response::choose(route, &world).map(Some)
        })
    }

    pub(super) fn created<T: Resource>(
        &self,
        loaded: &dyn Loaded,
        value: T,
    ) -> Result<Authorized<'_, T>, Refusal> {
        let bound = self.bind(loaded.count(), &value);
        let returns = self.told(
            bound.and_then(|(resource, bound)| self.decide_created(loaded, (resource, &bound))),
        )?;
        self.now_decided(SUBJECT);
        Ok(Authorized { accepted: self, value, returns, created: true })
    }

    pub(super) fn listed<T: Resource>(
        &self,
        loaded: &dyn Loaded,
        rows: impl IntoIterator<Item = T>,
    ) -> Result<Listed<'_, T>, Refusal> {
        let listed = self.told(self.decide_rows(loaded, rows))?;
        self.now_decided(SUBJECT);
        Ok(listed)
    }

    fn decide_rows<T: Resource>(
        &self,
        loaded: &dyn Loaded,
        rows: impl IntoIterator<Item = T>,
    ) -> Result<Listed<'_, T>, Refusal> {
        let max = self.max_rows()?;
        let mut shown = Vec::new();
        for (count, row) in rows.into_iter().enumerate() {
            if count >= max {
                return Err(Refusal::service_fault());
            }
            let (resource, bound) = self.bind(loaded.count(), &row)?;
            if let Some(returns) = self.decide_row(loaded, (resource, &bound))? {
                shown.push((row, returns));
            }
        }
        let returns = self.once_for_all(loaded)?.or_else(|| self.around_rows());
        Ok(Listed { accepted: self, rows: shown, returns })
    }

    /// The view by which a `returns` shows an object of a resource.
    pub(super) fn view_of(
        &self,
        returns: Option<usize>,
        resource: usize,
        list: bool,
    ) -> Option<&Shape> {
        let of = |found: &ViewOf| found.resource == resource;
        let view = match self.chosen(returns)? {
            Returned::View(view) if !list && of(view) => *view,
            Returned::List(view) if list && of(view) => *view,
            Returned::Envelope(fields) => {
                fields.iter().find_map(|field| match (&field.content, list) {
                    (Content::View(view), false) | (Content::List(view), true) if of(view) => {
                        Some(*view)
                    }
                    _ => None,
                })?
            }
            _ => return None,
        };
        self.rules.shape(&view)
    }
}
