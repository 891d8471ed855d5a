//! Who calls: the attributes of a verified credential, and what they let the caller do.

use portcullis_compiler::plan::{Bits, ClaimType, Constant, Plan, Scope, Type};
use portcullis_syntax::ast::Network;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::Timestamp;
use crate::input::text::written;
use crate::store::Digest;
use crate::value::Value;

/// A caller whose credential has been verified, with its attributes.
///
/// It belongs to the policy under which it was made: after a reload, make another.
#[derive(Clone)]
pub struct Caller {
    /// The values of the policy's caller attributes; nothing for one that is absent.
    pub(crate) values: Vec<Option<Constant>>,
    /// The roles that it is.
    pub(crate) roles: Bits,
    /// What it may do: by its roles and permissions, narrowed by its scopes, and what `anonymous`
    /// grants.
    pub(crate) permissions: Bits,
    /// Whether its credential has scopes.
    pub(crate) scoped: bool,
    pub(crate) credential: usize,
    pub(crate) generation: u64,
    /// By what its credential can be taken back, where it is one that can be.
    pub(crate) token: Option<Box<Token>>,
}

/// By what a token can be taken back.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    /// Its own name.
    pub(crate) id: Digest,
    /// That of its session, if it is of one.
    pub(crate) session: Option<Digest>,
    /// Until when it would be good.
    pub(crate) until: Timestamp,
}

// Attributes of a caller come from a token.
impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Caller").finish_non_exhaustive()
    }
}

/// A request's caller, if it has one: the service's, or made from a token.
pub(crate) enum Held<'r> {
    None,
    Lent(&'r Caller),
    Own(Box<Caller>),
}

impl Held<'_> {
    pub(crate) fn caller(&self) -> Option<&Caller> {
        match self {
            Held::None => None,
            Held::Lent(caller) => Some(caller),
            Held::Own(caller) => Some(caller),
        }
    }

    pub(crate) fn into_owned(self) -> Held<'static> {
        match self {
            Held::None => Held::None,
            Held::Lent(caller) => Held::Own(Box::new(caller.clone())),
            Held::Own(caller) => Held::Own(caller),
        }
    }
}

/// Attributes that are not those of a caller of this policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallerError {
    /// The policy has no credential of this name.
    #[error("the policy has no credential `{0}`")]
    NoCredential(String),
    /// An attribute that the credential does not give.
    #[error("the caller has no attribute `{0}`")]
    Unknown(String),
    /// An attribute that must be there.
    #[error("the caller's attribute `{0}` is missing")]
    Missing(String),
    /// A value of another type than the policy says.
    #[error("the caller's attribute `{0}` is of another type")]
    Type(String),
}

/// What a credential says of the caller.
#[derive(Debug, Clone, Default)]
pub(crate) struct Claims {
    /// By slot of the policy's caller attributes.
    pub(crate) values: Vec<Option<Constant>>,
    pub(crate) roles: Vec<usize>,
    /// Permissions beside those of the roles.
    pub(crate) permissions: Bits,
    /// What the scopes let through; nothing, where the credential has no scopes.
    pub(crate) scopes: Option<Bits>,
}

impl Claims {
    pub(crate) fn new(plan: &Plan) -> Claims {
        Claims { values: vec![None; plan.caller.len()], ..Claims::default() }
    }

    pub(crate) fn set(&mut self, attribute: usize, value: Constant) {
        if let Some(slot) = self.values.get_mut(attribute) {
            *slot = Some(value);
        }
    }

    /// A role, by its place in the policy. Credentials never give `anonymous`.
    pub(crate) fn add_role(&mut self, plan: &Plan, role: Option<usize>) {
        self.roles.extend(role.filter(|role| *role != plan.anonymous));
    }

    /// A permission by its name. One that the policy does not name gives nothing.
    pub(crate) fn add_permission(&mut self, plan: &Plan, name: &str) {
        if let Some(index) = plan.permissions.iter().position(|known| known == name) {
            self.permissions.add(index);
        }
    }

    /// A scope: one that the policy declares, else the permission of that name.
    pub(crate) fn add_scope(&mut self, plan: &Plan, is: impl Fn(&Scope) -> bool, name: &str) {
        let allowed = self.scopes.get_or_insert_default();
        if let Some(scope) = plan.scopes.iter().find(|scope| is(scope)) {
            allowed.join(&scope.permissions);
        } else if let Some(index) = plan.permissions.iter().position(|known| known == name) {
            allowed.add(index);
        }
    }
}

/// A value as JSON. What JSON has no type for is text, and a duration a number of seconds.
pub(crate) fn json(value: &Constant, kind: &Type, plan: &Plan) -> Json {
    match (value, kind) {
        (Constant::Int(value), _) => Json::from(*value),
        (Constant::Number(value), _) => Json::from(*value),
        (Constant::Bool(value), _) => Json::from(*value),
        (Constant::Duration(nanos), _) => Json::from(nanos / 1_000_000_000),
        (Constant::List(values), Type::List(element)) => {
            values.iter().map(|value| json(value, element, plan)).collect()
        }
        (other, kind) => Json::from(written(other, Some(kind), plan)),
    }
}

impl Caller {
    /// Its attributes, as the application's own type. What it may do is not among them: roles,
    /// permissions and scopes are the policy's to ask.
    pub(crate) fn read_as<T: DeserializeOwned>(&self, plan: &Plan) -> Option<T> {
        let attributes = plan.caller.iter().zip(&self.values);
        let known = attributes.filter_map(|(attribute, value)| match (&attribute.kind, value) {
            (ClaimType::Plain(kind), Some(value)) => {
                Some((attribute.name.clone(), json(value, kind, plan)))
            }
            _ => None,
        });
        T::deserialize(Json::Object(known.collect())).ok()
    }

