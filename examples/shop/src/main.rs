//! Serves the shop on 127.0.0.1:8080 and prints what to try.
//!
//! `--store`, or `SHOP_STORE`, says where sessions, revocations and counts are kept: a file, or a Redis that several shops
//! share. `SHOP_ADDRESS` says another address.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the example speaks to whoever runs it"
)]

use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use portcullis::store::MemoryStore;
use portcullis::{Engine, Policy};
use portcullis_redb::RedbStore;
use portcullis_redis::{ConnectError, RedisOptions};
use portcullis_tower::GuardLayer;
use shop::store::{ALICES_ORDER, BOBS_ORDER, PASSWORD, SHIPPED_ORDER, Store};
use shop::{guard, routes, token};
use tracing_subscriber::EnvFilter;

const USAGE: &str = "\
usage: shop [--store STORE]   serve; SHOP_STORE says the same
       shop init-store URL    say that this Redis is to be gone by, once for a new one
       shop token USER ROLE   print a fresh token

  STORE is redis://HOST:PORT, rediss://HOST:PORT, unix:///PATH, or a file; without one all is
  kept in memory";

/// How long a request waits for Redis at most. An example may be on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => serve(std::env::var("SHOP_STORE").ok()).await,
        ["--store", store] => serve(Some((*store).to_owned())).await,
        ["init-store", url] => initialise(url),
        ["token", user, role] => token::mint(user, role).map(|token| println!("{token}")),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{}", plainly(&*why));
            ExitCode::FAILURE
        }
    }
}

fn initialise(url: &str) -> Result<(), Box<dyn Error>> {
    RedisOptions::new(url)?.initialise()?;
    println!("shops may go by this Redis from now on; those that run take it up by themselves");
    Ok(())
}

