//! Findings as a log of the Static Analysis Results Interchange Format (OASIS SARIF 2.1.0).

use std::collections::BTreeMap;
use std::path::{Component, Path};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use portcullis_lint::{RULES, Rule, page};
use portcullis_syntax::ast::Waiver;
use portcullis_syntax::diagnostic::Label;
use portcullis_syntax::{Code, Diagnostic, Edit, Sources, Span};
use serde_json::{Value, json};

/// What stands for itself in a segment of a path (RFC 3986, 2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The log of one run.
#[derive(Default)]
pub(crate) struct Log {
    results: Vec<Value>,
    /// The codes that are found and are no rules.
    codes: BTreeMap<&'static str, ()>,
}

impl Log {
    /// A finding.
    pub(crate) fn open(&mut self, found: &Diagnostic, sources: &Sources) {
        let result = self.result(found, sources);
        self.results.push(result);
    }

    /// A finding that a waiver silences, with its reason.
    pub(crate) fn waived(&mut self, found: &Diagnostic, waiver: &Waiver, sources: &Sources) {
        let mut result = self.result(found, sources);
        if let Some(result) = result.as_object_mut() {
            let suppression = json!({
                "kind": "inSource",
                "status": "accepted",
                "justification": waiver.reason.node,
                "location": location(sources, waiver.span, ""),
            });
            result.insert("suppressions".to_owned(), json!([suppression]));
        }
        self.results.push(result);
    }

    /// A finding that the baseline knows.
    pub(crate) fn known(&mut self, found: &Diagnostic, sources: &Sources) {
        let mut result = self.result(found, sources);
        if let Some(result) = result.as_object_mut() {
            let suppression = json!({
                "kind": "external", "status": "accepted", "justification": "known by the baseline",
            });
            result.insert("suppressions".to_owned(), json!([suppression]));
            result.insert("baselineState".to_owned(), json!("unchanged"));
        }
        self.results.push(result);
    }

    /// The whole log.
    pub(crate) fn json(&self) -> serde_json::Result<String> {
        let rules = RULES.iter().map(|rule| described(rule));
        let codes = self.codes.keys().map(|code| json!({ "id": code }));
        serde_json::to_string_pretty(&json!({
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "portcullis",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "informationUri": env!("CARGO_PKG_REPOSITORY"),
                    "rules": rules.chain(codes).collect::<Vec<_>>(),
                } },
                "columnKind": "unicodeCodePoints",
                "results": self.results,
            }],
        }))
    }

    fn result(&mut self, found: &Diagnostic, sources: &Sources) -> Value {
        let code = found.code.as_str();
        if !matches!(found.code, Code::Rule(_)) {
            self.codes.insert(code, ());
        }
        let help = found.help.iter().map(|help| format!("\n{help}"));
        let message = format!("{}{}", found.message, help.collect::<String>());
        let (first, others) = match found.labels.split_first() {
            Some((first, others)) => (Some(first), others),
            None => (None, [].as_slice()),
        };
        let at = |label: &Label| location(sources, label.span, &label.text);
        let mut result = json!({
            "ruleId": code,
            "level": found.severity.as_str(),
            "message": { "text": message },
            "locations": first.map(at).into_iter().collect::<Vec<_>>(),
        });
        if let Some(result) = result.as_object_mut() {
            if !others.is_empty() {
                let others = others.iter().map(at).collect::<Vec<_>>();
                result.insert("relatedLocations".to_owned(), json!(others));
            }
            if !found.edits.is_empty() {
                let fix = fix(sources, &found.edits, found.help.as_deref());
                result.insert("fixes".to_owned(), json!([fix]));
            }
        }
        result
    }
}

fn described(rule: &Rule) -> Value {
    let mut text = String::new();
    // A `String` takes whatever is written to it.
    _ = page(rule, &mut text);
    let items = rule.owasp.iter().map(|item| format!("OWASP {item}"));
    let tags = std::iter::once("security".to_owned()).chain(items);
    json!({
        "id": rule.name,
        "shortDescription": { "text": rule.finds },
        "fullDescription": { "text": format!("{} {}", rule.finds, rule.why) },
        "help": { "text": rule.mend, "markdown": text },
        "defaultConfiguration": { "level": rule.level.as_str() },
        "properties": { "tags": tags.collect::<Vec<_>>() },
    })
}

fn location(sources: &Sources, span: Span, text: &str) -> Value {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(sources, span) },
            "region": region(sources, span),
        },
    });
    if let (Some(location), false) = (location.as_object_mut(), text.is_empty()) {
        location.insert("message".to_owned(), json!({ "text": text }));
    }
    location
}

/// A file as it was named, as a reference that is relative where that was.
fn uri(sources: &Sources, span: Span) -> String {
    let name = sources.file(span.file).map_or("", |file| file.name.as_str());
    let mut uri = String::new();
    for component in Path::new(name).components() {
        match component {
            Component::RootDir => uri = "file:///".to_owned(),
            Component::CurDir => {}
            Component::ParentDir => uri.push_str("../"),
            Component::Prefix(_) | Component::Normal(_) => {
                let segment = component.as_os_str().to_string_lossy();
                uri.extend(utf8_percent_encode(&segment, SEGMENT));
                uri.push('/');
            }
        }
    }
    uri.trim_end_matches('/').to_owned()
}

/// Lines and columns from 1, the end behind the last character.
fn region(sources: &Sources, span: Span) -> Value {
    let (line, column) = sources.position(span.file, span.start);
    let (end_line, end_column) = sources.position(span.file, span.end);
    json!({
        "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column,
    })
}

fn fix(sources: &Sources, edits: &[Edit], help: Option<&str>) -> Value {
    let mut changes = BTreeMap::<String, Vec<Value>>::new();
    for edit in edits {
        changes.entry(uri(sources, edit.span)).or_default().push(json!({
            "deletedRegion": region(sources, edit.span),
            "insertedContent": { "text": edit.text },
        }));
    }
    let changes = changes.into_iter().map(|(uri, replacements)| {
        json!({ "artifactLocation": { "uri": uri }, "replacements": replacements })
    });
    json!({
        "description": { "text": help.unwrap_or("mend it") },
        "artifactChanges": changes.collect::<Vec<_>>(),
    })
}
