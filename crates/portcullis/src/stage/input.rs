//! Input: parameters, query string, headers and body, conditions on them.

use portcullis_compiler::plan::{BodyKind, Route};
use portcullis_syntax::Span;

use super::Verdict;
use crate::caller::Caller;
use crate::condition::World;
use crate::engine::Rules;
use crate::input::{Inputs, Reading};
use crate::refusal::{Reason, Refusal};
use crate::request::{Coding, Media, Request, Routed};

pub(crate) fn decide(
    rules: &Rules,
    routed: &Routed<'_>,
    route: &Route,
    caller: Option<&Caller>,
    body: Option<&[u8]>,
) -> Result<Inputs, Refusal> {
    let body = body.filter(|body| !body.is_empty());
    if let Some(body) = body {
        let (limit, place) = limit(rules, route);
        if u64::try_from(body.len()).is_ok_and(|length| length > limit) {
            return Err(Refusal::new(Reason::BodyTooLarge).at_clause(&rules.plan, place));
        }
        if !takes(&routed.request, route) {
            let place = route.body_span().unwrap_or(route.span);
            return Err(Refusal::new(Reason::UnsupportedMediaType).at(&rules.plan, place));
        }
    }
    let mut reading = Reading::new(&rules.plan);
    let inputs = Inputs::read(routed, route, body, &mut reading);
    let world = World::new(&rules.plan, routed, caller, Some(&inputs));
    let (faults, first) = reading.finish(&world).map_err(|_| Refusal::service_fault())?;
    if !faults.is_empty() {
        return Err(Refusal::with_faults(faults).at_clause(&rules.plan, first));
    }
    let mut verdict = Verdict::default();
    verdict.check(&route.input, &world);
    verdict.settle(&rules.plan)?;
    Ok(inputs)
}

/// The largest body that is taken, in bytes, and the clause that says so.
pub(crate) fn limit(rules: &Rules, route: &Route) -> (u64, Option<Span>) {
    match route.body.as_ref().map(|body| (&body.kind, body.span)) {
        Some((BodyKind::Raw { max, .. }, span)) => (*max, Some(span)),
        _ => (rules.plan.transport.body_limit, rules.plan.transport.places.body_limit),
    }
}

/// Whether the route takes a body of the kind that came. A coding could hide a body larger than the
/// limit; this version decodes none.
fn takes(request: &Request<'_>, route: &Route) -> bool {
    let Some(body) = &route.body else {
        return false;
    };
    let of_kind = match &body.kind {
        BodyKind::Json(_) => request.media == Media::Json,
        BodyKind::Form(_) => request.media == Media::Form,
        BodyKind::Raw { types, .. } if types.is_empty() => true,
        BodyKind::Raw { types, .. } => request
            .media_type()
            .is_some_and(|sent| types.iter().any(|known| sent.eq_ignore_ascii_case(known))),
    };
    of_kind && request.coding != Coding::Other
}
