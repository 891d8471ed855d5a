//! The text in which every clause of the language stands: its names and types are sound, and what this
//! version does not enforce is refused by name, and nothing else.

use portcullis_compiler::compile;
use portcullis_syntax::{Code, Source, Sources};

#[test]
fn of_every_clause_nothing_is_wrong_but_what_is_not_supported_yet() {
    let text = include_str!("../../portcullis-syntax/tests/whole/every_clause.gate");
    let mut sources = Sources::new();
    sources.add(Source::new("every_clause.gate", text));
    let compilation = compile(sources);
    let supported = |code: Code| code != Code::NotSupported;
    let others: Vec<_> =
        compilation.diagnostics.iter().filter(|fault| supported(fault.code)).collect();
    assert!(others.is_empty(), "{others:#?}");
    assert!(compilation.plans.is_empty(), "what is not enforced does not compile");
    assert_eq!(compilation.profiles, ["development", "production"]);
}
