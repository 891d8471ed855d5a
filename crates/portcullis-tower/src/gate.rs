//! What a handler holds: the request as the engine has accepted it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use portcullis::{Accepted, Authorized, Listed, Refusal, Resource};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Refused, Reply};

/// An accepted request: its input, and the way to its object and its answer.
#[derive(Clone, Debug)]
pub struct Gate {
    held: Arc<Held>,
}

#[derive(Debug)]
struct Held {
    accepted: Accepted<'static>,
    asked: AtomicBool,
}

impl Gate {
    pub(crate) fn new(accepted: Accepted<'static>) -> Gate {
        Gate { held: Arc::new(Held { accepted, asked: AtomicBool::new(false) }) }
    }

    /// The path parameters, normalised, as the handler's own type.
    ///
    /// # Errors
    /// The type does not fit the policy: a 500.
    pub fn params<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        self.held.accepted.params().map_err(Refused)
    }

    /// The body, normalised, as the handler's own type.
    ///
    /// # Errors
    /// The route has no body, or the type does not fit the policy: a 500.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        self.held.accepted.body().map_err(Refused)
    }

    /// Asks about the object that the request names: pass what was found, or nothing.
    ///
    /// # Errors
    /// The refusal: return it, and the layer answers it.
    pub fn authorize<T: Resource>(&self, found: Option<T>) -> Result<Authorized<'_, T>, Refused> {
        self.held.asked.store(true, Ordering::Relaxed);
        self.held.accepted.object(found).map_err(Refused)
    }

    /// Asks about each row of a list.
    ///
    /// # Errors
    /// More rows than the policy's `max`, or a row that cannot be decided: a 500.
    pub fn list<T: Resource>(
        &self,
        rows: impl IntoIterator<Item = T>,
    ) -> Result<Listed<'_, T>, Refused> {
        self.held.asked.store(true, Ordering::Relaxed);
        self.held.accepted.list(rows).map_err(Refused)
    }

    /// The answer that shows an object by its view.
    ///
    /// # Errors
    /// The object was authorized for another request, or cannot be filtered safely: a 500.
    pub fn reply<T: Serialize>(&self, object: &Authorized<'_, T>) -> Result<Reply, Refused> {
        if !object.is_of(&self.held.accepted) {
            return Err(Refused(Refusal::service_fault()));
        }
        Ok(Reply::new(self.clone(), object.to_json().map_err(Refused)?))
    }

    /// The answer that shows a list, each row by its view.
    ///
    /// # Errors
    /// The list was decided for another request, or cannot be filtered safely: a 500.
    pub fn reply_list<T: Serialize>(&self, list: &Listed<'_, T>) -> Result<Reply, Refused> {
        if !list.is_of(&self.held.accepted) {
            return Err(Refused(Refusal::service_fault()));
        }
        Ok(Reply::new(self.clone(), list.to_json().map_err(Refused)?))
    }

    /// The route, as the policy writes its path.
    #[must_use]
    pub fn route(&self) -> &str {
        self.held.accepted.pattern()
    }

    pub(crate) fn is(&self, other: &Gate) -> bool {
        Arc::ptr_eq(&self.held, &other.held)
    }

    pub(crate) fn returns_view(&self) -> bool {
        self.held.accepted.returns_view()
    }

    /// Whether the handler owes a question about an object.
    pub(crate) fn owes_a_question(&self) -> bool {
        self.held.accepted.asks_about_objects() && !self.held.asked.load(Ordering::Relaxed)
    }
}
