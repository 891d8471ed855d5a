//! One file a rule: what it finds, why that is bad, an example, the mend, and how it looks.

/// The rules, by the names of their files.
macro_rules! rules {
    ($($name:ident,)+) => {
        $(pub(crate) mod $name;)+

        /// Every rule, in the order of their names.
        pub const RULES: &[&Rule] = &[$(&$name::RULE,)+];
    };
}

rules! {
    any_host,
    empty_wildcard,
    insecure_origin,
    missing_returns,
    never_granted,
    never_needed,
    public_suffix_origin,
    unchecked_object,
    unreachable_host,
    unused_budget,
    unused_waiver,
    void_unavailable,
    weak_csp,
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
pub(crate) use tests::{codes, found};
