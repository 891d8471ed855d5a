//! An embedded policy engine for HTTP APIs: who may call which route, on which objects, how often,
//! with which input, and which fields leave.
//!
//! A request goes through stages, and each gives the proof that the next one asks for:
//! [`Engine::admit`] → [`Admitted::input`] → [`Accepted::object`] → [`Authorized::view`]. None can
//! be skipped.

mod answers;
mod caller;
mod condition;
mod cors;
mod credential;
mod engine;
mod envelope;
pub mod filter;
mod forwarded;
mod host;
mod input;
mod json;
mod media_type;
mod observer;
mod outbound;
mod path;
mod policy;
pub mod probe;
mod proof;
mod random;
mod refusal;
mod request;
mod resource;
mod router;
mod session;
mod stage;
pub mod store;
mod time;
mod value;
#[cfg(test)]
mod vectors;
mod view;
#[cfg(feature = "watch")]
mod watch;

// A policy, and the engine that runs it.
pub use credential::{Key, KeyError, KeySource, SigningKey, TokenCheck};
pub use engine::{BuildError, Engine, EngineBuilder, Outcome, Permitted};
pub use policy::{Policy, PolicyError};
#[cfg(feature = "watch")]
pub use watch::{ReloadError, Watch, WatchError};

// A request on its way through the stages.
pub use answers::{Answers, Line, Rendered};
pub use caller::{Caller, CallerError};
pub use cors::Preflight;
pub use envelope::Envelope;
pub use observer::{Decision, Degraded, Observer};
pub use proof::{Accepted, Admitted, Authorized, Listed, View};
pub use refusal::{Clause, Fault, Reason, Refusal};
pub use request::Request;
#[doc(hidden)]
pub use router::{FoundRoute, find_route};
pub use session::{NewToken, SessionError, SessionTokens, TokenRecord};

// What the service may be made to fetch.
#[doc(hidden)]
pub use outbound::never_fetched;
pub use outbound::{CheckedUrl, Fetch, Outbound, OutboundError, SpecialAddress};

// What the application hands over.
pub use portcullis_compiler::SettingValue;
pub use portcullis_compiler::plan::SignatureAlgorithm;
pub use resource::{AttributeType, Resource};
pub use time::Timestamp;
pub use value::{List, Object, Value};
