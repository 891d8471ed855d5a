//! The cases that the tests of a policy have already.

use std::collections::{BTreeMap, HashSet};

use portcullis::find_route;
use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{ClaimType, Plan};
use portcullis_syntax::ast::Item;

use super::subject::{Case, Subject, Tie, Who};
use crate::world::exchange;
use crate::{Exchange, Fact, Facts, profiles};

/// By the place of each subject among all, the cases that a test has.
pub(super) fn cases(compilation: &Compilation) -> BTreeMap<usize, HashSet<Case>> {
    let mut found: BTreeMap<usize, HashSet<Case>> = BTreeMap::new();
    for item in compilation.files.iter().flat_map(|file| &file.items) {
        let Item::Test(test) = item else { continue };
        let Ok(profiles) = profiles(test, &compilation.profiles) else { continue };
        let plan = profiles.first().and_then(|profile| compilation.plan(profile));
        let Some(plan) = plan else { continue };
        // A test that is wrong has no case.
        let Ok(exchange) = exchange(plan, test) else { continue };
        if let Some((index, case)) = case(plan, &exchange) {
            found.entry(index).or_default().insert(case);
        }
    }
    found
}

/// The case of one exchange, if it is that of one role: what a caller of several roles is answered says nothing
/// of each of them, unless one includes all the others.
fn case(plan: &Plan, exchange: &Exchange) -> Option<(usize, Case)> {
    let (index, subject) = match &exchange.act {
        Some(name) => Subject::all(plan).enumerate().find(
            |(_, subject)| matches!(subject, Subject::Action(action) if action.name == *name),
        )?,
        None => {
            let found = find_route(plan, &exchange.method, &exchange.target)?.route;
            Subject::all(plan).enumerate().find(
                |(_, subject)| matches!(subject, Subject::Route(route) if std::ptr::eq(*route, found)),
            )?
        }
    };
    let Some(caller) = &exchange.caller else {
        return Some((index, (Who::Anonymous, Tie::Unasked)));
    };
    let tie = tie(plan, subject, &caller.attributes, exchange);
    let held = roles(plan, &caller.attributes);
    let includes = |one: &usize, other: &usize| {
        plan.roles.get(*one).is_some_and(|role| role.includes.has(*other))
    };
    let who = match held.iter().find(|one| held.iter().all(|other| includes(one, other))) {
        Some(role) => Who::Role(*role),
        None if held.is_empty() => Who::Caller,
        None => return None,
    };
    Some((index, (who, tie)))
}

/// What the caller is to the object: the first relation that holds.
fn tie(plan: &Plan, subject: Subject<'_>, caller: &Facts, exchange: &Exchange) -> Tie {
    let ties = subject.ties(plan);
    if ties.is_empty() {
        return Tie::Unasked;
    }
    let objects = subject.objects();
    let holds = ties.iter().position(|relation| {
        let held = relation.resource(plan, &objects).and_then(|resource| {
            let mut all = exchange.world.objects.iter();
            let (_, object) = all.find(|(name, _)| *name == resource.name)?;
            Some(relation.holds(plan, resource, caller, object.as_ref()?))
        });
        held.unwrap_or(false)
    });
    holds.map_or(Tie::Other, Tie::Related)
}

/// The roles of a caller, by index; one that the policy does not know grants nothing.
fn roles(plan: &Plan, caller: &Facts) -> Vec<usize> {
    let mut found = Vec::new();
    for attribute in &plan.caller {
        if !matches!(attribute.kind, ClaimType::Role | ClaimType::Roles) {
            continue;
        }
        let named: &[Fact] = match caller.fact(&attribute.name) {
            Some(Fact::List(all)) => all,
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        found.extend(named.iter().filter_map(|fact| {
            let Fact::Text(name) = fact else { return None };
            plan.roles.iter().position(|role| role.name == *name)
        }));
    }
    found
}
