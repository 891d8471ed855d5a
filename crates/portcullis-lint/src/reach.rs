//! Who may get through to a route, as far as roles tell.

use std::collections::HashMap;

use portcullis_compiler::plan::{Access, ClaimType, Condition, Operand, Plan, Role, Route};

use crate::ownership::relates;

/// Whoever may get through to a route, if the conditions that no role decides hold for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Whoever has no credential.
    pub(crate) anonymous: bool,
    /// Whoever has a credential that gives no role, or one that the policy does not know.
    pub(crate) roleless: bool,
    /// The roles, by index, `anonymous` left out.
    pub(crate) roles: Vec<usize>,
}

/// A caller, as far as roles tell.
#[derive(Clone, Copy)]
enum Holder<'p> {
    Nobody,
    Roleless,
    Of(&'p Role),
}

impl Reach {
    pub(crate) fn of(plan: &Plan, route: &Route) -> Reach {
        let mut reach = Reach::default();
        if !matches!(route.access, Access::Credential(_)) {
            reach.anonymous = passes(plan, route, Holder::Nobody);
        }
        if !matches!(route.access, Access::Public) {
            reach.roleless = passes(plan, route, Holder::Roleless);
            let held = plan.roles.iter().enumerate().filter(|(index, _)| *index != plan.anonymous);
            let held = held.filter(|(_, role)| passes(plan, route, Holder::Of(role)));
            reach.roles = held.map(|(index, _)| index).collect();
        }
        reach
    }
}

fn passes(plan: &Plan, route: &Route, holder: Holder<'_>) -> bool {
    let may = |permission: &usize| can(plan, holder, *permission);
    route.needs.iter().all(|needed| needed.any.iter().any(may))
        && route.stages().all(|(_, checks)| {
            checks.requires.iter().all(|found| says(plan, &found.condition, holder) != Some(false))
                && checks
                    .denies
                    .iter()
                    .all(|found| says(plan, &found.condition, holder) != Some(true))
                && checks.allows.iter().all(|group| {
                    group.iter().any(|found| says(plan, &found.condition, holder) != Some(false))
                })
        })
}

fn can(plan: &Plan, holder: Holder<'_>, permission: usize) -> bool {
    let of_all = plan.roles.get(plan.anonymous);
    let own = match holder {
        Holder::Of(role) => role.permissions.has(permission),
        Holder::Nobody | Holder::Roleless => false,
    };
    own || of_all.is_some_and(|role| role.permissions.has(permission))
}

/// Whether a condition holds for a caller, where roles decide that.
fn says(plan: &Plan, condition: &Condition, holder: Holder<'_>) -> Option<bool> {
    match condition {
        Condition::Constant(value) => Some(*value),
        Condition::All(all) => joined(plan, all, holder, false),
        Condition::Any(all) => joined(plan, all, holder, true),
        Condition::Not(inner) => says(plan, inner, holder).map(|held| !held),
        Condition::ExistsCaller => Some(!matches!(holder, Holder::Nobody)),
        Condition::Can(permission) => Some(can(plan, holder, *permission)),
        Condition::Is(roles) => {
            let held = match holder {
                Holder::Of(role) => Some(role),
                Holder::Nobody => plan.roles.get(plan.anonymous),
                Holder::Roleless => None,
            };
            Some(held.is_some_and(|held| roles.iter().any(|role| held.includes.has(*role))))
        }
        Condition::Exists(Operand::Caller(_)) if matches!(holder, Holder::Nobody) => Some(false),
        _ => None,
    }
}

/// Whether a condition holds for whoever may get through to a route, because of the roles that they have. What a
/// caller of several roles is not, and what a token brings or takes away, nobody can tell beforehand.
pub(crate) fn holds_for_all(plan: &Plan, route: &Route, condition: &Condition) -> bool {
    let brings = |kind: &ClaimType| plan.caller.iter().any(|known| known.kind == *kind);
    if !is_plain(condition, brings(&ClaimType::Scopes)) {
        return false;
    }
    let open = !matches!(route.access, Access::Credential(_));
    let known = !matches!(route.access, Access::Public);
    let others = plan.roles.iter().enumerate().filter(|(index, _)| *index != plan.anonymous);
    let roles = others.map(|(_, role)| Holder::Of(role)).filter(|_| known);
    let nobody = open.then_some(Holder::Nobody);
    let holds = |holder: Holder<'_>| says(plan, condition, holder) == Some(true);
    let comes = |holder: Holder<'_>| passes(plan, route, holder);
    let mut all = roles.chain(nobody);
    all.clone().any(|holder| holds(holder) && comes(holder))
        && all.all(|holder| holds(holder) || !comes(holder))
        && (!known
            || holds(Holder::Roleless)
            || !(brings(&ClaimType::Permissions) || comes(Holder::Roleless)))
}

/// Whether more roles make it hold and never keep it from that, nor fewer scopes.
fn is_plain(condition: &Condition, narrowed: bool) -> bool {
    match condition {
        Condition::All(all) | Condition::Any(all) => {
            all.iter().all(|inner| is_plain(inner, narrowed))
        }
        Condition::Not(_) => false,
        Condition::Can(_) => !narrowed,
        _ => true,
    }
}

/// Whether a condition may hold for whoever has no credential.
pub(crate) fn may_hold_for_nobody(plan: &Plan, condition: &Condition) -> bool {
    says(plan, condition, Holder::Nobody) != Some(false)
}

/// What decides several conditions: one that holds decides `or`, one that does not decides `and`.
fn joined(plan: &Plan, all: &[Condition], holder: Holder<'_>, or: bool) -> Option<bool> {
    let mut decided = Some(!or);
    for condition in all {
        match says(plan, condition, holder) {
            Some(held) if held == or => return Some(or),
            Some(_) => {}
            None => decided = None,
        }
    }
    decided
}

/// Of each resource, the roles that reach its objects where a caller is related to them.
pub(crate) struct Usual {
    by_resource: HashMap<usize, Vec<usize>>,
}

impl Usual {
    pub(crate) fn of(plan: &Plan) -> Usual {
        let mut by_resource: HashMap<usize, Vec<usize>> = HashMap::new();
        let open = plan.routes.iter().filter(|route| route.retired.is_none());
        for route in open.filter(|route| relates(plan, route)) {
            let reach = Reach::of(plan, route);
            for resource in route.objects() {
                by_resource.entry(resource).or_default().extend(&reach.roles);
            }
        }
        Usual { by_resource }
    }

    /// Whether a route is for fewer roles than come to their own objects of the resource elsewhere, or
    /// where none do, for fewer than there are: staff, who see what is not theirs.
    pub(crate) fn is_for_staff(&self, plan: &Plan, route: &Route, resource: usize) -> bool {
        let reach = Reach::of(plan, route);
        if reach.anonymous || reach.roleless {
            return false;
        }
        // What a token brings with it nobody can tell beforehand.
        let brings = plan.caller.iter().any(|known| known.kind == ClaimType::Permissions);
        match self.by_resource.get(&resource) {
            Some(usual) => usual.iter().any(|role| !reach.roles.contains(role)),
            None => {
                let others = (0..plan.roles.len()).filter(|role| *role != plan.anonymous);
                brings || others.into_iter().any(|role| !reach.roles.contains(&role))
            }
        }
    }
}
