//! What a case is about: a route or an action, who asks, and what they are to its object.

use portcullis_compiler::plan::{
    Access, Action, ClaimType, Condition, Credential, Load, Operand, Plan, Route, SessionVerb,
};

use super::relation::{self, Relation};

/// A route or an action.
#[derive(Clone, Copy)]
pub(super) enum Subject<'p> {
    Route(&'p Route),
    Action(&'p Action),
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Who {
    /// Nobody who is known.
    Anonymous,
    /// A caller of this role.
    Role(usize),
    /// A caller of a credential that knows no roles.
    Caller,
}

/// What the caller is to the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Tie {
    /// Nothing is asked about that.
    Unasked,
    /// The relation of this index holds.
    Related(usize),
    /// None holds.
    Other,
}

/// A case of a subject.
pub(super) type Case = (Who, Tie);

impl<'p> Subject<'p> {
    /// Every route and every action.
    pub(super) fn all(plan: &'p Plan) -> impl Iterator<Item = Subject<'p>> {
        let routes = plan.routes.iter().map(Subject::Route);
        routes.chain(plan.actions.iter().map(Subject::Action))
    }

    /// What it is called: `GET /api/orders/{id}`.
    pub(super) fn name(self) -> String {
        match self {
            Subject::Route(route) => format!("{} {}", route.method, route.pattern),
            Subject::Action(action) => format!("act {}", action.name),
        }
    }

    /// The resources of its objects, by index.
    pub(super) fn objects(self) -> Vec<usize> {
        match self {
            Subject::Route(route) => route.objects().collect(),
            Subject::Action(action) => action.loads.into_iter().collect(),
        }
    }

    /// How its objects are loaded; an action is given its object.
    pub(super) fn loads(self) -> &'p [Load] {
        match self {
            Subject::Route(route) => &route.loads,
            Subject::Action(_) => &[],
        }
    }

    /// Which of its objects is a row of a list.
    pub(super) fn row(self) -> Option<usize> {
        match self {
            Subject::Route(route) => route.lists.as_ref().map(|_| route.loads.len()),
            Subject::Action(_) => None,
        }
    }

    /// What its conditions compare of a caller, as far as its callers have that.
    pub(super) fn relations(self, plan: &Plan) -> Vec<Relation> {
        let mut found = match self {
            Subject::Route(route) => relation::relations(route.conditions()),
            Subject::Action(action) => {
                let stages: [_; 2] = [&action.caller, &action.object];
                let conditions = stages.into_iter().flat_map(|checks| checks.conditions());
                relation::relations(conditions.collect::<Vec<&Condition>>())
            }
        };
        if let Some(credential) = self.credential(plan) {
            let known = |slot| credential.claims.iter().any(|claim| claim.attribute == slot);
            found.retain(|relation| known(relation.caller));
        }
        found
    }

    /// The relations that split it into cases: rows of a list are shown side by side.
    pub(super) fn ties(self, plan: &Plan) -> Vec<Relation> {
        let found = self.relations(plan).into_iter();
        found.filter(|relation| Some(relation.place.object) != self.row()).collect()
    }

    /// The credential of its callers; nothing, where it makes no difference who calls.
    pub(super) fn credential(self, plan: &Plan) -> Option<&Credential> {
        let accepted: Vec<usize> = match self {
            Subject::Route(route) if route.retired.is_some() => Vec::new(),
            Subject::Route(route) => match &route.access {
                // Whose refresh token it is.
                Access::Public if route.session_verb() == Some(SessionVerb::Renews) => {
                    plan.session.iter().map(|session| session.access).collect()
                }
                access => access.accepted().to_vec(),
            },
            Subject::Action(_) => (0..plan.credentials.len()).collect(),
        };
        let accepted = accepted.iter().filter_map(|index| plan.credentials.get(*index));
        accepted.min_by_key(|known| (!knows_roles(plan, known), must_have_scopes(plan, known)))
    }

    /// Everybody whom it is worth asking about.
    pub(super) fn callers(self, plan: &Plan) -> Vec<Who> {
        let anonymous = matches!(self, Subject::Route(_)).then_some(Who::Anonymous);
        let callers = match self.credential(plan) {
            None => Vec::new(),
            Some(known) if knows_roles(plan, known) => {
                let roles = (0..plan.roles.len()).filter(|role| *role != plan.anonymous);
                roles.map(Who::Role).collect()
            }
            Some(_) => vec![Who::Caller],
        };
        anonymous.into_iter().chain(callers).collect()
    }

    /// The cases that it has.
    pub(super) fn cases(self, plan: &Plan) -> Vec<Case> {
        let ties = self.ties(plan);
        let ties = match ties.len() {
            0 => vec![Tie::Unasked],
            count => (0..count).map(Tie::Related).chain([Tie::Other]).collect(),
        };
        let cases = self.callers(plan).into_iter().flat_map(|who| match who {
            Who::Anonymous => vec![(who, Tie::Unasked)],
            _ => ties.iter().map(|tie| (who, *tie)).collect(),
        });
        cases.collect()
    }

    /// What the key of a relation's attribute must be, where that is part of its object's key.
    pub(super) fn key_of(self, plan: &'p Plan, relation: &Relation) -> Option<&'p Operand> {
        let load = self.loads().get(relation.place.object)?;
        let resource = plan.resources.get(load.resource)?;
        let is_key = relation.place.nested.is_empty() && !relation.many;
        let place = resource.key.iter().position(|slot| is_key && *slot == relation.place.slot)?;
        load.key.get(place)
    }
}

fn knows_roles(plan: &Plan, credential: &Credential) -> bool {
    claim(plan, credential, |kind| matches!(kind, ClaimType::Role | ClaimType::Roles)).is_some()
}

fn must_have_scopes(plan: &Plan, credential: &Credential) -> bool {
    claim(plan, credential, |kind| *kind == ClaimType::Scopes)
        .is_some_and(|(_, optional)| !optional)
}

/// The name of the caller's attribute of a kind, and whether it may be left out.
pub(super) fn claim<'p>(
    plan: &'p Plan,
    credential: &Credential,
    is: impl Fn(&ClaimType) -> bool,
) -> Option<(&'p str, bool)> {
    credential.claims.iter().find_map(|claim| {
        let attribute = plan.caller.get(claim.attribute)?;
        is(&attribute.kind).then_some((attribute.name.as_str(), claim.optional))
    })
}
