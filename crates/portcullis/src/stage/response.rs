//! Response: which view is shown.

use portcullis_compiler::plan::{Returns, Route};

use crate::condition::World;
use crate::refusal::Refusal;

/// The first `returns` that fits, by index; nothing where the route has none.
pub(crate) fn choose(route: &Route, world: &World<'_>) -> Result<Option<usize>, Refusal> {
    if route.returns.is_empty() {
        return Ok(None);
    }
    for (index, returns) in route.returns.iter().enumerate() {
        if fits(returns, world)? {
            return Ok(Some(index));
        }
    }
    // The compiler asks for a last one that always fits.
    Err(Refusal::service_fault())
}

fn fits(returns: &Returns, world: &World<'_>) -> Result<bool, Refusal> {
    match &returns.condition {
        None => Ok(true),
        Some(condition) => world.holds(condition).map_err(|_| Refusal::service_fault()),
    }
}
