//! API9:2023, improper inventory management.

use std::collections::{BTreeMap, HashMap};

use portcullis_compiler::plan::{Route, Segment};
use portcullis_lint::Owasp;

use super::{Gaps, Item, counted, routes};
use crate::document::{Mark, Table, Text};
use crate::subject::{Subject, open, several};

pub(super) fn item(subject: &Subject<'_>) -> Item {
    let plan = subject.plan;
    let mut table = Table::new("API9: versions in paths", &["Version", "Open", "Retired"]);
    let mut versions: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    let mut newest: HashMap<(&str, String), u32> = HashMap::new();
    for route in &plan.routes {
        let Some(version) = version(route) else { continue };
        let (open, retired) = versions.entry(version).or_default();
        *(if route.retired.is_some() { retired } else { open }) += 1;
        let known = newest.entry((&route.method, rest(route))).or_default();
        *known = version.max(*known);
    }
    for (version, (open, retired)) in &versions {
        table.row([
            Text::default().code(format!("v{version}")),
            Text::default().words(several(*open, "route")),
            Text::default().words(several(*retired, "route")),
        ]);
    }
    let older = open(plan).filter(|route| {
        let newer = newest.get(&(route.method.as_str(), rest(route)));
        version(route).zip(newer).is_some_and(|(version, newer)| version < *newer)
    });
    let retired = plan.routes.iter().filter(|route| route.retired.is_some());
    let does = [
        counted(plan.routes.len(), "route", "no other path is answered than those listed"),
        counted(retired.count(), "route", "retired, which is 410 for everybody"),
        Some(Text::said(
            "environments are profiles of one policy: all of them are compiled and compared",
        )),
    ];
    let mut gaps = Gaps::default();
    gaps.at(
        Mark::Gap,
        "a newer version of the same path is there, and this one still answers",
        routes(subject, older),
    );
    Item {
        risk: Owasp::InventoryManagement,
        what: "What nobody remembers, such as an old version or a forgotten host, is not looked after.",
        does: does.into_iter().flatten().collect(),
        gaps: gaps.0,
        table,
        without: "No path names a version.",
        beyond: Some(
            "Only in part a policy's to answer: it lists what the engine lets through. Whether a service has \
             ways in that go around the engine, and which hosts run old copies of it, it cannot see.",
        ),
    }
}

/// The first segment like `v1`.
fn version(route: &Route) -> Option<u32> {
    route.segments.iter().find_map(of_segment)
}

fn of_segment(segment: &Segment) -> Option<u32> {
    let Segment::Literal(text) = segment else { return None };
    let digits = text.strip_prefix('v')?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

/// The path without its version and without the names of its parameters.
fn rest(route: &Route) -> String {
    let mut versioned = false;
    let mut rest = String::new();
    for segment in &route.segments {
        if !versioned && of_segment(segment).is_some() {
            versioned = true;
            continue;
        }
        rest.push('/');
        rest.push_str(match segment {
            Segment::Literal(text) => text,
            Segment::Parameter(_) => "{}",
            Segment::Rest(_) => "{...}",
        });
    }
    rest
}
