//! What is left of a condition once everything but the row is known.
//!
//! `not` is pushed down to what asks of attributes, so that what is left is made of "all" and "any"
//! alone. Whatever cannot be told may then be taken to hold wherever it stands, and the filter
//! lets through too much at worst.

use std::time::Duration;

use portcullis_compiler::plan::{
    Attribute as Planned, Comparison, Condition, Operand, Place, Resource, Route, StageChecks, Type,
};

use super::node::{Attribute, FilterValue, Node, Term};
use crate::Timestamp;
use crate::condition::{Doubt, Seen, World, compare, constant, typed};

/// The row's resource, and all else that is known.
pub(super) struct Residual<'a> {
    world: World<'a>,
    resource: &'a Resource,
    /// Which of the route's objects the row is.
    row: usize,
}

/// What an operand reads.
#[derive(Clone)]
enum Part<'a> {
    Known(Seen<'a>),
    Row(Attribute, &'a Type),
}

/// What an operand reads in some case. The cases of an operand exclude each other.
type Case<'a> = (Node, Result<Part<'a>, Doubt>);

impl<'a> Residual<'a> {
    pub(super) fn new(route: &Route, world: World<'a>) -> Option<Residual<'a>> {
        let resource = world.plan.resources.get(route.lists.as_ref()?.resource)?;
        Some(Residual { world, resource, row: route.loads.len() })
    }

    /// All that is asked of a row.
    pub(super) fn checks(&self, checks: &'a StageChecks) -> Node {
        let requires = checks.requires.iter().map(|guard| self.left(&guard.condition, true));
        let denies = checks.denies.iter().map(|guard| self.left(&guard.condition, false));
        let allows = checks
            .allows
            .iter()
            .map(|group| Node::any(group.iter().map(|allow| self.left(&allow.condition, true))));
        Node::all(requires.chain(denies).chain(allows))
    }

    /// What is left of a condition that must hold, or must not.
    fn left(&self, condition: &'a Condition, wanted: bool) -> Node {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => {
                let parts = parts.iter().map(|part| self.left(part, wanted));
                let all = matches!(condition, Condition::All(_)) == wanted;
                if all { Node::all(parts) } else { Node::any(parts) }
            }
            Condition::Not(inner) => self.left(inner, !wanted),
            Condition::Exists(operand) if self.reads_row(operand) => self.exists(operand, wanted),
            Condition::Truth(operand) if self.reads_row(operand) => self
                .each(operand, |part| self.compare(Comparison::Equal, part, known(true), wanted)),
            Condition::Compare(comparison, left, right)
                if self.reads_row(left) || self.reads_row(right) =>
            {
                self.each(left, |left| {
                    self.each(right, |right| self.compare(*comparison, left.clone(), right, wanted))
                })
            }
            Condition::InList(value, list) if self.reads_row(value) || self.reads_row(list) => self
                .each(value, |value| {
                    self.each(list, |list| self.in_list(value.clone(), list, wanted))
                }),
            Condition::InRange { value, low, high } if self.reads_row(value) => {
                self.each(value, |value| {
                    let mut ends = vec![(Comparison::GreaterOrEqual, low)];
                    ends.extend(high.as_ref().map(|high| (Comparison::LessOrEqual, high)));
                    let ends = ends.into_iter().map(|(comparison, end)| {
                        self.compare(comparison, value.clone(), Part::Known(constant(end)), wanted)
                    });
                    if wanted { Node::all(ends) } else { Node::any(ends) }
                })
            }
            Condition::InNetwork(address, networks)
                if self.reads_row(address) || self.reads_row(networks) =>
            {
                self.each(address, |address| {
                    self.each(networks, |networks| {
                        self.in_network(address.clone(), networks, wanted)
                    })
                })
            }
            Condition::Within(time, duration)
                if self.reads_row(time) || self.reads_row(duration) =>
            {
                self.age(time, duration, wanted, true)
            }
            Condition::OlderThan(time, duration)
                if self.reads_row(time) || self.reads_row(duration) =>
            {
                self.age(time, duration, wanted, false)
            }
            condition => told(self.world.holds(condition), wanted),
        }
    }

    fn reads_row(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Object(place) => place.object == self.row,
            Operand::Else(first, second) => self.reads_row(first) || self.reads_row(second),
            _ => false,
        }
    }

    /// What an operand reads, case by case.
    fn cases(&self, operand: &'a Operand) -> Vec<Case<'a>> {
        let (first, second) = match operand {
            Operand::Object(place) if place.object == self.row => {
                return vec![(Node::True, self.attribute(place))];
            }
            Operand::Else(first, second) if self.reads_row(operand) => (first, second),
            operand => return vec![(Node::True, self.world.read(operand).map(Part::Known))],
        };
        let mut cases = Vec::new();
        let mut absent = Vec::new();
        for (when, part) in self.cases(first) {
            match part {
                Ok(Part::Row(attribute, kind)) => {
                    let there = |there| Node::exists(attribute.clone(), there);
                    absent.push(Node::all([when.clone(), there(false)]));
                    cases.push((Node::all([when, there(true)]), Ok(Part::Row(attribute, kind))));
                }
                Ok(Part::Known(Seen::Absent)) => absent.push(when),
                // Nothing of a caller who is not there is there.
                Err(_) if matches!(**first, Operand::Caller(_)) && self.world.caller.is_none() => {
                    absent.push(when);
                }
                part => cases.push((when, part)),
            }
        }
        let absent = Node::any(absent);
        for (when, part) in self.cases(second) {
            cases.push((Node::all([absent.clone(), when]), part));
        }
        cases.retain(|(when, _)| *when != Node::False);
        cases
    }

    /// What is asked of an operand, in whichever case.
    fn each(&self, operand: &'a Operand, ask: impl Fn(Part<'a>) -> Node) -> Node {
        Node::any(self.cases(operand).into_iter().map(|(when, part)| {
            let asked = part.map_or(Node::Unknown, &ask);
            Node::all([when, asked])
        }))
    }

    fn exists(&self, operand: &'a Operand, wanted: bool) -> Node {
        self.each(operand, |part| match part {
            Part::Row(attribute, _) => Node::exists(attribute, wanted),
            Part::Known(found) => Node::constant(!matches!(found, Seen::Absent) == wanted),
        })
    }

    /// The attribute of the row at a place.
    fn attribute(&self, place: &Place) -> Result<Part<'a>, Doubt> {
        let mut attribute: &Planned = self.resource.attributes.get(place.slot).ok_or(Doubt)?;
        let mut name = attribute.name.clone();
        let mut optional = attribute.optional;
        for slot in &place.nested {
            let Type::Resource(index) = attribute.kind else {
                return Err(Doubt);
            };
            let resource = self.world.plan.resources.get(index).ok_or(Doubt)?;
            attribute = resource.attributes.get(*slot).ok_or(Doubt)?;
            name = format!("{name}.{}", attribute.name);
            optional |= attribute.optional;
        }
        let nested = !place.nested.is_empty();
        let kind = &attribute.kind;
        Ok(Part::Row(Attribute::new(name, kind, optional, nested), kind))
    }

    fn compare(
        &self,
        comparison: Comparison,
        left: Part<'a>,
        right: Part<'a>,
        wanted: bool,
    ) -> Node {
        let comparison = if wanted { comparison } else { negated(comparison) };
        match (left, right) {
            (Part::Known(left), Part::Known(right)) => told(compare(comparison, left, right), true),
            (Part::Row(attribute, kind), Part::Known(value)) => {
                self.compare_value(comparison, attribute, kind, value)
            }
            (Part::Known(value), Part::Row(attribute, kind)) => {
                self.compare_value(flipped(comparison), attribute, kind, value)
            }
            (Part::Row(left, kind), Part::Row(right, _)) => match kind {
                Type::Enumeration(index) if is_order(comparison) => {
                    // For each value that the one may have: those that the other may.
                    Node::any((0..self.members(*index)).map(|member| {
                        let right = Node::In(right.clone(), self.these(*index, |m| m == member));
                        let left = self.those(left.clone(), *index, comparison, member);
                        Node::all([right, left])
                    }))
                }
                _ => Node::Compare(comparison, left, Term::Attribute(right)),
            },
        }
    }

    fn compare_value(
        &self,
        comparison: Comparison,
        attribute: Attribute,
        kind: &'a Type,
        value: Seen<'a>,
    ) -> Node {
        match (kind, value) {
            (Type::Enumeration(index), Seen::Member(member)) if is_order(comparison) => {
                self.those(attribute, *index, comparison, member)
            }
            _ => match self.value(kind, value) {
                Some(value) => Node::Compare(comparison, attribute, Term::Value(value)),
                None => Node::Unknown,
            },
        }
    }

    /// That an enum's attribute compares so with one of its values.
    fn those(
        &self,
        attribute: Attribute,
        index: usize,
        comparison: Comparison,
        member: usize,
    ) -> Node {
        let holds = |m| compare(comparison, Seen::Member(m), Seen::Member(member)) == Ok(true);
        in_values(attribute, self.these(index, holds), true)
    }

    /// The values of an enum that are wanted.
    fn these(&self, index: usize, wanted: impl Fn(usize) -> bool) -> Vec<FilterValue> {
        let kind = Type::Enumeration(index);
        let members = (0..self.members(index)).filter(|member| wanted(*member));
        members.filter_map(|member| self.value(&kind, Seen::Member(member))).collect()
    }

    fn members(&self, index: usize) -> usize {
        self.world.plan.enumerations.get(index).map_or(0, |found| found.members.len())
    }

    fn in_list(&self, value: Part<'a>, list: Part<'a>, wanted: bool) -> Node {
        match (value, list) {
            (Part::Row(attribute, kind), Part::Known(list)) => match self.values(kind, list) {
                Some(values) => in_values(attribute, values, wanted),
                None => Node::Unknown,
            },
            (Part::Known(value), Part::Row(list, Type::List(kind))) => {
                match self.value(kind, value) {
                    Some(value) => Node::Contains(list, Term::Value(value)).wanted(wanted),
                    None => Node::Unknown,
                }
            }
            (Part::Row(attribute, _), Part::Row(list, _)) => {
                Node::Contains(list, Term::Attribute(attribute)).wanted(wanted)
            }
            // Where `else` leads to two values that are known.
            (Part::Known(value), Part::Known(list)) => {
                told(self.world.in_list(value, list), wanted)
            }
            (Part::Known(_), Part::Row(..)) => Node::Unknown,
        }
    }

    fn in_network(&self, address: Part<'a>, networks: Part<'a>, wanted: bool) -> Node {
        match (address, networks) {
            (Part::Row(address, _), Part::Known(network @ Seen::Network(_))) => {
                match self.value(&Type::Network, network) {
                    Some(network) => Node::InNetwork(address, vec![network]).wanted(wanted),
                    None => Node::Unknown,
                }
            }
            (Part::Row(address, _), Part::Known(list)) => match self.values(&Type::Network, list) {
                Some(networks) => Node::InNetwork(address, networks).wanted(wanted),
                None => Node::Unknown,
            },
            (Part::Known(address), Part::Row(networks, _)) => {
                match self.value(&Type::Ip, address) {
                    Some(address) => Node::Covers(networks, Term::Value(address)).wanted(wanted),
                    None => Node::Unknown,
                }
            }
            (Part::Row(address, _), Part::Row(networks, _)) => {
                Node::Covers(networks, Term::Attribute(address)).wanted(wanted)
            }
            (Part::Known(Seen::Ip(address)), Part::Known(networks)) => {
                told(self.world.in_networks(address, networks), wanted)
            }
            (Part::Known(_), Part::Known(_)) => Node::Unknown,
        }
    }

    /// `within`, and `older than`, which is the other end of it.
    fn age(&self, time: &'a Operand, duration: &'a Operand, wanted: bool, within: bool) -> Node {
        self.each(time, |time| {
            self.each(duration, |duration| {
                let old = self.older(time.clone(), duration, wanted != within);
                if !within {
                    return old;
                }
                let now = Part::Known(Seen::Time(self.world.request.now()));
                let past = self.compare(Comparison::LessOrEqual, time.clone(), now, wanted);
                if wanted { Node::all([past, old]) } else { Node::any([past, old]) }
            })
        })
    }

    /// Whether a time is longer ago than a duration.
    fn older(&self, time: Part<'a>, duration: Part<'a>, wanted: bool) -> Node {
        let now = self.world.request.now();
        match (time, duration) {
            // No age is more than the greatest, since ages end there.
            (_, Part::Known(Seen::Duration(i64::MAX))) => Node::constant(!wanted),
            (time @ Part::Row(..), Part::Known(Seen::Duration(duration))) => {
                match now.checked_sub(duration) {
                    Some(then) => {
                        let then = Part::Known(Seen::Time(then));
                        self.compare(Comparison::Less, time, then, wanted)
                    }
                    None => Node::Unknown,
                }
            }
            (Part::Known(Seen::Time(time)), duration @ Part::Row(..)) => {
                let age = now.saturating_sub(time);
                if age < 0 {
                    return Node::constant(!wanted);
                }
                let age = Part::Known(Seen::Duration(age));
                self.compare(Comparison::Less, duration, age, wanted)
            }
            (Part::Known(Seen::Time(time)), Part::Known(Seen::Duration(duration))) => {
                Node::constant((now.saturating_sub(time) > duration) == wanted)
            }
            _ => Node::Unknown,
        }
    }

    fn values(&self, kind: &Type, list: Seen<'_>) -> Option<Vec<FilterValue>> {
        match list {
            Seen::Listed(constants) => {
                constants.iter().map(|found| self.value(kind, constant(found))).collect()
            }
            Seen::Handed(list, handed) => (0..list.len())
                .map(|index| {
                    let found = typed(list.at(index), handed, &self.world.plan.enumerations);
                    self.value(kind, found.ok()?)
                })
                .collect(),
            _ => None,
        }
    }

    /// A value to compare an attribute of a type with.
    fn value(&self, kind: &Type, value: Seen<'_>) -> Option<FilterValue> {
        Some(match value {
            Seen::Bool(value) => FilterValue::Bool(value),
            Seen::Int(value) => FilterValue::Int(value),
            Seen::Number(value) => FilterValue::Number(value),
            Seen::Text(text) => FilterValue::Text(text.to_owned()),
            Seen::Uuid(value) => FilterValue::Uuid(value),
            Seen::Time(nanos) => FilterValue::Time(Timestamp::from_nanos(nanos)),
            Seen::Duration(nanos) => {
                FilterValue::Duration(Duration::from_nanos(u64::try_from(nanos).ok()?))
            }
            Seen::Ip(address) => FilterValue::Ip(address),
            Seen::Network(network) => FilterValue::Network(network.address(), network.prefix()),
            Seen::Member(member) => {
                let Type::Enumeration(index) = kind else {
                    return None;
                };
                let (name, wire) = self.world.plan.enumerations.get(*index)?.members.get(member)?;
                FilterValue::Member { name: name.clone(), wire: wire.clone() }
            }
            Seen::Absent | Seen::Listed(_) | Seen::Handed(..) | Seen::Object => return None,
        })
    }
}

fn told(holds: Result<bool, Doubt>, wanted: bool) -> Node {
    holds.map_or(Node::Unknown, |holds| Node::constant(holds == wanted))
}

fn known<'a>(value: bool) -> Part<'a> {
    Part::Known(Seen::Bool(value))
}

fn in_values(attribute: Attribute, values: Vec<FilterValue>, wanted: bool) -> Node {
    if values.is_empty() {
        return Node::constant(!wanted);
    }
    Node::In(attribute, values).wanted(wanted)
}

fn is_order(comparison: Comparison) -> bool {
    !matches!(comparison, Comparison::Equal | Comparison::NotEqual)
}

fn negated(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::Less => Comparison::GreaterOrEqual,
        Comparison::LessOrEqual => Comparison::Greater,
        Comparison::Greater => Comparison::LessOrEqual,
        Comparison::GreaterOrEqual => Comparison::Less,
    }
}

/// The same with its sides exchanged.
fn flipped(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same => same,
    }
}
