//! The proofs: what each stage gives to the one that comes after it. None can be had otherwise.

mod accepted;
mod admitted;
mod authorized;
mod listed;
mod loaded;

use std::fmt;

pub use accepted::Accepted;
pub use admitted::Admitted;
pub use authorized::Authorized;
pub use listed::{Listed, View};

pub(crate) use loaded::{Loaded, Nothing};

// What a request brought, and what was found for it, stays out of logs.
macro_rules! opaque_debug {
    ($($name:ident $(<$($param:tt),+>)?),+ $(,)?) => {
        $(impl$(<$($param),+>)? fmt::Debug for $name$(<$($param),+>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })+
    };
}

opaque_debug!(Admitted<'r>, Accepted<'r>, Authorized<'a, T>, Listed<'a, T>, View<'a, T>);
