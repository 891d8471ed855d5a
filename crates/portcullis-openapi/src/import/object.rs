//! Which object a route is about: by what it is loaded, and which resource it is of.

use std::collections::HashSet;

use super::Importer;
use super::shape::Shape;
use crate::Error;
use crate::name::{singular, snake};
use crate::operation::{Operation, Parameter, Place};
use crate::schema::Kind;
use crate::telling;

/// How many parameters one path may have.
const MOST_PARAMETERS: usize = 8;

/// A path of a description as one of the language.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pub(super) text: String,
    /// The same for two paths that take the same requests.
    pub(super) shape: String,
    /// The parameters: as the description and as the policy calls them.
    pub(super) parameters: Vec<(String, String)>,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone)]
enum Segment {
    Literal(String),
    Parameter,
}

impl Pattern {
    /// Reads a path; why the language has none like it, otherwise.
    pub(super) fn read(path: &str) -> Result<Pattern, &'static str> {
        let mut parts: Vec<&str> = path.split('/').skip(1).collect();
        let slash = parts.len() > 1 && parts.last() == Some(&"");
        if parts.last() == Some(&"") {
            parts.pop();
        }
        let mut segments = Vec::new();
        let mut parameters: Vec<(String, String)> = Vec::new();
        let (mut text, mut shape) = (String::new(), String::new());
        for part in parts {
            let inner = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            match inner.filter(|inner| !inner.contains(['{', '}'])) {
                Some(name) => {
                    let called = snake(name);
                    if parameters.iter().any(|(_, known)| *known == called) {
                        return Err("two of its parameters have one name");
                    }
                    text.push_str(&format!("/{{{called}}}"));
                    shape.push_str("/{}");
                    parameters.push((name.to_owned(), called));
                    segments.push(Segment::Parameter);
                }
                None if part.contains(['{', '}']) => {
                    return Err("a parameter is a whole segment of a path");
                }
                None => {
                    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
                    if part.is_empty() || part == "." || part == ".." || !part.bytes().all(plain) {
                        return Err("a segment of a path has letters, digits and `- _ . ~` alone");
                    }
                    text.push('/');
                    text.push_str(part);
                    shape.push('/');
                    shape.push_str(part);
                    segments.push(Segment::Literal(part.to_owned()));
                }
            }
        }
        if parameters.len() > MOST_PARAMETERS {
            return Err("a path has at most 8 parameters");
        }
        if slash || text.is_empty() {
            text.push('/');
            shape.push('/');
        }
        Ok(Pattern { text, shape, parameters, segments })
    }

    pub(super) fn ends_in_parameter(&self) -> bool {
        matches!(self.segments.last(), Some(Segment::Parameter))
    }

    /// The shape of the path up to its last parameter.
    fn prefix(&self) -> String {
        let last = self.segments.iter().rposition(|one| matches!(one, Segment::Parameter));
        let upto = self.segments.iter().take(last.map_or(0, |last| last + 1));
        upto.map(|segment| match segment {
            Segment::Literal(text) => format!("/{text}"),
            Segment::Parameter => "/{}".to_owned(),
        })
        .collect()
    }

    /// What the last literal before the last parameter calls its objects.
    fn parent(&self) -> Option<String> {
        let last = self.segments.iter().rposition(|one| matches!(one, Segment::Parameter))?;
        let before = self.segments.get(..last)?;
        before.iter().rev().find_map(|segment| match segment {
            Segment::Literal(text) => Some(singular(&snake(text))),
            Segment::Parameter => None,
        })
    }

    /// Whether objects of this name are what it is about.
    pub(super) fn is_about(&self, name: &str) -> bool {
        self.answer() == name || self.parent().as_deref() == Some(name)
    }

    /// What an answer of it may be called.
    pub(super) fn answer(&self) -> String {
        // These say which of them, and not what they are.
        const WHICH: &[&str] = &["all", "recent", "search", "list", "me", "latest", "mine", "new"];
        let literals: Vec<String> = self
            .segments
            .iter()
            .filter_map(|segment| match segment {
                Segment::Literal(text) => Some(snake(text)),
                Segment::Parameter => None,
            })
            .collect();
        let found = literals.iter().rev().find(|name| !WHICH.contains(&name.as_str()));
        found.or(literals.last()).map_or("answer".to_owned(), |name| singular(name))
    }
}

/// By what an object is loaded.
#[derive(Debug, Clone)]
pub(super) struct By {
    /// `params.id`
    pub(super) path: String,
    name: String,
    kind: &'static str,
    /// Whether it is of the path.
    of_path: bool,
}

impl By {
    /// Whether it is a part of the query string.
    pub(super) fn is_query(&self) -> bool {
        !self.of_path
    }
}

