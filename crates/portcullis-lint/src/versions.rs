//! Routes that are there in an old version and in a new one.

use std::collections::HashMap;

use portcullis_compiler::plan::{Plan, Route, Segment};

/// A method, whether the path ends in `/`, and its segments without version and names.
type Path<'p> = (&'p str, bool, Vec<&'p str>);

/// Each open route of a version for which there is one of a later version, of the same method and the
/// same path apart from that; with the latest of them.
pub(crate) fn old_and_new(plan: &Plan) -> Vec<(&Route, &Route)> {
    let mut by_path: HashMap<Path<'_>, Vec<(u64, &Route)>> = HashMap::new();
    for route in plan.routes.iter().filter(|route| route.retired.is_none()) {
        let version = route.segments.iter().enumerate().find_map(|(place, segment)| {
            let Segment::Literal(text) = segment else { return None };
            Some((place, text.strip_prefix('v')?.parse::<u64>().ok()?))
        });
        let Some((at, version)) = version else { continue };
        let path = route.segments.iter().enumerate().map(|(place, segment)| match segment {
            _ if place == at => "v",
            Segment::Literal(text) => text,
            // No literal of a pattern holds a brace.
            Segment::Parameter(_) => "{}",
            Segment::Rest(_) => "{...}",
        });
        let path = (route.method.as_str(), route.trailing_slash, path.collect());
        by_path.entry(path).or_default().push((version, route));
    }
    let mut found = Vec::new();
    for versions in by_path.values() {
        let Some((latest, new)) = versions.iter().max_by_key(|(version, _)| *version) else {
            continue;
        };
        let old = versions.iter().filter(|(version, _)| version < latest);
        found.extend(old.map(|(_, old)| (*old, *new)));
    }
    found
}
