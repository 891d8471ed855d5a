//! Revocations, sessions and opaque tokens.
//!
//! What presenting a refresh token means is decided here, by `Family::present`, as in every store. Redis puts the family in
//! the place of the one that was looked at, or says that another came between, and then it is looked at anew.

use std::sync::Arc;
use std::time::Duration;

use portcullis::Timestamp;
use portcullis::store::{
    Answer, Digest, Family, KeptToken, Known, Presentation, Presented, Question, Successor,
    Unavailable,
};
use redis::RedisResult;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;

use crate::charge::unreadable;
use crate::link::Up;
use crate::scripts;
use crate::shared::{Shared, ask};

/// How often a refresh token is looked at anew, where others come between: all of them present one session's tokens.
const ATTEMPTS: usize = 32;

/// What is kept for longer than this is kept for so long: ten years, in milliseconds.
const LONGEST: i64 = 10 * 366 * 86_400_000;

/// How many sessions of a subject one script ends.
const ENDED_AT_ONCE: u64 = 500;

/// What `known.lua` answers.
type Looked = (u8, i64, Option<String>, Option<i64>, Option<String>, Option<u8>);

pub(crate) fn known(
    runtime: &Handle,
    shared: &Arc<Shared>,
    asked: &Question<'_>,
    now: Timestamp,
) -> Answer<Result<Known, Unavailable>> {
    let Question { revoked, opaque, refresh } = *asked;
    if opaque.is_none() && refresh.is_none() && shared.revoked.rules_out(revoked) {
        return Answer::Ready(Ok(Known::default()));
    }
    let revoked = revoked.to_vec();
    ask(runtime, shared, move |shared, mut up| async move {
        let (revoked, at, token, used, family) =
            look(&shared, &mut up, &revoked, opaque, refresh.as_ref(), now).await?;
        let mut known = Known { revoked, opaque: None, refresh: None };
        if let (Some(id), Some(token)) = (opaque, token) {
            let mut token: KeptToken = read_json(&token)?;
            token.last_used_at = used.map(Timestamp::from_nanos).or(token.last_used_at);
            if !token.has_expired(at) && token.used(at) {
                note_use(&shared, &mut up, &id, at).await?;
            }
            known.opaque = Some(token);
        }
        if let Some(presented) = refresh {
            known.refresh = Some(present(&shared, &mut up, &presented, None, now, family).await?);
        }
        Ok(known)
    })
}

/// Whether any was revoked, the time by which that is, and what is kept.
async fn look(
    shared: &Shared,
    up: &mut Up,
    revoked: &[Digest],
    opaque: Option<Digest>,
    refresh: Option<&Presented>,
    now: Timestamp,
) -> RedisResult<(bool, Timestamp, Option<String>, Option<i64>, Kept)> {
    let mut call = shared.call(&scripts::KNOWN, &up.epoch, now);
    call.key(shared.keys.revoked());
    call.arg(u8::from(opaque.is_some())).arg(u8::from(refresh.is_some()));
    if let Some(id) = &opaque {
        call.key(shared.keys.token(id));
    }
    if let Some(presented) = refresh {
        call.key(shared.keys.family(&presented.session));
    }
    for id in revoked {
        call.arg(id.to_hex());
    }
    let (any, at, token, used, family, ended): Looked = up.read(&call).await?;
    let at = match shared.options.by_request_time {
        true => now,
        false => Timestamp::from_nanos(at.saturating_mul(1000)),
    };
    let family = family.map(|family| (family, ended.is_some()));
    Ok((any == 1, at, token, used, Kept { family, at }))
}

/// A family as it is kept, whether it was ended, and when that was looked at.
struct Kept {
    family: Option<(String, bool)>,
    at: Timestamp,
}

/// What presenting a token means, and the claims of its session where it is good. `kept` is what was looked at.
async fn present(
    shared: &Shared,
    up: &mut Up,
    presented: &Presented,
    successor: Option<&Successor>,
    now: Timestamp,
    mut kept: Kept,
) -> RedisResult<(Presentation, Option<String>)> {
    for _ in 0..ATTEMPTS {
        let Some((before, ended)) = kept.family else { return Ok((Presentation::Unknown, None)) };
        let mut family: Family = read_json(&before)?;
        if ended {
            family.end();
        }
        let means = family.present(presented, successor, kept.at);
        let changed = matches!(means, Presentation::Taken(_) | Presentation::Reused);
        if !changed || swap(shared, up, presented, &before, &family, kept.at).await? {
            if means == Presentation::Reused {
                // This node knows at once.
                shared.revoked.add([presented.session]);
            }
            let claims = means.good_until().map(|_| family.claims);
            return Ok((means, claims));
        }
        kept = look(shared, up, &[], None, Some(presented), now).await?.4;
    }
    Err(unreadable())
}

