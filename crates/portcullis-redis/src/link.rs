//! The connection: made, watched by beats, and made anew.
//!
//! One task owns it. Requests take what is up, and say when it failed them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use parking_lot::RwLock;
use redis::aio::MultiplexedConnection;
use redis::{FromRedisValue, RedisError, RedisResult, ScriptInvocation};
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::connect::{connect, keeps_keys};
use crate::health::{Condition, ConnectError};
use crate::push::listen;
use crate::scripts;
use crate::shared::Shared;

/// Between two beats.
pub(crate) const BEAT: Duration = Duration::from_millis(200);

/// How long a node is one of the fleet without a beat.
const THERE: Duration = Duration::from_secs(3);

/// How long fewer nodes are there before they are fewer.
const GONE: Duration = Duration::from_secs(60);

/// The first wait before another attempt, which doubles up to the last.
const FIRST_WAIT: Duration = Duration::from_millis(20);
pub(crate) const LAST_WAIT: Duration = Duration::from_secs(1);

/// How often the server's settings are looked at.
const LOOKING: Duration = Duration::from_secs(2);

/// How many keys one beat settles at most.
const SETTLED: usize = 256;

/// What a server says that is not, or is no longer, the one to ask.
const MOVED_ON: [&str; 7] =
    ["ASK", "CLUSTERDOWN", "FORGOTTEN", "LOADING", "MASTERDOWN", "MOVED", "READONLY"];

/// A connection that is up, and what it was checked against.
#[derive(Clone)]
pub(crate) struct Up {
    pub(crate) connection: MultiplexedConnection,
    pub(crate) epoch: Arc<str>,
    /// How many changes of this node this epoch has acknowledged.
    acknowledged: Arc<AtomicU64>,
    /// Which connection it is: what failed an older one says nothing of it.
    generation: u64,
}

impl Up {
    /// Runs a script that changes nothing.
    pub(crate) async fn read<T: FromRedisValue>(
        &mut self,
        call: &ScriptInvocation<'static>,
    ) -> RedisResult<T> {
        call.invoke_async(&mut self.connection).await
    }

    /// Runs a script that changes something.
    pub(crate) async fn write<T: FromRedisValue>(
        &mut self,
        call: &ScriptInvocation<'static>,
    ) -> RedisResult<T> {
        let answer = call.invoke_async(&mut self.connection).await?;
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
        Ok(answer)
    }
}

/// What the task and the requests share.
pub(crate) struct Link {
    state: RwLock<State>,
    failed: Notify,
    /// Told whenever the state has changed.
    pub(crate) changed: Notify,
}

struct State {
    up: Option<Up>,
    condition: Condition,
    since: SystemTime,
    nodes: u32,
    /// When there were so many, or when the connection was made.
    nodes_at: Instant,
    generation: u64,
}

impl Link {
    pub(crate) fn new() -> Link {
        Link {
            state: RwLock::new(State {
                up: None,
                condition: Condition::Unreachable,
                since: SystemTime::now(),
                nodes: 1,
                nodes_at: Instant::now(),
                generation: 0,
            }),
            failed: Notify::new(),
            changed: Notify::new(),
        }
    }

    pub(crate) fn up(&self) -> Option<Up> {
        self.state.read().up.clone()
    }

    /// Why it is away, for whoever waited for it.
    pub(crate) fn why(&self, condition: Condition) -> ConnectError {
        match condition {
            Condition::Forgotten => ConnectError::Forgotten,
            Condition::Evicting => ConnectError::Evicting,
            Condition::Full => ConnectError::Full,
            Condition::Denied => ConnectError::Denied,
            Condition::Up | Condition::Unreachable => ConnectError::Unreachable,
        }
    }

    pub(crate) fn nodes(&self) -> u32 {
        self.state.read().nodes
    }

    pub(crate) fn condition(&self) -> (Condition, SystemTime) {
        let state = self.state.read();
        (state.condition, state.since)
    }

