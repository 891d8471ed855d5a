//! The engine: a plan, its router and its keys, behind a pointer that a reload swaps.

mod build;
mod drive;

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use portcullis_compiler::plan::{Plan, Returns, Route};

pub use build::{BuildError, EngineBuilder};

use crate::caller::{Caller, CallerError};
use crate::condition::Attributes;
use crate::credential::Key;
use crate::policy::Policy;
use crate::resource::{AttributeType, Resource};
use crate::router::Router;
use crate::store::Store;
use crate::value::Value;
use crate::view::Shape;

/// Decides requests under a policy. Cheap to clone; all clones are one engine.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    rules: ArcSwap<Rules>,
    store: Arc<dyn Store>,
    setup: build::Setup,
}

/// All that one policy means, ready to be asked. A request keeps the one that it began with.
pub(crate) struct Rules {
    pub(crate) plan: Arc<Plan>,
    /// Where budgets are counted: the same for every policy of one engine.
    pub(crate) store: Arc<dyn Store>,
    pub(crate) router: Router,
    /// The keys of each credential.
    pub(crate) keys: Vec<Vec<Key>>,
    /// The application's type for each resource.
    pub(crate) bindings: Vec<Option<Binding>>,
    /// The shape of each view of each resource.
    pub(crate) shapes: Vec<Vec<Shape>>,
    /// Tells callers made under this policy from those made under another.
    pub(crate) generation: u64,
}

/// How a type of the application answers for a resource.
pub(crate) struct Binding {
    attributes: &'static [(&'static str, AttributeType)],
    /// For each slot of the policy, the type's own.
    slots: Vec<Option<usize>>,
}

/// An object of the application, read by the slots of the policy.
pub(crate) struct Bound<'a, T> {
    value: &'a T,
    slots: &'a [Option<usize>],
}

impl<T: Resource> Attributes for Bound<'_, T> {
    fn attribute(&self, slot: usize) -> Value<'_> {
        match self.slots.get(slot).copied().flatten() {
            Some(own) => self.value.attribute(own),
            None => Value::Absent,
        }
    }
}

impl Binding {
    /// Reads an object, if its type is the one that was bound.
    pub(crate) fn bind<'a, T: Resource>(&'a self, value: &'a T) -> Option<Bound<'a, T>> {
        let same = std::ptr::eq(self.attributes, T::ATTRIBUTES) || self.attributes == T::ATTRIBUTES;
        same.then_some(Bound { value, slots: &self.slots })
    }
}

impl Rules {
    pub(crate) fn route(&self, index: usize) -> Option<&Route> {
        self.plan.routes.get(index)
    }

    pub(crate) fn shape(&self, returns: &Returns) -> Option<&Shape> {
        self.shapes.get(returns.resource)?.get(returns.view)
    }
}

impl Engine {
    /// Begins to build an engine for a policy.
    #[must_use]
    pub fn builder(policy: Policy) -> EngineBuilder {
        EngineBuilder::new(policy)
    }

    /// Puts another policy in force, for all requests that come from now on. Budgets keep their
    /// counts, if they keep their names and limits.
    ///
    /// # Errors
    /// The policy does not fit the keys and types that the engine was built with, or lacks its
    /// profile. The one before stays in force.
    pub fn reload(&self, policy: &Policy) -> Result<(), BuildError> {
        let rules = self.shared.setup.rules(policy, Arc::clone(&self.shared.store))?;
        self.shared.rules.store(Arc::new(rules));
        Ok(())
    }

    /// A caller whose credential the service has verified by itself, by its attributes; a role and
    /// an enum's value by their names in the policy.
    ///
    /// # Errors
    /// The attributes are not those of a caller of this policy.
    pub fn caller<'a>(
        &self,
        attributes: impl IntoIterator<Item = (&'a str, Value<'a>)>,
    ) -> Result<Caller, CallerError> {
        let rules = self.rules();
        Caller::from_attributes(&rules.plan, rules.generation, attributes)
    }

    /// The rules in force. A guard costs a request no count that all threads share.
    pub(crate) fn rules(&self) -> Guard<Arc<Rules>> {
        self.shared.rules.load()
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("profile", &self.rules().plan.profile)
            .finish_non_exhaustive()
    }
}