    /// The text of an attribute, by slot.
    pub(crate) fn text(&self, slot: usize) -> Option<&str> {
        match self.values.get(slot)? {
            Some(Constant::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn new(plan: &Plan, credential: usize, claims: Claims, generation: u64) -> Caller {
        let mut roles = Bits::default();
        let mut permissions = claims.permissions;
        for role in claims.roles.iter().filter_map(|role| plan.roles.get(*role)) {
            roles.join(&role.includes);
            permissions.join(&role.permissions);
        }
        if let Some(scopes) = &claims.scopes {
            permissions.meet(scopes);
        }
        if let Some(anonymous) = plan.roles.get(plan.anonymous) {
            permissions.join(&anonymous.permissions);
        }
        let scoped = claims.scopes.is_some();
        Caller {
            values: claims.values,
            roles,
            permissions,
            scoped,
            credential,
            generation,
            token: None,
        }
    }

    /// From attributes by name; a role, a permission, a scope and an enum's value by their names in
    /// the policy.
    pub(crate) fn from_attributes<'a>(
        plan: &Plan,
        generation: u64,
        name: &str,
        attributes: impl IntoIterator<Item = (&'a str, Value<'a>)>,
    ) -> Result<Caller, CallerError> {
        let index = plan.credentials.iter().position(|credential| credential.name == name);
        let index = index.ok_or_else(|| CallerError::NoCredential(name.to_owned()))?;
        let given =
            plan.credentials.get(index).map_or(&[] as &[_], |found| found.claims.as_slice());
        let mut claims = Claims::new(plan);
        let mut there = Bits::default();
        for (name, value) in attributes {
            let found = given.iter().find_map(|claim| {
                let attribute = plan.caller.get(claim.attribute)?;
                (attribute.name == name).then_some((claim, &attribute.kind))
            });
            let (claim, kind) = found.ok_or_else(|| CallerError::Unknown(name.to_owned()))?;
            if matches!(value, Value::Absent) {
                continue;
            }
            there.add(claim.attribute);
            take(plan, &mut claims, claim.attribute, kind, value)
                .ok_or_else(|| CallerError::Type(name.to_owned()))?;
        }
        for claim in given.iter().filter(|claim| !claim.optional && !there.has(claim.attribute)) {
            match plan.caller.get(claim.attribute) {
                // A caller without a role holds what `anonymous` grants.
                Some(attribute) if matches!(attribute.kind, ClaimType::Plain(_)) => {
                    return Err(CallerError::Missing(attribute.name.clone()));
                }
                _ => {}
            }
        }
        Ok(Caller::new(plan, index, claims, generation))
    }
}

fn take(
    plan: &Plan,
    claims: &mut Claims,
    attribute: usize,
    kind: &ClaimType,
    value: Value<'_>,
) -> Option<()> {
    let role = |name: &str| plan.roles.iter().position(|role| role.name == name);
    match (kind, value) {
        (ClaimType::Plain(kind), value) => {
            claims.set(attribute, constant(plan, kind, value)?);
            return Some(());
        }
        (ClaimType::Role, Value::Text(name)) => claims.add_role(plan, role(name)),
        (ClaimType::Roles, Value::List(names)) => {
            for index in 0..names.len() {
                let Value::Text(name) = names.at(index) else { return None };
                claims.add_role(plan, role(name));
            }
        }
        (ClaimType::Permissions, Value::List(names)) => {
            for index in 0..names.len() {
                let Value::Text(name) = names.at(index) else { return None };
                claims.add_permission(plan, name);
            }
        }
        (ClaimType::Scopes, Value::List(names)) => {
            claims.scopes.get_or_insert_default();
            for index in 0..names.len() {
                let Value::Text(name) = names.at(index) else { return None };
                claims.add_scope(plan, |scope| scope.name == name, name);
            }
        }
        _ => return None,
    }
    // What `exists` asks of.
    claims.set(attribute, Constant::Bool(true));
    Some(())
}

/// A value of the application as the plan keeps one.
pub(crate) fn constant(
    plan: &Plan,
    kind: &portcullis_compiler::plan::Type,
    value: Value<'_>,
) -> Option<Constant> {
    use portcullis_compiler::plan::Type;
    Some(match (kind, value) {
        (Type::String | Type::Url, Value::Text(text)) => Constant::Text(text.to_owned()),
        (Type::Int, Value::Int(value)) => Constant::Int(value),
        (Type::Number, Value::Number(value)) if value.is_finite() => Constant::Number(value),
        (Type::Bool, Value::Bool(value)) => Constant::Bool(value),
        (Type::Uuid, Value::Uuid(value)) => Constant::Uuid(value),
        (Type::Time, Value::Time(value)) => Constant::Time(value.as_nanos()),
        (Type::Duration, Value::Duration(value)) => {
            Constant::Duration(i64::try_from(value.as_nanos()).ok()?)
        }
        (Type::Ip, Value::Ip(value)) => Constant::Ip(value.to_canonical()),
        (Type::Network, Value::Network(address, prefix)) => {
            Constant::Network(Network::new(address, prefix)?)
        }
        (Type::Enumeration(index), Value::Text(name)) => {
            let members = &plan.enumerations.get(*index)?.members;
            Constant::Member(members.iter().position(|(known, _)| known == name)?)
        }
        (Type::List(element), Value::List(list)) => {
            let all = (0..list.len()).map(|index| constant(plan, element, list.at(index)));
            Constant::List(all.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}
