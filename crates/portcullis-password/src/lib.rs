//! Passwords at sign-in, checked so that the answer and its time do not tell who is a user.
//!
//! ```
//! use portcullis_password::{Checked, Passwords};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Once, when the service starts.
//! let passwords = Passwords::new();
//!
//! // When somebody registers or chooses a new password.
//! let stored = passwords.hash("correct horse battery staple")?;
//!
//! // When somebody signs in. `None` stands for a user whom the database does not know.
//! match passwords.check(Some(&stored), "correct horse battery staple") {
//!     Checked::Right { upgrade: Some(_new) } => { /* store it in the place of the old one */ }
//!     Checked::Right { upgrade: None } => {}
//!     Checked::Wrong => return Err("no such user, or another password".into()),
//! }
//! assert!(matches!(passwords.check(None, "a guess"), Checked::Wrong));
//! # Ok(())
//! # }
//! ```
//!
//! # Run it where it may block
//!
//! A hash takes ten milliseconds or more and 19 MiB of memory, both more with higher parameters: this is
//! what makes guessing dear. In an async service, call [`Passwords::hash`] and [`Passwords::check`] inside
//! `tokio::task::spawn_blocking`, or they hold up every other request of their thread. And bound how many
//! run at once, by a semaphore or a budget of the route: tokio would start hundreds of them, and each
//! takes its memory.
//!
//! # What is checked
//!
//! - **Argon2id** of version 19 (RFC 9106) as a PHC string, `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, with a
//!   salt of 8 to 48 bytes, a hash of 16 to 64 bytes, at most 2 GiB of memory, and memory times iterations
//!   of at most 4 GiB. `keyid` and `data` are not taken, nor are Argon2i and Argon2d.
//! - **bcrypt** as `$2a$`, `$2b$` or `$2y$`, of cost 4 to 16. Such hashes are only checked, never made.
//!
//! Whatever else is stored counts as no hash: its user cannot sign in until the password is set anew.
//! The bounds are there so that a single hash in the database does not stop the service. The lanes of
//! Argon2 are computed one after another.
//!
//! A password is the bytes of its text in UTF-8, from 1 to 1,024 of them, and is not normalised: a
//! service which normalises must do so at both calls.
//!
//! **bcrypt knows less of a password than was typed.** It ignores what follows 72 bytes; many versions stop
//! at a NUL, and to the others `a` and `a\0a` are one. A password that is longer than 72 bytes or has a
//! NUL is therefore `Wrong` against a bcrypt hash, although the software that made the hash may have let it
//! in. Such a user sets a new password.
//!
//! # What the time tells, and what not
//!
//! A user who is not there, a password that is wrong, and a stored hash that cannot be read run the same
//! code with the same parameters, once, and are compared in constant time. There are limits to this:
//!
//! - A stored hash with **other parameters, or of bcrypt,** takes another time than a user who is not
//!   there, and so tells that its user exists, until they have signed in once and the upgrade is stored.
//!   One that is not weaker is not upgraded, and tells it for good. Whoever raises parameters opens this
//!   gap for every user; whoever cannot bear it has the passwords set anew.
//! - The look-up of the user, the answer, and what is logged are the service's own. They must not differ
//!   either: call `check` in both cases, and answer with the same words.
//! - It does not slow down who guesses. This takes a budget, by user and by address.

mod parameters;
mod passwords;
mod stored;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;

// The whole of what is public: hashing and checking, what a check says, and what can go wrong.
pub use parameters::ParameterError;
pub use passwords::{Checked, HashError, Passwords};
