//! Who calls: the attributes of a verified credential.

use portcullis_compiler::plan::{ClaimType, Plan};

use crate::credential::ClaimValue;
use crate::value::Value;

/// A caller whose credential has been verified, with its attributes.
///
/// It belongs to the policy under which it was made: after a reload, make another.
#[derive(Clone)]
pub struct Caller {
    pub(crate) claims: Vec<ClaimValue>,
    pub(crate) role: Option<usize>,
    pub(crate) generation: u64,
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
    /// The policy has no credential.
    #[error("the policy has no credential that could give a caller")]
    NoCredential,
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

impl Caller {
    pub(crate) fn new(claims: Vec<ClaimValue>, generation: u64) -> Caller {
        let role = claims.iter().find_map(|claim| match claim {
            ClaimValue::Role(role) => Some(*role),
            _ => None,
        });
        Caller { claims, role: role.flatten(), generation }
    }

    /// From attributes by name; a role and an enum's value by their names in the policy.
    pub(crate) fn from_attributes<'a>(
        plan: &Plan,
        generation: u64,
        attributes: impl IntoIterator<Item = (&'a str, Value<'a>)>,
    ) -> Result<Caller, CallerError> {
        let credential = plan.credentials.first().ok_or(CallerError::NoCredential)?;
        let mut claims = vec![ClaimValue::Absent; credential.claims.len()];
        for (name, value) in attributes {
            let slot = credential.claims.iter().position(|claim| claim.name == name);
            let slot = slot.ok_or_else(|| CallerError::Unknown(name.to_owned()))?;
            let kind = credential.claims.get(slot).map(|claim| claim.kind);
            let value = kind.and_then(|kind| of_kind(plan, kind, value));
            let value = value.ok_or_else(|| CallerError::Type(name.to_owned()))?;
            if let Some(claim) = claims.get_mut(slot) {
                *claim = value;
            }
        }
        for (claim, value) in credential.claims.iter().zip(&claims) {
            if matches!(value, ClaimValue::Absent) && !claim.optional {
                if claim.kind == ClaimType::Role {
                    continue; // a caller without a role holds what `anonymous` grants
                }
                return Err(CallerError::Missing(claim.name.clone()));
            }
        }
        Ok(Caller::new(claims, generation))
    }
}

fn of_kind(plan: &Plan, kind: ClaimType, value: Value<'_>) -> Option<ClaimValue> {
    Some(match (kind, value) {
        (_, Value::Absent) => ClaimValue::Absent,
        (ClaimType::String, Value::Text(text)) => ClaimValue::Text(text.to_owned()),
        (ClaimType::Int, Value::Int(value)) => ClaimValue::Int(value),
        (ClaimType::Bool, Value::Bool(value)) => ClaimValue::Bool(value),
        (ClaimType::Uuid, Value::Uuid(value)) => ClaimValue::Uuid(value),
        (ClaimType::Time, Value::Time(value)) => ClaimValue::Time(value),
        (ClaimType::Enumeration(index), Value::Text(name)) => {
            let members = &plan.enumerations.get(index)?.members;
            ClaimValue::Member(members.iter().position(|(known, _)| known == name)?)
        }
        (ClaimType::Role, Value::Text(name)) => ClaimValue::Role(
            plan.roles
                .iter()
                .position(|role| role.name == name)
                .filter(|role| *role != plan.anonymous),
        ),
        _ => return None,
    })
}
