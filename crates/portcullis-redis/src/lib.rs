//! A store for Portcullis in Redis or Valkey, which all servers of a fleet share.

mod charge;
mod fallback;
mod health;
mod keys;
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
