//! Asks a condition of what is known. A doubt is a [`Doubt`], never `false`: a `deny` that cannot
//! be decided must not be taken as one that does not hold.

use std::net::IpAddr;

use portcullis_compiler::plan::{
    Comparison, Condition, Constant, Enumeration, Operand, Place, Plan, RequestField, Resource,
    Type,
};
use portcullis_syntax::ast::Network;

use crate::caller::Caller;
use crate::input::Inputs;
use crate::request::Routed;
use crate::value::{List, Value};

/// The service handed over what it promised not to, or less than it promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Doubt;

/// The attributes of an object, by the slots of the policy.
pub(crate) trait Attributes {
    fn attribute(&self, slot: usize) -> Value<'_>;

    /// The value at the end of slots through nested objects; absent where one of these is.
    fn nested(&self, slot: usize, path: &[usize]) -> Value<'_>;
}

/// All that a condition may read.
#[derive(Clone, Copy)]
pub(crate) struct World<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) request: &'a Routed<'a>,
    pub(crate) caller: Option<&'a Caller>,
    pub(crate) inputs: Option<&'a Inputs>,
    pub(crate) objects: Objects<'a>,
}

/// The objects of a route, in the order of [`Place::object`]: two that are loaded, and the row or
/// what is created.
pub(crate) type Objects<'a> = [Option<Known<'a>>; 3];

/// An object with what the policy says of it.
pub(crate) type Known<'a> = (&'a Resource, &'a dyn Attributes);