/// An error, and what it comes from.
fn plainly(why: &(dyn Error + 'static)) -> String {
    let sources = std::iter::successors(Some(why), |why| (*why).source());
    sources.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// The engine over a file or a Redis, or over memory, where a restart signs everybody out.
fn engine(policy: Policy, store: Option<&str>) -> Result<Engine, Box<dyn Error>> {
    match store {
        None => guard::engine(policy, MemoryStore::default()),
        Some(url) if url.contains("://") => {
            match RedisOptions::new(url)?.timeout(PATIENCE).connect() {
                Ok(store) => guard::engine(policy, store),
                Err(why @ ConnectError::Forgotten) => {
                    Err(format!("{why}, by `shop init-store` and the same address").into())
                }
                Err(why) => Err(why.into()),
            }
        }
        Some(file) => guard::engine(policy, RedbStore::open(file)?),
    }
}

async fn serve(store: Option<String>) -> Result<(), Box<dyn Error>> {
    let ansi = std::io::IsTerminal::is_terminal(&std::io::stdout());
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_target(false).with_ansi(ansi).init();

    let policy = policy_folder();
    // Its lines are for people.
    let loaded = Policy::load(&policy).map_err(|why| format!("the policy has faults\n{why}"))?;
    let engine = engine(loaded, store.as_deref())?;
    let _watch = engine.watch(&policy, |reloaded| match reloaded {
        Ok(()) => tracing::info!("the policy was reloaded"),
        Err(why) => tracing::error!("the last good policy stays in force\n{why}"),
    })?;

    let address = std::env::var("SHOP_ADDRESS").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let listener = tokio::net::TcpListener::bind(&address)
        .await
        .map_err(|why| format!("cannot listen on {address}: {why}; set SHOP_ADDRESS to another"))?;
    let address = listener.local_addr()?;
    println!("{}", invitation(&policy, address)?);
    let app = routes::app(Arc::new(Store::seeded()?), GuardLayer::new(engine));
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app)
        .with_graceful_shutdown(async {
            // Without a signal handler the server runs until it is killed.
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    Ok(())
}

/// `policies/shop` of this repository, from wherever the shop is run.
fn policy_folder() -> PathBuf {
    let from_here = Path::new("policies/shop");
    if from_here.is_dir() {
        return from_here.to_owned();
    }
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/shop")
}

/// What to try, with tokens that are good for a quarter of an hour.
fn invitation(policy: &Path, address: SocketAddr) -> Result<String, Box<dyn Error>> {
    let (alice, bob) = (token::mint("alice", "user")?, token::mint("bob", "user")?);
    let base = format!("http://{address}/api");
    let missing = "00000000-0000-4000-8000-000000000000";
    Ok(format!(
        r#"
The shop is open on http://{address}, guarded by {policy}.

Two customers, with tokens for the next quarter of an hour
(`cargo run -q -p shop -- token alice user` makes another):

  ALICE={alice}
  BOB={bob}

Paste those two lines into a second terminal, then try:

  # 200: the catalogue, for everybody, without what the shop pays for it
  curl -i {base}/products
  # 200: alice's own order, without its owner and its card
  curl -i {base}/orders/{ALICES_ORDER} -H "Authorization: Bearer $ALICE"
  # 401: nobody
  curl -i {base}/orders/{ALICES_ORDER}
  # 403: a stranger
  curl -i {base}/orders/{ALICES_ORDER} -H "Authorization: Bearer $BOB"
  # 404: an order that is not there
  curl -i {base}/orders/{missing} -H "Authorization: Bearer $ALICE"
  # 200: bob cancels his order
  curl -i -X PUT {base}/orders/{BOBS_ORDER} -H "Authorization: Bearer $BOB" \
       -H "Content-Type: application/json" -d '{{"status": "cancelled"}}'
  # 409: alice's other order has been shipped
  curl -i -X PUT {base}/orders/{SHIPPED_ORDER} -H "Authorization: Bearer $ALICE" \
       -H "Content-Type: application/json" -d '{{"status": "cancelled"}}'
  # 200: a new customer, as the outside sees them; whoever claims to be an admin is none
  curl -i {base}/auth/register -H "Content-Type: application/json" \
       -d '{{"email": " Carol@Shop.example ", "password": "Lamps4all!", "name": "Carol", "role": "admin"}}'
  # 400: every fault of a body at once
  curl -i {base}/auth/register -H "Content-Type: application/json" \
       -d '{{"email": "nobody", "password": "short", "name": "R2D2", "age": 7}}'
  # 403: a page of another origin asks whether it may
  curl -i -X OPTIONS {base}/orders -H "Origin: https://stranger.example" \
       -H "Access-Control-Request-Method: GET"
  # 200: alice signs in as a browser does: an access token, and a cookie that goes to {base}/auth alone
  curl -i -c jar {base}/auth/login -H "Content-Type: application/json" \
       -d '{{"email": "alice@shop.example", "password": "{PASSWORD}"}}'
  # 200: the next access token for the cookie, which is another one from then on
  curl -i -b jar -c jar -X POST {base}/auth/refresh
  # 401: a wrong password, and the same answer for an address that nobody has
  curl -i {base}/auth/login -H "Content-Type: application/json" \
       -d '{{"email": "bob@shop.example", "password": "wrong"}}'
  # 204: alice signs out, and her token is good no longer
  curl -i -b jar -c jar -X POST {base}/auth/logout -H "Authorization: Bearer $ALICE"
  # 401: neither is the cookie
  curl -i -b jar -X POST {base}/auth/refresh
  # 429: an address is tried a few times in a quarter of an hour
  for i in 1 2 3 4 5 6; do curl -s -o /dev/null -w "%{{http_code}}\n" {base}/auth/forgot-password \
       -H "Content-Type: application/json" -d '{{"email": "alice@shop.example"}}'; done

Edit a `.gate` file while the shop runs, and ask again. Ctrl-C closes.
"#,
        policy = policy.display(),
    ))
}
