//! What a stage charges, and what came of it.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use portcullis_compiler::plan::Charge as Planned;
use smallvec::SmallVec;

use crate::condition::{Seen, World};
use crate::engine::Rules;
use crate::refusal::{Reason, Refusal};
use crate::store::{Charge, Charged, Unavailable};

/// The key of one charge: parts with their kind and length, so that no two keys are equal.
type Key = SmallVec<[u8; 96]>;

/// An address block of this length is one customer's: IPv6 is counted by it (RFC 6177).
const IPV6_PREFIX: u32 = 64;

/// Calls `charge` with what is to be charged, and gives back what it says.
pub(crate) fn with<T>(
    planned: &[Planned],
    world: &World<'_>,
    rules: &Rules,
    charge: impl FnOnce(&[Charge<'_>]) -> T,
) -> Result<T, Refusal> {
    let mut keys: SmallVec<[Key; 4]> = SmallVec::new();
    for planned in planned {
        let mut key = Key::new();
        for part in &planned.key {
            let value = world.read(part).map_err(|_| Refusal::service_fault())?;
            encode(value, &mut key).ok_or_else(Refusal::service_fault)?;
        }
        keys.push(key);
    }
    let mut charges: SmallVec<[Charge<'_>; 4]> = SmallVec::new();
    for (planned, key) in planned.iter().zip(&keys) {
        let budget = rules.plan.budgets.get(planned.budget).ok_or_else(Refusal::service_fault)?;
        charges.push(Charge {
            budget: &budget.name,
            key,
            limit: budget.limit,
            period: Duration::from_secs(budget.period),
            algorithm: budget.algorithm,
            units: 1,
        });
    }
    Ok(charge(&charges))
}

/// What a store's answer means for the request.
pub(crate) fn settle(
    answer: Result<Charged, Unavailable>,
    planned: &[Planned],
    rules: &Rules,
) -> Result<(), Refusal> {
    match answer {
        Ok(Charged::All) => Ok(()),
        Ok(Charged::Drained { first, retry_after }) => {
            let refusal = Refusal::with_retry_after(retry_after);
            Err(match planned.get(first) {
                Some(charge) => refusal.at(&rules.plan, charge.span),
                None => refusal,
            })
        }
        Err(Unavailable) => Err(Refusal::new(Reason::StoreUnavailable)),
    }
}

fn encode(value: Seen<'_>, key: &mut Key) -> Option<()> {
    let fixed = |key: &mut Key, tag: u8, bytes: &[u8]| {
        key.push(tag);
        key.extend_from_slice(bytes);
    };
    match value {
        Seen::Absent => key.push(0),
        Seen::Bool(value) => fixed(key, 1, &[u8::from(value)]),
        Seen::Int(value) => fixed(key, 2, &value.to_be_bytes()),
        Seen::Text(text) => {
            key.push(3);
            key.extend_from_slice(&u64::try_from(text.len()).ok()?.to_be_bytes());
            key.extend_from_slice(text.as_bytes());
        }
        Seen::Uuid(value) => fixed(key, 4, &value.to_be_bytes()),
        Seen::Time(value) => fixed(key, 5, &value.to_be_bytes()),
        Seen::Duration(value) => fixed(key, 6, &value.to_be_bytes()),
        Seen::Member(value) => fixed(key, 7, &u64::try_from(value).ok()?.to_be_bytes()),
        Seen::Ip(IpAddr::V4(address)) => fixed(key, 8, &address.octets()),
        Seen::Ip(IpAddr::V6(address)) => {
            let block = address.to_bits() & (u128::MAX << (128 - IPV6_PREFIX));
            fixed(key, 9, &Ipv6Addr::from_bits(block).octets());
        }
        Seen::Number(_) | Seen::Network(_) | Seen::Listed(_) | Seen::Handed(..) => return None,
    }
    Some(())
}
