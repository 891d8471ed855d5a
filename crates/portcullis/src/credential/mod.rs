//! What a caller shows, and what is known of them once it is verified.

mod jwt;
mod keys;

pub(crate) use jwt::{ClaimValue, accept, bearer};
pub use keys::{Key, KeyError};
