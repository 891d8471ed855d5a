//! The text in which every clause of the language stands: it compiles, under every profile.

use portcullis_compiler::compile;
use portcullis_syntax::{Source, Sources};

#[test]
fn every_clause_of_the_language_compiles() {
    let text = include_str!("../../portcullis-syntax/tests/whole/every_clause.gate");
    let mut sources = Sources::new();
    sources.add(Source::new("every_clause.gate", text));
    let compilation = compile(sources);
    assert!(compilation.diagnostics.is_empty(), "{:#?}", compilation.diagnostics);
    assert_eq!(compilation.profiles, ["development", "production"]);
    assert_eq!(compilation.plans.len(), 2);
}
