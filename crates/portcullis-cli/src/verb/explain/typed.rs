//! The options of the command line in the grammar of tests.

use std::time::SystemTime;

use portcullis::Timestamp;
use portcullis_syntax::ast::{Item, SentBody, Target, TestClause};
use portcullis_syntax::{Diagnostic, FileId, Role, Source, Sources, Span, Spanned, parse};

use super::Arguments;
use super::asked::Sent;
use crate::Failure;

/// The options as the clauses of a test. Each is a source of its own, so that a fault shows the words that
/// were typed.
pub(super) struct Reading {
    sources: Sources,
    /// What was typed of a source, which has more around it than that, and where in the source it begins.
    typed: Vec<(FileId, usize, String)>,
    pub(super) faults: Vec<Diagnostic>,
}

impl Reading {
    pub(super) fn of(sources: &Sources) -> Reading {
        Reading { sources: sources.clone(), typed: Vec::new(), faults: Vec::new() }
    }

    /// The sources as whoever typed them knows them.
    pub(super) fn typed_sources(&self) -> Sources {
        let mut sources = Sources::new();
        for (id, source) in self.sources.iter() {
            let typed = self.typed.iter().find(|(of, ..)| *of == id).map(|(.., text)| text);
            let text = typed.unwrap_or(&source.text).clone();
            sources.add(Source { text, ..source.clone() });
        }
        sources
    }

    /// A fault with its places in what was typed.
    pub(super) fn as_typed(&self, mut fault: Diagnostic) -> Diagnostic {
        let typed = |file: FileId| self.typed.iter().find(|(of, ..)| *of == file);
        // A brace of theirs that is open has ours for its other one, and ours then has none.
        if let (Some(first), true) =
            (fault.labels.first_mut(), fault.message.contains("never closed"))
            && typed(first.span.file)
                .is_some_and(|(_, before, _)| (first.span.start as usize) < *before)
        {
            first.span.start = u32::MAX;
            first.span.end = u32::MAX;
            fault.labels.truncate(1);
            return self.as_typed(fault);
        }
        if let Some(span) = fault.span()
            && let Some((_, before, text)) = typed(span.file)
            && span.start as usize >= before + text.len()
        {
            // The brace is ours.
            fault.message = fault.message.replace("found `}`", "found the end");
        }
        for label in &mut fault.labels {
            let Some((_, before, text)) = typed(label.span.file) else { continue };
            let within = |at: u32| {
                let at = (at as usize).saturating_sub(*before).min(text.len());
                u32::try_from(at).unwrap_or(u32::MAX)
            };
            label.span.start = within(label.span.start);
            label.span.end = within(label.span.end);
        }
        fault
    }

    pub(super) fn clauses(
        &mut self,
        arguments: &Arguments,
        sent: &Sent,
    ) -> Result<Vec<TestClause>, Failure> {
        let mut clauses = Vec::new();
        if let Some(text) = &arguments.caller {
            let credential = arguments.credential.as_deref().unwrap_or("");
            let name = |found: char| found.is_ascii_alphanumeric() || found == '_';
            if !credential.chars().all(name) {
                let why = format!("`{credential}` is no name of a credential");
                return Err(Failure::Said(why));
            }
            let around = if text.trim_start().starts_with('{') { ("", "") } else { ("{ ", "\n}") };
            let found = self.clause("--caller", &format!("caller {credential}"), text, around);
            clauses.extend(found.filter(|found| matches!(found, TestClause::Caller { .. })));
        }
        for text in &arguments.given {
            let found = self.clause("--given", "resource", text, ("", ""));
            clauses.extend(found.filter(|found| matches!(found, TestClause::Resource { .. })));
        }
        match &arguments.at {
            Some(text) => {
                let found = self.clause("--at", "at", text, ("", ""));
                clauses.extend(found.filter(|found| matches!(found, TestClause::At(..))));
            }
            None => {
                let now = Timestamp::from(SystemTime::now()).as_nanos();
                let span = self.nowhere("now");
                clauses.push(TestClause::At(Spanned { node: now, span }, span));
            }
        }
        let span = self.nowhere("--request");
        let spanned = |node: &str| Spanned { node: node.to_owned(), span };
        clauses.push(TestClause::Request {
            method: spanned(&sent.method),
            target: Target::Raw(spanned(&sent.target)),
            from: arguments.from.map(|node| Spanned { node, span }),
            span,
        });
        let lines = sent.headers.iter().map(|(name, value)| (spanned(name), spanned(value)));
        clauses.push(TestClause::Header(lines.collect(), span));
        if let Some(body) = &sent.body {
            // What is no text is put in its place afterwards; a key in it is none that can be read.
            let text = spanned(&String::from_utf8_lossy(body));
            clauses.push(TestClause::Body(SentBody::Raw(text), span));
        }
        Ok(clauses)
    }

    /// The one clause that a word and the text of an option make, with what is around that.
    fn clause(
        &mut self,
        option: &str,
        word: &str,
        text: &str,
        around: (&str, &str),
    ) -> Option<TestClause> {
        let before = format!("test \"\" {{\n{word}\n{}", around.0);
        let id = self.source(option, format!("{before}{text}{}\n}}\n", around.1));
        self.typed.push((id, before.len(), text.to_owned()));
        let (file, faults) = parse(&self.sources, id);
        if !faults.is_empty() {
            self.faults.extend(faults);
            return None;
        }
        let mut items = file.items.into_iter();
        match (items.next(), items.next()) {
            (Some(Item::Test(test)), None) if test.clauses.len() == 1 => {
                test.clauses.into_iter().next()
            }
            _ => {
                let start = u32::try_from(before.len()).ok()?;
                let word = word.trim_end();
                let message = format!("`{option}` gives one `{word}`, and nothing behind it");
                let span = Span { file: id, start, end: u32::MAX };
                let code = portcullis_syntax::Code::Syntax;
                self.faults.push(Diagnostic::error(code, span, message));
                None
            }
        }
    }

    fn source(&mut self, name: &str, text: String) -> FileId {
        self.sources.add(Source { name: name.to_owned(), text, role: Role::Test })
    }

    fn nowhere(&mut self, name: &str) -> Span {
        let file = self.source(name, String::new());
        Span { file, start: 0, end: 0 }
    }
}
