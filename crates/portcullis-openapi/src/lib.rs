//! From a description of an API, written in OpenAPI 3.0 or 3.1, to a policy; and how the two differ.
//!
//! A policy that is made here denies by default. Whom the description does not let in, or where it does
//! not say whose an object is, nobody gets in until a person has decided; the text says so, with `TODO`.
//! What the language cannot say is told in a comment and in the [`Report`].
//!
//! A description may come from anybody: it has at most 16 MiB, 64 levels of YAML or 128 of JSON, and
//! what YAML's aliases stand for is counted. A reference leads to a place in the same file or nowhere.
//! Nothing here does I/O.

mod drift;
mod error;
mod import;
mod name;
mod node;
mod operation;
mod read;
mod reference;
mod schema;
mod server;
mod shown;
mod telling;

pub use drift::{Difference, Side, drift};
pub use error::Error;
pub use import::{Imported, Report, Todo, import};
pub use read::{Description, LARGEST};
