//! From the command line to one exchange. Callers and objects are read by the grammar of tests, and what
//! is left out is made up as tests make it up.

use std::path::Path;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Plan;
use portcullis_syntax::ast::{Name, Test, TestClause, TestValue};
use portcullis_syntax::{FileId, Span, Spanned};
use portcullis_test::{Exchange, exchange};

use super::typed::Reading;
use super::{Arguments, curl};
use crate::Failure;
use crate::output::{Format, Output};

/// The largest body that is read, in bytes.
const LARGEST_BODY: usize = 16 << 20;

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
    if !is_token(&sent.method) {
        return Err(Failure::Said(format!("`{}` is no method, such as `GET`", sent.method)));
    }
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

    let mut reading = Reading::of(&compilation.sources);
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
    let sources = reading.typed_sources();
    for fault in std::mem::take(&mut reading.faults) {
        output.finding(Format::Human, &reading.as_typed(fault), &sources)?;
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

/// `Name: value` (RFC 9110, 5.1 and 5.5). The line may be a token that was pasted, so it is not said again.
pub(super) fn header(line: &str) -> Result<(String, String), Failure> {
    let said = |why: &str| Err(Failure::Said(why.to_owned()));
    let Some((name, value)) = line.split_once(':') else {
        return said("a header is written `Name: value`");
    };
    if !is_token(name) {
        return said(
            "a header is written `Name: value`, its name of letters, digits and marks such as `-`, with nothing \
             before the colon",
        );
    }
    let value = value.trim_matches([' ', '\t']);
    if value.chars().any(|found| found.is_ascii_control() && found != '\t') {
        return said("the value of a header holds no line break and no control character");
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// Whether a text is a name of a method or of a header (RFC 9110, 5.6.2).
fn is_token(text: &str) -> bool {
    let allowed = |found: char| found.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(found);
    !text.is_empty() && text.chars().all(allowed)
}

/// The text, or what the file behind an `@` holds; `@-` is standard input.
pub(super) fn body(text: &str) -> Result<Vec<u8>, Failure> {
    match text.strip_prefix('@') {
        Some(path) => crate::read::file_or_input(
            Path::new(path),
            LARGEST_BODY,
            "this is larger than 16 MiB, more than is read of a body",
        ),
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
