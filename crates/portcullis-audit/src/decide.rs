//! What of a condition is known once it is known who calls, and nothing else.

use portcullis_compiler::plan::{
    Access, Bits, ClaimType, Comparison, Condition, Constant, Operand, Plan, RequestField, Route,
};

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// Somebody without a credential.
    Anonymous,
    /// Somebody whose credential names no role of the policy.
    NoRole,
    /// Somebody whose credential names this role alone, by its place in the plan.
    Role(usize),
}

/// A caller at a route, or before an action. Its credential has no scopes; those take permissions away.
pub(crate) struct Viewpoint<'p> {
    plan: &'p Plan,
    /// Nothing before an action.
    route: Option<&'p Route>,
    /// The role that it has here; nothing for one that has none.
    role: Option<usize>,
    /// Whether there is a caller at all.
    pub(crate) present: bool,
    /// Whether its credential may grant permissions of its own.
    granted: bool,
    /// The attributes that it has for sure, by slot.
    sure: Bits,
}

impl<'p> Viewpoint<'p> {
    /// Nothing, where such a caller is turned away at once.
    pub(crate) fn at(plan: &'p Plan, route: &'p Route, who: Who) -> Option<Viewpoint<'p>> {
        let accepted = match (&route.access, who) {
            (Access::Public, _) => &[],
            (Access::Optional(_), Who::Anonymous) => &[],
            (Access::Credential(_), Who::Anonymous) => return None,
            (access, _) => access.accepted(),
        };
        let who = if accepted.is_empty() { Who::Anonymous } else { who };
        Some(Viewpoint::of(plan, Some(route), accepted, who))
    }

    /// Before an action: whoever has any credential of the policy.
    pub(crate) fn before(plan: &'p Plan, who: Who) -> Option<Viewpoint<'p>> {
        let all = (0..plan.credentials.len()).collect::<Vec<_>>();
        (who != Who::Anonymous).then(|| Viewpoint::of(plan, None, &all, who))
    }

    fn of(plan: &'p Plan, route: Option<&'p Route>, accepted: &[usize], who: Who) -> Viewpoint<'p> {
        let gives = |index: usize, is: fn(&ClaimType) -> bool| {
            let claims = plan.credentials.get(index).map_or(&[] as &[_], |found| &found.claims);
            claims
                .iter()
                .any(|claim| plan.caller.get(claim.attribute).is_some_and(|found| is(&found.kind)))
        };
        let role_of = |kind: &ClaimType| matches!(kind, ClaimType::Role | ClaimType::Roles);
        // Where no credential taken here names a role, nobody has one.
        let named = accepted.iter().copied().filter(|index| gives(*index, role_of));
        let named = named.collect::<Vec<_>>();
        let role = match who {
            Who::Role(role) if !named.is_empty() => Some(role),
            _ => None,
        };
        let from = if role.is_some() { named.as_slice() } else { accepted };
        let granted =
            from.iter().any(|index| gives(*index, |kind| *kind == ClaimType::Permissions));
        Viewpoint {
            plan,
            route,
            role,
            present: who != Who::Anonymous,
            granted,
            sure: sure(plan, from),
        }
    }

    /// Whether a condition holds; nothing, where that depends on more than who calls.
    pub(crate) fn holds(&self, condition: &Condition) -> Option<bool> {
        match condition {
            Condition::Constant(value) => Some(*value),
            Condition::All(all) => self.several(all, false),
            Condition::Any(any) => self.several(any, true),
            Condition::Not(inner) => self.holds(inner).map(|holds| !holds),
            Condition::ExistsCaller => Some(self.present),
            Condition::Exists(Operand::Caller(_)) if !self.present => Some(false),
            Condition::Exists(Operand::Caller(slot)) if self.sure.has(*slot) => Some(true),
            Condition::Is(roles) => Some(self.is(roles)),
            Condition::Can(permission) => self.can(*permission),
            Condition::Compare(comparison, left, right) => self.compare(*comparison, left, right),
            _ => None,
        }
    }

    /// One that is `settling` settles it; all that are not, too.
    fn several(&self, conditions: &[Condition], settling: bool) -> Option<bool> {
        let mut known = true;
        for condition in conditions {
            match self.holds(condition) {
                Some(holds) if holds == settling => return Some(settling),
                Some(_) => {}
                None => known = false,
            }
        }
        known.then_some(!settling)
    }

    fn is(&self, wanted: &[usize]) -> bool {
        let role = match (self.role, self.present) {
            (Some(role), _) => Some(role),
            (None, false) => Some(self.plan.anonymous),
            // One whose role nobody knows is nothing at all.
            (None, true) => None,
        };
        let role = role.and_then(|role| self.plan.roles.get(role));
        role.is_some_and(|role| wanted.iter().any(|wanted| role.includes.has(*wanted)))
    }

    /// Whether the caller has a permission; nothing, where its credential may grant it.
    pub(crate) fn can(&self, permission: usize) -> Option<bool> {
        let roles = [self.role, Some(self.plan.anonymous)].into_iter().flatten();
        let mut roles = roles.filter_map(|role| self.plan.roles.get(role));
        match roles.any(|role| role.permissions.has(permission)) {
            true => Some(true),
            false if self.granted => None,
            false => Some(false),
        }
    }

    /// The method is the route's.
    fn compare(&self, comparison: Comparison, left: &Operand, right: &Operand) -> Option<bool> {
        let text = match (left, right) {
            (Operand::Request(RequestField::Method), Operand::Constant(Constant::Text(text)))
            | (Operand::Constant(Constant::Text(text)), Operand::Request(RequestField::Method)) => {
                text
            }
            _ => return None,
        };
        let equal = *text == self.route?.method;
        match comparison {
            Comparison::Equal => Some(equal),
            Comparison::NotEqual => Some(!equal),
            _ => None,
        }
    }
}

/// The plain attributes that every one of these credentials gives.
fn sure(plan: &Plan, credentials: &[usize]) -> Bits {
    let mut common: Option<Bits> = None;
    for credential in credentials.iter().filter_map(|index| plan.credentials.get(*index)) {
        let mut given = Bits::default();
        for claim in credential.claims.iter().filter(|claim| !claim.optional) {
            let kind = plan.caller.get(claim.attribute).map(|attribute| &attribute.kind);
            if matches!(kind, Some(ClaimType::Plain(_))) {
                given.add(claim.attribute);
            }
        }
        match &mut common {
            Some(common) => common.meet(&given),
            None => common = Some(given),
        }
    }
    common.unwrap_or_default()
}