    /// An operation failed. Where the connection, or what is behind it, is not to be gone by any more, no other request
    /// waits for it.
    pub(crate) fn failed(&self, up: &Up, error: &RedisError) {
        let lost = error.is_io_error()
            || error.is_unrecoverable_error()
            || error.code().is_some_and(|code| MOVED_ON.contains(&code));
        if !lost {
            // Such as a memory that is full: the next one may find it otherwise.
            tracing::warn!(code = error.code(), "redis did not do what was asked of it");
            return;
        }
        let mut state = self.state.write();
        if state.up.as_ref().is_some_and(|current| current.generation == up.generation) {
            state.up = None;
            state.condition = match error.code() {
                Some("FORGOTTEN") => Condition::Forgotten,
                _ => Condition::Unreachable,
            };
            state.since = SystemTime::now();
            self.failed.notify_one();
        }
    }

    fn set_up(&self, up: &Up) {
        let mut state = self.state.write();
        state.generation = state.generation.wrapping_add(1);
        state.up = Some(Up { generation: state.generation, ..up.clone() });
        state.nodes_at = Instant::now();
        if state.condition != Condition::Up {
            state.condition = Condition::Up;
            state.since = SystemTime::now();
        }
        drop(state);
        self.changed.notify_waiters();
    }

    fn set_away(&self, condition: Condition) {
        let mut state = self.state.write();
        state.up = None;
        if state.condition != condition {
            state.condition = condition;
            state.since = SystemTime::now();
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// More nodes are believed at once, and fewer only after a while: one that is back before the others is not alone.
    fn set_nodes(&self, nodes: u32) {
        let mut state = self.state.write();
        if nodes >= state.nodes || state.nodes_at.elapsed() > GONE {
            state.nodes = nodes.max(1);
            state.nodes_at = Instant::now();
        }
    }
}

/// What this node has seen of a Redis: that it is there, and how far it had come.
#[derive(Default)]
struct Seen {
    epoch: Option<Arc<str>>,
    acknowledged: Arc<AtomicU64>,
    /// Why it is away, as the log has been told.
    told: Option<Condition>,
}

impl Seen {
    /// Notes what a beat was answered with. Another epoch is an operator's word to go on.
    fn note(&mut self, beat: &Beat) {
        if self.epoch.as_deref() != Some(&*beat.epoch) {
            if self.epoch.is_some() {
                tracing::warn!("redis has another epoch: an operator has said to go on with it");
            }
            self.epoch = Some(beat.epoch.as_str().into());
            // Of this one nothing is known yet.
            self.acknowledged = Arc::default();
        }
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
    }
}

impl Seen {
    fn up(&self, connection: MultiplexedConnection, beat: &Beat) -> Up {
        let acknowledged = Arc::clone(&self.acknowledged);
        Up { connection, epoch: beat.epoch.as_str().into(), acknowledged, generation: 0 }
    }
}

struct Beat {
    epoch: String,
    nodes: u32,
}

/// Keeps the connection up for as long as the store is there.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut seen = Seen::default();
    let mut wait = FIRST_WAIT;
    loop {
        match live(&shared, &mut seen, &mut wait).await {
            Ok(()) => tracing::warn!("the connection to redis was lost"),
            Err(why) => {
                let condition = why.condition();
                if condition != Condition::Unreachable {
                    // Whatever it is now, it may not know of our shares.
                    shared.leases.drop_all();
                }
                // Once for each, and not at every attempt.
                if seen.told.replace(condition) != Some(condition) {
                    tracing::error!(
                        why = &why as &dyn std::error::Error,
                        ?condition,
                        "redis is away"
                    );
                }
                shared.link.set_away(condition);
            }
        }
        sleep(jittered(wait)).await;
        wait = wait.saturating_mul(2).min(LAST_WAIT);
    }
}

/// Between half of a wait and all of it, so that a fleet does not come back at one instant.
pub(crate) fn jittered(wait: Duration) -> Duration {
    let mut byte = [0_u8; 1];
    // Without randomness all wait for as long.
    let part = getrandom::fill(&mut byte).map_or(255, |()| byte[0]);
    wait / 2 + wait / 2 * u32::from(part) / 255
}

/// One connection, from its making until it fails.
async fn live(
    shared: &Arc<Shared>,
    seen: &mut Seen,
    wait: &mut Duration,
) -> Result<(), ConnectError> {
    let (client, mut connection) = connect(&shared.options).await?;
    let beat = beat(&mut connection, shared, seen).await?;
    let before = seen.epoch.clone();
    seen.note(&beat);
    if before != seen.epoch {
        shared.leases.drop_all();
    }
    shared.link.set_nodes(beat.nodes);
    let mut up = seen.up(connection, &beat);
    // What was admitted without it is counted before anything else is.
    shared.settle(&mut up, usize::MAX).await.map_err(ConnectError::of)?;
    shared.link.set_up(&up);
    tracing::info!(nodes = beat.nodes, "redis is there");
    seen.told = None;
    *wait = FIRST_WAIT;

    let listening = up.connection.clone();
    let result = tokio::select! {
        result = beats(shared, &mut up, seen) => result,
        () = listen(shared, &client, listening) => Ok(()), // it does not end
        () = shared.link.failed.notified() => Ok(()),
    };
    shared.revoked.lose();
    let condition = match &result {
        Ok(()) => shared.link.condition().0,
        Err(why) => why.condition(),
    };
    shared.link.set_away(match condition {
        Condition::Up => Condition::Unreachable,
        condition => condition,
    });
    result
}

/// Beats until one fails.
async fn beats(shared: &Arc<Shared>, up: &mut Up, seen: &mut Seen) -> Result<(), ConnectError> {
    let mut looked_at = Instant::now();
    let mut evicted = keeps_keys(&mut up.connection).await?;
    let mut every = interval(BEAT);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let beat = beat(&mut up.connection, shared, seen).await?;
        let before = seen.epoch.clone();
        seen.note(&beat);
        shared.link.set_nodes(beat.nodes);
        if before != seen.epoch {
            // What is reserved was kept by the one before.
            shared.leases.drop_all();
            *up = seen.up(up.connection.clone(), &beat);
            shared.link.set_up(up);
        }
        // What was on its way when the connection was made.
        shared.settle(up, SETTLED).await.map_err(ConnectError::of)?;
        if shared.options.leases {
            shared.lease(up).await.map_err(ConnectError::of)?;
        }
        if looked_at.elapsed() > LOOKING {
            let now = keeps_keys(&mut up.connection).await?;
            if now > evicted {
                // What it has evicted is forgotten.
                let epoch = shared.keys.epoch();
                let forgetting = redis::cmd("DEL").arg(epoch).exec_async(&mut up.connection).await;
                forgetting.map_err(ConnectError::of)?;
                return Err(ConnectError::Forgotten);
            }
            (looked_at, evicted) = (Instant::now(), now);
        }
    }
}

async fn beat(
    connection: &mut MultiplexedConnection,
    shared: &Shared,
    seen: &Seen,
) -> Result<Beat, ConnectError> {
    let Shared { keys, node, .. } = shared;
    let stamp = shared.began.elapsed().as_micros();
    let mut call = scripts::BEAT.prepare_invoke();
    call.key(keys.epoch()).key(keys.nodes()).key(keys.revoked());
    call.key(keys.own_channel(node)).arg(node).arg(millis(THERE)).arg(stamp.to_string());
    call.arg(seen.epoch.as_deref().unwrap_or_default());
    call.arg(seen.acknowledged.load(Ordering::Relaxed));
    let (epoch, nodes): (String, u32) =
        call.invoke_async(connection).await.map_err(ConnectError::of)?;
    Ok(Beat { epoch, nodes })
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A name that nobody else has, in hexadecimal.
pub(crate) fn random() -> String {
    let mut bytes = [0_u8; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        // It is no secret: another process has another id, and another time.
        Err(_) => format!(
            "{}-{}",
            std::process::id(),
            SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos()
        ),
    }
}
