//! The proofs: what each stage gives to the one that comes after it. None can be had otherwise.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use arc_swap::Guard;
use portcullis_compiler::plan::{Attribute, Resource as Planned, Route};
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer, ser::SerializeSeq};

use crate::caller::Held;
use crate::condition::{Attributes, World};
use crate::engine::Rules;
use crate::input::Inputs;
use crate::refusal::Refusal;
use crate::request::Routed;
use crate::resource::Resource;
use crate::stage;
use crate::view::Shown;

/// A request that transport and caller speak for. Its input is still to be decided.
pub struct Admitted<'r> {
    pub(crate) rules: Guard<Arc<Rules>>,
    pub(crate) routed: Routed<'r>,
    pub(crate) caller: Held<'r>,
}

/// A request whose input is known too. Its object, if it has one, is still to be decided.
pub struct Accepted<'r> {
    pub(crate) rules: Guard<Arc<Rules>>,
    pub(crate) routed: Routed<'r>,
    pub(crate) caller: Held<'r>,
    pub(crate) inputs: Inputs,
}

/// An object that this request may act on: the proof that functions which change it ask for.
///
/// It cannot outlive the request that it was given for.
pub struct Authorized<'a, T> {
    accepted: &'a Accepted<'a>,
    value: T,
    returns: Option<usize>,
}

/// The rows of a list that this request may see, each with its view.
pub struct Listed<'a, T> {
    accepted: &'a Accepted<'a>,
    rows: Vec<(T, Option<usize>)>,
}

/// A guard that may be held for long: it keeps no place among the few that requests in flight have.
fn kept(rules: Guard<Arc<Rules>>) -> Guard<Arc<Rules>> {
    Guard::from_inner(Guard::into_inner(rules))
}

impl Admitted<'_> {
    /// The largest body that the policy lets in, in bytes.
    #[must_use]
    pub fn body_limit(&self) -> u64 {
        self.rules.plan.transport.body_limit
    }
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
        }
    }

    /// The path parameters, normalised, as the application's own type.
    ///
    /// # Errors
    /// The type does not fit what the policy declares: a fault of the service.
    pub fn params<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let route = self.route()?;
        let json = self.inputs.params_json(self.routed.path(), &route.params);
        serde_json::from_value(json).map_err(|_| Refusal::service_fault())
    }

    /// The body, normalised, as the application's own type. What the client sent is not to be had.
    ///
    /// # Errors
    /// The route has no body, or the type does not fit what the policy declares: a fault of the
    /// service.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let fields = self.route()?.body.as_deref().ok_or_else(Refusal::service_fault)?;
        let json = self.inputs.body_json(fields);
        serde_json::from_value(json).map_err(|_| Refusal::service_fault())
    }

    /// Whether the route loads or lists objects: then its handler has to ask about them.
    #[must_use]
    pub fn asks_about_objects(&self) -> bool {
        self.route().is_ok_and(|route| route.resource().is_some())
    }

    /// Whether the route returns a view: then only what the engine shows may leave.
    #[must_use]
    pub fn returns_view(&self) -> bool {
        // A route that cannot be found lets nothing leave.
        self.route().map_or(true, |route| !route.returns.is_empty())
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
        let returns = match &found {
            Some(found) => self.bound(found, |attributes| self.decide(Some(attributes)))??,
            None => self.decide(None)?,
        };
        match found {
            Some(value) => Ok(Authorized { accepted: self, value, returns }),
            None => Err(Refusal::service_fault()),
        }
    }

    /// Decides about each row of a list; those that the caller may not see are left out.
    ///
    /// # Errors
    /// More rows than the policy's `max`, or a row that cannot be decided: a fault of the service.
    pub fn list<T: Resource>(
        &self,
        rows: impl IntoIterator<Item = T>,
    ) -> Result<Listed<'_, T>, Refusal> {
        let max = self.max_rows()?;
        let mut shown = Vec::new();
        for (count, row) in rows.into_iter().enumerate() {
            if count >= max {
                return Err(Refusal::service_fault());
            }
            if let Some(returns) = self.bound(&row, |attributes| self.row(attributes))?? {
                shown.push((row, returns));
            }
        }
        Ok(Listed { accepted: self, rows: shown })
    }

    pub(crate) fn max_rows(&self) -> Result<usize, Refusal> {
        Ok(self.route()?.lists.as_ref().ok_or_else(Refusal::service_fault)?.max)
    }

    /// The attributes of the object that the route speaks of.
    pub(crate) fn attributes(&self) -> Result<&[Attribute], Refusal> {
        Ok(&self.resource()?.1.attributes)
    }

    fn route(&self) -> Result<&Route, Refusal> {
        self.rules.route(self.routed.way.route).ok_or_else(Refusal::service_fault)
    }

    /// The resource that the route loads or lists, by index.
    fn resource(&self) -> Result<(usize, &Planned), Refusal> {
        let index = self.route()?.resource().ok_or_else(Refusal::service_fault)?;
        let resource = self.rules.plan.resources.get(index).ok_or_else(Refusal::service_fault)?;
        Ok((index, resource))
    }

    fn world(&self) -> World<'_> {
        let caller = self.caller.caller();
        World::new(&self.rules.plan, &self.routed, caller, Some(&self.inputs))
    }

    /// Whether this is the request that a proof was given for.
    fn is(&self, other: &Accepted<'_>) -> bool {
        std::ptr::eq(std::ptr::from_ref(self).cast::<()>(), std::ptr::from_ref(other).cast::<()>())
    }

    /// Reads an object of the application by the slots of the policy.
    fn bound<T: Resource, R>(
        &self,
        value: &T,
        ask: impl FnOnce(&dyn Attributes) -> R,
    ) -> Result<R, Refusal> {
        let (index, _) = self.resource()?;
        let binding = self.rules.bindings.get(index).and_then(Option::as_ref);
        let bound = binding.and_then(|binding| binding.bind(value));
        bound.map(|bound| ask(&bound)).ok_or_else(Refusal::service_fault)
    }

    /// Decides about the object, and which `returns` shows it.
    pub(crate) fn decide(&self, object: Option<&dyn Attributes>) -> Result<Option<usize>, Refusal> {
        let route = self.route()?;
        let load = route.loads.as_ref().ok_or_else(Refusal::service_fault)?;
        let (_, resource) = self.resource()?;
        stage::object::decide(&self.rules, route, load, self.world(), resource, object)?;
        let world = World { object: object.map(|object| (resource, object)), ..self.world() };
        stage::response::choose(route, &world)
    }

    /// Whether a row is shown, and by which `returns`.
    pub(crate) fn row(&self, object: &dyn Attributes) -> Result<Option<Option<usize>>, Refusal> {
        let route = self.route()?;
        let (_, resource) = self.resource()?;
        let world = World { object: Some((resource, object)), ..self.world() };
        if !stage::object::shows(route, &world)? {
            return Ok(None);
        }
        stage::response::choose(route, &world).map(Some)
    }

    /// The wire names that a `returns` may show.
    pub(crate) fn wire_names(&self, returns: Option<usize>) -> Option<Vec<&str>> {
        let returns = self.route().ok()?.returns.get(returns?)?;
        let view = self.rules.plan.resources.get(returns.resource)?.views.get(returns.view)?;
        Some(view.fields.iter().map(|field| field.wire.as_str()).collect())
    }

    fn shown<'a, T>(&'a self, value: &'a T, returns: Option<usize>) -> Option<Shown<'a, T>> {
        let returns = self.route().ok()?.returns.get(returns?)?;
        Some(Shown::new(value, self.rules.shape(returns)?))
    }
}

