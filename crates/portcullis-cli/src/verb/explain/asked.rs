//! From the command line to one exchange. Callers and objects are read by the grammar of tests, and what
//! is left out is made up as tests make it up.

use std::time::SystemTime;

use portcullis::Timestamp;
use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Plan;
use portcullis_syntax::ast::{Item, Name, SentBody, Target, Test, TestClause, TestValue};
use portcullis_syntax::{Diagnostic, FileId, Role, Source, Sources, Span, Spanned, parse};
use portcullis_test::{Exchange, exchange};

use super::{Arguments, curl};
use crate::Failure;
use crate::output::{Format, Output};

/// What is asked about.
pub(super) struct Asked {
    pub(super) exchange: Exchange,
    /// The request as it was given: method and target.
    pub(super) line: String,
    /// The attributes that were given, by `caller` or by resource; repeated, the rows of a list.
    given: Vec<(String, Vec<String>)>,
    /// The keys of the resources whose objects are loaded.
    keys: Vec<(String, Vec<String>)>,
}

impl Asked {
    /// Whether the value that a path names was given and not made up. `row` counts the rows of a list.
    pub(super) fn is_given(&self, path: &str, row: usize) -> bool {
        let mut names = path.split('.');
        let (Some(from), Some(attribute)) = (names.next(), names.next()) else { return true };
        if matches!(from, "request" | "params" | "query" | "header" | "body") {
            return true;
        }
        let is = |known: &String| known == attribute;
        let mut of = self.given.iter().filter(|(known, _)| known == from);
        // The key of an object is the one that the request asks for.
        let is_key = self.keys.iter().any(|(known, keys)| known == from && keys.iter().any(is));
        let row = if from == "caller" { 0 } else { row };
        is_key || of.nth(row).is_some_and(|(_, given)| given.iter().any(is))
    }

    /// Whether an object of the resource was given.
    pub(super) fn has_object(&self, resource: &str) -> bool {
        self.given.iter().any(|(known, _)| known == resource)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.exchange.headers.iter();
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What is sent, from `--request` or `--curl`.
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Vec<u8>>,
}

/// The exchange that the arguments ask about; nothing, where what they give does not fit the policy, which
/// is said.
pub(super) fn read(
    arguments: &Arguments,
    compilation: &Compilation,
    plan: &Plan,
    output: &mut Output,
) -> Result<Option<Asked>, Failure> {
    let mut sent = match (&arguments.what.request, &arguments.what.curl) {
        (Some(line), _) => request(line)?,
        (None, Some(command)) => curl::read(command)?,
        (None, None) => return Err(Failure::Said("name a request".to_owned())),
    };
    for line in &arguments.header {
        sent.headers.push(header(line)?);
    }
    if let Some(text) = &arguments.body {
        sent.body = Some(body(text)?);
        let named = |(name, _): &(String, String)| name.eq_ignore_ascii_case("content-type");
        if !sent.headers.iter().any(named) {
            sent.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
    }

    let mut reading = Reading { sources: compilation.sources.clone(), faults: Vec::new() };
    let clauses = reading.clauses(arguments, &sent)?;
    let span = Span { file: FileId(0), start: 0, end: 0 };
    let title = Spanned { node: "explain".to_owned(), span };
    let given = clauses.iter().filter_map(given).collect();
    let test = Test { span, title, clauses };
    if reading.faults.is_empty() {
        match exchange(plan, &test) {
            Ok(mut exchange) => {
                exchange.body = sent.body;
                let line = format!("{} {}", sent.method, sent.target);
                let keys = keys(plan, &exchange);
                return Ok(Some(Asked { exchange, line, given, keys }));
            }
            Err(faults) => reading.faults = faults,
        }
    }
    for fault in &reading.faults {
        output.finding(Format::Human, fault, &reading.sources)?;
    }
    Ok(None)
}

/// `GET /api/orders/7`, with or without the version that a log has behind it.
fn request(line: &str) -> Result<Sent, Failure> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let (method, target) = match words[..] {
        [method, target] => (method, target),
        [method, target, version] if version.starts_with("HTTP/") => (method, target),
        _ => {
            return Err(Failure::Said(format!(
                "`{line}` is no request: write a method and a path or URL, as in `GET /api/orders/7`"
            )));
        }
    };
    if !target.starts_with('/') && !target.starts_with("http://") && !target.starts_with("https://")
    {
        return Err(Failure::Said(format!(
            "`{target}` is no path and no URL: it begins with `/`, `https://` or `http://`"
        )));
    }
    let (method, target) = (method.to_owned(), target.to_owned());
    Ok(Sent { method, target, headers: Vec::new(), body: None })
}

/// `Name: value`
pub(super) fn header(line: &str) -> Result<(String, String), Failure> {
    match line.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        // The line may be a token that was pasted, so it is not said again.
        _ => Err(Failure::Said("a header is written `Name: value`".to_owned())),
    }
}

