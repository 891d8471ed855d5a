//! Whether an object belongs to the caller.

use portcullis_compiler::plan::{
    Allow, Comparison, Condition, Operand, Place, Plan, Route, StageChecks,
};

use crate::relation::parts;
use crate::words::{is_secret, words};

/// What ties the callers of a route to its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tie {
    /// A clause that holds only where they belong together, or for whoever has a role or a permission.
    Clause,
    /// They are loaded by what the caller is.
    Key,
    /// A clause that asks for it in one of its ways, and lets in others too.
    Partly,
    /// A clause that asks for the contrary: everybody's but the caller's.
    Apart,
    /// Nothing, and the object is about to be stored.
    Created,
    /// Nothing.
    None,
}

/// What ties the callers of a route to its objects: an attribute of the one is compared with one of the other, or
/// with what the request brings as a proof; or the object is loaded by what the caller is. What belongs to a related
/// object is taken to be related too.
#[must_use]
pub fn tie(plan: &Plan, route: &Route) -> Tie {
    let related = Related::of(plan, route);
    let conditions = || route.stages().flat_map(|(_, checks)| wanted(checks));
    if conditions().any(|(condition, wanted)| related.binds(condition, wanted)) {
        return Tie::Clause;
    }
    if related.all_loaded_by_caller() {
        return Tie::Key;
    }
    let (mut partly, mut apart) = (false, false);
    for (condition, wanted) in conditions() {
        related.scan(condition, wanted, &mut |fits| {
            partly |= fits;
            apart |= !fits;
        });
    }
    match (partly, apart) {
        (true, _) => Tie::Partly,
        (false, true) => Tie::Apart,
        (false, false) if route.loads.is_empty() && route.creates.is_some() => Tie::Created,
        (false, false) => Tie::None,
    }
}

/// Whether something ties callers and objects, be it in one of several ways.
pub(crate) fn relates(plan: &Plan, route: &Route) -> bool {
    matches!(tie(plan, route), Tie::Clause | Tie::Key | Tie::Partly)
}

/// Whether of the `allow`s of which one is enough some relate caller and object, and some ask nothing of the
/// caller.
#[must_use]
pub fn is_loose(plan: &Plan, route: &Route) -> bool {
    let related = Related::of(plan, route);
    [&route.object, &route.rows].into_iter().flat_map(|checks| &checks.allows).any(|group| {
        let binds = |allow: &Allow| related.binds(&allow.condition, true);
        let asked = |allow: &Allow| binds(allow) || demands(&allow.condition, true);
        group.iter().any(binds) && !group.iter().all(asked)
    })
}

/// Whether a condition that has to be `wanted` is so only for whoever has some role or permission: `deny
/// when caller is banned` asks for none.
#[must_use]
pub fn demands(condition: &Condition, wanted: bool) -> bool {
    match condition {
        Condition::Is(_) | Condition::Can(_) => wanted,
        Condition::All(parts) if wanted => parts.iter().any(|part| demands(part, wanted)),
        Condition::Any(parts) if !wanted => parts.iter().any(|part| demands(part, wanted)),
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().all(|part| demands(part, wanted))
        }
        Condition::Not(inner) => demands(inner, !wanted),
        _ => false,
    }
}

/// An attribute of the caller and one of an object that a condition compares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Compared<'c> {
    /// The caller's attribute, by slot.
    pub caller: usize,
    /// The object's.
    pub place: &'c Place,
    /// How they are compared.
    pub how: How,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// They are the same, or are not.
    Same,
    /// One is less than the other.
    Ordered,
    /// The object has a list that the caller's value may be in.
    InObject,
    /// The caller has a list that the object's value may be in.
    InCaller,
}

/// What a condition that is not made of others compares of caller and object.
#[must_use]
pub fn compared(condition: &Condition) -> Vec<Compared<'_>> {
    let Some((left, right)) = sides(condition) else { return Vec::new() };
    let listed = matches!(condition, Condition::InList(..));
    let same = is_same(condition);
    let mut found = Vec::new();
    for left in parts(left) {
        found.extend(parts(right).filter_map(|right| match (left, right) {
            (Operand::Caller(caller), Operand::Object(place)) => {
                let how = if listed { How::InObject } else { How::Same };
                Some(Compared { caller: *caller, place, how })
            }
            (Operand::Object(place), Operand::Caller(caller)) => {
                let how = if listed { How::InCaller } else { How::Same };
                Some(Compared { caller: *caller, place, how })
            }
            _ => None,
        }));
    }
    if !same {
        found.iter_mut().for_each(|found| found.how = How::Ordered);
    }
    found
}

/// The two values that a condition compares.
fn sides(condition: &Condition) -> Option<(&Operand, &Operand)> {
    match condition {
        Condition::Compare(_, left, right) | Condition::InList(left, right) => Some((left, right)),
        _ => None,
    }
}

/// Whether it asks for the same value, or for another one. What is less or more is a rule of the business: whoever
/// proves something sends the same.
fn is_same(condition: &Condition) -> bool {
    match condition {
        Condition::Compare(how, ..) => matches!(how, Comparison::Equal | Comparison::NotEqual),
        _ => true,
    }
}

