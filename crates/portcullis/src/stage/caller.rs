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
    let accepted = route.access.accepted();
    let caller = match (&route.access, claimed) {
        (Access::Public, _) => Held::None,
        (access, Claimed::ByHeader) => match routed.request.authorization.as_deref() {
            Some(header) => Held::Own(Box::new(authenticate(rules, routed, header, accepted)?)),
            None => absent(access)?,
        },
        (access, Claimed::Known(None)) => absent(access)?,
        (_, Claimed::Known(Some(caller))) => {
            // Slots of another policy would be read as attributes that they are not.
            if caller.generation != rules.generation {
                return Err(Refusal::service_fault());
            }
            // A credential of a kind that is not accepted here is none that is good here.
            if !accepted.contains(&caller.credential) {
                return Err(Refusal::new(Reason::InvalidCredential));
            }
            Held::Lent(caller)
        }
    };
    let world = World::new(&rules.plan, routed, caller.caller(), None);
    let mut verdict = Verdict::default();
    verdict.needs(&route.needs, route.takes_scopes, &world);
    verdict.check(&route.caller, &world);
    verdict.settle(&rules.plan)?;
    Ok(caller)
}

fn absent<'r>(access: &Access) -> Result<Held<'r>, Refusal> {
    match access {
        Access::Optional(_) | Access::Public => Ok(Held::None),
        Access::Credential(_) => Err(Refusal::new(Reason::MissingCredential)),
    }
}

fn authenticate(
    rules: &Rules,
    routed: &Routed<'_>,
    header: &str,
    accepted: &[usize],
) -> Result<Caller, Refusal> {
    let token = credential::bearer(header).map_err(Refusal::new)?;
    // Of the refusals of several credentials the one is reported that came furthest: a token that
    // one of them knows to have expired is no stranger.
    let mut refused = Reason::InvalidCredential;
    for index in accepted {
        let (Some(credential), Some(keys)) =
            (rules.plan.credentials.get(*index), rules.keys.get(*index))
        else {
            continue;
        };
        match credential::accept(token, credential, keys, &rules.plan, routed.request.now) {
            Ok(claims) => return Ok(Caller::new(&rules.plan, *index, claims, rules.generation)),
            Err(reason) => refused = refused.max(reason),
        }
    }
    Err(Refusal::new(refused))
}