impl<'n> Importer<'n> {
    /// By what the object of an operation is loaded, if it is told.
    pub(super) fn by(
        &self,
        operation: &Operation<'n>,
        pattern: &Pattern,
    ) -> Result<Option<By>, Error> {
        if let Some((wire, name)) = pattern.parameters.last() {
            let found = operation.parameters_in(Place::Path).find(|found| found.name == wire);
            let kind = match found.and_then(|found| found.schema) {
                Some(schema) => match self.description.schema(schema)? {
                    // It stands there as a text that nobody can send.
                    schema if !schema.never.is_empty() => Some("string"),
                    schema => key_kind(&schema.kind),
                },
                // It is written as text there, too.
                None => Some("string"),
            };
            return Ok(kind.map(|kind| By {
                path: format!("params.{name}"),
                name: name.clone(),
                kind,
                of_path: true,
            }));
        }
        let named: Vec<(String, &Parameter<'n>)> =
            operation.parameters_in(Place::Query).map(|one| (snake(one.name), one)).collect();
        let mut found = Vec::new();
        for (name, one) in &named {
            // Where two have one name here, it is not told which is meant.
            let is_only = named.iter().filter(|(other, _)| other == name).count() == 1;
            if let (true, true, true, Some(schema)) =
                (is_only, one.required, telling::is_identity(name), one.schema)
            {
                let schema = self.description.schema(schema)?;
                // What is no field there cannot be read.
                let is_field = matches!(schema.kind, Kind::Int(_) | Kind::Text(_));
                let kind = key_kind(&schema.kind).filter(|_| is_field && schema.never.is_empty());
                found.extend(kind.map(|kind| (name, kind)));
            }
        }
        let [(name, kind)] = found.as_slice() else { return Ok(None) };
        let path = format!("query.{name}");
        Ok(Some(By { path, name: (*name).clone(), kind, of_path: false }))
    }

    /// Learns which resource the paths name that end in a parameter, from what their GET answers.
    pub(super) fn objects_by_path(&mut self, operations: &[Operation<'n>]) -> Result<(), Error> {
        let mut seen = HashSet::new();
        for operation in operations.iter().filter(|operation| operation.method == "GET") {
            let Ok(pattern) = Pattern::read(&self.whole_path(operation)) else { continue };
            if !pattern.ends_in_parameter() || !seen.insert(pattern.shape.clone()) {
                continue;
            }
            let Some(by) = self.by(operation, &pattern)? else { continue };
            let title = operation.title();
            let Some(shape) = self.shape(operation, &pattern)? else { continue };
            let (schema, object, wanted) = match shape {
                Shape::One { schema, object } => (schema, object, pattern.answer()),
                Shape::Envelope { wire, inner, .. } => match *inner {
                    Shape::One { schema, object } => (schema, object, singular(&snake(wire))),
                    _ => continue,
                },
                _ => continue,
            };
            if let Some(resource) = self.resource(&schema, &object, &wanted, &title)?
                && self.key(resource, &by.name, by.kind).is_some()
            {
                self.by_path.insert(pattern.prefix(), resource);
            }
        }
        Ok(())
    }

    /// The resource of which the path names one; one of which only the key is known, where no answer
    /// shows it.
    pub(super) fn parent(&mut self, pattern: &Pattern, by: &By) -> Option<usize> {
        if !by.of_path {
            return None;
        }
        if let Some(known) = self.by_path.get(&pattern.prefix()).copied()
            && self.key(known, &by.name, by.kind).is_some()
        {
            return Some(known);
        }
        let wanted = pattern
            .parent()
            .unwrap_or_else(|| by.name.strip_suffix("_id").unwrap_or(&by.name).to_owned());
        let found = self.skeleton(&wanted, &by.name, by.kind)?;
        self.by_path.insert(pattern.prefix(), found);
        Some(found)
    }

    /// Whether a resource can be loaded by it. A path that goes on behind its last parameter may speak of
    /// something else than the object that this names: that has the parameter for a key, and not its own.
    pub(super) fn keyed(&mut self, resource: usize, by: &By, pattern: &Pattern) -> bool {
        let parent = pattern.parent();
        let own = !by.of_path
            || pattern.ends_in_parameter()
            || self.by_path.get(&pattern.prefix()) == Some(&resource)
            || self.resources.get(resource).map(|found| &found.name) == parent.as_ref();
        if own {
            return self.key(resource, &by.name, by.kind).is_some();
        }
        let other =
            match parent.filter(|_| telling::is_identity(&by.name) && !by.name.contains('_')) {
                Some(parent) => format!("{parent}_{}", by.name),
                None => by.name.clone(),
            };
        self.key_of(resource, std::slice::from_ref(&other), &other, by.kind).is_some()
    }
}

/// The type of a key, if a value of this kind can be one.
fn key_kind(kind: &Kind<'_>) -> Option<&'static str> {
    match kind {
        Kind::Int(_) => Some("int"),
        Kind::Text(text) if text.options.is_empty() => match text.format {
            Some("uuid") => Some("uuid"),
            Some("date-time" | "ipv4" | "ipv6" | "ip" | "uri" | "url") => None,
            _ => Some("string"),
        },
        Kind::Text(_) => Some("string"),
        // These stand in a path as a text that nobody has described.
        Kind::Unknown(_) | Kind::List(_) | Kind::Object(_) => Some("string"),
        Kind::Number(_) | Kind::Bool(_) => None,
    }
}
