//! Builds an engine, and holds the service to the policy before the first request comes.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use portcullis_compiler::plan::{self, Attribute, Plan, Resource as Planned, Type};
use portcullis_compiler::{HostValues, SettingValue};

use super::{Binding, Engine, Rules, Shared};
use crate::answers::RequestIds;
use crate::credential::{Key, KeySource, SigningKey};
use crate::observer::Observer;
use crate::policy::Policy;
use crate::resource::{AttributeType, Resource};
use crate::router::Router;
use crate::store::{Budget, MemoryStore, Store};
use crate::view::Shape;

/// Gathers what an engine needs beside its policy.
pub struct EngineBuilder {
    policy: Policy,
    setup: Setup,
    store: Option<Arc<dyn Store>>,
}

/// What stays the same when the policy is reloaded.
pub(super) struct Setup {
    profile: Option<String>,
    pub(super) keys: Vec<(String, Key)>,
    pub(super) signing_keys: Vec<(String, SigningKey)>,
    pub(super) key_sources: Vec<(String, KeySource)>,
    pub(super) keyless: bool,
    resources: Vec<(String, &'static [(&'static str, AttributeType)])>,
    settings: HostValues,
    settingless: bool,
    observer: Option<Arc<dyn Observer>>,
}

/// Why a service cannot run under a policy: every reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildError {
    faults: Vec<String>,
}

impl BuildError {
    /// The reasons, one sentence each.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        &self.faults
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the service does not fit its policy: {}", self.faults.join("; "))
    }
}

impl std::error::Error for BuildError {}

impl EngineBuilder {
    pub(super) fn new(policy: Policy) -> EngineBuilder {
        let setup = Setup {
            profile: None,
            keys: Vec::new(),
            signing_keys: Vec::new(),
            key_sources: Vec::new(),
            keyless: false,
            resources: Vec::new(),
            settings: HostValues::new(),
            settingless: false,
            observer: None,
        };
        EngineBuilder { policy, setup, store: None }
    }

    /// The profile to run under. It may be left out where the policy names at most one.
    #[must_use]
    pub fn profile(mut self, profile: impl Into<String>) -> EngineBuilder {
        self.setup.profile = Some(profile.into());
        self
    }

    /// Adds a key that verifies tokens of a credential. Several may stand side by side, so that an
    /// old and a new one overlap.
    #[must_use]
    pub fn key(mut self, credential: impl Into<String>, key: Key) -> EngineBuilder {
        self.setup.keys.push((credential.into(), key));
        self
    }

    /// [`key`](EngineBuilder::key) for each of several, such as those of a [set](Key::jwks).
    #[must_use]
    pub fn keys(mut self, credential: &str, keys: impl IntoIterator<Item = Key>) -> EngineBuilder {
        self.setup.keys.extend(keys.into_iter().map(|key| (credential.to_owned(), key)));
        self
    }

    /// The key that signs the tokens of a credential: the one that the policy's `session` issues. Hand its
    /// other half over by [`key`](EngineBuilder::key). While keys are changed, the one here is the new one,
    /// and those there are both.
    #[must_use]
    pub fn signing_key(mut self, credential: impl Into<String>, key: SigningKey) -> EngineBuilder {
        self.setup.signing_keys.push((credential.into(), key));
        self
    }

    /// Adds the keys that an issuer publishes, beside those of [`key`](EngineBuilder::key). Until the source
    /// has some, tokens that only they would verify are refused. A credential has one source at most; several
    /// may share it.
    #[must_use]
    pub fn key_source(mut self, credential: impl Into<String>, source: KeySource) -> EngineBuilder {
        self.setup.key_sources.push((credential.into(), source));
        self
    }

    /// Runs without keys: no token is ever accepted, and callers come through
    /// [`Engine::admit_as`] alone.
    #[must_use]
    pub fn without_keys(mut self) -> EngineBuilder {
        self.setup.keyless = true;
        self
    }

    /// Says which type the application hands over for a resource.
    #[must_use]
    pub fn resource<T: Resource>(mut self, name: impl Into<String>) -> EngineBuilder {
        self.setup.resources.push((name.into(), T::ATTRIBUTES));
        self
    }

    /// Gives the value of a setting that the policy has `from host`.
    #[must_use]
    pub fn setting(
        mut self,
        name: impl Into<String>,
        value: impl Into<SettingValue>,
    ) -> EngineBuilder {
        self.setup.settings.insert(name.into(), value.into());
        self
    }

    /// Runs with dummies for the settings that are from the host: for tools, which decide about a
    /// policy and not for a service.
    #[doc(hidden)]
    #[must_use]
    pub fn without_settings(mut self) -> EngineBuilder {
        self.setup.settingless = true;
        self
    }

    /// Where budgets are counted; left out, in this process's memory.
    #[must_use]
    pub fn store(mut self, store: impl Store + 'static) -> EngineBuilder {
        self.store = Some(Arc::new(store));
        self
    }

    /// Who is told of every refusal; left out, nobody.
    #[must_use]
    pub fn observer(mut self, observer: impl Observer + 'static) -> EngineBuilder {
        self.setup.observer = Some(Arc::new(observer));
        self
    }

    /// Builds the engine.
    ///
    /// # Errors
    /// Everything in which the service does not fit its policy.
    pub fn build(self) -> Result<Engine, BuildError> {
        let store = self.store.unwrap_or_else(|| Arc::new(MemoryStore::default()));
        let rules = self.setup.rules(&self.policy, Arc::clone(&store))?;
        let rules = ArcSwap::from_pointee(rules);
        let request_ids = RequestIds::new();
        Ok(Engine { shared: Arc::new(Shared { rules, store, setup: self.setup, request_ids }) })
    }
}

