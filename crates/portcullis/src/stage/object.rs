//! Object: its key, and the conditions on it.

use portcullis_compiler::plan::{Load, Resource, Route};

use super::Verdict;
use crate::condition::{Attributes, Doubt, World, equal};
use crate::engine::Rules;
use crate::refusal::{Reason, Refusal};

/// Decides about the object that a route loads.
pub(crate) fn decide(
    rules: &Rules,
    route: &Route,
    load: &Load,
    world: World<'_>,
    resource: &Resource,
    object: Option<&dyn Attributes>,
) -> Result<(), Refusal> {
    let Some(object) = object else {
        return Err(Refusal::new(Reason::NotFound).at(&rules.plan, load.span));
    };
    let world = World { object: Some((resource, object)), ..world };
    let mut verdict = Verdict::default();
    // An object that the request did not name must not be shown, and its conditions would speak of
    // another: this is a fault of the service, like an attribute of a wrong type.
    if is_named(load, &world, resource, object) != Ok(true) {
        verdict.add(Reason::ServiceFault, Some(load.span));
    }
    verdict.check(&route.object, &world);
    verdict.settle(&rules.plan)
}

/// Whether the object's key is the one that the request names.
pub(crate) fn is_named(
    load: &Load,
    world: &World<'_>,
    resource: &Resource,
    object: &dyn Attributes,
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

/// Whether a row of a list is shown. What cannot be decided is a fault of the service.
pub(crate) fn shows(route: &Route, world: &World<'_>) -> Result<bool, Refusal> {
    let mut verdict = Verdict::default();
    verdict.check(&route.object, world);
    match verdict.reason() {
        None => Ok(true),
        Some(Reason::ServiceFault) => Err(Refusal::service_fault()),
        Some(_) => Ok(false),
    }
}
