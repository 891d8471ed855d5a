//! The store against real servers, which each test starts for itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests say what they expect"
)]

mod cluster;
mod conformance;
mod counting;
mod failures;
mod leases;
mod server;
mod tls;
mod versions;
mod wait;
