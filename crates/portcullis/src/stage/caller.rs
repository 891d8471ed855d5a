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
    let unaccepted = |reason| Refusal::new(reason).at_clause(&rules.plan, route.accept);
    let absent = || match &route.access {
        Access::Optional(_) | Access::Public => Ok(Held::None),
        Access::Credential(_) => Err(unaccepted(Reason::MissingCredential)),
    };
    let caller = match (&route.access, claimed) {
        (Access::Public, _) => Held::None,
        (_, Claimed::ByHeader) => match routed.request.authorization.as_deref() {
            Some(header) => Held::Own(Box::new(authenticate(rules, routed, header, route)?)),
            None => absent()?,
        },
        (_, Claimed::Known(None)) => absent()?,
        (_, Claimed::Known(Some(caller))) => {
            // Slots of another policy would be read as attributes that they are not.
            if caller.generation != rules.generation {
                return Err(Refusal::service_fault());
            }
            // A credential of a kind that is not accepted here is none that is good here.
            if !accepted.contains(&caller.credential) {
                return Err(unaccepted(Reason::InvalidCredential));
            }
            Held::Lent(caller)
        }
    };
    let world = World::new(&rules.plan, routed, caller.caller(), None);
    let mut verdict = Verdict::default();
    verdict.needs(&route.needs, route.takes_scopes, route.span, &world);
    verdict.check(&route.caller, &world);
    verdict.settle(&rules.plan)?;
    Ok(caller)
}

fn authenticate(
    rules: &Rules,
    routed: &Routed<'_>,
    header: &str,
    route: &Route,
) -> Result<Caller, Refusal> {
    let accepted = route.access.accepted();
    let token = credential::bearer(header)
        .map_err(|reason| Refusal::new(reason).at_clause(&rules.plan, route.accept))?;
    // Of the refusals of several credentials the one is reported that came furthest: a token that
    // one of them knows to have expired is no stranger.
    let mut refused = (Reason::InvalidCredential, route.accept);
    for index in accepted {
        let (Some(credential), Some(keys)) =
            (rules.plan.credentials.get(*index), rules.keys.get(*index))
        else {
            continue;
        };
        match credential::accept(token, credential, keys, &rules.plan, routed.request.now) {
            Ok(claims) => return Ok(Caller::new(&rules.plan, *index, claims, rules.generation)),
            // The only one that it could have been, or the one that knows it.
            Err(reason) if accepted.len() == 1 || reason > refused.0 => {
                refused = (refused.0.max(reason), Some(credential.span));
            }
            Err(_) => {}
        }
    }
    Err(Refusal::new(refused.0).at_clause(&rules.plan, refused.1))
}