/// Whether a comparison that has to be `wanted` asks that two belong together, and not that they do not: `deny when
/// self` keeps callers from their own object, and from no other's.
fn fits(condition: &Condition, wanted: bool) -> bool {
    match condition {
        Condition::Compare(Comparison::NotEqual, ..) => !wanted,
        Condition::Compare(Comparison::Equal, ..) | Condition::InList(..) => wanted,
        _ => true,
    }
}

/// What decides whether a request is admitted, each with what it has to come to.
fn wanted(checks: &StageChecks) -> impl Iterator<Item = (&Condition, bool)> {
    let requires = checks.requires.iter().map(|guard| (&guard.condition, true));
    let denies = checks.denies.iter().map(|guard| (&guard.condition, false));
    let allows = checks.allows.iter().flatten().map(|allow| (&allow.condition, true));
    requires.chain(denies).chain(allows)
}

/// What is known of a route's objects.
struct Related<'p> {
    plan: &'p Plan,
    route: &'p Route,
    objects: Vec<usize>,
}

impl<'p> Related<'p> {
    fn of(plan: &'p Plan, route: &'p Route) -> Related<'p> {
        Related { plan, route, objects: route.objects().collect() }
    }

    /// Whether a condition that has to be `wanted` is so only where caller and object belong together, or for
    /// whoever has a role or a permission.
    fn binds(&self, condition: &Condition, wanted: bool) -> bool {
        match condition {
            Condition::All(parts) if wanted => parts.iter().any(|part| self.binds(part, wanted)),
            Condition::Any(parts) if !wanted => parts.iter().any(|part| self.binds(part, wanted)),
            // One part is enough, as is one of several `allow`s: none may let in just anybody.
            Condition::All(parts) | Condition::Any(parts) => {
                let binds = |part: &Condition| self.binds(part, wanted);
                let asked = |part: &Condition| binds(part) || demands(part, wanted);
                parts.iter().any(binds) && parts.iter().all(asked)
            }
            Condition::Not(inner) => self.binds(inner, !wanted),
            atom => fits(atom, wanted) && self.ties(atom),
        }
    }

    /// Calls `visit` for each comparison that ties caller and object, with whether it asks for that.
    fn scan(&self, condition: &Condition, wanted: bool, visit: &mut dyn FnMut(bool)) {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().for_each(|part| self.scan(part, wanted, visit));
            }
            Condition::Not(inner) => self.scan(inner, !wanted, visit),
            atom if self.ties(atom) => visit(fits(atom, wanted)),
            _ => {}
        }
    }

    /// Whether a comparison is of caller and object, of a proof, or of caller and an object's key.
    fn ties(&self, atom: &Condition) -> bool {
        let Some((left, right)) = sides(atom) else { return false };
        let by_key = |one: &Operand, other: &Operand| {
            let mut keys = self.route.loads.iter().flat_map(|load| &load.key).flat_map(parts);
            matches!(one, Operand::Caller(_)) && is_sent(other) && keys.any(|key| key == other)
        };
        let by_proof = |one: &Operand, other: &Operand| matches!(one, Operand::Object(place) if is_sent(other) && self.proves(place));
        let same = || {
            parts(left).any(|left| {
                parts(right).any(|right| {
                    by_key(left, right)
                        || by_key(right, left)
                        || by_proof(left, right)
                        || by_proof(right, left)
                })
            })
        };
        !compared(atom).is_empty() || (is_same(atom) && same())
    }

    /// Whether the value is handed to one person. Who names another's id proves nothing by it: a code or a token is
    /// what only its owner was given.
    fn proves(&self, place: &Place) -> bool {
        let resource =
            self.objects.get(place.object).and_then(|index| self.plan.resources.get(*index));
        let attribute = resource.and_then(|resource| resource.attributes.get(place.slot));
        attribute.is_some_and(|attribute| {
            place.nested.is_empty()
                && (is_secret(&attribute.name, &attribute.kind) || is_code(&attribute.name))
        })
    }

    /// Whether all that is loaded is found by the caller's own attributes, or by what is so loaded.
    fn all_loaded_by_caller(&self) -> bool {
        let mut own: Vec<bool> = Vec::new();
        for load in &self.route.loads {
            let reads = |part: &Operand| match part {
                Operand::Caller(_) => true,
                Operand::Object(place) => own.get(place.object).copied().unwrap_or(false),
                _ => false,
            };
            let by_own = load.key.iter().flat_map(parts).any(reads);
            own.push(by_own);
        }
        !own.is_empty() && own.into_iter().all(|own| own)
    }
}

/// Whether a name says that its value is handed to one person: `code`, `invitation_code`, `signature`.
fn is_code(name: &str) -> bool {
    words(name).iter().any(|word| ["code", "token", "signature", "nonce"].contains(&word.as_str()))
}

fn is_sent(operand: &Operand) -> bool {
    matches!(
        operand,
        Operand::Request(_)
            | Operand::Parameter(_)
            | Operand::Query(_)
            | Operand::Header(_)
            | Operand::Body(_)
    )
}
