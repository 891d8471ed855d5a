//! How the conditions of a route relate a caller to an object.

use portcullis_compiler::plan::{ClaimType, Condition, Place, Plan, Resource, Type};
use portcullis_lint::ownership::{Compared, How, compared};
use portcullis_syntax::ast::{self, ExpressionKind, Item, ResourceClause};

use crate::{Fact, Facts};

/// An attribute of the caller and one of an object that a condition compares.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Relation {
    /// The caller's attribute, by slot.
    pub(super) caller: usize,
    /// The object's.
    pub(super) place: Place,
    /// Whether the object has a list that the caller's value may be in.
    pub(super) many: bool,
    /// Whether the caller has a list that the object's value may be in.
    pub(super) of_many: bool,
}

/// The relations that the conditions read, each once. What is asked of an object that is shown by its
/// `returns` is one too.
pub(super) fn relations<'c>(conditions: impl IntoIterator<Item = &'c Condition>) -> Vec<Relation> {
    let mut found = Vec::new();
    for condition in conditions {
        gather(condition, &mut found);
    }
    found
}

fn gather(condition: &Condition, found: &mut Vec<Relation>) {
    match condition {
        Condition::All(all) | Condition::Any(all) => {
            all.iter().for_each(|condition| gather(condition, found));
        }
        Condition::Not(inner) => gather(inner, found),
        atom => {
            for Compared { caller, place, how } in compared(atom) {
                let (many, of_many) = (how == How::InObject, how == How::InCaller);
                let relation = Relation { caller, place: place.clone(), many, of_many };
                // Who is older than what is allowed is not the one whom it belongs to.
                if how != How::Ordered && !found.contains(&relation) {
                    found.push(relation);
                }
            }
        }
    }
}

impl Relation {
    /// The resource of its object.
    pub(super) fn resource<'p>(&self, plan: &'p Plan, objects: &[usize]) -> Option<&'p Resource> {
        plan.resources.get(*objects.get(self.place.object)?)
    }

    /// The names of the object's attribute: its own, behind those of the objects that it is nested in.
    pub(super) fn path<'p>(
        &self,
        plan: &'p Plan,
        mut resource: &'p Resource,
    ) -> Option<Vec<&'p str>> {
        let mut attribute = resource.attributes.get(self.place.slot)?;
        let mut path = vec![attribute.name.as_str()];
        for slot in &self.place.nested {
            let Type::Resource(index) = attribute.kind else { return None };
            resource = plan.resources.get(index)?;
            attribute = resource.attributes.get(*slot)?;
            path.push(&attribute.name);
        }
        Some(path)
    }

    /// The type of the values that are compared.
    pub(super) fn kind<'p>(&self, plan: &'p Plan) -> Option<&'p Type> {
        match &plan.caller.get(self.caller)?.kind {
            ClaimType::Plain(Type::List(element)) if self.of_many => Some(element),
            ClaimType::Plain(kind) if !self.of_many => Some(kind),
            _ => None,
        }
    }

    /// Whether it holds between a caller and an object.
    pub(super) fn holds(
        &self,
        plan: &Plan,
        resource: &Resource,
        caller: &Facts,
        object: &Facts,
    ) -> bool {
        let found = || {
            let caller = caller.fact(&plan.caller.get(self.caller)?.name)?;
            let path = self.path(plan, resource)?;
            let (last, outer) = path.split_last()?;
            let mut object = object;
            for name in outer {
                let Fact::Object(inner) = object.fact(name)? else { return None };
                object = inner;
            }
            let object = object.fact(last)?;
            Some(match (caller, object) {
                (Fact::Absent, _) | (_, Fact::Absent) => false,
                (one, Fact::List(all)) if self.many => all.contains(one),
                (Fact::List(all), one) if self.of_many => all.contains(one),
                (one, other) => one == other,
            })
        };
        found().unwrap_or(false)
    }

    /// What the policy calls it: the predicate that asks this and nothing else, or the attribute.
    pub(super) fn name(
        &self,
        files: &[ast::File],
        plan: &Plan,
        resource: &Resource,
    ) -> Option<String> {
        let path = self.path(plan, resource)?;
        let caller = &plan.caller.get(self.caller)?.name;
        let items = files.iter().flat_map(|file| &file.items);
        let clauses = items.filter_map(|item| match item {
            Item::Resource(found) if found.name.node == resource.name => Some(&found.clauses),
            _ => None,
        });
        let named = clauses.flatten().find_map(|clause| match clause {
            ResourceClause::Predicate { name, condition, .. } => {
                let (one, other) = match &condition.node {
                    ExpressionKind::Compare(ast::Comparison::Equal, one, other)
                    | ExpressionKind::In(one, other) => (one, other),
                    _ => return None,
                };
                let object = [&[resource.name.as_str()], path.as_slice()].concat();
                let caller = ["caller", caller];
                let reads = |of: &ast::Expression, names: &[&str]| match &of.node {
                    ExpressionKind::Path(path) => path
                        .segments
                        .iter()
                        .map(|name| name.node.as_str())
                        .eq(names.iter().copied()),
                    _ => false,
                };
                let both = reads(one, &object) && reads(other, &caller)
                    || reads(one, &caller) && reads(other, &object);
                both.then(|| name.node.clone())
            }
            _ => None,
        });
        Some(named.unwrap_or_else(|| format!("their {}", path.join("."))))
    }
}
