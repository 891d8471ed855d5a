//! Input: parameters and body, conditions on them.

use portcullis_compiler::plan::{Field, Route};
use portcullis_syntax::Span;

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
        let place = rules.plan.transport.places.body_limit;
        return Err(Refusal::new(Reason::BodyTooLarge).at_clause(&rules.plan, place));
    }
    if body.is_some() && !takes(routed, route) {
        let place = route.body_span.unwrap_or(route.span);
        return Err(Refusal::new(Reason::UnsupportedMediaType).at(&rules.plan, place));
    }
    let mut faults = Vec::new();
    let mut inputs = Inputs::default();
    inputs.take_params(routed, &route.params, &mut faults);
    let of_params = !faults.is_empty();
    if let Some(fields) = &route.body {
        match body.map(json::parse) {
            Some(Ok(body)) => inputs.take_body(&body, fields, &mut faults),
            Some(Err(_)) => faults.push(whole("must be strict JSON")),
            None => faults.push(whole("a body is required")),
        }
    }
    if let Some(first) = faults.first() {
        let place = place_of(first, of_params, route);
        return Err(Refusal::with_faults(faults).at_clause(&rules.plan, place));
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

/// The field that is at fault, of the path or of the body, or the clause that asks for the body.
fn place_of(fault: &Fault, of_params: bool, route: &Route) -> Option<Span> {
    let is_it = |field: &&Field| field.name == fault.field;
    let field = match of_params {
        true => route.params.iter().map(|parameter| &parameter.field).find(is_it),
        false => route.body.iter().flatten().find(is_it),
    };
    field.map(|field| field.span).or(route.body_span)
}

/// A fault of the body as a whole.
fn whole(message: &str) -> Fault {
    Fault { field: String::new(), message: message.to_owned() }
}