/// Puts a family in the place of what was looked at; whether that was still there.
async fn swap(
    shared: &Shared,
    up: &mut Up,
    presented: &Presented,
    before: &str,
    family: &Family,
    now: Timestamp,
) -> RedisResult<bool> {
    let mut call = shared.call(&scripts::SWAP, &up.epoch, now);
    let Shared { keys, .. } = shared;
    call.key(keys.family(&presented.session)).key(keys.revoked()).key(keys.channel());
    call.key(format!("{}{}", keys.sessions_of(), family.subject));
    call.arg(presented.session.to_hex()).arg(before).arg(json(family)?);
    call.arg(lasts(family.gone_at(), now)).arg(u8::from(family.is_ended()));
    call.arg(until(presented.revoked_until));
    Ok(up.write::<i64>(&call).await? == 1)
}

pub(crate) fn take(
    runtime: &Handle,
    shared: &Arc<Shared>,
    presented: &Presented,
    successor: &Successor,
    now: Timestamp,
) -> Answer<Result<Presentation, Unavailable>> {
    let (presented, successor) = (*presented, *successor);
    ask(runtime, shared, move |shared, mut up| async move {
        let kept = look(&shared, &mut up, &[], None, Some(&presented), now).await?.4;
        Ok(present(&shared, &mut up, &presented, Some(&successor), now, kept).await?.0)
    })
}

pub(crate) fn revoke(
    runtime: &Handle,
    shared: &Arc<Shared>,
    id: &Digest,
    revoked_until: Timestamp,
    now: Timestamp,
) -> Answer<Result<(), Unavailable>> {
    let id = *id;
    ask(runtime, shared, move |shared, mut up| async move {
        let mut call = shared.call(&scripts::REVOKE, &up.epoch, now);
        call.key(shared.keys.revoked()).key(shared.keys.channel());
        call.arg(id.to_hex()).arg(until(revoked_until));
        up.write::<i64>(&call).await?;
        // This node knows at once.
        shared.revoked.add([id]);
        Ok(())
    })
}

pub(crate) fn begin(
    runtime: &Handle,
    shared: &Arc<Shared>,
    session: &Digest,
    family: &Family,
    now: Timestamp,
) -> Answer<Result<(), Unavailable>> {
    let (session, family) = (*session, family.clone());
    ask(runtime, shared, move |shared, mut up| async move {
        let mut call = shared.call(&scripts::BEGIN, &up.epoch, now);
        let (keys, subject) = (&shared.keys, family.subject.to_hex());
        call.key(keys.family(&session)).key(format!("{}{subject}", keys.sessions_of()));
        call.arg(session.to_hex()).arg(json(&family)?).arg(lasts(family.gone_at(), now));
        call.arg(keys.sessions_of()).arg(subject);
        up.write::<i64>(&call).await.map(drop)
    })
}

pub(crate) fn end(
    runtime: &Handle,
    shared: &Arc<Shared>,
    session: &Digest,
    revoked_until: Timestamp,
    now: Timestamp,
) -> Answer<Result<(), Unavailable>> {
    let session = *session;
    ask(runtime, shared, move |shared, mut up| async move {
        let mut call = shared.call(&scripts::END, &up.epoch, now);
        let Shared { keys, .. } = &*shared;
        call.key(keys.family(&session)).key(keys.revoked()).key(keys.channel());
        call.arg(session.to_hex()).arg(until(revoked_until));
        up.write::<i64>(&call).await?;
        shared.revoked.add([session]);
        Ok(())
    })
}

