//! An object that has been decided about.

use std::ops::Deref;

use portcullis_compiler::plan::{Returned, ViewOf};
use serde::Serialize;

use super::loaded::{One, Two};
use super::{Accepted, Listed, Loaded, View};
use crate::filter::Filter;
use crate::refusal::Refusal;
use crate::resource::Resource;
use crate::stage;

/// An object that this request may act on: the proof that functions which change it ask for.
///
/// It cannot outlive the request that it was given for.
pub struct Authorized<'a, T> {
    pub(crate) accepted: &'a Accepted<'a>,
    pub(super) value: T,
    /// The `returns` that shows it, by index; nothing where a row or what is created comes first.
    pub(crate) returns: Option<usize>,
    /// Whether it is about to be stored, and not loaded.
    pub(super) created: bool,
}

impl<'a, T> Authorized<'a, T> {
    /// The object itself; the proof is spent.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Whether the proof was given for this request.
    #[must_use]
    pub fn is_of(&self, accepted: &Accepted<'_>) -> bool {
        self.accepted.is(accepted)
    }
}

impl<'a, T: Resource> Authorized<'a, T> {
    /// The fields of the object that may leave. Where the route shows none of it, serialising it is
    /// an error.
    #[must_use]
    pub fn view(&self) -> View<'_, T> {
        self.accepted.view(self.place(), &self.value, self.returns)
    }

    /// Its place among the route's objects.
    pub(crate) fn place(&self) -> usize {
        if self.created { self.accepted.loaded() } else { 0 }
    }

    /// The proof for the object as it is after a change: its key must still be the request's, and
    /// its view is chosen anew.
    ///
    /// # Errors
    /// Another key, or a type that the engine was not built for: a fault of the service.
    pub fn replace<U: Resource>(self, changed: U) -> Result<Authorized<'a, U>, Refusal> {
        let accepted = self.accepted;
        let route = accepted.route()?;
        let load = route.loads.first().filter(|_| !self.created && route.loads.len() == 1);
        let load = accepted.told(load.ok_or_else(Refusal::service_fault))?;
        let mut returns = Err(Refusal::service_fault());
        One(Some(&changed)).with(accepted, &mut |world| {
            let named = match world.objects.first().copied().flatten() {
                Some((resource, object)) => {
                    stage::object::is_named(load, &world, resource, object) == Ok(true)
                }
                None => false,
            };
            if named {
                returns = match route.subject() {
                    Some(_) => Ok(None),
                    None => stage::response::choose(route, &world),
                };
            }
        })?;
        Ok(Authorized {
            accepted,
            value: changed,
            returns: accepted.told(returns)?,
            created: false,
        })
    }

    /// Decides about an object that is about to be stored, beside this one.
    ///
    /// # Errors
    /// The refusal. A type that the engine was not built for is a fault of the service.
    pub fn create<U: Resource>(&self, value: U) -> Result<Authorized<'_, U>, Refusal> {
        self.accepted.created(&One(Some(&self.value)), value)
    }

    /// What is left of the conditions on the rows of a list beside this object, for the data store.
    ///
    /// # Errors
    /// As [`Accepted::filter`].
    pub fn filter(&self) -> Result<Filter, Refusal> {
        self.accepted.filter_with(&One(Some(&self.value)))
    }

    /// Decides about each row of a list, beside this object.
    ///
    /// # Errors
    /// As [`Accepted::list`].
    pub fn list<U: Resource>(
        &self,
        rows: impl IntoIterator<Item = U>,
    ) -> Result<Listed<'_, U>, Refusal> {
        self.accepted.listed(&One(Some(&self.value)), rows)
    }
}

impl<A: Resource, B: Resource> Authorized<'_, (A, B)> {
    /// The fields of the first object that may leave.
    #[must_use]
    pub fn first(&self) -> View<'_, A> {
        self.accepted.view(0, &self.value.0, self.returns)
    }

    /// The fields of the second object that may leave.
    #[must_use]
    pub fn second(&self) -> View<'_, B> {
        self.accepted.view(1, &self.value.1, self.returns)
    }

    /// Decides about an object that is about to be stored, beside these.
    ///
    /// # Errors
    /// The refusal. A type that the engine was not built for is a fault of the service.
    pub fn create<U: Resource>(&self, value: U) -> Result<Authorized<'_, U>, Refusal> {
        self.accepted.created(&Two(Some(&self.value.0), Some(&self.value.1)), value)
    }

    /// What is left of the conditions on the rows of a list beside these objects, for the data store.
    ///
    /// # Errors
    /// As [`Accepted::filter`].
    pub fn filter(&self) -> Result<Filter, Refusal> {
        self.accepted.filter_with(&Two(Some(&self.value.0), Some(&self.value.1)))
    }

    /// Decides about each row of a list, beside these objects.
    ///
    /// # Errors
    /// As [`Accepted::list`].
    pub fn list<U: Resource>(
        &self,
        rows: impl IntoIterator<Item = U>,
    ) -> Result<Listed<'_, U>, Refusal> {
        self.accepted.listed(&Two(Some(&self.value.0), Some(&self.value.1)), rows)
    }
}

impl<A: Resource + Serialize, B: Resource + Serialize> Authorized<'_, (A, B)> {
    /// The view of the one that the route shows, as JSON; empty where it returns nothing here, which is
    /// answered by 204. Both are shown by an [`envelope`](Authorized::envelope).
    ///
    /// # Errors
    /// The route returns no view, or the type cannot be filtered safely: a fault of the service.
    pub fn to_json(&self) -> Result<Vec<u8>, Refusal> {
        let json = match self.accepted.chosen(self.returns) {
            Some(Returned::Nothing) => return Ok(Vec::new()),
            Some(Returned::View(view)) if self.is_at(0, view) => serde_json::to_vec(&self.first()),
            Some(Returned::View(view)) if self.is_at(1, view) => serde_json::to_vec(&self.second()),
            _ => return Err(Refusal::service_fault()),
        };
        json.map_err(|_| Refusal::service_fault())
    }

    fn is_at(&self, place: usize, view: &ViewOf) -> bool {
        self.accepted.resource(place).is_ok_and(|(resource, _)| resource == view.resource)
    }
}

impl<T: Resource + Serialize> Authorized<'_, T> {
    /// The view as JSON; empty where the route returns nothing here, which is answered by 204.
    ///
    /// # Errors
    /// The route returns no view, or the type cannot be filtered safely: a fault of the service.
    pub fn to_json(&self) -> Result<Vec<u8>, Refusal> {
        if self.accepted.shows_nothing(self.returns) {
            return Ok(Vec::new());
        }
        if self.accepted.shows_envelope(self.returns) {
            return Err(Refusal::service_fault());
        }
        serde_json::to_vec(&self.view()).map_err(|_| Refusal::service_fault())
    }
}

impl<T> Deref for Authorized<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