/// A value as conditions see it.
#[derive(Clone, Copy)]
pub(crate) enum Seen<'a> {
    Absent,
    Bool(bool),
    Int(i64),
    Number(f64),
    Text(&'a str),
    Uuid(u128),
    Time(i64),
    Duration(i64),
    Ip(IpAddr),
    Network(Network),
    Member(usize),
    Listed(&'a [Constant]),
    Handed(&'a dyn List, &'a Type),
    /// A nested object, of which a condition asks only whether it is there.
    Object,
}

impl<'a> World<'a> {
    /// What may be read before any object is known.
    pub(crate) fn new(
        plan: &'a Plan,
        request: &'a Routed<'a>,
        caller: Option<&'a Caller>,
        inputs: Option<&'a Inputs>,
    ) -> World<'a> {
        World { plan, request, caller, inputs, objects: [None; 3] }
    }

    /// Whether a condition holds.
    pub(crate) fn holds(&self, condition: &Condition) -> Result<bool, Doubt> {
        Ok(match condition {
            Condition::Constant(value) => *value,
            Condition::All(all) => {
                for condition in all {
                    if !self.holds(condition)? {
                        return Ok(false);
                    }
                }
                true
            }
            Condition::Any(any) => {
                for condition in any {
                    if self.holds(condition)? {
                        return Ok(true);
                    }
                }
                false
            }
            Condition::Not(inner) => !self.holds(inner)?,
            Condition::ExistsCaller => self.caller.is_some(),
            Condition::Exists(operand) => self.exists(operand)?,
            Condition::Truth(operand) => match self.read(operand)? {
                Seen::Bool(value) => value,
                _ => return Err(Doubt),
            },
            Condition::Compare(comparison, left, right) => {
                compare(*comparison, self.read(left)?, self.read(right)?)?
            }
            Condition::InList(value, list) => self.in_list(self.read(value)?, self.read(list)?)?,
            Condition::InRange { value, low, high } => {
                let value = self.read(value)?;
                compare(Comparison::GreaterOrEqual, value, constant(low))?
                    && match high {
                        Some(high) => compare(Comparison::LessOrEqual, value, constant(high))?,
                        None => true,
                    }
            }
            Condition::InNetwork(address, networks) => {
                let Seen::Ip(address) = self.read(address)? else {
                    return Err(Doubt);
                };
                self.in_networks(address, self.read(networks)?)?
            }
            // An absent caller is `anonymous`; one whose role nobody knows is nothing at all.
            Condition::Is(roles) => match self.caller {
                None => {
                    let anonymous = self.plan.roles.get(self.plan.anonymous).ok_or(Doubt)?;
                    roles.iter().any(|wanted| anonymous.includes.has(*wanted))
                }
                Some(caller) => roles.iter().any(|wanted| caller.roles.has(*wanted)),
            },
            Condition::Can(permission) => self.can(*permission)?,
            Condition::Within(time, duration) => {
                let age = self.age(time)?;
                age >= 0 && age <= self.duration(duration)?
            }
            Condition::OlderThan(time, duration) => self.age(time)? > self.duration(duration)?,
        })
    }

    /// Whether the caller has a permission, by index.
    pub(crate) fn can(&self, permission: usize) -> Result<bool, Doubt> {
        match self.caller {
            Some(caller) => Ok(caller.permissions.has(permission)),
            None => {
                let anonymous = self.plan.roles.get(self.plan.anonymous).ok_or(Doubt)?;
                Ok(anonymous.permissions.has(permission))
            }
        }
    }

    /// Whether a value is there; what belongs to somebody or something that is absent is not.
    fn exists(&self, operand: &'a Operand) -> Result<bool, Doubt> {
        match operand {
            Operand::Caller(_) if self.caller.is_none() => Ok(false),
            Operand::Object(place) => self.place(place).map(|found| !matches!(found, Seen::Absent)),
            operand => self.read(operand).map(|found| !matches!(found, Seen::Absent)),
        }
    }

    fn age(&self, time: &'a Operand) -> Result<i64, Doubt> {
        match self.read(time)? {
            Seen::Time(time) => Ok(self.request.now().saturating_sub(time)),
            _ => Err(Doubt),
        }
    }

    fn duration(&self, duration: &'a Operand) -> Result<i64, Doubt> {
        match self.read(duration)? {
            Seen::Duration(duration) => Ok(duration),
            _ => Err(Doubt),
        }
    }

    /// The value of an operand.
    #[inline]
    pub(crate) fn read(&self, operand: &'a Operand) -> Result<Seen<'a>, Doubt> {
        match operand {
            Operand::Constant(found) => Ok(constant(found)),
            Operand::Caller(slot) => {
                let caller = self.caller.ok_or(Doubt)?;
                let value = caller.values.get(*slot).ok_or(Doubt)?;
                Ok(value.as_ref().map_or(Seen::Absent, constant))
            }
            Operand::Request(field) => Ok(match field {
                RequestField::Method => Seen::Text(self.request.method()),
                RequestField::Path => Seen::Text(self.request.path()),
                RequestField::Host => Seen::Text(self.request.host()),
                RequestField::Ip => Seen::Ip(self.request.ip()),
                RequestField::Origin => self.request.origin().map_or(Seen::Absent, Seen::Text),
            }),
            Operand::Parameter(slot) => self.inputs.ok_or(Doubt)?.param(*slot, self.request.path()),
            Operand::Query(slot) => self.inputs.ok_or(Doubt)?.query(*slot),
            Operand::Header(slot) => self.inputs.ok_or(Doubt)?.header(*slot),
            Operand::Body(slot) => self.inputs.ok_or(Doubt)?.body(*slot),
            Operand::Object(place) => self.place(place),
            Operand::Now => Ok(Seen::Time(self.request.now())),
            Operand::Else(first, second) => match &**first {
                Operand::Caller(_) if self.caller.is_none() => self.read(second),
                first => match self.read(first)? {
                    Seen::Absent => self.read(second),
                    found => Ok(found),
                },
            },
        }
    }

    /// An attribute of an object, or of one nested in it; absent where that is.
    #[inline]
    fn place(&self, place: &'a Place) -> Result<Seen<'a>, Doubt> {
        let (resource, object) = self.objects.get(place.object).copied().flatten().ok_or(Doubt)?;
        if place.nested.is_empty() {
            return self.attribute(resource, object, place.slot);
        }
        let mut attribute = resource.attributes.get(place.slot).ok_or(Doubt)?;
        let mut optional = attribute.optional;
        for slot in &place.nested {
            let Type::Resource(index) = attribute.kind else {
                return Err(Doubt);
            };
            let resource = self.plan.resources.get(index).ok_or(Doubt)?;
            attribute = resource.attributes.get(*slot).ok_or(Doubt)?;
            optional |= attribute.optional;
        }
        match object.nested(place.slot, &place.nested) {
            Value::Absent if optional => Ok(Seen::Absent),
            Value::Absent => Err(Doubt),
            value => typed(value, &attribute.kind, &self.plan.enumerations),
        }
    }

    /// An attribute, if it is of the type that the policy gives it.
    #[inline]
    pub(crate) fn attribute(
        &self,
        resource: &'a Resource,
        object: &'a dyn Attributes,
        slot: usize,
    ) -> Result<Seen<'a>, Doubt> {
        let attribute = resource.attributes.get(slot).ok_or(Doubt)?;
        match object.attribute(slot) {
            Value::Absent if attribute.optional => Ok(Seen::Absent),
            Value::Absent => Err(Doubt),
            value => typed(value, &attribute.kind, &self.plan.enumerations),
        }
    }

    pub(crate) fn in_list(&self, value: Seen<'a>, list: Seen<'a>) -> Result<bool, Doubt> {
        match list {
            Seen::Listed(constants) => {
                for found in constants {
                    if equal(value, constant(found))? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Seen::Handed(list, kind) => {
                for index in 0..list.len() {
                    let found = typed(list.at(index), kind, &self.plan.enumerations)?;
                    if equal(value, found)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ => Err(Doubt),
        }
    }

    pub(crate) fn in_networks(&self, address: IpAddr, networks: Seen<'a>) -> Result<bool, Doubt> {
        match networks {
            Seen::Network(network) => Ok(network.contains(address)),
            Seen::Listed(constants) => {
                for found in constants {
                    match found {
                        Constant::Network(network) if network.contains(address) => return Ok(true),
                        Constant::Network(_) => {}
                        _ => return Err(Doubt),
                    }
                }
                Ok(false)
            }
            Seen::Handed(list, kind) => {
                for index in 0..list.len() {
                    match typed(list.at(index), kind, &self.plan.enumerations)? {
                        Seen::Network(network) if network.contains(address) => return Ok(true),
                        Seen::Network(_) => {}
                        _ => return Err(Doubt),
                    }
                }
                Ok(false)
            }
            _ => Err(Doubt),
        }
    }
}

/// A value of the application, if it is of a type.
#[inline]
pub(crate) fn typed<'a>(
    value: Value<'a>,
    kind: &'a Type,
    enumerations: &[Enumeration],
) -> Result<Seen<'a>, Doubt> {
    Ok(match (kind, value) {
        (Type::Bool, Value::Bool(value)) => Seen::Bool(value),
        (Type::Int, Value::Int(value)) => Seen::Int(value),
        (Type::Number, Value::Number(value)) if value.is_finite() => Seen::Number(value),
        (Type::String | Type::Url, Value::Text(value)) => Seen::Text(value),
        (Type::Uuid, Value::Uuid(value)) => Seen::Uuid(value),
        (Type::Time, Value::Time(value)) => Seen::Time(value.as_nanos()),
        (Type::Duration, Value::Duration(value)) => {
            Seen::Duration(i64::try_from(value.as_nanos()).map_err(|_| Doubt)?)
        }
        (Type::Ip, Value::Ip(value)) => Seen::Ip(value.to_canonical()),
        (Type::Network, Value::Network(address, prefix)) => {
            Seen::Network(Network::new(address, prefix).ok_or(Doubt)?)
        }
        (Type::Enumeration(index), Value::Text(name)) => {
            let members = &enumerations.get(*index).ok_or(Doubt)?.members;
            Seen::Member(members.iter().position(|(known, _)| known == name).ok_or(Doubt)?)
        }
        (Type::List(element), Value::List(list)) => Seen::Handed(list, element),
        (Type::Resource(_), Value::Object(_)) => Seen::Object,
        _ => return Err(Doubt),
    })
}

pub(crate) fn constant(found: &Constant) -> Seen<'_> {
    match found {
        Constant::Text(text) => Seen::Text(text),
        Constant::Int(value) => Seen::Int(*value),
        Constant::Number(value) => Seen::Number(*value),
        Constant::Bool(value) => Seen::Bool(*value),
        Constant::Time(value) => Seen::Time(*value),
        Constant::Duration(value) => Seen::Duration(*value),
        Constant::Ip(value) => Seen::Ip(*value),
        Constant::Network(value) => Seen::Network(*value),
        Constant::Uuid(value) => Seen::Uuid(*value),
        Constant::Member(value) => Seen::Member(*value),
        Constant::List(values) => Seen::Listed(values),
    }
}

/// Whether two values of one type are equal.
#[inline]
pub(crate) fn equal(left: Seen<'_>, right: Seen<'_>) -> Result<bool, Doubt> {
    Ok(match (left, right) {
        (Seen::Text(left), Seen::Text(right)) => left == right,
        (Seen::Uuid(left), Seen::Uuid(right)) => left == right,
        (Seen::Member(left), Seen::Member(right)) => left == right,
        (Seen::Bool(left), Seen::Bool(right)) => left == right,
        (Seen::Ip(left), Seen::Ip(right)) => left == right,
        (Seen::Network(left), Seen::Network(right)) => left == right,
        (Seen::Number(left), Seen::Number(right)) => left == right,
        (left, right) => whole(left, right).map(|(left, right)| left == right)?,
    })
}

#[inline]
pub(crate) fn compare(
    comparison: Comparison,
    left: Seen<'_>,
    right: Seen<'_>,
) -> Result<bool, Doubt> {
    let order = match comparison {
        Comparison::Equal => return equal(left, right),
        Comparison::NotEqual => return equal(left, right).map(|equal| !equal),
        _ => match (left, right) {
            (Seen::Number(left), Seen::Number(right)) => left.partial_cmp(&right).ok_or(Doubt)?,
            (Seen::Member(left), Seen::Member(right)) => left.cmp(&right),
            (left, right) => whole(left, right).map(|(left, right)| left.cmp(&right))?,
        },
    };
    Ok(match comparison {
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        _ => order.is_ge(),
    })
}

fn whole(left: Seen<'_>, right: Seen<'_>) -> Result<(i64, i64), Doubt> {
    match (left, right) {
        (Seen::Int(left), Seen::Int(right))
        | (Seen::Time(left), Seen::Time(right))
        | (Seen::Duration(left), Seen::Duration(right)) => Ok((left, right)),
        _ => Err(Doubt),
    }
}
