//! Routes: a method and a path, and what is asked there.

use super::answer::Routed;
use super::field::{Found, Source};
use super::object::Pattern;
use super::text::{documented, listed, one_line};
use super::{Importer, Todo};
use crate::Error;
use crate::name::Names;
use crate::operation::{Media, Operation, Place};
use crate::schema::Kind;
use crate::telling;

/// The headers that the engine or the server reads, which no route may declare; and those that a
/// description does not declare as parameters (OpenAPI 3.0, "Parameter Object").
const OWN: &[&str] = &[
    "accept",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "forwarded",
    "host",
    "origin",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-request-id",
];
/// Beginnings of such names.
const OWN_FAMILIES: &[&str] =
    &["access-control-", "x-forwarded-", "x-http-method", "x-method-", "x-original-", "x-rewrite-"];

impl<'n> Importer<'n> {
    /// The text of a route; a comment where the language has none like it.
    pub(super) fn route(&mut self, operation: &Operation<'n>) -> Result<String, Error> {
        let path = self.whole_path(operation);
        let title = format!("{} {}", operation.method, one_line(&path));
        let left_out = |importer: &mut Self, why: &str| {
            importer.report.lost.push((title.clone(), format!("the operation: {why}")));
            format!("// {title} is left out, and so refused: {why}\n")
        };
        let pattern = match Pattern::read(&path) {
            Ok(pattern) => pattern,
            Err(why) => return Ok(left_out(self, why)),
        };
        if !self.routed.insert(format!("{} {}", operation.method, pattern.shape)) {
            return Ok(left_out(self, "another operation takes the same requests"));
        }
        self.report.routes += 1;
        let mut lines = Vec::new();
        let entry = self.entry(operation, &title)?;
        self.report.public += usize::from(entry.public);
        self.report.closed += usize::from(entry.closed);
        lines.extend(entry.lines);
        if operation.method != "GET" && telling::is_guessed(operation.path) {
            let text = "somebody may guess here: add budgets by account (`key body.…`) and by address \
                        (`key request.ip`)";
            lines.push(self.report.todo(Todo::Attempts, text));
        }
        self.params(operation, &pattern, &title, &mut lines)?;
        self.parameters(operation, Place::Query, &title, &mut lines)?;
        self.parameters(operation, Place::Header, &title, &mut lines)?;
        for found in operation.parameters_in(Place::Cookie) {
            let what = format!("the cookie `{}`", one_line(found.name));
            lines.push(self.report.lost(&title, &what));
        }
        self.body(operation, &title, &mut lines)?;
        let by = self.by(operation, &pattern)?;
        let decided = entry.public || entry.closed;
        let routed = Routed { title: &title, pattern: &pattern, by, decided };
        lines.extend(self.answer(operation, &routed)?);
        let summary = operation.node.text_of("summary");
        let about = documented(summary.or_else(|| operation.node.text_of("operationId")));
        let mut text = about.map_or(String::new(), |about| format!("{about}\n"));
        text.push_str(&format!("route {} {} {{\n", operation.method, pattern.text));
        for line in lines {
            text.push_str(&line);
            text.push('\n');
        }
        text.push_str("}\n");
        Ok(text)
    }

    fn params(
        &mut self,
        operation: &Operation<'n>,
        pattern: &Pattern,
        title: &str,
        lines: &mut Vec<String>,
    ) -> Result<(), Error> {
        let mut fields = Vec::new();
        for (wire, name) in &pattern.parameters {
            let described = operation.parameters_in(Place::Path).find(|found| found.name == wire);
            if let Some(parameter) = described.filter(|found| found.schema.is_some()) {
                let found = Found { wire: parameter.name, node: parameter.schema, required: true };
                let written = self.field(found, Source::Path, title, &mut Names::default())?;
                fields.extend(written.lines);
                if written.name.is_some() {
                    continue;
                }
            }
            let text = format!("what is `{name}`? The description does not say");
            fields.push(format!("{name}: string 1..200  {}", self.report.todo(Todo::Bound, &text)));
        }
        lines.extend(block("params", &fields));
        Ok(())
    }

