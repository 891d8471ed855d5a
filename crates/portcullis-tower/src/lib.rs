//! A [`tower`](https://docs.rs/tower) layer that puts a Portcullis engine before a service.
//!
//! What happens to a request, in this order:
//!
//! 1. A preflight of the policy's `cors` is answered here.
//! 2. Transport and caller are decided. A refusal is answered here; the service is never called.
//! 3. The body is read, at most as much as the policy's `body_limit`, and the input is decided.
//!    Headers that ask for another method or path than the request's are dropped, and so are those by
//!    which a proxy says who the client is: [`Gate::client`] has that. The target holds the path that was
//!    decided, in its normal form.
//! 4. The service is called with an **empty body** and a [`Gate`] in the request's extensions. The
//!    handler takes parameters and body from the gate, normalised; the raw ones are gone.
//! 5. **The net.** Where the route returns a view, only a [`Reply`] that this request's gate made
//!    leaves, and the bytes sent are those that the gate kept: a body put in its place is dropped.
//!    Any other success is a logged 500; any other error keeps its status and gets a generic body.
//!    Where the route returns nothing, an empty answer is a 204 and any other is a logged 500. Where the
//!    route loads, lists or creates objects, a success without having asked about them, or after a
//!    refusal, is a logged 500.
//! 6. What `cors` says is written on every answer, and nothing that the handler says of it leaves.
//!
//! The layer has to be told what it cannot see: whether the connection was encrypted
//! ([`GuardLayer::over_tls`]) and who is at its other end (axum's `ConnectInfo`, or [`Peer`] in the
//! request's extensions). Behind a proxy that ends TLS the peer is the proxy: name it in the policy's
//! `proxies`, and what it says of the client's address, scheme and host counts.

mod answer;
#[cfg(feature = "axum")]
mod extract;
mod gate;
mod incoming;
mod layer;
mod panic;

pub use answer::{Refused, Reply};
pub use gate::Gate;
pub use incoming::Peer;
pub use layer::{Guard, GuardFuture, GuardLayer};
