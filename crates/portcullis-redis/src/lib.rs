//! A store for Portcullis in Redis or Valkey, which all servers of a fleet share.

// The server that tests start names this crate as they do.
#[cfg(test)]
extern crate self as portcullis_redis;

mod charge;
mod fallback;
mod health;
mod keys;
mod lease;
mod link;
mod measure;
mod options;
mod revoked;
mod scripts;
mod sessions;
mod shared;
mod store;

pub use health::{Condition, ConnectError, Health};
pub use options::RedisOptions;
pub use store::RedisStore;
