//! Whose something is: the account that a sign-in names, the client that a budget counts, the caller to whom an
//! object belongs. What the rules, the audit and the generated tests judge by it, they judge alike.

mod account;
mod key;
mod object;

pub use account::account;
pub use key::{Key, charges};
pub use object::{Compared, How, Tie, compared, demands, is_loose, tie};

pub(crate) use object::relates;
