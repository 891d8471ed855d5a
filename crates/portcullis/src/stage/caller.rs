//! Caller: credential, permissions, conditions on caller and request.

use portcullis_compiler::plan::{Access, Route};

use super::Verdict;
use crate::caller::{Caller, Held};
use crate::condition::World;
use crate::credential;
use crate::engine::Rules;
use crate::refusal::{Reason, Refusal};
use crate::request::Routed;

/// Who is said to call.
pub(crate) enum Claimed<'r> {
    /// Whoever the `Authorization` header proves.
    ByHeader,
    /// This caller, whose credential the service has verified; or none.
    Known(Option<&'r Caller>),
}

pub(crate) fn decide<'r>(
    rules: &Rules,
    routed: &Routed<'_>,
    route: &Route,
    claimed: Claimed<'r>,
) -> Result<Held<'r>, Refusal> {
    let caller = match (&route.access, claimed) {
        (Access::Public, _) => Held::None,
        (Access::Credential(accepted), Claimed::ByHeader) => {
            Held::Own(Box::new(authenticate(rules, routed, accepted)?))
        }
        (Access::Credential(_), Claimed::Known(None)) => {
            return Err(Refusal::new(Reason::MissingCredential));
        }
        (Access::Credential(_), Claimed::Known(Some(caller))) => {
            // Slots of another policy would be read as attributes that they are not.
            if caller.generation != rules.generation {
                return Err(Refusal::service_fault());
            }
            Held::Lent(caller)
        }
    };
    let world = World::new(&rules.plan, routed, caller.caller(), None);
    let mut verdict = Verdict::default();
    for needed in &route.needs {
        match world.can(needed.permission) {
            Ok(true) => {}
            Ok(false) => verdict.add(Reason::MissingPermission, Some(needed.span)),
            Err(_) => verdict.add(Reason::ServiceFault, Some(needed.span)),
        }
    }
    verdict.check(&route.caller, &world);
    verdict.settle(&rules.plan)?;
    Ok(caller)
}

fn authenticate(rules: &Rules, routed: &Routed<'_>, accepted: &[usize]) -> Result<Caller, Refusal> {
    let Some(header) = routed.request.authorization.as_deref() else {
        return Err(Refusal::new(Reason::MissingCredential));
    };
    let token = credential::bearer(header).map_err(Refusal::new)?;
    // The refusal of the last one tried; the slice of the language has one.
    let mut refused = Reason::InvalidCredential;
    for index in accepted {
        let (Some(credential), Some(keys)) =
            (rules.plan.credentials.get(*index), rules.keys.get(*index))
        else {
            continue;
        };
        let plan = &rules.plan;
        let accepted = credential::accept(
            token,
            credential,
            keys,
            &plan.enumerations,
            &plan.roles,
            plan.anonymous,
            routed.request.now,
        );
        match accepted {
            Ok(claims) => return Ok(Caller::new(claims, rules.generation)),
            Err(reason) => refused = reason,
        }
    }
    Err(Refusal::new(refused))
}
