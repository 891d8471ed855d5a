//! Ways to write a request for `/admin` that some server, proxy or framework has been seen to take for
//! one, made systematically: letters, traversals, surroundings, authorities, headers.
//!
//! Behind them stands one claim. Whoever may not ask for `/admin` reaches it by none of them, and
//! neither by asking for its public neighbours.

mod hold;
mod letters;
mod paths;
mod reader;
mod requests;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use hold::{Became, Evaluators};
pub use reader::{path_leads_to_admin, target_leads_to_admin};

/// An admin-only `/admin`, and public neighbours that take any other path.
pub const POLICY: &str = r#"
transport { https off  hosts ["127.0.0.1"] }
credential access jwt {
    issuer "i" audience "a" algorithms [HS256] lifetime 15m
    caller { id: string from "sub"  role: role from "role" }
}
role admin { read:secrets }
group /admin {
    accept [access]
    needs  read:secrets
    route GET / { returns opaque "a test" }
    route GET /{rest...} { params { rest: string max 10_000 } returns opaque "a test" }
}
route GET / { public returns opaque "a test" }
route GET /{page} { public params { page: string max 10_000 } returns opaque "a test" }
route GET /public/{rest...} {
    public params { rest: string max 10_000 } returns opaque "a test"
}
route POST /{page} { public params { page: string max 10_000 } returns opaque "a test" }
"#;

/// The host that [`POLICY`] answers.
pub const HOST: &str = "127.0.0.1";

/// A request as its bytes are sent, but for `Host` and what a client adds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spelling {
    /// The method, as it stands in the request's first line.
    pub method: &'static str,
    /// The target, as it stands there.
    pub target: Vec<u8>,
    /// Headers beside `Host`.
    pub headers: Vec<(&'static str, String)>,
}

/// All of them, each once.
#[must_use]
pub fn all() -> Vec<Spelling> {
    let mut all: BTreeSet<Spelling> = BTreeSet::new();
    let targets = letters::targets().into_iter().chain(paths::targets());
    for target in targets {
        all.insert(Spelling { method: "GET", target, headers: Vec::new() });
    }
    all.extend(requests::requests());
    all.into_iter().collect()
}
