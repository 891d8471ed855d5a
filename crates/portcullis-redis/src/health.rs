//! How the store is, for a probe, and why it could not be reached.

use std::io;
use std::time::SystemTime;

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// Whether Redis is gone by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// It is there.
    Up,
    /// It does not answer, or refuses the connection.
    Unreachable,
    /// It takes neither this user nor this password, or lets the user do too little.
    Denied,
    /// It has no epoch, or less than this node has seen there: it came back without what it had. It is not gone by until
    /// an operator says so ([`RedisOptions::initialise`](crate::RedisOptions::initialise)).
    Forgotten,
    /// It is set to forget keys when its memory is full: a revocation would be one of them. `maxmemory-policy` has to be
    /// `noeviction`.
    Evicting,
    /// Its memory is full: it writes nothing down.
    Full,
}

/// How the store is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Health {
    /// Whether Redis is gone by. While it is not, what needs it is refused, but for budgets that say `unavailable admit`.
    pub condition: Condition,
    /// Since when.
    pub since: SystemTime,
    /// How many nodes there are, as it said last; at least this one.
    pub nodes: u32,
    /// Whether revocations come by push. While they do not, each request asks.
    pub push: bool,
    /// How many revocations this node knows of.
    pub revocations: usize,
    /// How many keys this node has counted by itself and not told Redis of yet.
    pub unsettled: usize,
    /// How many shares of budgets this node holds.
    pub leases: usize,
}

/// Why there is no store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// It is no address of Redis, or a certificate is none.
    #[error("this is no address of a Redis server, or no certificate")]
    Address(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No thread could be started.
    #[error("no thread can be started for the store")]
    Thread(#[source] io::Error),
    /// It does not answer.
    #[error("Redis cannot be reached")]
    Unreachable,
    /// It takes neither this user nor this password, or lets the user do too little.
    #[error("Redis denies this user what the store needs")]
    Denied,
    /// It has no epoch.
    #[error(
        "this Redis is new, or has forgotten what it had: initialise it if that is as it should be"
    )]
    Forgotten,
    /// It is set to forget keys when its memory is full.
    #[error(
        "this Redis forgets keys when its memory is full: set its maxmemory-policy to noeviction"
    )]
    Evicting,
    /// Its memory is full.
    #[error("the memory of this Redis is full: raise its maxmemory")]
    Full,
}

impl ConnectError {
    pub(crate) fn address(error: RedisError) -> ConnectError {
        ConnectError::Address(Box::new(error))
    }

    /// What an error while connecting means.
    pub(crate) fn of(error: RedisError) -> ConnectError {
        tracing::debug!(%error, "redis");
        match error.kind() {
            ErrorKind::AuthenticationFailed | ErrorKind::Server(ServerErrorKind::NoPerm) => {
                ConnectError::Denied
            }
            _ if error.code() == Some("FORGOTTEN") => ConnectError::Forgotten,
            _ if error.code() == Some("OOM") => ConnectError::Full,
            _ if matches!(error.code(), Some("NOAUTH" | "WRONGPASS" | "NOPERM")) => {
                ConnectError::Denied
            }
            _ => ConnectError::Unreachable,
        }
    }

    pub(crate) fn condition(&self) -> Condition {
        match self {
            ConnectError::Forgotten => Condition::Forgotten,
            ConnectError::Evicting => Condition::Evicting,
            ConnectError::Full => Condition::Full,
            ConnectError::Denied => Condition::Denied,
            ConnectError::Address(_) | ConnectError::Thread(_) | ConnectError::Unreachable => {
                Condition::Unreachable
            }
        }
    }
}
