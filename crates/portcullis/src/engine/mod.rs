//! The engine: a plan, its router and its keys, behind a pointer that a reload swaps.

mod act;
mod build;
mod drive;
mod keys;

use std::sync::{Arc, OnceLock};

use arc_swap::{ArcSwap, Guard};
use portcullis_compiler::plan::{Plan, Route, ViewOf};

pub use act::Permitted;
pub use build::{BuildError, EngineBuilder};
pub use drive::Outcome;

use crate::answers::RequestIds;
use crate::caller::{Caller, CallerError};
use crate::condition::Attributes;
use crate::credential::{Keyring, SigningKey};
use crate::observer::Observer;
use crate::outbound::Outbound;
use crate::policy::Policy;
use crate::resource::{AttributeType, Resource};
use crate::router::Router;
use crate::store::{Budget, Store};
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
    request_ids: RequestIds,
}

/// All that one policy means, ready to be asked. A request keeps the one that it began with.
pub(crate) struct Rules {
    pub(crate) plan: Arc<Plan>,
    /// Where budgets are counted: the same for every policy of one engine.
    pub(crate) store: Arc<dyn Store>,
    pub(crate) router: Router,
    /// The plan's budgets, as the store counts them.
    pub(crate) budgets: Vec<Budget>,
    /// The keys of each credential.
    pub(crate) keys: Vec<Keyring>,
    /// What signs the access tokens of sessions.
    pub(crate) signing_key: Option<SigningKey>,
    /// The application's type for each resource.
    pub(crate) bindings: Vec<Option<Binding>>,
    /// The shape of each view of each resource.
    pub(crate) shapes: Vec<Vec<Shape>>,
    /// Who is told of refusals: the same for every policy of one engine.
    pub(crate) observer: Option<Arc<dyn Observer>>,
    /// Made when it is first asked for.
    hash: OnceLock<String>,
    /// Tells callers made under this policy from those made under another.
    pub(crate) generation: u64,
}

/// How a type of the application answers for a resource.
pub(crate) struct Binding {
    attributes: &'static [(&'static str, AttributeType)],
    /// For each slot of the policy, the type's own.
    slots: Vec<Option<usize>>,
    /// For each slot of the policy that is a nested object, how that answers.
    nested: Vec<Option<Binding>>,
}

/// An object of the application, read by the slots of the policy.
pub(crate) struct Bound<'a, T> {
    value: &'a T,
    binding: &'a Binding,
}

impl<T: Resource> Attributes for Bound<'_, T> {
    #[inline]
    fn attribute(&self, slot: usize) -> Value<'_> {
        match self.binding.slots.get(slot).copied().flatten() {
            Some(own) => self.value.attribute(own),
            None => Value::Absent,
        }
    }

    fn nested(&self, slot: usize, path: &[usize]) -> Value<'_> {
        let (mut value, mut binding, mut slot) = (self.attribute(slot), self.binding, slot);
        for next in path {
            let Value::Object(object) = value else {
                return Value::Absent;
            };
            let Some(inner) = binding.nested.get(slot).and_then(Option::as_ref) else {
                return Value::Absent;
            };
            value = match inner.slots.get(*next).copied().flatten() {
                Some(own) => object.value(own),
                None => Value::Absent,
            };
            (binding, slot) = (inner, *next);
        }
        value
    }
}

impl Binding {
    /// Whether it was made for a type.
    pub(crate) fn is_of<T: Resource>(&self) -> bool {
        std::ptr::eq(self.attributes, T::ATTRIBUTES) || self.attributes == T::ATTRIBUTES
    }

    /// Reads an object, if its type is the one that was bound.
    pub(crate) fn bind<'a, T: Resource>(&'a self, value: &'a T) -> Option<Bound<'a, T>> {
        self.is_of::<T>().then_some(Bound { value, binding: self })
    }
}

impl Rules {
    pub(crate) fn plan_hash(&self) -> &str {
        self.hash.get_or_init(|| self.plan.hash())
    }

    pub(crate) fn route(&self, index: usize) -> Option<&Route> {
        self.plan.routes.get(index)
    }

    pub(crate) fn shape(&self, view: &ViewOf) -> Option<&Shape> {
        self.shapes.get(view.resource)?.get(view.view)
    }
}

impl Engine {
    /// Begins to build an engine for a policy.
    #[must_use]
    pub fn builder(policy: Policy) -> EngineBuilder {
        EngineBuilder::new(policy)
    }

    /// Puts another policy in force, for all requests that come from now on. Budgets keep their
    /// counts, if they keep their names; a sliding window also its period.
    ///
    /// # Errors
    /// The policy does not fit the keys and types that the engine was built with, or lacks its
    /// profile. The one before stays in force.
    pub fn reload(&self, policy: &Policy) -> Result<(), BuildError> {
        let rules = self.shared.setup.rules(policy, Arc::clone(&self.shared.store))?;
        let budgets: Vec<_> =
            rules.plan.budgets.iter().map(|budget| budget.name.as_str()).collect();
        self.shared.store.retain(&budgets);
        self.shared.rules.store(Arc::new(rules));
        Ok(())
    }

    /// The hash of the plan in force, as `portcullis plan` prints it and decision records hold it.
    #[must_use]
    pub fn plan_hash(&self) -> String {
        self.rules().plan_hash().to_owned()
    }

    /// A caller whose credential the service has verified by itself: which of the policy's
    /// credentials it was, and its attributes; roles, permissions, scopes and an enum's value by
    /// their names in the policy.
    ///
    /// # Errors
    /// The attributes are not those of a caller of this policy.
    pub fn caller<'a>(
        &self,
        credential: &str,
        attributes: impl IntoIterator<Item = (&'a str, Value<'a>)>,
    ) -> Result<Caller, CallerError> {
        let rules = self.rules();
        Caller::from_attributes(&rules.plan, rules.generation, credential, attributes)
    }

    /// An `outbound` of the policy, by its name: where the service may be made to fetch from. Nothing,
    /// where the policy has none of this name.
    #[must_use]
    pub fn outbound(&self, name: &str) -> Option<Outbound> {
        Outbound::new(self.clone(), name)
    }

    pub(crate) fn request_ids(&self) -> &RequestIds {
        &self.shared.request_ids
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
