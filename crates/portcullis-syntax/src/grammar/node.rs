//! A parsed piece of text: pest's pair, with its place in the file and a way to report faults.

use std::cell::RefCell;

use pest::iterators::Pair;

use super::Rule;
use crate::ast::{Name, Unsupported, Waiver};
use crate::{Code, Diagnostic, FileId, Span, Spanned};

/// Where a declaration stands, and the faults found in it.
pub(super) struct Context {
    pub(super) file: FileId,
    pub(super) offset: usize,
    pub(super) faults: RefCell<Vec<Diagnostic>>,
}

impl Context {
    pub(super) fn report(&self, fault: Diagnostic) {
        self.faults.borrow_mut().push(fault);
    }
}

#[derive(Clone)]
pub(super) struct Node<'t> {
    pub(super) pair: Pair<'t, Rule>,
    pub(super) context: &'t Context,
}

impl<'t> Node<'t> {
    pub(super) fn rule(&self) -> Rule {
        self.pair.as_rule()
    }

    pub(super) fn text(&self) -> &'t str {
        self.pair.as_str()
    }

    pub(super) fn span(&self) -> Span {
        let span = self.pair.as_span();
        // pest ends a rule after the white space that a missing last part would have followed.
        let text = span.as_str();
        self.place(span.start(), span.start() + trimmed(text))
    }

    fn place(&self, start: usize, end: usize) -> Span {
        let clip = |at: usize| u32::try_from(self.context.offset + at).unwrap_or(u32::MAX);
        Span { file: self.context.file, start: clip(start), end: clip(end) }
    }

    pub(super) fn children(&self) -> impl Iterator<Item = Node<'t>> {
        let context = self.context;
        self.pair.clone().into_inner().map(move |pair| Node { pair, context })
    }

    pub(super) fn all(&self, rule: Rule) -> impl Iterator<Item = Node<'t>> {
        self.children().filter(move |node| node.rule() == rule)
    }

    pub(super) fn child(&self, rule: Rule) -> Option<Node<'t>> {
        self.all(rule).next()
    }

    pub(super) fn has(&self, rule: Rule) -> bool {
        self.child(rule).is_some()
    }

    /// The first child that is no keyword and no doc line.
    pub(super) fn first(&self) -> Option<Node<'t>> {
        self.children().find(|node| !node.is_keyword() && node.rule() != Rule::doc)
    }

    pub(super) fn is_keyword(&self) -> bool {
        format!("{:?}", self.rule()).starts_with("kw_")
    }

    pub(super) fn spanned<T>(&self, node: T) -> Spanned<T> {
        Spanned { node, span: self.span() }
    }

    /// The text as a name.
    pub(super) fn name(&self) -> Name {
        self.spanned(self.text().trim_end().to_owned())
    }

    /// The name among the children; empty where the grammar has none.
    pub(super) fn own_name(&self) -> Name {
        self.child(Rule::name).map_or_else(|| self.spanned(String::new()), |name| name.name())
    }

    /// A field's name, without its colon.
    pub(super) fn field_name(&self) -> Name {
        match self.child(Rule::field_name) {
            Some(field) => {
                let text = field.text().trim_end_matches(':');
                let start = field.pair.as_span().start();
                Spanned { node: text.to_owned(), span: self.place(start, start + text.len()) }
            }
            None => self.spanned(String::new()),
        }
    }

    /// The names of a `names`: one, or several in brackets.
    pub(super) fn names(&self) -> Vec<Name> {
        let list = self.child(Rule::names);
        list.map_or_else(Vec::new, |list| list.all(Rule::name).map(|name| name.name()).collect())
    }

    pub(super) fn docs(&self) -> Vec<String> {
        let line = |doc: Node<'_>| doc.text().trim_start_matches('/').trim().to_owned();
        self.all(Rule::doc).map(line).collect()
    }

    /// The span without the docs before it.
    pub(super) fn undocumented(&self) -> Span {
        let first = self.children().find(|node| node.rule() != Rule::doc);
        first.map_or(self.span(), |first| Span { start: first.span().start, ..self.span() })
    }

    pub(super) fn unsupported(&self, what: impl Into<String>) -> Unsupported {
        Unsupported { what: what.into(), span: self.span() }
    }

    /// What is not supported, called by its own keywords: `issues session`.
    pub(super) fn unsupported_words(&self) -> Unsupported {
        let words = self.children().filter(Node::is_keyword);
        let words = words.map(|word| word.text().to_owned()).collect::<Vec<_>>().join(" ");
        self.unsupported(words)
    }

    pub(super) fn waiver(&self) -> Waiver {
        Waiver {
            rule: self
                .child(Rule::rule_name)
                .map_or_else(|| self.spanned(String::new()), |name| name.name()),
            reason: self.own_string(),
            span: self.span(),
        }
    }

    /// The string among the children, escapes resolved.
    pub(super) fn own_string(&self) -> Spanned<String> {
        match self.child(Rule::string) {
            Some(string) => string.string(),
            None => self.spanned(String::new()),
        }
    }

    /// This string, escapes resolved.
    pub(super) fn string(&self) -> Spanned<String> {
        let inner = self.text().strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let mut out = String::new();
        let mut rest = inner.unwrap_or("").chars();
        while let Some(found) = rest.next() {
            if found != '\\' {
                out.push(found);
                continue;
            }
            match rest.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(same @ ('"' | '\\')) => out.push(same),
                Some('u') => {
                    let code =
                        rest.as_str().strip_prefix('{').and_then(|text| text.split_once('}'));
                    let character = code
                        .filter(|(digits, _)| (1..=6).contains(&digits.len()))
                        .and_then(|(digits, _)| u32::from_str_radix(digits, 16).ok())
                        .and_then(char::from_u32);
                    match (character, code) {
                        (Some(character), Some((_, after))) => {
                            out.push(character);
                            rest = after.chars();
                        }
                        _ => self.bad_literal("`\\u{…}` names no character"),
                    }
                }
                other => {
                    let found = other.map_or(String::new(), String::from);
                    self.bad_literal(format!("`\\{found}` is no escape"));
                }
            }
        }
        self.spanned(out)
    }

    pub(super) fn bad_literal(&self, message: impl Into<String>) {
        self.context.report(Diagnostic::error(Code::BadLiteral, self.span(), message));
    }
}

/// The length of a text without the white space and comments at its end.
fn trimmed(text: &str) -> usize {
    let mut text = text;
    loop {
        let short = text.trim_end_matches([' ', '\t', '\r', '\n', ',']);
        let line = short.rfind('\n').map_or(0, |at| at + 1);
        let comment = short.get(line..).and_then(comment_start).map(|at| line + at);
        match comment {
            Some(at) => text = short.get(..at).unwrap_or(""),
            None => return short.len(),
        }
    }
}

/// Where a comment begins in a line, outside of its strings.
fn comment_start(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut in_string = false;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if in_string => at += 1,
            b'"' => in_string = !in_string,
            b'/' if !in_string && bytes.get(at + 1) == Some(&b'/') => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}
