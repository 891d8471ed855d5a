//! One file a rule: what it does, why it is bad, an example, the mend.

pub(crate) mod any_host;
pub(crate) mod empty_wildcard;
pub(crate) mod missing_returns;
pub(crate) mod never_granted;
pub(crate) mod never_needed;
pub(crate) mod unchecked_object;
pub(crate) mod unreachable_host;
pub(crate) mod unused_budget;
pub(crate) mod void_unavailable;

#[cfg(test)]
pub(crate) fn codes(text: &str) -> Vec<String> {
    use portcullis_syntax::{Source, Sources};
    let mut sources = Sources::new();
    sources.add(Source::new("policy.gate", text));
    let compilation = portcullis_compiler::compile(sources);
    assert!(!compilation.has_errors(), "{:#?}", compilation.diagnostics);
    crate::lint(&compilation).iter().map(|found| found.code.as_str().to_owned()).collect()
}
