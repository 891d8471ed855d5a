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
//! # What does not
//!
//! Budgets, those of an hour or a day as well: they are counted in memory, by a
//! [`MemoryStore`](portcullis::store::MemoryStore) within, and a restart fills them all. A journal of charges
//! would need a bound: whoever invents keys would fill the disk with it.
//!
//! # In an async service
//!
//! Answers are there at once, [`Answer::Ready`](portcullis::store::Answer::Ready): a write blocks its thread
//! for the flush, a millisecond or some more. That is fit for signing in and refreshing, which are seldom beside
//! requests. A runtime with one thread stands still for as long.
//!
//! # What the file holds
//!
//! Tokens, sessions and callers by their hashes alone; nothing in it can be sent to the service. But it
//! holds the claims of sessions and of opaque tokens, and whoever writes to it can revoke and restore. On
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
//! disk the store stays so until it is opened anew.

// Whole operations on a store that is open, and its opening.
mod open;
mod store;

// One transaction, and what is read without one.
mod tables;

pub use open::OpenError;
pub use store::RedbStore;
