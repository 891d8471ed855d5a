//! Making a connection: to the server that has our keys, and keeps them.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ConnectionAddr, RedisError, RedisResult};

use crate::health::ConnectError;
use crate::keys::Keys;
use crate::link::random;
use crate::options::RedisOptions;
use crate::scripts;

/// How often one server of a cluster points to another, until one is found that has our keys.
const REDIRECTS: usize = 5;

/// How long a connection may take to make.
pub(crate) const CONNECTING: Duration = Duration::from_secs(2);

/// A connection, and the client that made it: in a cluster that of the server which has the slot of all our keys.
pub(crate) async fn connect(
    options: &RedisOptions,
) -> Result<(Client, MultiplexedConnection), ConnectError> {
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
pub(crate) async fn keeps_keys(
    connection: &mut MultiplexedConnection,
) -> Result<u64, ConnectError> {
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
