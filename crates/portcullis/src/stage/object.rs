//! Object: its key, and the conditions on it.

use portcullis_compiler::plan::{Load, Resource, Route};

use super::Verdict;
use crate::condition::{Attributes, Doubt, Known, World, equal};
use crate::engine::Rules;
use crate::refusal::{Reason, Refusal};

/// Decides about the objects that a route loads, all together: the order in which they are loaded
/// says nothing. `world` holds those that are there.
pub(crate) fn decide(rules: &Rules, route: &Route, world: &World<'_>) -> Result<(), Refusal> {
    let mut verdict = Verdict::default();
    let mut absent = false;
    for (load, object) in route.loads.iter().zip(&world.objects) {
        let Some((resource, object)) = *object else {
            verdict.add(Reason::NotFound, load.span);
            absent = true;
            continue;
        };
        // An object that the request did not name must not be shown, and its conditions would speak
        // of another: this is a fault of the service, like an attribute of a wrong type.
        if is_named(load, world, resource, object) != Ok(true) {
            verdict.add(Reason::ServiceFault, load.span);
        }
    }
    if !absent {
        verdict.check(&route.object, world);
    }
    verdict.settle(&rules.plan)
}

/// Whether the object's key is the one that the request names.
pub(crate) fn is_named<'a>(
    load: &'a Load,
    world: &World<'a>,
    resource: &'a Resource,
    object: &'a dyn Attributes,
) -> Result<bool, Doubt> {
    if load.key.is_empty() || load.key.len() != resource.key.len() {
        return Err(Doubt);
    }
    for (wanted, slot) in load.key.iter().zip(&resource.key) {
        if !equal(world.read(wanted)?, world.attribute(resource, object, *slot)?)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The world with a row of a list in it, or with what is about to be created.
pub(crate) fn with_subject<'a>(
    world: World<'a>,
    route: &Route,
    subject: Known<'a>,
) -> Result<World<'a>, Refusal> {
    let mut world = world;
    let place = world.objects.get_mut(route.loads.len()).ok_or_else(Refusal::service_fault)?;
    *place = Some(subject);
    Ok(world)
}

/// Whether a row of a list is shown. What cannot be decided is a fault of the service.
pub(crate) fn shows(route: &Route, world: &World<'_>) -> Result<bool, Refusal> {
    let mut verdict = Verdict::default();
    verdict.check(&route.rows, world);
    match verdict.reason() {
        None => Ok(true),
        Some(Reason::ServiceFault) => Err(Refusal::service_fault()),
        Some(_) => Ok(false),
    }
}

/// Decides about the object that is about to be stored.
pub(crate) fn creates(rules: &Rules, route: &Route, world: &World<'_>) -> Result<(), Refusal> {
    let mut verdict = Verdict::default();
    verdict.check(&route.rows, world);
    verdict.settle(&rules.plan)
}
