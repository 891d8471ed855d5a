//! A store for Portcullis that survives a restart: one file, and one process that has it open.
//!
//! ```
//! use portcullis_redb::RedbStore;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("portcullis.redb");
//! let store = RedbStore::open(path)?;
//! # drop(store);
//! # Ok(())
//! # }
//! ```
//!
//! # What lasts
//!
//! Revocations, sessions and opaque tokens. What changes one of them is one transaction, on the disk before
//! the answer is given: whatever was answered for is there after a kill or a loss of power, as far as the
//! disk keeps what it says it has written. That takes a flush of the disk, during which the thread that asks
//! waits, and so does every other that has something to write. A question that changes nothing writes
//! nothing, and whether a token was revoked is answered from memory.
//!
//! When an opaque token was last used is written once a minute at most and not flushed: a kill may lose it.
//!
//! # Budgets
//!
//! Budgets are counted in memory, by a [`MemoryStore`](portcullis::store::MemoryStore) within, and a charge costs
//! what it costs there. What [those of an hour or more](portcullis::store::Budget::is_lasting) have counted is
//! written down once a second by a thread of the store's own, by [`flush`](RedbStore::flush), and when the store is
//! dropped: a kill forgets the charges of the last second or so, and refunds of that time. The file has
//! at most as many counts of a budget as memory has, whoever invents keys.
//!
//! A restart fills the others, those of a minute for one.
//!
//! # In an async service
//!
//! Answers are there at once, [`Answer::Ready`](portcullis::store::Answer::Ready): a write blocks its thread
//! for the flush, a millisecond or some more. That is fit for signing in and refreshing, which are seldom beside
//! requests. A runtime with one thread stands still for as long.
//!
//! # What the file holds
//!
//! Tokens, sessions, callers and the keys of budgets by their hashes alone; nothing in it can be sent to the
//! service. But it holds the claims of sessions and of opaque tokens and the secret that keys are hashed with, and
//! whoever writes to it can revoke and restore. On
//! Unix a new file is its owner's alone. What is over by age is removed at open, as the system's clock has
//! it, and as the file is written to, as the requests' clock has it.
//!
//! # Faults
//!
//! The whole file is checked when it is opened, and a damaged one is refused. One that is not there, or is
//! empty, is a new store, which takes nothing for revoked.
//!
//! A file that cannot be read or written, and one whose contents make no sense, answer
//! [`Unavailable`](portcullis::store::Unavailable), which refuses what depends on it. After a fault of the
//! disk the store stays so until it is opened anew. Budgets are counted on, in memory alone.

// Whole operations on a store that is open, and its opening.
mod open;
mod recorder;
mod store;

// One transaction, and what is read without one.
mod tables;

pub use open::OpenError;
pub use store::RedbStore;
