//! The connection: made, watched by beats, and made anew.
//!
//! One task owns it. Requests take what is up, and say when it failed them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use futures_util::StreamExt;
use parking_lot::RwLock;
use portcullis::store::Digest;
use redis::aio::{MultiplexedConnection, PubSubStream};
use redis::{
    AsyncConnectionConfig, AsyncIter, Client, ConnectionAddr, FromRedisValue, RedisError,
    RedisResult, ScriptInvocation,
};
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::health::{Condition, ConnectError};
use crate::keys::Keys;
use crate::options::RedisOptions;
use crate::revoked::Revoked;
use crate::scripts;
use crate::shared::Shared;

/// Between two beats.
const BEAT: Duration = Duration::from_millis(200);

/// How long a node is one of the fleet without a beat.
const THERE: Duration = Duration::from_secs(3);

/// How long fewer nodes are there before they are fewer.
const GONE: Duration = Duration::from_secs(60);

/// How often what is revoked is read anew, so that what is over by age is forgotten.
const READING: Duration = Duration::from_secs(600);

/// The first wait before another attempt, which doubles up to the last.
const FIRST_WAIT: Duration = Duration::from_millis(20);
const LAST_WAIT: Duration = Duration::from_secs(1);

/// How often the server's settings are looked at.
const LOOKING: Duration = Duration::from_secs(2);

/// How many keys one beat settles at most.
const SETTLED: usize = 256;

/// How often one server of a cluster points to another, until one is found that has our keys.
const REDIRECTS: usize = 5;

/// How long a connection may take to make.
const CONNECTING: Duration = Duration::from_secs(2);

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
fn jittered(wait: Duration) -> Duration {
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

/// A connection, and the client that made it: in a cluster that of the server which has the slot of all our keys.
async fn connect(options: &RedisOptions) -> Result<(Client, MultiplexedConnection), ConnectError> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECTING))
        .set_response_timeout(Some(options.timeout));
    let mut client = options.client.clone();
    for _ in 0..REDIRECTS {
        let connecting = client.get_multiplexed_async_connection_with_config(&config);
        let mut connection = connecting.await.map_err(ConnectError::of)?;
        let epoch = Keys::new(&options.namespace).epoch();
        let found: RedisResult<Option<String>> =
            redis::cmd("GET").arg(epoch).query_async(&mut connection).await;
        match found {
            Ok(_) => {
                keeps_keys(&mut connection).await?;
                for script in scripts::all() {
                    let loading = script.prepare_invoke();
                    loading.load_async(&mut connection).await.map_err(ConnectError::of)?;
                }
                return Ok((client, connection));
            }
            Err(error) => {
                client = redirected(&client, &error).ok_or_else(|| ConnectError::of(error))?
            }
        }
    }
    Err(ConnectError::Unreachable)
}

/// The client of the server that an error points to.
fn redirected(client: &Client, error: &RedisError) -> Option<Client> {
    let (host, port) = error.redirect_node()?.0.rsplit_once(':')?;
    let port = port.parse().ok()?;
    let info = client.get_connection_info().clone();
    let address = match info.addr().clone() {
        // A cluster may leave out the host: the one that answered.
        ConnectionAddr::Tcp(same, _) => ConnectionAddr::Tcp(named(host, same), port),
        ConnectionAddr::TcpTls { host: same, insecure, tls_params, .. } => {
            ConnectionAddr::TcpTls { host: named(host, same), port, insecure, tls_params }
        }
        _ => return None,
    };
    Client::open(info.set_addr(address)).ok()
}

fn named(host: &str, same: String) -> String {
    if host.is_empty() { same } else { host.to_owned() }
}

