//! A small shop behind Portcullis, and a policy that says who may do what.
//!
//! Nothing here checks a token, an owner, a budget or an input, and nothing picks the fields that
//! leave: that is all in `policies/shop`.

pub mod guard;
pub mod keys;
pub mod routes;
pub mod store;
pub mod token;
