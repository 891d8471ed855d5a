//! Decisions apart from HTTP: the actions of a policy.

use portcullis_compiler::plan::{Action, Resource as Planned};

use super::{Engine, Rules, drive};
use crate::Timestamp;
use crate::caller::Caller;
use crate::condition::{Attributes, World};
use crate::probe::{BySlot, Find};
use crate::refusal::{Reason, Refusal};
use crate::request::Routed;
use crate::resource::Resource;
use crate::stage::Verdict;
use crate::stage::charges::{Bill, Standings};

/// An object that a caller may do an action to: the proof that functions which do it ask for.
pub struct Permitted<T> {
    value: T,
}

// What was found for a caller stays out of logs.
impl<T> std::fmt::Debug for Permitted<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Permitted").finish_non_exhaustive()
    }
}

impl<T> Permitted<T> {
    /// The object; the proof is spent.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> std::ops::Deref for Permitted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl Engine {
    /// Decides whether a caller may do an action to an object: pass what was found, or nothing.
    ///
    /// # Errors
    /// The refusal. An action that the policy has not, or that has no object, is a fault of the
    /// service; see [`act_alone`](Engine::act_alone).
    pub fn act<T: Resource>(
        &self,
        caller: &Caller,
        action: &str,
        object: Option<T>,
        now: impl Into<Timestamp>,
    ) -> Result<Permitted<T>, Refusal> {
        let rules = self.rules();
        let now = now.into();
        let decided = Doing::begin(&rules, caller, action, now).and_then(|mut doing| {
            doing.pay()?;
            doing.permit(object)
        });
        decided.map_err(|refusal| rules.refused_action(action, now, refusal))
    }

    /// [`act`](Engine::act), for a store that may have to be waited for.
    ///
    /// # Errors
    /// The refusal.
    pub async fn act_async<T: Resource>(
        &self,
        caller: &Caller,
        action: &str,
        object: Option<T>,
        now: impl Into<Timestamp>,
    ) -> Result<Permitted<T>, Refusal> {
        let rules = arc_swap::Guard::into_inner(self.rules());
        let now = now.into();
        let decided = match Doing::begin(&rules, caller, action, now) {
            Ok(mut doing) => doing.pay_async().await.and_then(|()| doing.permit(object)),
            Err(refusal) => Err(refusal),
        };
        decided.map_err(|refusal| rules.refused_action(action, now, refusal))
    }

    /// Decides about an action that has no object.
    ///
    /// # Errors
    /// The refusal. An action that has an object is a fault of the service.
    pub fn act_alone(
        &self,
        caller: &Caller,
        action: &str,
        now: impl Into<Timestamp>,
    ) -> Result<(), Refusal> {
        let rules = self.rules();
        let now = now.into();
        let decided = Doing::begin(&rules, caller, action, now).and_then(|mut doing| {
            doing.pay()?;
            match doing.action.loads {
                None => Ok(()),
                Some(_) => Err(Refusal::service_fault()),
            }
        });
        decided.map_err(|refusal| rules.refused_action(action, now, refusal))
    }

    /// Decides about an action whose object `find` gives by the name of its resource: for tools.
    pub(crate) fn act_named(
        &self,
        caller: &Caller,
        action: &str,
        find: Find<'_>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let rules = self.rules();
        let mut doing = Doing::begin(&rules, caller, action, now)?;
        doing.pay()?;
        let Some(resource) = doing.action.loads.and_then(|index| rules.plan.resources.get(index))
        else {
            return Ok(());
        };
        let found = find(&resource.name);
        let bound = found.map(|object| BySlot { object, resource, plan: &rules.plan });
        doing.decide(bound.as_ref().map(|bound| bound as &dyn Attributes))
    }
}

/// An action that is being decided.
struct Doing<'a> {
    rules: &'a Rules,
    action: &'a Action,
    caller: &'a Caller,
    bill: Bill,
    now: Timestamp,
    nowhere: Box<Routed<'static>>,
}

impl<'a> Doing<'a> {
    fn begin(
        rules: &'a Rules,
        caller: &'a Caller,
        action: &str,
        now: Timestamp,
    ) -> Result<Doing<'a>, Refusal> {
        let action = rules.plan.actions.iter().find(|known| known.name == action);
        let action = action.ok_or_else(Refusal::service_fault)?;
        // Slots of another policy would be read as attributes that they are not.
        if caller.generation != rules.generation {
            return Err(Refusal::service_fault());
        }
        let nowhere = Box::new(Routed::nowhere(now));
        let world = World::new(&rules.plan, &nowhere, Some(caller), None);
        let mut verdict = Verdict::default();
        verdict.needs(&action.needs, action.takes_scopes, action.span, &world);
        verdict.check(&action.caller, &world);
        verdict.settle(&rules.plan)?;
        let bill = Bill::new(&action.caller.charges, &world, rules)?;
        Ok(Doing { rules, action, caller, bill, now, nowhere })
    }

    // No answer tells what is left.
    fn pay(&mut self) -> Result<(), Refusal> {
        drive::pay(&mut self.bill, self.rules, self.now, &mut Standings::new())?;
        self.rules.degraded_action(&self.action.name, self.now, &self.bill);
        Ok(())
    }

    async fn pay_async(&mut self) -> Result<(), Refusal> {
        let mut untold = Standings::new();
        drive::pay_async(&mut self.bill, self.rules, self.now, &mut untold).await?;
        self.rules.degraded_action(&self.action.name, self.now, &self.bill);
        Ok(())
    }

    fn permit<T: Resource>(&self, object: Option<T>) -> Result<Permitted<T>, Refusal> {
        let resource = self.action.loads.ok_or_else(Refusal::service_fault)?;
        let binding = self.rules.bindings.get(resource).and_then(Option::as_ref);
        let binding = binding.filter(|binding| binding.is_of::<T>());
        let binding = binding.ok_or_else(Refusal::service_fault)?;
        let bound = object.as_ref().and_then(|object| binding.bind(object));
        self.decide(bound.as_ref().map(|bound| bound as &dyn Attributes))?;
        object.map(|value| Permitted { value }).ok_or_else(Refusal::service_fault)
    }

    fn decide(&self, object: Option<&dyn Attributes>) -> Result<(), Refusal> {
        let resource = self.action.loads.and_then(|index| self.rules.plan.resources.get(index));
        let resource: &Planned = resource.ok_or_else(Refusal::service_fault)?;
        let Some(object) = object else {
            return Err(Refusal::new(Reason::NotFound).at(&self.rules.plan, self.action.span));
        };
        let world = World::new(&self.rules.plan, &self.nowhere, Some(self.caller), None);
        let world = World { objects: [Some((resource, object)), None, None], ..world };
        let mut verdict = Verdict::default();
        verdict.check(&self.action.object, &world);
        verdict.settle(&self.rules.plan)
    }
}