impl<'a, T> Authorized<'a, T> {
    /// The fields of the object that may leave. Where the route returns no view, there are none:
    /// serialising it is an error.
    #[must_use]
    pub fn view(&self) -> View<'_, T> {
        View { shown: self.accepted.shown(&self.value, self.returns) }
    }

    /// The object itself; the proof is spent.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The proof for the object as it is after a change: its key must still be the request's, and
    /// its view is chosen anew.
    ///
    /// # Errors
    /// Another key, or a type that the engine was not built for: a fault of the service.
    pub fn replace<U: Resource>(self, changed: U) -> Result<Authorized<'a, U>, Refusal> {
        let accepted = self.accepted;
        let returns = accepted.bound(&changed, |attributes| {
            let route = accepted.route()?;
            let load = route.loads.as_ref().ok_or_else(Refusal::service_fault)?;
            let (_, resource) = accepted.resource()?;
            let world = accepted.world();
            if stage::object::is_named(load, &world, resource, attributes) != Ok(true) {
                return Err(Refusal::service_fault());
            }
            let world = World { object: Some((resource, attributes)), ..world };
            stage::response::choose(route, &world)
        })??;
        Ok(Authorized { accepted, value: changed, returns })
    }

    /// Whether the proof was given for this request.
    #[must_use]
    pub fn is_of(&self, accepted: &Accepted<'_>) -> bool {
        self.accepted.is(accepted)
    }
}

impl<T: Serialize> Authorized<'_, T> {
    /// The view as JSON.
    ///
    /// # Errors
    /// The route returns no view, or the type cannot be filtered safely: a fault of the service.
    pub fn to_json(&self) -> Result<Vec<u8>, Refusal> {
        serde_json::to_vec(&self.view()).map_err(|_| Refusal::service_fault())
    }
}

impl<T> Deref for Authorized<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Listed<'_, T> {
    /// How many rows are shown.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none is shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows shown.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.rows.iter().map(|(row, _)| row)
    }

    /// Whether the list was decided for this request.
    #[must_use]
    pub fn is_of(&self, accepted: &Accepted<'_>) -> bool {
        self.accepted.is(accepted)
    }
}

impl<T: Serialize> Listed<'_, T> {
    /// The rows as a JSON array, each by its view.
    ///
    /// # Errors
    /// The route returns no view, or the type cannot be filtered safely: a fault of the service.
    pub fn to_json(&self) -> Result<Vec<u8>, Refusal> {
        serde_json::to_vec(self).map_err(|_| Refusal::service_fault())
    }
}

impl<T: Serialize> Serialize for Listed<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.rows.len()))?;
        for (row, returns) in &self.rows {
            rows.serialize_element(&View { shown: self.accepted.shown(row, *returns) })?;
        }
        rows.end()
    }
}

/// The fields of an object that may leave, over the application's own type.
pub struct View<'a, T> {
    shown: Option<Shown<'a, T>>,
}

impl<T: Serialize> Serialize for View<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.shown {
            Some(shown) => shown.serialize(serializer),
            None => Err(serde::ser::Error::custom("the route returns no view")),
        }
    }
}

// What a request brought, and what was found for it, stays out of logs.
macro_rules! opaque_debug {
    ($($name:ident $(<$($param:tt),+>)?),+ $(,)?) => {
        $(impl$(<$($param),+>)? fmt::Debug for $name$(<$($param),+>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })+
    };
}

opaque_debug!(Admitted<'r>, Accepted<'r>, Authorized<'a, T>, Listed<'a, T>, View<'a, T>);
