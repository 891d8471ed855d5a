//! Charging and giving back.

use std::sync::Arc;
use std::time::Duration;

use portcullis::Timestamp;
use portcullis::store::{Answer, Charge, Charged, Quota, Quotas, Receipt, Unavailable};
use redis::{ErrorKind, RedisError, RedisResult};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::fallback::{self, Kept};
use crate::lease::{Hot, Local};
use crate::measure::Numbers;
use crate::scripts;
use crate::shared::{Shared, ask};

/// What no wait is as long as: see `NEVER` of `counter.lua`.
const NEVER: i64 = 9_007_199_254_740_991;

/// A charge, as far as it is worked out before Redis is asked.
struct Asked {
    /// Its place among the charges of the request.
    place: usize,
    key: String,
    numbers: Numbers,
    /// Whether the answer tells of it. Redis tells more, to keep the fallback warm.
    told: bool,
    kept: Option<Kept>,
    /// Where this node may have a share of it.
    hot: Option<Arc<Hot>>,
}

impl Asked {
    /// Gives back what this node's own share was charged.
    fn give_back(&self) {
        if let Some(hot) = &self.hot {
            hot.give_back(self.numbers.units);
        }
    }
}

pub(crate) fn charge(
    runtime: &Handle,
    shared: &Arc<Shared>,
    charges: &[Charge<'_>],
    now: Timestamp,
) -> Answer<Result<Charged, Unavailable>> {
    // What the request is admitted by where Redis is away: all of its budgets have to say so.
    let falls_back = charges.iter().all(|charge| charge.budget.unavailable_admits());
    let mut asked = Vec::with_capacity(charges.len());
    for (first, charge) in charges.iter().enumerate() {
        let warms = charge.budget.unavailable_admits();
        let Some(numbers) = Numbers::of(charge, charge.told || warms) else {
            let (retry_after, quotas) = (Duration::MAX, Quotas::default());
            return Answer::Ready(Ok(Charged::Drained { first, retry_after, quotas }));
        };
        let key = shared.keys.count(charge);
        let kept = warms.then(|| Kept::of(charge, key.clone(), numbers.clone()));
        let hot = match shared.options.leases {
            true => shared.leases.hot(charge, &key, &numbers, shared.steady()),
            false => None,
        };
        asked.push(Asked { place: first, key, numbers, told: charge.told, kept, hot });
    }
    let kept: Vec<Kept> = match falls_back {
        true => asked.iter().filter_map(|asked| asked.kept.clone()).collect(),
        false => Vec::new(),
    };
    // What this node has shares of, it charges to these.
    let (mut own, mut rest) = (Vec::new(), Vec::with_capacity(asked.len()));
    for asked in asked {
        let local = asked.hot.as_ref().map(|hot| hot.charge(asked.numbers.units, shared.steady()));
        match local {
            Some(Local::Charged) => own.push(asked),
            Some(Local::Drained(wait)) => {
                own.iter().for_each(Asked::give_back);
                let (first, retry_after) = (asked.place, Duration::from_micros(wait));
                let quotas = Quotas::default();
                return Answer::Ready(Ok(Charged::Drained { first, retry_after, quotas }));
            }
            Some(Local::Ask) | None => rest.push(asked),
        }
    }
    if rest.is_empty() {
        let (quotas, receipt) = (Quotas::default(), Receipt::at(now));
        return Answer::Ready(Ok(Charged::All { quotas, receipt }));
    }
    let asked = rest;
    let Some(up) = shared.link.up() else {
        own.iter().for_each(Asked::give_back);
        return Answer::Ready(alone(shared, &asked, &kept, now));
    };
    let mut call = shared.call(&scripts::CHARGE, &up.epoch, now);
    for asked in &asked {
        call.key(&asked.key);
        asked.numbers.write(&mut call);
    }
    let (tell, told) = oneshot::channel();
    let shared = Arc::clone(shared);
    runtime.spawn(async move {
        let mut asking = up.clone();
        let answer = match asking.write::<Vec<i64>>(&call).await {
            Ok(numbers) => read(&shared, &asked, &numbers, now),
            Err(error) => Err(error),
        };
        if !matches!(answer, Ok(Charged::All { .. })) {
            own.iter().for_each(Asked::give_back);
        }
        _ = tell.send(match answer {
            Ok(charged) => Ok(charged),
            Err(error) => {
                shared.link.failed(&up, &error);
                match shared.link.up() {
                    // It is back already: what is counted alone now would be settled late.
                    Some(_) => Err(Unavailable),
                    None => alone(&shared, &asked, &kept, now),
                }
            }
        });
    });
    Answer::Later(Box::pin(async { told.await.unwrap_or(Err(Unavailable)) }))
}

/// Charges without Redis, where all budgets of the request may be.
fn alone(
    shared: &Shared,
    asked: &[Asked],
    kept: &[Kept],
    now: Timestamp,
) -> Result<Charged, Unavailable> {
    // Who has a share of a budget has no other part of it.
    let shares =
        |asked: &&Asked| asked.hot.as_ref().is_some_and(|hot| hot.has_share(shared.steady()));
    if let Some(drained) = asked.iter().find(shares).filter(|_| !kept.is_empty()) {
        let (first, retry_after) = (drained.place, Duration::from_secs(1));
        return Ok(Charged::Drained { first, retry_after, quotas: Quotas::default() });
    }
    match kept {
        [] => Err(Unavailable),
        kept => shared.fallback.charge(kept, shared.link.nodes(), now),
    }
}

/// Reads what `charge.lua` answers.
fn read(shared: &Shared, asked: &[Asked], answer: &[i64], now: Timestamp) -> RedisResult<Charged> {
    let [all, first, wait, at, quotas @ ..] = answer else { return Err(unreadable()) };
    let mut left = Quotas::default();
    let mut told = Vec::new();
    let mut pairs = quotas.chunks_exact(2);
    for asked in asked.iter().filter(|asked| asked.numbers.is_told()) {
        let Some([remaining, reset]) = pairs.next() else { return Err(unreadable()) };
        let remaining = u64::try_from(*remaining).map_err(|_| unreadable())?;
        let reset = u64::try_from(*reset).ok().map(Duration::from_micros);
        let quota = Quota { remaining, reset };
        if asked.told {
            told.push(quota);
        }
        if let Some(kept) = &asked.kept {
            shared.fallback.warm(kept, &quota, shared.link.nodes(), now);
        }
    }
    if !told.is_empty() {
        left = told.into_iter().collect();
    }
    if *all == 1 {
        let receipt = Receipt::at(Timestamp::from_nanos(at.saturating_mul(1000)));
        return Ok(Charged::All { quotas: left, receipt });
    }
    let first = usize::try_from(*first).ok().and_then(|first| asked.get(first));
    let first = first.ok_or_else(unreadable)?;
    let retry_after = match *wait {
        NEVER.. => Duration::MAX,
        wait => Duration::from_micros(u64::try_from(wait).map_err(|_| unreadable())?),
    };
    if let Some(hot) = &first.hot {
        let wait = u64::try_from(*wait).unwrap_or(0);
        hot.refused(first.numbers.units, wait, shared.steady());
    }
    Ok(Charged::Drained { first: first.place, retry_after, quotas: left })
}

pub(crate) fn unreadable() -> RedisError {
    RedisError::from((ErrorKind::UnexpectedReturnType, "a script answered something else"))
}

pub(crate) fn refund(
    runtime: &Handle,
    shared: &Arc<Shared>,
    charges: &[Charge<'_>],
    receipt: &Receipt,
) -> Answer<Result<(), Unavailable>> {
    // What may be leased is never given back: nobody knows who charged it.
    let kept = |charge: &&Charge<'_>| !shared.options.leases || charge.budget.refunds();
    let numbers = charges.iter().filter(kept).filter_map(|charge| {
        Some((shared.keys.count(charge), charge, Numbers::of(charge, false)?))
    });
    if receipt.counter == fallback::COUNTER {
        let kept: Vec<_> =
            numbers.map(|(key, charge, numbers)| Kept::of(charge, key, numbers)).collect();
        shared.fallback.refund(&kept, shared.link.nodes(), receipt);
        return Answer::Ready(Ok(()));
    }
    let numbers: Vec<_> = numbers.map(|(key, _, numbers)| (key, numbers)).collect();
    if numbers.is_empty() {
        return Answer::Ready(Ok(()));
    }
    let charged_at = receipt.charged_at;
    ask(runtime, shared, |shared, up| async move {
        let mut call = shared.call(&scripts::REFUND, &up.epoch, charged_at);
        call.arg(charged_at.as_nanos().div_euclid(1000));
        for (key, numbers) in &numbers {
            call.key(key);
            numbers.write_refund(&mut call);
        }
        let mut up = up;
        up.write::<i64>(&call).await.map(drop)
    })
}
