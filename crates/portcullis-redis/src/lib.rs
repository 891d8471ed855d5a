//! A store for Portcullis in Redis or Valkey, which all servers of a fleet share.
//!
//! ```no_run
//! use portcullis_redis::RedisOptions;
//!
//! # fn main() -> Result<(), portcullis_redis::ConnectError> {
//! let store = RedisOptions::new("rediss://portcullis:password@redis.internal:6379")?.connect()?;
//! # drop(store);
//! # Ok(())
//! # }
//! ```
//!
//! `docs/operations.md` says how such a server is set up, what each failure looks like, and what to do.
//!
//! # What it does
//!
//! Budgets, revocations, sessions and opaque tokens mean what they mean [in memory](portcullis::store::MemoryStore), for
//! all nodes together. All budgets of a stage are charged by one script: one round trip, and all of them or none. Time is
//! that of the server, in microseconds. Where no number can be exact in that measure, a coarser one is taken and rounded so
//! that nobody has more.
//!
//! Revocations come to each node by push, so that the usual request asks nothing. A node that has not heard even itself for
//! 700 ms asks about each. The sum of what a caller may send after a revocation is less than a second's worth.
//!
//! # When it is away
//!
//! Every answer is [`Unavailable`](portcullis::store::Unavailable), at once, until the connection is back; a request that
//! was waiting is answered so within the [timeout](RedisOptions::timeout). Such a request may have been charged, and
//! whatever it was to change may have been changed.
//!
//! Budgets that say `unavailable admit` are counted by each node meanwhile: it has the share of one among the nodes that
//! were there last, of what was left of a key as far as it knows. What it admits so it tells Redis before it goes by it
//! again. [`RedisStore::health`] says how it is, without asking anybody.
//!
//! # When it has forgotten
//!
//! An *epoch* is written to a server once, by [`RedisOptions::initialise`]. A server without one, or with less than this
//! node has seen there, came back without what it had: it would make drained budgets full and revoked tokens good. It is
//! not gone by until an operator says so. Every script looks at the epoch first.
//!
//! # Shares of hot budgets
//!
//! With [`leases`](RedisOptions::leases) a node takes a share of the rate and of the burst of a budget that it charges often,
//! for six seconds, and counts that by itself. Nobody else has that share meanwhile, so that all nodes together never
//! have more than the budget; the share of a node that dies is nobody's until it is over.
//!
//! # In a service
//!
//! The store has a thread of its own, so that it serves a service with any runtime or with none. Names of keys are in one
//! slot of a cluster, and the store follows to the server that has it.

// The server that tests start names this crate as they do.
#[cfg(test)]
extern crate self as portcullis_redis;

// A store, what may be said of it, and what it answers.
mod health;
mod options;
mod store;

// What each question asks of Redis.
mod charge;
mod sessions;

// The connection, and what all questions share.
mod connect;
mod keys;
mod link;
mod measure;
mod push;
mod scripts;
mod shared;

// What this node knows or counts by itself.
mod fallback;
mod lease;
mod revoked;

pub use health::{Condition, ConnectError, Health};
pub use options::RedisOptions;
pub use store::RedisStore;