/// A Redis that forgets keys when its memory is full would forget a revocation. How many it has evicted so far.
async fn keeps_keys(connection: &mut MultiplexedConnection) -> Result<u64, ConnectError> {
    let mut told = String::new();
    for section in ["memory", "stats"] {
        let info = redis::cmd("INFO").arg(section).query_async::<String>(connection).await;
        told.push_str(&info.map_err(ConnectError::of)?);
    }
    let value = |name: &str| {
        told.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
    };
    match (value("maxmemory"), value("maxmemory_policy")) {
        (Some("0"), _) | (_, Some("noeviction")) => {
            Ok(value("evicted_keys").and_then(|keys| keys.parse().ok()).unwrap_or(0))
        }
        _ => Err(ConnectError::Evicting),
    }
}

/// Hears what is revoked, by a connection of its own that is made anew when it fails.
async fn listen(shared: &Arc<Shared>, client: &Client, connection: MultiplexedConnection) {
    loop {
        let heard = hear(shared, client, connection.clone()).await;
        shared.revoked.lose();
        let code = heard.as_ref().err().and_then(RedisError::code);
        tracing::warn!(code, "revocations do not come by push: each request asks");
        sleep(jittered(LAST_WAIT)).await;
    }
}

async fn hear(
    shared: &Arc<Shared>,
    client: &Client,
    mut connection: MultiplexedConnection,
) -> RedisResult<()> {
    let Shared { keys, revoked, node, .. } = &**shared;
    let subscribing = async {
        let mut subscription = client.get_async_pubsub().await?;
        subscription.subscribe(&[keys.channel(), keys.own_channel(node)]).await?;
        Ok::<_, RedisError>(subscription)
    };
    let Ok(subscription) = timeout(CONNECTING, subscribing).await else { return Ok(()) };
    let (sink, messages) = subscription?.split();
    let mut messages = Box::pin(messages);
    let mut read_at = Instant::now();
    // What is read took longer than what is revoked meanwhile is heard: both are heard.
    read(&mut connection, keys, revoked).await?;
    let own = keys.own_channel(node);
    loop {
        let Some(message) = next(&mut messages).await else { break };
        let text: String = message.get_payload()?;
        if message.get_channel_name() == own {
            let stamp = text.parse().map(Duration::from_micros).ok();
            if let Some(sent_at) = stamp.and_then(|stamp| shared.began.checked_add(stamp)) {
                revoked.heard_all(sent_at);
            }
        } else {
            revoked.add(Digest::from_hex(&text));
        }
        if read_at.elapsed() > READING {
            read(&mut connection, keys, revoked).await?;
            read_at = Instant::now();
        }
    }
    drop(sink);
    Ok(())
}

/// The next message; none where this node has not heard even itself for long.
async fn next(messages: &mut std::pin::Pin<Box<PubSubStream>>) -> Option<redis::Msg> {
    timeout(BEAT * 10, messages.next()).await.ok().flatten()
}

/// Reads all that is revoked.
async fn read(
    connection: &mut MultiplexedConnection,
    keys: &Keys,
    revoked: &Revoked,
) -> RedisResult<()> {
    revoked.begin_reading();
    let mut scan = redis::cmd("ZSCAN");
    scan.arg(keys.revoked()).cursor_arg(0).arg("COUNT").arg(1000);
    let mut entries: AsyncIter<'_, (String, f64)> = scan.iter_async(connection).await?;
    while let Some(entry) = entries.next_item().await {
        revoked.add(Digest::from_hex(&entry?.0));
    }
    revoked.end_reading();
    Ok(())
}

/// Gives a Redis an epoch.
pub(crate) fn initialise(options: &RedisOptions) -> Result<(), ConnectError> {
    // Made, used and dropped on a thread of its own: the caller may be within another runtime, where that is not allowed.
    std::thread::scope(|scope| {
        let done = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(ConnectError::Thread)?;
            runtime.block_on(async {
                let (_, mut connection) = connect(options).await?;
                let epoch = random();
                redis::cmd("SET")
                    .arg(Keys::new(&options.namespace).epoch())
                    .arg(epoch)
                    .exec_async(&mut connection)
                    .await
                    .map_err(ConnectError::of)
            })
        });
        done.join().unwrap_or(Err(ConnectError::Unreachable))
    })
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
