//! One file a rule: what it finds, why that is bad, an example, the mend, and how it looks.

/// A policy whose callers have tokens: what stands first in most examples.
macro_rules! with_access {
    ($rest:literal) => {
        concat!(
            r#"
transport { hosts ["library.example"] }

credential access jwt {
    issuer      "https://auth.library.example"
    audience    "library"
    algorithms  [EdDSA]
    type        "at+jwt"
    lifetime    15m
    revocable
    caller {
        id:    string  from "sub"
        role:  role    from "role"
    }
}
"#,
            $rest
        )
    };
}

/// The same, with something that belongs to somebody.
macro_rules! with_loans {
    ($rest:literal) => {
        concat!(
            with_access!(
                r#"
role reader { read:loans }

enum loan_state { requested running returned }

resource loan {
    key      id: uuid
    reader:  string
    state:   loan_state

    predicate own { loan.reader == caller.id }

    view full { id state }
}
"#
            ),
            $rest
        )
    };
}

/// The rules, by the names of their files.
macro_rules! rules {
    ($($name:ident,)+) => {
        $(pub(crate) mod $name;)+

        /// Every rule, in the order of their names.
        pub const RULES: &[&Rule] = &[$(&$name::RULE,)+];
    };
}

rules! {
    anonymous_write,
    any_host,
    client_set_owner,
    client_set_price,
    client_set_role,
    dead_allow,
    dead_guard,
    empty_wildcard,
    equal_roles,
    hidden_sort_key,
    insecure_origin,
    missing_returns,
    mutation_by_get,
    near_miss_name,
    never_granted,
    never_needed,
    opaque_object,
    open_admin_route,
    open_allow,
    open_old_version,
    overlapping_route,
    public_personal_data,
    public_suffix_origin,
    redundant_grant,
    repeated_guard,
    role_by_name,
    secret_in_url,
    shadowed_allow,
    shown_secret,
    unchecked_object,
    unfiltered_list,
    unheld_role,
    unmarked_secret,
    unnamed_permission,
    unowned_creation,
    unreachable_host,
    unreachable_returns,
    unrelated_object,
    unused_budget,
    unused_declaration,
    unused_predicate,
    unused_waiver,
    void_unavailable,
    weak_csp,
    weaker_old_version,
    whole_resource,
    wide_grant,
    write_by_reading,
}

use portcullis_compiler::Compilation;
use portcullis_syntax::Span;
use portcullis_syntax::ast::{CorsClause, Item};

use crate::rule::Rule;
use crate::texts::texts;

/// The origins of `cors`, in every profile.
fn origins(compilation: &Compilation) -> Vec<(Origin<'_>, Span)> {
    let items = compilation.files.iter().flat_map(|file| &file.items);
    let clauses = items.flat_map(|item| match item {
        Item::Cors(cors) => cors.clauses.as_slice(),
        _ => &[],
    });
    let texts = clauses.flat_map(|limited| match &limited.clause {
        CorsClause::Origins(value) => texts(compilation, value),
        _ => Vec::new(),
    });
    texts.map(|(text, place)| (Origin(text), place)).collect()
}

/// An origin that has compiled.
struct Origin<'c>(&'c str);

impl<'c> Origin<'c> {
    /// Its host without the port, where its scheme is this one.
    fn host(&self, scheme: &str) -> Option<&'c str> {
        let rest = self.0.strip_prefix(scheme)?;
        let port = rest.rfind(':').filter(|at| !rest.get(*at..).unwrap_or("").contains(']'));
        rest.get(..port.unwrap_or(rest.len()))
    }
}

impl std::fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use tests::{codes, count, found};
