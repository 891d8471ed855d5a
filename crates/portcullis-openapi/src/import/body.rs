//! Bodies.

use super::field::{Found, Source};
use super::route::{block, is_token};
use super::text::{listed, one_line};
use super::{Importer, Todo};
use crate::Error;
use crate::name::Names;
use crate::operation::{Media, Operation};
use crate::schema::{Kind, Object, Schema};

impl<'n> Importer<'n> {
    /// Writes what the body is, and tells whether nobody can fulfil what is asked of it.
    pub(super) fn body(
        &mut self,
        operation: &Operation<'n>,
        title: &str,
        lines: &mut Vec<String>,
    ) -> Result<bool, Error> {
        let Some(body) = &operation.body else { return Ok(false) };
        if operation.method == "GET" {
            lines.push(self.report.lost(title, "a body of a GET"));
            return Ok(false);
        }
        if body.optional {
            lines.push(self.report.lost(title, "a body that may be left out"));
        }
        let form = "application/x-www-form-urlencoded";
        let json = body.content.iter().find(|media| media.is_json());
        let taken = json.or_else(|| body.content.iter().find(|media| media.essence() == form));
        let taken = taken.or(body.content.first());
        let Some(taken) = taken else { return Ok(false) };
        let others = body.content.iter().map(Media::essence);
        let others: Vec<String> = others.filter(|kind| *kind != taken.essence()).collect();
        if !others.is_empty() {
            let what = format!("a body that may also be {}", listed(&others));
            lines.push(self.report.lost(title, &what));
        }
        let mut shut = false;
        let looked_into = taken.is_json() || taken.essence() == form;
        if let Some(node) = taken.schema.filter(|_| looked_into) {
            let schema = self.description.schema(node)?;
            let kind = schema.kind.clone();
            let object = match &kind {
                Kind::Object(object) => Some(object),
                _ => None,
            };
            for never in &schema.never {
                let text = format!("nothing is a body like this: {}", one_line(never));
                self.report.lost(title, &text);
                lines.push(self.report.todo(Todo::Input, &text));
                shut = true;
            }
            if let Some(object) = object {
                let written = match taken.is_json() {
                    true => self.json(&schema, object, operation, title, lines)?,
                    false => self.form(object, title, lines)?,
                };
                if let Some(fits) = written {
                    return Ok(shut || !fits);
                }
            }
            // What may be anything is described by these bytes, and nothing else is.
            shut |= !self.description.says_nothing(node)?;
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
        Ok(shut)
    }

    /// Writes a JSON body, and whether anything meets it; nothing where no field of it can be said.
    fn json(
        &mut self,
        schema: &Schema<'n>,
        object: &Object<'n>,
        operation: &Operation<'n>,
        title: &str,
        lines: &mut Vec<String>,
    ) -> Result<Option<bool>, Error> {
        for note in &schema.notes {
            lines.push(self.report.lost(title, &format!("{note} of the body")));
        }
        let wanted = name(operation);
        let input = self.input(schema, object, &wanted, title)?;
        Ok(input.map(|input| {
            lines.push(format!("body {}", input.name));
            !input.shut
        }))
    }

    /// The same of a form.
    fn form(
        &mut self,
        object: &Object<'n>,
        title: &str,
        lines: &mut Vec<String>,
    ) -> Result<Option<bool>, Error> {
        let mut fields = Vec::new();
        let mut names = Names::default();
        let (mut any, mut fits) = (false, true);
        for (wire, property) in &object.properties {
            let found = Found { wire, nodes: Some(&property.nodes), required: property.required };
            let written = self.field(found, Source::Form, title, &mut names)?;
            any |= written.name.is_some();
            fits &= !written.shut;
            fields.extend(written.lines);
        }
        if any {
            lines.extend(block("body form", &fields));
        }
        Ok(any.then_some(fits))
    }
}

/// What the body of an operation is called, where nothing else names it.
fn name(operation: &Operation<'_>) -> String {
    match operation.node.text_of("operationId") {
        Some(id) => id.to_owned(),
        None => format!("{}_{}", operation.method.to_ascii_lowercase(), operation.path),
    }
}
