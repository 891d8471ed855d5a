//! Hearing of revocations as they are made.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use portcullis::store::Digest;
use redis::aio::{MultiplexedConnection, PubSubStream};
use redis::{AsyncIter, Client, RedisError, RedisResult};
use tokio::time::{sleep, timeout};

use crate::connect::CONNECTING;
use crate::keys::Keys;
use crate::link::{BEAT, LAST_WAIT, jittered};
use crate::revoked::Revoked;
use crate::shared::Shared;

/// How often what is revoked is read anew, so that what is over by age is forgotten.
const READING: Duration = Duration::from_secs(600);

/// Hears what is revoked, by a connection of its own that is made anew when it fails.
pub(crate) async fn listen(
    shared: &Arc<Shared>,
    client: &Client,
    connection: MultiplexedConnection,
) {
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
