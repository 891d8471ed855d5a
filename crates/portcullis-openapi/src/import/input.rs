//! Inputs: the objects of JSON bodies.

use super::field::{Found, MOST_FIELDS, Source};
use super::{DEEPEST, Importer};
use crate::Error;
use crate::name::{Names, of_type};
use crate::schema::{Object, Schema};

/// An input that was declared.
#[derive(Debug, Clone)]
pub(super) struct Input {
    /// Its name; nothing where no field of it could be said.
    pub(super) name: String,
    /// Its fields, with those of all that is nested in it.
    pub(super) size: usize,
    pub(super) depth: usize,
    /// Whether nothing meets it, and no field of it can say so.
    pub(super) shut: bool,
    /// Whether it is being written: one that is nested in itself has no end.
    open: bool,
}

impl<'n> Importer<'n> {
    /// Declares the input of an object, once; nothing where none of its fields can be said, or where it is
    /// nested in itself.
    pub(super) fn input(
        &mut self,
        schema: &Schema<'n>,
        object: &Object<'n>,
        wanted: &str,
        place: &str,
    ) -> Result<Option<Input>, Error> {
        if let Some(known) = self.inputs.get(&schema.written) {
            return Ok(Some(known.clone()).filter(|known| !known.open && known.size > 0));
        }
        if self.nesting >= DEEPEST {
            return Ok(None);
        }
        let name = schema.name.filter(|_| schema.component).unwrap_or(wanted);
        let name = self.input_names.unique(&of_type(name));
        let mut input = Input { name, size: 0, depth: 0, shut: false, open: true };
        self.inputs.insert(schema.written.clone(), input.clone());
        let mut names = Names::default();
        let mut lines = Vec::new();
        let place = match schema.component {
            true => format!("input `{}`", input.name),
            false => place.to_owned(),
        };
        if object.closed {
            lines.push("rules { unknown refuse }".to_owned());
        }
        for (wire, property) in &object.properties {
            let found = Found { wire, nodes: Some(&property.nodes), required: property.required };
            self.nesting += 1;
            let lists = std::mem::take(&mut self.lists);
            let written = self.field(found, Source::Body, &place, &mut names);
            self.lists = lists;
            self.nesting -= 1;
            let written = written?;
            input.shut |= written.shut;
            // What is too large is cut here, and not where it is too late to say which field it was.
            if written.name.is_some() && input.size + written.size > MOST_FIELDS {
                lines.push(self.report.lost(&place, &format!("more fields than {MOST_FIELDS}")));
                input.shut |= property.required;
                continue;
            }
            lines.extend(written.lines);
            if written.name.is_some() {
                input.size += written.size;
                input.depth = input.depth.max(written.depth);
            }
        }
        input.open = false;
        self.inputs.insert(schema.written.clone(), input.clone());
        if input.size == 0 {
            return Ok(None);
        }
        let mut text = format!("input {} {{\n", input.name);
        for line in lines {
            text.push_str(&line);
            text.push('\n');
        }
        text.push_str("}\n");
        self.declared_inputs.push(text);
        Ok(Some(input))
    }
}
