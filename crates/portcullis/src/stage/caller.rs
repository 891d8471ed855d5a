//! Caller: credential, permissions, conditions on caller and request.
//!
//! What the `Authorization` header and the session's cookie say is found out first; then the store is
//! asked, once, about all of it that may have been taken back or that it alone knows; then all else is
//! decided. Most requests have nothing to ask.

use portcullis_compiler::plan::{Access, CredentialKind, Route, SessionVerb};
use portcullis_syntax::Span;
use smallvec::SmallVec;

use super::Verdict;
use crate::caller::{Caller, Held};
use crate::condition::World;
use crate::credential::{self, opaque};
use crate::engine::Rules;
use crate::json;
use crate::refusal::{Reason, Refusal};
use crate::request::Routed;
use crate::session::Sessioned;
use crate::store::{Digest, Known, Presentation, Question, Unavailable};

/// Who is said to call.
pub(crate) enum Claimed<'r> {
    /// Whoever the `Authorization` header proves.
    ByHeader,
    /// This caller, whose credential the service has verified; or none.
    Known(Option<&'r Caller>),
}

/// What is known of the caller before the store is asked.
pub(crate) struct Identified<'r> {
    pub(crate) caller: Held<'r>,
    pub(crate) session: Option<Box<Sessioned>>,
    pub(crate) asked: Option<Box<Asked>>,
}

/// What the store has to say first.
#[derive(Default)]
pub(crate) struct Asked {
    /// What the caller's token and its session are called.
    revocable: SmallVec<[Digest; 2]>,
    /// A token of this credential, by index.
    opaque: Option<(usize, Digest)>,
    /// Where it is said that the store is needed.
    place: Option<Span>,
}

/// Finds out who calls, as far as it can be without the store.
pub(crate) fn identify<'r>(
    rules: &Rules,
    routed: &Routed<'_>,
    route: &Route,
    claimed: Claimed<'r>,
) -> Result<Identified<'r>, Refusal> {
    let mut asked = Asked::default();
    let known = matches!(claimed, Claimed::Known(_));
    let session = sessioned(rules, routed, route, known);
    let caller = caller(rules, routed, route, claimed, &mut asked);
    // Of two credentials that are not good, the one is told that the table of reasons has first.
    let (session, caller) = match (session, caller) {
        (Ok(session), Ok(caller)) => (session, caller),
        (Err(session), Err(caller)) if caller.reason() < session.reason() => return Err(caller),
        (Err(refusal), _) | (_, Err(refusal)) => return Err(refusal),
    };
    let presents = session.as_deref().is_some_and(|session| session.presented().is_some());
    if let (true, Some((_, span))) = (presents, route.session) {
        asked.place = asked.place.or(Some(span));
    }
    let asks = presents || asked.opaque.is_some() || !asked.revocable.is_empty();
    Ok(Identified { caller, session, asked: asks.then(|| Box::new(asked)) })
}

/// What the request has to do with a session, where the route speaks of one.
fn sessioned(
    rules: &Rules,
    routed: &Routed<'_>,
    route: &Route,
    known: bool,
) -> Result<Option<Box<Sessioned>>, Refusal> {
    match (route.session, &rules.plan.session) {
        (Some((verb, span)), Some(planned)) => {
            let session = Sessioned::begin(planned, &rules.plan, verb, routed, known)
                .map_err(|reason| Refusal::new(reason).at(&rules.plan, span))?;
            Ok(Some(Box::new(session)))
        }
        // The compiler asks for a `session` where a route speaks of one.
        (Some(_), None) => Err(Refusal::service_fault()),
        (None, _) => Ok(None),
    }
}

fn caller<'r>(
    rules: &Rules,
    routed: &Routed<'_>,
    route: &Route,
    claimed: Claimed<'r>,
    asked: &mut Asked,
) -> Result<Held<'r>, Refusal> {
    let renews = route.session_verb() == Some(SessionVerb::Renews);
    let unaccepted = |reason| Refusal::new(reason).at_clause(&rules.plan, route.accept);
    let absent = || match &route.access {
        Access::Optional(_) | Access::Public => Ok(Held::None),
        Access::Credential(_) => Err(unaccepted(Reason::MissingCredential)),
    };
    match (&route.access, claimed) {
        // Whoever is known stands for a refresh token that is good.
        (Access::Public, Claimed::Known(None)) if renews => {
            Err(unaccepted(Reason::MissingCredential))
        }
        (Access::Public, _) => Ok(Held::None),
        (_, Claimed::ByHeader) => match routed.request.authorization.as_deref() {
            Some(header) => authenticate(rules, routed, header, route, asked),
            None => absent(),
        },
        (_, Claimed::Known(None)) => absent(),
        (_, Claimed::Known(Some(caller))) => {
            // Slots of another policy would be read as attributes that they are not.
            if caller.generation != rules.generation {
                return Err(Refusal::service_fault());
            }
            // A credential of a kind that is not accepted here is none that is good here.
            if !route.access.accepted().contains(&caller.credential) {
                return Err(unaccepted(Reason::InvalidCredential));
            }
            Ok(Held::Lent(caller))
        }
    }
}

