//! Routes: a method and a path, and what is asked there.

use super::answer::Routed;
use super::field::{Found, Source};
use super::object::Pattern;
use super::text::{documented, one_line};
use super::{Importer, Todo};
use crate::Error;
use crate::name::Names;
use crate::operation::{Operation, Place};
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
        let mut shut = self.params(operation, &pattern, &title, &mut lines)?;
        shut |= self.parameters(operation, Place::Query, &title, &mut lines)?;
        shut |= self.parameters(operation, Place::Header, &title, &mut lines)?;
        for found in operation.parameters_in(Place::Cookie) {
            let what = format!("the cookie `{}`", one_line(found.name));
            lines.push(self.report.lost(&title, &what));
        }
        shut |= self.body(operation, &title, &mut lines)?;
        let text = "nobody may call this until what it takes can be asked for";
        let inputs = shut.then(|| self.report.todo(Todo::Input, text));
        let text = "its path says that it is for a few: nobody may, until this says who";
        let few = entry.open && telling::is_for_few(&path);
        let few = few.then(|| self.report.todo(Todo::Access, text));
        let why: Vec<String> = inputs.into_iter().chain(few).filter(|_| !entry.closed).collect();
        let shut = !why.is_empty();
        if shut {
            lines.extend(why);
            lines.push("allow when false".to_owned());
        }
        let by = self.by(operation, &pattern)?;
        let decided = entry.public || entry.closed;
        let routed = Routed { operation, title: &title, pattern: &pattern, by, decided, shut };
        lines.extend(self.answer(&routed)?);
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

    /// Writes the parameters of the path. Like the next two it tells whether nobody can fulfil what is asked.
    fn params(
        &mut self,
        operation: &Operation<'n>,
        pattern: &Pattern,
        title: &str,
        lines: &mut Vec<String>,
    ) -> Result<bool, Error> {
        let mut fields = Vec::new();
        let mut shut = false;
        for (wire, name) in &pattern.parameters {
            let described = operation.parameters_in(Place::Path).find(|found| found.name == wire);
            if let Some(parameter) = described.filter(|found| found.schema.is_some()) {
                let nodes = parameter.schema.as_slice();
                let found = Found { wire: parameter.name, nodes: Some(nodes), required: true };
                let written = self.field(found, Source::Path, title, &mut Names::default())?;
                shut |= written.shut;
                fields.extend(written.lines);
                if written.name.is_some() {
                    continue;
                }
            }
            let text = format!("what is `{name}`? The description does not say");
            fields.push(format!("{name}: string 1..200  {}", self.report.todo(Todo::Bound, &text)));
        }
        lines.extend(block("params", &fields));
        Ok(shut)
    }

    fn parameters(
        &mut self,
        operation: &Operation<'n>,
        place: Place,
        title: &str,
        lines: &mut Vec<String>,
    ) -> Result<bool, Error> {
        let mut shut = false;
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
                    shut |= parameter.required;
                    continue;
                }
            }
            let found = Found {
                wire: parameter.name,
                nodes: parameter.schema.as_ref().map(std::slice::from_ref),
                required: parameter.required,
            };
            let written = self.field(found, source, title, &mut names)?;
            shut |= written.shut;
            fields.extend(written.lines);
        }
        lines.extend(block(word, &fields));
        Ok(shut)
    }
}

/// A block of fields, on one line where it is one field.
pub(super) fn block(word: &str, fields: &[String]) -> Vec<String> {
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
pub(super) fn is_token(text: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token)
}
