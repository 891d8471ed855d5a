//! The tree of each kind of declaration: what it says, and where.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

mod answers;
mod declarations;
mod expressions;

use portcullis_syntax::ast::*;
use portcullis_syntax::{Source, Sources, Span, parse};

/// A text that parses, and its tree.
struct Read {
    sources: Sources,
    file: File,
}

fn read(text: &str) -> Read {
    let mut sources = Sources::new();
    let id = sources.add(Source::new("a.gate", text));
    let (file, faults) = parse(&sources, id);
    assert!(faults.is_empty(), "{faults:?}");
    Read { sources, file }
}

impl Read {
    fn at(&self, span: Span) -> &str {
        self.sources.slice(span)
    }

    fn only(&self) -> &Item {
        assert_eq!(self.file.items.len(), 1);
        &self.file.items[0]
    }
}

/// The one declaration of a text, of the kind that is expected.
macro_rules! only {
    ($read:expr, $kind:path) => {
        match $read.only() {
            $kind(declaration) => declaration,
            other => panic!("{other:?}"),
        }
    };
}
use only;

fn texts(names: &[Name]) -> Vec<&str> {
    names.iter().map(|name| name.node.as_str()).collect()
}

fn literal(value: &Value) -> &Literal {
    match &value.node {
        ValueKind::Literal(literal) => literal,
        other => panic!("{other:?}"),
    }
}

fn list(value: &Value) -> &[Value] {
    match &value.node {
        ValueKind::List(values) => values,
        other => panic!("{other:?}"),
    }
}