pub(crate) fn end_all(
    runtime: &Handle,
    shared: &Arc<Shared>,
    subject: &Digest,
    revoked_until: Timestamp,
    now: Timestamp,
) -> Answer<Result<u64, Unavailable>> {
    let subject = *subject;
    ask(runtime, shared, move |shared, mut up| async move {
        let mut call = shared.call(&scripts::END_ALL, &up.epoch, now);
        let Shared { keys, .. } = &*shared;
        call.key(format!("{}{subject}", keys.sessions_of())).key(keys.revoked());
        call.key(keys.channel()).arg(keys.families()).arg(until(revoked_until));
        call.arg(ENDED_AT_ONCE);
        let mut ended = 0_u64;
        loop {
            let answer: Vec<String> = up.write(&call).await?;
            let [beyond, sessions @ ..] = answer.as_slice() else { return Err(unreadable()) };
            shared.revoked.add(sessions.iter().filter_map(|session| Digest::from_hex(session)));
            ended = ended.saturating_add(u64::try_from(sessions.len()).unwrap_or(u64::MAX));
            // Each call takes some away, so that it comes to an end.
            if beyond == "0" {
                return Ok(ended);
            }
        }
    })
}

pub(crate) fn keep(
    runtime: &Handle,
    shared: &Arc<Shared>,
    token: &Digest,
    kept: &KeptToken,
    now: Timestamp,
) -> Answer<Result<(), Unavailable>> {
    let (token, kept) = (*token, kept.clone());
    ask(runtime, shared, move |shared, mut up| async move {
        let mut call = shared.call(&scripts::KEEP, &up.epoch, now);
        let (keys, subject) = (&shared.keys, kept.subject.to_hex());
        call.key(keys.token(&token)).key(format!("{}{subject}", keys.tokens_of()));
        call.arg(token.to_hex()).arg(json(&kept)?);
        call.arg(kept.expires_at.map_or(0, |expires_at| lasts(expires_at, now)));
        call.arg(keys.tokens_of()).arg(subject);
        up.write::<i64>(&call).await.map(drop)
    })
}

pub(crate) fn kept(
    runtime: &Handle,
    shared: &Arc<Shared>,
    subject: &Digest,
) -> Answer<Result<Vec<(Digest, KeptToken)>, Unavailable>> {
    let subject = *subject;
    ask(runtime, shared, move |shared, mut up| async move {
        let mut call = shared.call(&scripts::KEPT, &up.epoch, Timestamp::from_nanos(0));
        call.key(format!("{}{subject}", shared.keys.tokens_of())).arg(shared.keys.tokens());
        let rows: Vec<(String, String, Option<i64>)> = up.read(&call).await?;
        let kept = rows.into_iter().map(|(id, token, used)| {
            let mut token: KeptToken = read_json(&token)?;
            token.last_used_at = used.map(Timestamp::from_nanos).or(token.last_used_at);
            Ok((Digest::from_hex(&id).ok_or_else(unreadable)?, token))
        });
        kept.collect()
    })
}

pub(crate) fn discard(
    runtime: &Handle,
    shared: &Arc<Shared>,
    token: &Digest,
) -> Answer<Result<bool, Unavailable>> {
    let token = *token;
    ask(runtime, shared, move |shared, mut up| async move {
        let mut call = shared.call(&scripts::DISCARD, &up.epoch, Timestamp::from_nanos(0));
        call.key(shared.keys.token(&token)).arg(token.to_hex()).arg(shared.keys.tokens_of());
        Ok(up.write::<i64>(&call).await? == 1)
    })
}

async fn note_use(shared: &Shared, up: &mut Up, token: &Digest, at: Timestamp) -> RedisResult<()> {
    let mut call = shared.call(&scripts::NOTE_USE, &up.epoch, at);
    call.key(shared.keys.token(token)).arg(at.as_nanos());
    up.write::<i64>(&call).await.map(drop)
}

/// Milliseconds since the epoch, rounded up.
fn until(instant: Timestamp) -> i64 {
    instant.as_nanos().div_euclid(1_000_000).saturating_add(1)
}

/// How long something lasts, in milliseconds: at least one, and a second longer than it is good for, so that what is over by
/// age is told from what never was.
fn lasts(until: Timestamp, now: Timestamp) -> i64 {
    let nanos = until.as_nanos().saturating_sub(now.as_nanos());
    let second = i64::try_from(Duration::from_secs(1).as_millis()).unwrap_or(0);
    (nanos / 1_000_000).saturating_add(second).clamp(1, LONGEST)
}

/// What serde says of it may quote it: that is dropped.
fn read_json<T: DeserializeOwned>(json: &str) -> RedisResult<T> {
    serde_json::from_str(json).map_err(|_| unreadable())
}

fn json(kept: &impl Serialize) -> RedisResult<String> {
    serde_json::to_string(kept).map_err(|_| unreadable())
}