    fn parameters(
        &mut self,
        operation: &Operation<'n>,
        place: Place,
        title: &str,
        lines: &mut Vec<String>,
    ) -> Result<(), Error> {
        let (word, source) = match place {
            Place::Header => ("header", Source::Header),
            _ => ("query", Source::Query),
        };
        let mut fields = Vec::new();
        let mut names = Names::default();
        let mut seen: Vec<String> = Vec::new();
        for parameter in operation.parameters_in(place) {
            let shown = one_line(parameter.name);
            if place == Place::Header {
                let wire = parameter.name.to_ascii_lowercase();
                let own = OWN.contains(&wire.as_str())
                    || OWN_FAMILIES.iter().any(|family| wire.starts_with(family));
                if ["accept", "authorization", "content-type"].contains(&wire.as_str()) {
                    continue;
                }
                if own || !is_token(&wire) || seen.contains(&wire) {
                    fields.push(self.report.lost(title, &format!("the header `{shown}`")));
                    continue;
                }
                seen.push(wire);
            }
            if parameter.folded {
                let schema = parameter.schema.map(|node| self.description.schema(node));
                let kind = schema.transpose()?.map(|schema| schema.kind);
                if matches!(kind, Some(Kind::List(_) | Kind::Object(_))) {
                    let what = format!("`{shown}`: a list or an object in one parameter");
                    fields.push(self.report.lost(title, &what));
                    continue;
                }
            }
            let found = Found {
                wire: parameter.name,
                node: parameter.schema,
                required: parameter.required,
            };
            fields.extend(self.field(found, source, title, &mut names)?.lines);
        }
        lines.extend(block(word, &fields));
        Ok(())
    }

    fn body(
        &mut self,
        operation: &Operation<'n>,
        title: &str,
        lines: &mut Vec<String>,
    ) -> Result<(), Error> {
        let Some(body) = &operation.body else { return Ok(()) };
        if operation.method == "GET" {
            lines.push(self.report.lost(title, "a body of a GET"));
            return Ok(());
        }
        if body.optional {
            lines.push(self.report.lost(title, "a body that may be left out"));
        }
        let form = "application/x-www-form-urlencoded";
        let json = body.content.iter().find(|media| media.is_json());
        let taken = json.or_else(|| body.content.iter().find(|media| media.essence() == form));
        let taken = taken.or(body.content.first());
        let Some(taken) = taken else { return Ok(()) };
        let others = body.content.iter().map(Media::essence);
        let others: Vec<String> = others.filter(|kind| *kind != taken.essence()).collect();
        if !others.is_empty() {
            let what = format!("a body that may also be {}", listed(&others));
            lines.push(self.report.lost(title, &what));
        }
        let schema = taken.schema.map(|node| self.description.schema(node)).transpose()?;
        if let Some(schema) = &schema
            && let Kind::Object(object) = &schema.kind
        {
            self.loosened(schema, "the body", title, lines);
            if taken.is_json() {
                for note in &schema.notes {
                    lines.push(self.report.lost(title, &format!("{note} of the body")));
                }
                let wanted = input_name(operation);
                if let Some(input) = self.input(schema, object, &wanted, title)? {
                    lines.push(format!("body {}", input.name));
                    return Ok(());
                }
            } else if taken.essence() == form {
                let mut fields = Vec::new();
                let mut names = Names::default();
                let mut any = false;
                for (wire, property) in &object.properties {
                    let found =
                        Found { wire, node: Some(property.node), required: property.required };
                    let written = self.field(found, Source::Form, title, &mut names)?;
                    any |= written.name.is_some();
                    fields.extend(written.lines);
                }
                if any {
                    lines.extend(block("body form", &fields));
                    return Ok(());
                }
            }
        }
        let kind = if taken.is_json() { "application/json".to_owned() } else { taken.essence() };
        let text =
            format!("these bytes are not looked into: say what `{}` may hold", one_line(&kind));
        lines.push(self.report.todo(Todo::Input, &text));
        let parts = kind.split_once('/');
        let is_media = parts.is_some_and(|(kind, subtype)| {
            is_token(kind) && is_token(subtype) && !kind.contains('*') && !subtype.contains('*')
        });
        let types = if is_media { format!(" types [\"{kind}\"]") } else { String::new() };
        lines.push(format!("body raw max 1MiB{types}"));
        Ok(())
    }
}

/// What the body of an operation is called, where nothing else names it.
fn input_name(operation: &Operation<'_>) -> String {
    match operation.node.text_of("operationId") {
        Some(id) => id.to_owned(),
        None => format!("{}_{}", operation.method.to_ascii_lowercase(), operation.path),
    }
}

/// A block of fields, on one line where it is one field.
fn block(word: &str, fields: &[String]) -> Vec<String> {
    match fields {
        [] => Vec::new(),
        [only] if !only.contains("//") => vec![format!("{word} {{ {only} }}")],
        // Comments alone declare nothing.
        _ if fields.iter().all(|field| field.starts_with("//")) => fields.to_vec(),
        _ => {
            let mut lines = vec![format!("{word} {{")];
            lines.extend_from_slice(fields);
            lines.push("}".to_owned());
            lines
        }
    }
}

/// A token of HTTP (RFC 9110, 5.6.2).
fn is_token(text: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token)
}