impl Setup {
    pub(super) fn rules(
        &self,
        policy: &Policy,
        store: Arc<dyn Store>,
    ) -> Result<Rules, BuildError> {
        /// Never 0, and never the same for two policies of one process.
        static GENERATION: AtomicU64 = AtomicU64::new(1);

        let plan = self.plan(policy).map_err(|faults| BuildError { faults })?;
        let mut faults = Vec::new();
        let keys = self.keys(&plan, &mut faults);
        let signing_key = self.signing_key(&plan, &keys, &mut faults);
        let bindings = self.bindings(&plan, &mut faults);
        if !faults.is_empty() {
            return Err(BuildError { faults });
        }
        Ok(Rules {
            shapes: plan.resources.iter().map(|found| shapes(found, &plan.resources)).collect(),
            router: Router::new(&plan),
            budgets: plan.budgets.iter().map(counted).collect(),
            plan: Arc::new(plan),
            store,
            keys,
            signing_key,
            bindings,
            observer: self.observer.clone(),
            hash: OnceLock::new(),
            generation: GENERATION.fetch_add(1, Ordering::Relaxed),
        })
    }

    fn plan(&self, policy: &Policy) -> Result<Plan, Vec<String>> {
        let profiles = policy.profiles();
        let wanted = match (&self.profile, profiles) {
            (Some(profile), _) => profile,
            (None, [only]) => only,
            (None, _) => {
                let known = profiles.join("`, `");
                return Err(vec![format!(
                    "the policy has the profiles `{known}`: name the one to run under"
                )]);
            }
        };
        let host = (!self.settingless).then_some(&self.settings);
        policy.plan(wanted, host)?.ok_or_else(|| {
            vec![format!("the policy has no profile `{wanted}`, only `{}`", profiles.join("`, `"))]
        })
    }

    fn bindings(&self, plan: &Plan, faults: &mut Vec<String>) -> Vec<Option<Binding>> {
        for (name, _) in &self.resources {
            if !plan.resources.iter().any(|resource| resource.name == *name) {
                faults.push(format!(
                    "a type was given for `{name}`, which is no resource of the policy"
                ));
            }
        }
        plan.resources
            .iter()
            .map(|resource| {
                let (_, attributes) =
                    self.resources.iter().find(|(name, _)| *name == resource.name)?;
                Some(binding(resource, attributes, plan, faults))
            })
            .collect()
    }
}

/// Where a type keeps each attribute of a resource; a fault for each that does not fit. A type
/// cannot nest itself but by a reference, so this ends.
fn binding(
    resource: &Planned,
    attributes: &'static [(&'static str, AttributeType)],
    plan: &Plan,
    faults: &mut Vec<String>,
) -> Binding {
    for (index, (name, _)) in attributes.iter().enumerate() {
        if attributes.iter().take(index).any(|(other, _)| other == name) {
            faults.push(format!("the type for `{}` has `{name}` twice", resource.name));
        }
    }
    let (mut slots, mut nested) = (Vec::new(), Vec::new());
    for attribute in &resource.attributes {
        let slot = attributes.iter().position(|(name, _)| *name == attribute.name);
        let found = slot.and_then(|slot| attributes.get(slot)).map(|(_, kind)| *kind);
        match found {
            None if attribute.read => faults.push(format!(
                "the type for `{}` lacks `{}`, which the policy reads",
                resource.name, attribute.name
            )),
            Some(kind) if !fits(attribute, kind) => faults.push(format!(
                "`{}` of the type for `{}` is not what the policy declares",
                attribute.name, resource.name
            )),
            _ => {}
        }
        let inner = match (&attribute.kind, found) {
            (Type::Resource(index), Some(kind)) => object(kind).zip(plan.resources.get(*index)),
            _ => None,
        };
        slots.push(slot);
        nested.push(inner.map(|(inner, resource)| binding(resource, inner, plan, faults)));
    }
    Binding { attributes, slots, nested }
}

fn object(kind: AttributeType) -> Option<&'static [(&'static str, AttributeType)]> {
    match kind {
        AttributeType::Object(attributes) => Some(attributes),
        AttributeType::Optional(inner) => object(*inner),
        _ => None,
    }
}

fn fits(attribute: &Attribute, kind: AttributeType) -> bool {
    match kind {
        AttributeType::Optional(inner) => attribute.optional && is(&attribute.kind, *inner),
        // What is always there fits where it may be absent.
        kind => is(&attribute.kind, kind),
    }
}

fn is(planned: &Type, kind: AttributeType) -> bool {
    match (planned, kind) {
        (Type::List(element), AttributeType::List(inner)) => is(element, *inner),
        (Type::String, AttributeType::String)
        | (Type::Int, AttributeType::Int)
        | (Type::Number, AttributeType::Number)
        | (Type::Bool, AttributeType::Bool)
        | (Type::Time, AttributeType::Time)
        | (Type::Duration, AttributeType::Duration)
        | (Type::Ip, AttributeType::Ip)
        | (Type::Network, AttributeType::Network)
        | (Type::Uuid, AttributeType::Uuid)
        | (Type::Url, AttributeType::Url)
        | (Type::Enumeration(_), AttributeType::Enum)
        | (Type::Resource(_), AttributeType::Object(_)) => true,
        _ => false,
    }
}

fn counted(budget: &plan::Budget) -> Budget {
    Budget::new(&budget.name, &budget.limits, budget.algorithm)
        .with_unavailable_admits(budget.unavailable_admits)
        .with_refunds(budget.refund)
}

fn shapes(resource: &Planned, all: &[Planned]) -> Vec<Shape> {
    resource.views.iter().map(|view| Shape::of_view(view, resource, all)).collect()
}