/// The text, or what the file behind an `@` holds.
pub(super) fn body(text: &str) -> Result<Vec<u8>, Failure> {
    match text.strip_prefix('@') {
        Some(path) => std::fs::read(path).map_err(|why| Failure::Said(format!("{path}: {why}"))),
        None => Ok(text.as_bytes().to_vec()),
    }
}

fn keys(plan: &Plan, exchange: &Exchange) -> Vec<(String, Vec<String>)> {
    let loaded = |name: &str| exchange.world.objects.iter().any(|(known, _)| known == name);
    let resources = plan.resources.iter().filter(|resource| loaded(&resource.name));
    let keys = resources.map(|resource| {
        let keys = resource.key.iter().filter_map(|slot| resource.attributes.get(*slot));
        (resource.name.clone(), keys.map(|key| key.name.clone()).collect())
    });
    keys.collect()
}

/// What a clause gives: of whom, and the names of the attributes.
fn given(clause: &TestClause) -> Option<(String, Vec<String>)> {
    let names = |record: &[(Name, TestValue)]| {
        record.iter().map(|(name, _)| name.node.clone()).collect::<Vec<_>>()
    };
    match clause {
        TestClause::Caller { attributes, .. } => Some(("caller".to_owned(), names(attributes))),
        TestClause::Resource { resource, attributes, .. } => {
            Some((resource.node.clone(), names(attributes.as_deref().unwrap_or_default())))
        }
        _ => None,
    }
}

/// The options as the clauses of a test. Each is a source of its own, so that a fault shows the words that
/// were typed.
struct Reading {
    sources: Sources,
    faults: Vec<Diagnostic>,
}

impl Reading {
    fn clauses(&mut self, arguments: &Arguments, sent: &Sent) -> Result<Vec<TestClause>, Failure> {
        let mut clauses = Vec::new();
        if let Some(text) = &arguments.caller {
            let record = text.trim();
            let braced =
                if record.starts_with('{') { record.to_owned() } else { format!("{{ {record} }}") };
            let credential = arguments.credential.as_deref().unwrap_or("");
            let found = self.clause("--caller", &format!("caller {credential}"), &braced);
            clauses.extend(found.filter(|found| matches!(found, TestClause::Caller { .. })));
        }
        for text in &arguments.given {
            let found = self.clause("--given", "resource", text.trim());
            clauses.extend(found.filter(|found| matches!(found, TestClause::Resource { .. })));
        }
        match &arguments.at {
            Some(text) => {
                let found = self.clause("--at", "at", text.trim());
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

    /// The one clause that a word and the text of an option make.
    fn clause(&mut self, option: &str, word: &str, text: &str) -> Option<TestClause> {
        let whole = format!("test \"\" {{\n{word}\n{text}\n}}\n");
        let id = self.source(option, whole);
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
                let (start, end) = (u32::try_from(word.len() + 11).ok()?, u32::MAX);
                let message = format!("`{option}` gives one `{word}`, and nothing behind it");
                let span = Span { file: id, start, end };
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
