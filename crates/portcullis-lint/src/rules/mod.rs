//! One file a rule: what it does, why it is bad, an example, the mend.

pub(crate) mod any_host;
pub(crate) mod empty_wildcard;
pub(crate) mod insecure_origin;
pub(crate) mod missing_returns;
pub(crate) mod never_granted;
pub(crate) mod never_needed;
pub(crate) mod public_suffix_origin;
pub(crate) mod unchecked_object;
pub(crate) mod unreachable_host;
pub(crate) mod unused_budget;
pub(crate) mod void_unavailable;
pub(crate) mod weak_csp;

use portcullis_compiler::Compilation;
use portcullis_syntax::Span;
use portcullis_syntax::ast::{CorsClause, Item};

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
pub(crate) fn codes(text: &str) -> Vec<String> {
    found(text).iter().map(|found| found.code.as_str().to_owned()).collect()
}

#[cfg(test)]
pub(crate) fn found(text: &str) -> Vec<portcullis_syntax::Diagnostic> {
    use portcullis_syntax::{Source, Sources};
    let mut sources = Sources::new();
    sources.add(Source::new("policy.gate", text));
    let compilation = portcullis_compiler::compile(sources);
    assert!(!compilation.has_errors(), "{:#?}", compilation.diagnostics);
    crate::lint(&compilation)
}
