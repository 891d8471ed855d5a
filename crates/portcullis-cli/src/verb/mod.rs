//! One file a verb.

pub(crate) mod fmt;
pub(crate) mod lint;
pub(crate) mod plan;
pub(crate) mod test;
pub(crate) mod token;
