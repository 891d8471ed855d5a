//! From the claims of a token to the attributes of the caller.

use portcullis_compiler::plan::{Claim, ClaimType, Enumeration, Role};
use uuid::Uuid;

use super::{ClaimValue, numeric_date};
use crate::json::Json;

/// A value for each claim; `None` where one is ill-typed, or absent and may not be.
pub(super) fn read(
    payload: &Json,
    claims: &[Claim],
    enumerations: &[Enumeration],
    roles: &[Role],
    anonymous: usize,
) -> Option<Vec<ClaimValue>> {
    claims
        .iter()
        .map(|claim| match find(payload, &claim.path)? {
            Json::Null => claim.optional.then_some(ClaimValue::Absent),
            value => typed(value, claim.kind, enumerations, roles, anonymous),
        })
        .collect()
}

/// What stands at a path: `null` where nothing does, and `None` where something else than an
/// object stands in the way.
fn find<'a>(payload: &'a Json, path: &[String]) -> Option<&'a Json> {
    path.iter().try_fold(payload, |value, name| match value {
        Json::Object(_) => Some(value.member(name).unwrap_or(&Json::Null)),
        Json::Null => Some(&Json::Null),
        _ => None,
    })
}

fn typed(
    value: &Json,
    kind: ClaimType,
    enumerations: &[Enumeration],
    roles: &[Role],
    anonymous: usize,
) -> Option<ClaimValue> {
    match (kind, value) {
        (ClaimType::String, Json::Text(text)) => Some(ClaimValue::Text(text.clone())),
        (ClaimType::Int, Json::Int(int)) => Some(ClaimValue::Int(*int)),
        (ClaimType::Bool, Json::Bool(bool)) => Some(ClaimValue::Bool(*bool)),
        // Of the parser's forms one alone has 36 characters.
        (ClaimType::Uuid, Json::Text(text)) if text.len() == 36 => {
            Uuid::try_parse(text).ok().map(|uuid| ClaimValue::Uuid(uuid.as_u128()))
        }
        (ClaimType::Time, value) => {
            numeric_date::read(value).and_then(numeric_date::timestamp).map(ClaimValue::Time)
        }
        (ClaimType::Enumeration(index), Json::Text(text)) => enumerations
            .get(index)?
            .members
            .iter()
            .position(|(_, wire)| wire == text)
            .map(ClaimValue::Member),
        (ClaimType::Role, Json::Text(text)) => {
            let known = roles.iter().enumerate();
            let mut known = known.filter(|(index, role)| *index != anonymous && role.wire == *text);
            Some(ClaimValue::Role(known.next().map(|(index, _)| index)))
        }
        _ => None,
    }
}
