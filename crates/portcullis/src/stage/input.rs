//! Input: parameters and body, conditions on them.

use portcullis_compiler::plan::Route;

use super::Verdict;
use crate::caller::Caller;
use crate::condition::World;
use crate::engine::Rules;
use crate::input::Inputs;
use crate::json;
use crate::refusal::{Fault, Reason, Refusal};
use crate::request::{Coding, Media, Request, Routed};

pub(crate) fn decide(
    rules: &Rules,
    routed: &Routed<'_>,
    route: &Route,
    caller: Option<&Caller>,
    body: Option<&[u8]>,
) -> Result<Inputs, Refusal> {
    let body = body.filter(|body| !body.is_empty());
    let limit = rules.plan.transport.body_limit;
    if body.is_some_and(|body| u64::try_from(body.len()).is_ok_and(|length| length > limit)) {
        return Err(Refusal::new(Reason::BodyTooLarge));
    }
    if body.is_some() && !takes(routed, route) {
        return Err(Refusal::new(Reason::UnsupportedMediaType));
    }
    let mut faults = Vec::new();
    let mut inputs = Inputs::default();
    inputs.take_params(routed, &route.params, &mut faults);
    if let Some(fields) = &route.body {
        match body.map(json::parse) {
            Some(Ok(body)) => inputs.take_body(&body, fields, &mut faults),
            Some(Err(_)) => faults.push(whole("must be strict JSON")),
            None => faults.push(whole("a body is required")),
        }
    }
    if !faults.is_empty() {
        return Err(Refusal::with_faults(faults));
    }
    let world = World::new(&rules.plan, routed, caller, Some(&inputs));
    let mut verdict = Verdict::default();
    verdict.check(&route.input, &world);
    verdict.settle(&rules.plan)?;
    Ok(inputs)
}

/// Whether the route takes a body of the kind that came. A coding could hide a body larger than the
/// limit; this version decodes none.
fn takes(routed: &Routed<'_>, route: &Route) -> bool {
    let Request { media, coding, .. } = &routed.request;
    route.body.is_some() && *coding != Coding::Other && *media == Media::Json
}

/// A fault of the body as a whole.
fn whole(message: &str) -> Fault {
    Fault { field: String::new(), message: message.to_owned() }
}