fn authenticate<'r>(
    rules: &Rules,
    routed: &Routed<'_>,
    header: &str,
    route: &Route,
    asked: &mut Asked,
) -> Result<Held<'r>, Refusal> {
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
        let jwt = match &credential.kind {
            CredentialKind::Jwt(jwt) => (jwt, credential.claims.as_slice()),
            CredentialKind::Opaque { prefix } => {
                if let Some(id) = opaque::read(token, prefix) {
                    asked.opaque = Some((*index, id));
                    asked.place = Some(credential.span);
                    return Ok(Held::None);
                }
                continue;
            }
        };
        match credential::accept(token, jwt, keys, &rules.plan, routed.request.now) {
            Ok((claims, token)) => {
                if let Some(token) = &token {
                    asked.revocable.push(token.id);
                    asked.revocable.extend(token.session);
                    asked.place = jwt.0.revocable;
                }
                let caller = Caller::new(&rules.plan, *index, claims, rules.generation);
                return Ok(Held::Own(Box::new(Caller { token: token.map(Box::new), ..caller })));
            }
            // The only one that it could have been, or the one that knows it.
            Err(reason) if accepted.len() == 1 || reason > refused.0 => {
                refused = (refused.0.max(reason), Some(credential.span));
            }
            Err(_) => {}
        }
    }
    Err(Refusal::new(refused.0).at_clause(&rules.plan, refused.1))
}

impl Asked {
    /// What the store is asked.
    pub(crate) fn question(&self, session: Option<&Sessioned>) -> Question<'_> {
        Question {
            revoked: &self.revocable,
            opaque: self.opaque.map(|(_, id)| id),
            refresh: session.and_then(Sessioned::presented),
        }
    }
}

/// Takes in what the store says. Where it cannot be reached nothing more is decided: of a caller who may
/// have been turned away nobody needs to know what else they lack.
pub(crate) fn learn(
    rules: &Rules,
    routed: &Routed<'_>,
    asked: &Asked,
    known: Result<Known, Unavailable>,
    caller: &mut Held<'_>,
    session: Option<&mut Sessioned>,
) -> Result<(), Refusal> {
    let known = known.map_err(|Unavailable| {
        Refusal::new(Reason::StoreUnavailable).at_clause(&rules.plan, asked.place)
    })?;
    let mut reused = false;
    let mut verdict = Verdict::default();
    if known.revoked {
        verdict.add(Reason::RevokedCredential, asked.place);
    }
    if let Some((index, _)) = asked.opaque {
        match opaque_caller(rules, routed, index, &known) {
            Ok(found) => *caller = Held::Own(Box::new(found)),
            Err(reason) => verdict.add(reason, asked.place),
        }
    }
    if let Some(session) = session.filter(|session| session.presented().is_some()) {
        let (means, claims) = known.refresh.unwrap_or((Presentation::Unknown, None));
        reused = means == Presentation::Reused;
        if let Err(reason) = session.learn(rules, &means, claims.as_deref()) {
            let place = rules.plan.session.as_ref().map(|session| session.span);
            verdict.add(reason, place);
        }
    }
    verdict.settle(&rules.plan).map_err(|refusal| if reused { refusal.of_reuse() } else { refusal })
}

/// The caller of an opaque token.
fn opaque_caller(
    rules: &Rules,
    routed: &Routed<'_>,
    index: usize,
    known: &Known,
) -> Result<Caller, Reason> {
    let invalid = Reason::InvalidCredential;
    let credential = rules.plan.credentials.get(index).ok_or(invalid)?;
    let kept = known.opaque.as_ref().filter(|kept| kept.credential == credential.name);
    let kept = kept.ok_or(invalid)?;
    if kept.has_expired(routed.request.now) {
        return Err(Reason::ExpiredCredential);
    }
    let claims = json::parse(kept.claims.as_bytes()).map_err(|_| invalid)?;
    let claims =
        credential::read_claims(&claims, &credential.claims, &rules.plan).ok_or(invalid)?;
    Ok(Caller::new(&rules.plan, index, claims, rules.generation))
}

/// Decides all that the caller and the request are enough for.
pub(crate) fn decide(
    rules: &Rules,
    routed: &Routed<'_>,
    route: &Route,
    caller: Option<&Caller>,
) -> Result<(), Refusal> {
    let world = World::new(&rules.plan, routed, caller, None);
    let mut verdict = Verdict::default();
    verdict.needs(&route.needs, route.takes_scopes, route.span, &world);
    verdict.check(&route.caller, &world);
    verdict.settle(&rules.plan)
}
