//! From the claims of a token to what they say of the caller.

use portcullis_compiler::plan::{Claim, ClaimType, Constant, Plan, Type};
use portcullis_syntax::ast::Network;
use uuid::Uuid;

use super::numeric_date;
use crate::caller::Claims;
use crate::json::Json;

/// What the claims say; `None` where one is ill-typed, or absent and may not be.
pub(crate) fn read(payload: &Json, claims: &[Claim], plan: &Plan) -> Option<Claims> {
    let mut found = Claims::new(plan);
    for claim in claims {
        let kind = &plan.caller.get(claim.attribute)?.kind;
        match find(payload, &claim.path)? {
            Json::Null if claim.optional => {}
            Json::Null => return None,
            value => take(value, kind, claim.attribute, &mut found, plan)?,
        }
    }
    Some(found)
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

fn take(
    value: &Json,
    kind: &ClaimType,
    attribute: usize,
    found: &mut Claims,
    plan: &Plan,
) -> Option<()> {
    let role = |wire: &str| plan.roles.iter().position(|role| role.wire == wire);
    match kind {
        ClaimType::Plain(kind) => {
            found.set(attribute, plain(value, kind, plan)?);
            return Some(());
        }
        ClaimType::Role => match value {
            Json::Text(wire) => found.add_role(plan, role(wire)),
            _ => return None,
        },
        ClaimType::Roles => match value {
            Json::List(wires) => {
                for wire in wires {
                    let Json::Text(wire) = wire else { return None };
                    found.add_role(plan, role(wire));
                }
            }
            _ => return None,
        },
        ClaimType::Permissions => {
            words(value)?.into_iter().for_each(|name| found.add_permission(plan, name));
        }
        ClaimType::Scopes => {
            // A credential with an empty `scope` is narrowed to nothing (RFC 6749, 3.3).
            found.scopes.get_or_insert_default();
            for wire in words(value)? {
                found.add_scope(plan, |scope| scope.wire == wire, wire);
            }
        }
    }
    // What `exists` asks of.
    found.set(attribute, Constant::Bool(true));
    Some(())
}

/// A list of texts, or words with a space between two (RFC 8693, 4.2).
fn words(value: &Json) -> Option<Vec<&str>> {
    match value {
        Json::Text(text) => Some(text.split(' ').filter(|word| !word.is_empty()).collect()),
        Json::List(words) => words
            .iter()
            .map(|word| match word {
                Json::Text(word) => Some(word.as_str()),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

fn plain(value: &Json, kind: &Type, plan: &Plan) -> Option<Constant> {
    Some(match (kind, value) {
        (Type::String | Type::Url, Json::Text(text)) => Constant::Text(text.clone()),
        (Type::Int, Json::Int(value)) => Constant::Int(*value),
        (Type::Number, Json::Int(value)) => Constant::Number(*value as f64),
        (Type::Number, Json::Number(value)) if value.is_finite() => Constant::Number(*value),
        (Type::Bool, Json::Bool(value)) => Constant::Bool(*value),
        // Of the parser's forms one alone has 36 characters.
        (Type::Uuid, Json::Text(text)) if text.len() == 36 => {
            Constant::Uuid(Uuid::try_parse(text).ok()?.as_u128())
        }
        (Type::Time, value) => {
            Constant::Time(numeric_date::timestamp(numeric_date::read(value)?)?.as_nanos())
        }
        // In seconds, like every length of time in a token's claims.
        (Type::Duration, Json::Int(value)) if *value >= 0 => {
            Constant::Duration(value.checked_mul(1_000_000_000)?)
        }
        (Type::Ip, Json::Text(text)) => {
            Constant::Ip(text.parse::<std::net::IpAddr>().ok()?.to_canonical())
        }
        (Type::Network, Json::Text(text)) => {
            let network: ipnet::IpNet = text.parse().ok()?;
            Constant::Network(Network::new(network.addr(), network.prefix_len())?)
        }
        (Type::Enumeration(index), Json::Text(text)) => {
            let members = &plan.enumerations.get(*index)?.members;
            Constant::Member(members.iter().position(|(_, wire)| wire == text)?)
        }
        (Type::List(element), Json::List(values)) => {
            let all = values.iter().map(|value| plain(value, element, plan));
            Constant::List(all.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}
