//! An embedded policy engine for HTTP APIs.

mod refusal;
mod resource;
pub mod store;
mod time;
mod value;

pub use refusal::{Fault, Reason};
pub use resource::{AttributeType, Resource};
pub use time::Timestamp;
pub use value::{List, Value};
