//! Reading, laying out and compiling any bytes.

use portcullis_compiler::compile;
use portcullis_syntax::diagnostic::{Style, render};
use portcullis_syntax::{FormatError, Source, Sources, format, parse};

/// Holds for all bytes: nothing panics, every fault can be shown, and what can be laid out has one
/// layout, which means the same.
pub fn check(bytes: &[u8]) {
    let source = Source::from_bytes("made.gate", bytes.to_vec());
    let mut sources = Sources::new();
    sources.add(source.clone());
    let compilation = compile(sources);
    for fault in &compilation.diagnostics {
        let _ = render(fault, &compilation.sources, Style::Plain);
    }
    let formatted = match format(&source) {
        Ok(formatted) => Source::new("made.gate", formatted),
        Err(FormatError::Syntax(_)) => return,
        Err(FormatError::Changed) => panic!("the layout would mean something else"),
    };
    assert_eq!(tree(&formatted), tree(&source), "the layout has another tree");
    let again = format(&formatted).expect("a layout can be laid out");
    assert_eq!(again, formatted.text, "the layout is not final");
}

/// The tree in words, without the places of its parts.
fn tree(source: &Source) -> String {
    let mut sources = Sources::new();
    let file = sources.add(source.clone());
    let (tree, _) = parse(&sources, file);
    let words = format!("{tree:?}");
    let mut parts = words.split("Span {");
    let mut kept = parts.next().unwrap_or("").to_owned();
    for part in parts {
        kept.push_str(part.split_once('}').map_or(part, |(_, behind)| behind));
    }
    kept
}
