//! From a path and a method to a route.

use std::fmt::Write as _;

use portcullis_compiler::plan::{Plan, Segment};
use smallvec::SmallVec;

/// The routes of a plan by path.
///
/// Literal segments win over parameters from left to right, parameters over the rest of a path:
/// that is what `matchit` does, and the differential test against the naive evaluator holds it so.
pub(crate) struct Router {
    paths: matchit::Router<Vec<(String, usize)>>,
}

/// What a path and a method lead to.
pub(crate) enum Found {
    /// A route, and where in the path its parameters stand.
    Route(usize, SmallVec<[(u32, u32); 4]>),
    /// Routes have this path; these are their methods.
    OtherMethods(Vec<String>),
    /// No route has this path.
    Nothing,
}

impl Router {
    /// A router for a plan, or the pattern that cannot stand beside the others.
    pub(crate) fn new(plan: &Plan) -> Result<Router, String> {
        let mut shapes: Vec<(String, Vec<(String, usize)>)> = Vec::new();
        let mut by_shape = std::collections::HashMap::new();
        for (index, route) in plan.routes.iter().enumerate() {
            let shape = shape(&route.segments, route.trailing_slash);
            let place = *by_shape.entry(shape.clone()).or_insert_with(|| {
                shapes.push((shape, Vec::new()));
                shapes.len() - 1
            });
            if let Some((_, methods)) = shapes.get_mut(place) {
                methods.push((route.method.clone(), index));
            }
        }
        let mut paths = matchit::Router::new();
        for (shape, methods) in shapes {
            paths.insert(shape.clone(), methods).map_err(|_| shape)?;
        }
        Ok(Router { paths })
    }

    /// The route of a path, already decoded, and a method.
    pub(crate) fn find(&self, path: &str, method: &str) -> Found {
        let Ok(found) = self.paths.at(path) else {
            return Found::Nothing;
        };
        let decided = if method == "HEAD" { "GET" } else { method };
        let Some((_, route)) = found.value.iter().find(|(known, _)| known == decided) else {
            let mut methods =
                found.value.iter().map(|(method, _)| method.clone()).collect::<Vec<_>>();
            if methods.iter().any(|method| method == "GET") {
                methods.push("HEAD".to_owned());
            }
            methods.sort();
            return Found::OtherMethods(methods);
        };
        let start = path.as_ptr() as usize;
        let params = found.params.iter().map(|(_, text)| {
            // Both point into `path`, whose length the target's bound keeps far below 32 bits.
            let from = (text.as_ptr() as usize).saturating_sub(start);
            let clip = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
            (clip(from), clip(from + text.len()))
        });
        Found::Route(*route, params.collect())
    }
}

/// A path as `matchit` writes it; parameters are named by their place, so that two routes may name
/// one place differently.
fn shape(segments: &[Segment], trailing_slash: bool) -> String {
    let mut shape = String::new();
    for (place, segment) in segments.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = match segment {
            Segment::Literal(text) => write!(shape, "/{text}"),
            Segment::Parameter(_) => write!(shape, "/{{p{place}}}"),
            Segment::Rest(_) => write!(shape, "/{{*p{place}}}"),
        };
    }
    if trailing_slash || segments.is_empty() {
        shape.push('/');
    }
    shape
}

/// The route that a request with this method and target would take, for tools that explain a plan.
/// The target has to be normal, like a request's.
#[must_use]
pub fn find_route<'p>(
    plan: &'p Plan,
    method: &str,
    target: &str,
) -> Option<&'p portcullis_compiler::plan::Route> {
    let target = crate::path::parse(target).ok()?;
    match Router::new(plan).ok()?.find(&target.path, method) {
        Found::Route(index, _) => plan.routes.get(index),
        Found::OtherMethods(_) | Found::Nothing => None,
    }
}
