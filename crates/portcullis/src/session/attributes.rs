//! From the attributes of a caller to the claims of a token, as the policy has them: the way back of
//! what a credential gives.

use portcullis_compiler::plan::{Claim, ClaimType, Constant, Plan, Type};
use serde_json::{Map, Value as Json};

use crate::caller::{Caller, CallerError, constant, json};
use crate::value::Value;

/// The claims by which a credential gives these attributes, which are those of a caller of the policy.
pub(crate) fn claims_of(
    plan: &Plan,
    generation: u64,
    credential: &str,
    attributes: &[(&str, Value<'_>)],
) -> Result<Map<String, Json>, CallerError> {
    Caller::from_attributes(plan, generation, credential, attributes.iter().copied())?;
    let known = plan.credentials.iter().find(|known| known.name == credential);
    let wanted = known.map_or(&[] as &[Claim], |known| &known.claims);
    let mut claims = Map::new();
    for (name, value) in attributes {
        let found = wanted.iter().find_map(|claim| {
            let attribute = plan.caller.get(claim.attribute)?;
            (attribute.name == *name).then_some((claim, &attribute.kind))
        });
        let (claim, kind) = found.ok_or_else(|| CallerError::Unknown((*name).to_owned()))?;
        if matches!(value, Value::Absent) {
            continue;
        }
        let value = claim_of(plan, kind, *value);
        let placed = value.and_then(|value| place(&mut claims, &claim.path, value));
        placed.ok_or_else(|| CallerError::Type((*name).to_owned()))?;
    }
    Ok(claims)
}

fn claim_of(plan: &Plan, kind: &ClaimType, value: Value<'_>) -> Option<Json> {
    let role = |name: &str| {
        let role = plan.roles.iter().find(|role| role.name == name);
        role.map_or(name, |role| role.wire.as_str()).to_owned()
    };
    match (kind, value) {
        (ClaimType::Plain(kind), value) => plain(&constant(plan, kind, value)?, kind, plan),
        (ClaimType::Role, Value::Text(name)) => Some(role(name).into()),
        (ClaimType::Roles, value) => Some(texts(value)?.iter().map(|name| role(name)).collect()),
        (ClaimType::Permissions, value) => Some(texts(value)?.into_iter().collect()),
        // RFC 6749, 3.3.
        (ClaimType::Scopes, value) => {
            let wire = |name: &str| {
                let scope = plan.scopes.iter().find(|scope| scope.name == name);
                scope.map_or(name, |scope| scope.wire.as_str()).to_owned()
            };
            let words: Vec<String> = texts(value)?.iter().map(|name| wire(name)).collect();
            Some(words.join(" ").into())
        }
        _ => None,
    }
}

/// A value as claims hold it: times as numbers of seconds (RFC 7519, 2), all else as elsewhere in JSON.
fn plain(value: &Constant, kind: &Type, plan: &Plan) -> Option<Json> {
    const SECOND: i64 = 1_000_000_000;
    match (value, kind) {
        (Constant::Time(nanos), _) => Some(nanos.div_euclid(SECOND).into()),
        (Constant::List(values), Type::List(element)) => {
            values.iter().map(|value| plain(value, element, plan)).collect()
        }
        (value, kind) => Some(json(value, kind, plan)),
    }
}

fn texts(value: Value<'_>) -> Option<Vec<String>> {
    let Value::List(list) = value else {
        return None;
    };
    let text = |index| match list.at(index) {
        Value::Text(text) => Some(text.to_owned()),
        _ => None,
    };
    (0..list.len()).map(text).collect()
}

/// Puts a claim where its path says; nothing where another claim stands in the way.
fn place(claims: &mut Map<String, Json>, path: &[String], value: Json) -> Option<()> {
    let (first, rest) = path.split_first()?;
    if rest.is_empty() {
        return claims.insert(first.clone(), value).is_none().then_some(());
    }
    let inner = claims.entry(first.clone()).or_insert_with(|| Json::Object(Map::new()));
    place(inner.as_object_mut()?, rest, value)
}
