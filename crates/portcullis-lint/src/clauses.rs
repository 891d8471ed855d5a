//! The clauses that decide, each with the routes and profiles where it does.

use std::collections::BTreeMap;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Condition, StageChecks};
use portcullis_syntax::Span;
use portcullis_syntax::ast::Item;

use crate::declared::{items, within};
use crate::logic::Known;
use crate::settings::Settings;

/// What a clause does with its condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Allow,
    Deny,
    Require,
}

/// A clause on one route, in one profile.
pub(crate) struct Use<'c> {
    pub(crate) kind: Kind,
    pub(crate) condition: &'c Condition,
    pub(crate) known: Known<'c>,
}

/// The clauses of routes and of the groups around them, by their places: what holds of one has to hold
/// wherever it is asked. Those that read a setting are left out, those of retired routes, and those of actions: a
/// service may do an action where no route is, of which nothing is known.
pub(crate) fn clauses(compilation: &Compilation) -> BTreeMap<Span, Vec<Use<'_>>> {
    let settings = Settings::of(compilation);
    let mut found: BTreeMap<Span, Vec<Use<'_>>> = BTreeMap::new();
    for plan in &compilation.plans {
        for route in plan.routes.iter().filter(|route| route.retired.is_none()) {
            for (_, checks) in route.stages() {
                for (kind, condition, span) in of_stage(checks) {
                    let known = Known::new(plan, route);
                    found.entry(span).or_default().push(Use { kind, condition, known });
                }
            }
        }
    }
    let actions = items(compilation).filter_map(|item| match item {
        Item::Action(action) => Some(action.span),
        _ => None,
    });
    let actions = actions.collect::<Vec<_>>();
    found.retain(|span, _| {
        !settings.decide(*span) && !actions.iter().any(|action| within(*span, *action))
    });
    found
}

fn of_stage(checks: &StageChecks) -> impl Iterator<Item = (Kind, &Condition, Span)> {
    let allows = checks.allows.iter().flatten();
    let allows = allows.map(|found| (Kind::Allow, &found.condition, found.span));
    let denies = checks.denies.iter().map(|found| (Kind::Deny, &found.condition, found.span));
    let requires =
        checks.requires.iter().map(|found| (Kind::Require, &found.condition, found.span));
    allows.chain(denies).chain(requires)
}
